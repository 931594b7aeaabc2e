import { cpSync, mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { BUNDLES, copyKoffi } from '../../scripts/package/programs.mjs';
import { ROOT } from './tarball.js';

/** The packaged command and its programs in the folder `module`; bin/node is the Node.js of this test. */
export function layOutCommand(module: string): string {
  const bin = join(module, 'bin');
  mkdirSync(bin, { recursive: true });
  for (const bundle of BUNDLES) cpSync(join(ROOT, 'dist', bundle), join(bin, bundle));
  const koffi = `@koromix/koffi-${process.platform}-${process.arch}`;
  copyKoffi(koffi, join(ROOT, 'node_modules', koffi), bin);
  if (process.platform === 'win32') cpSync(process.execPath, join(bin, 'node.exe'));
  else symlinkSync(process.execPath, join(bin, 'node'));
  cpSync(join(ROOT, 'scripts', 'package', 'launchers'), module, { recursive: true });
  return module;
}

/** A string of PowerShell. */
export function quote(text: string): string {
  return `'${text.replaceAll('\'', '\'\'')}'`;
}

/** The arguments with which PowerShell runs a script, and nothing else. */
export function scriptArguments(script: string): string[] {
  return ['-NoProfile', '-NonInteractive', '-EncodedCommand', Buffer.from(`$ProgressPreference = 'SilentlyContinue'; ${script}`, 'utf16le').toString('base64')];
}
