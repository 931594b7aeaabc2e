import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, isAbsolute, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { buildSimulator } from '../../scripts/build-simulator.mjs';
import { findPowerShell } from '../../scripts/find-powershell.mjs';
import { runPowerShellCases } from '../../scripts/powershell-cases.mjs';
import type { CaseOutcome } from '../../scripts/powershell-cases.mjs';
import { removeFolder } from '../../scripts/remove-folder.mjs';

/** The cases are PowerShell; this runs them all in one PowerShell, against the module as it is shipped, and makes one test of each. */
const here = fileURLToPath(new URL('.', import.meta.url));
const root = fileURLToPath(new URL('../..', import.meta.url));
const powershell = findPowerShell();

const names = readdirSync(here).filter((file) => file.endsWith('.Tests.ps1')).sort()
  .flatMap((file) => [...readFileSync(join(here, file), 'utf8').matchAll(/^Test '((?:[^']|'')+)' \{/gm)])
  .map((match) => (match[1] ?? '').replaceAll("''", "'"));

if (powershell === null) {
  console.error(`\nSKIPPED: ${names.length} tests of the PowerShell module did not run: there is no PowerShell on PATH.\n`);
  for (const name of names) test.skip(name, () => {});
} else {
  const outcomes = run(powershell);
  test.after.always(async () => {
    await outcomes.ended;
  });
  for (const name of names) {
    test(name, async (t) => {
      t.timeout(300_000);
      const { outcome, message } = await outcomes.of(name);
      if (outcome === 'skipped') t.log(message);
      if (outcome === 'failed') t.fail(message);
      else t.pass();
    });
  }
  test('the module of the clone imports, exports its public files, and works', async (t) => {
    const { library } = await buildSimulator({ quiet: true });
    const folder = mkdtempSync(join(tmpdir(), 'port-reservation-clone-'));
    t.teardown(() => removeFolder(folder));
    const quote = (text: string) => `'${text.replaceAll("'", "''")}'`;
    const command = `$ErrorActionPreference = 'Stop'; $ProgressPreference = 'SilentlyContinue'
      Import-Module ${quote(join(root, 'PortReservation.psd1'))} -ArgumentList @{ Simulator = ${quote(library)}; SimulatorState = ${quote(join(folder, 'state'))}; NodePath = ${quote(process.execPath)} }
      (Get-Command -Module PortReservation).Name; (New-PortReservation -StartPort 5000).Kind; Remove-Module PortReservation`;
    const { stdout, stderr } = spawnSync(powershell, ['-NoProfile', '-NonInteractive', '-EncodedCommand', Buffer.from(command, 'utf16le').toString('base64')], { encoding: 'utf8' });
    const functions = readdirSync(join(root, 'ps/Public')).map((file) => basename(file, '.ps1')).sort();
    t.deepEqual(stdout.split(/\r?\n/).filter((line) => line !== ''), [...functions, 'Persistent'], stderr);
  });
}

function run(program: string): { of: (name: string) => Promise<CaseOutcome>; ended: Promise<void> } {
  const arrived = new Map<string, CaseOutcome>();
  const waiting = new Map<string, (outcome: CaseOutcome) => void>();
  let end: string | undefined;

  const ended = (async () => {
    const { library } = await buildSimulator({ quiet: true });
    const folder = mkdtempSync(join(tmpdir(), 'port-reservation-module-'));
    try {
      const { code, noise } = await runPowerShellCases({ powershell: program, module: packModule(folder), simulator: library, node: process.execPath, onOutcome: settle });
      finish(`the runner ended with ${String(code)} and without an outcome of this case: ${noise}`);
    } finally {
      await removeFolder(folder);
    }
  })().catch((error: unknown) => finish(String(error)));

  function settle(outcome: CaseOutcome): void {
    arrived.set(outcome.name, outcome);
    waiting.get(outcome.name)?.(outcome);
  }

  function finish(why: string): void {
    end = why;
    for (const [name, resolve] of waiting) resolve(arrived.get(name) ?? { name, outcome: 'failed', message: why, ms: 0 });
  }

  return {
    ended,
    of: async (name) => arrived.get(name) ?? (end === undefined
      ? new Promise((resolve) => waiting.set(name, resolve))
      : { name, outcome: 'failed', message: end, ms: 0 }),
  };
}

/** The module as it is shipped, in another folder; the clone's where the parts for Windows cannot be had from the registry. */
function packModule(folder: string): string {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(root, 'scripts/package.mjs'), '--no-node'], { encoding: 'utf8' });
  const [packed] = stdout.split(/\r?\n/).filter((line) => isAbsolute(line));
  if (status !== 0 || packed === undefined) {
    console.error(`\nThe module is tested as it is in the clone, and not as it is shipped, because npm run package failed: ${stderr}\n`);
    return join(root, 'PortReservation.psd1');
  }
  cpSync(packed, folder, { recursive: true });
  return join(folder, 'PortReservation.psd1');
}
