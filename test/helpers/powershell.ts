import test from 'ava';
import { findPowerShell } from '../../scripts/find-powershell.mjs';

const found = findPowerShell();

/** The PowerShell on PATH; empty where there is none, and no test that needs it runs. */
export const powershell = found ?? '';

/** A test that needs PowerShell: where there is none, it is skipped, and told. @param what is not tried then */
export function powershellTest(what: string): typeof test.serial | typeof test.serial.skip {
  if (found !== null) return test.serial;
  console.error(`\nSKIPPED: ${what}: there is no PowerShell on PATH\n`);
  return test.serial.skip;
}

/** A string of PowerShell. */
export function quote(text: string): string {
  return `'${text.replaceAll('\'', '\'\'')}'`;
}

/** The arguments with which PowerShell runs a script, and nothing else. */
export function scriptArguments(script: string): string[] {
  return ['-NoProfile', '-NonInteractive', '-EncodedCommand', Buffer.from(`$ProgressPreference = 'SilentlyContinue'; ${script}`, 'utf16le').toString('base64')];
}
