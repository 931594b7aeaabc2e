import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { buildSimulator } from '../../scripts/build-simulator.mjs';
import { findPowerShell } from '../../scripts/find-powershell.mjs';
import { powerShellCaseNames, runPowerShellCases } from '../../scripts/powershell-cases.mjs';
import type { CaseOutcome } from '../../scripts/powershell-cases.mjs';
import { removeFolder } from '../../scripts/remove-folder.mjs';
import { PORTS } from '../helpers/ports.js';

/** The cases are PowerShell; this runs them all in one PowerShell, against the module as it is shipped, and makes one test of each. */
const root = fileURLToPath(new URL('../..', import.meta.url));
const powershell = findPowerShell();

const names = powerShellCaseNames();

if (powershell === null) {
  console.error(`\nSKIPPED: ${names.length} tests of the PowerShell module did not run: there is no PowerShell on PATH.\n`);
  for (const name of names) test.skip(name, () => {});
} else {
  const folder = mkdtempSync(join(tmpdir(), 'port-reservation-module-'));
  const packed = packModule(folder);
  const outcomes = run(powershell, packed.module);
  test.after.always(async () => {
    await outcomes.ended;
    await removeFolder(folder);
  });
  if (packed.isOffline) console.error('\nThe module is tested as it is in the clone, and not as it is shipped: the registry cannot be reached.\n');
  (packed.isOffline ? test.skip : test)('npm run package makes the module', (t) => t.is(packed.error, null));
  for (const name of names) {
    test(name, async (t) => {
      t.timeout(300_000);
      const { outcome, message } = await outcomes.of(name);
      // AVA skips nothing at run time; npm test counts by this line.
      if (outcome === 'skipped') t.log(`SKIPPED: ${message}`);
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
      (Get-Command -Module PortReservation).Name; (New-PortReservation -StartPort ${PORTS.clone}).Kind; Remove-Module PortReservation`;
    const { stdout, stderr } = spawnSync(powershell, ['-NoProfile', '-NonInteractive', '-EncodedCommand', Buffer.from(command, 'utf16le').toString('base64')], { encoding: 'utf8' });
    const functions = readdirSync(join(root, 'ps/Public')).map((file) => basename(file, '.ps1')).sort();
    t.deepEqual(stdout.split(/\r?\n/).filter((line) => line !== ''), [...functions, 'Persistent'], stderr);
  });
}

function run(program: string, module: string): { of: (name: string) => Promise<CaseOutcome>; ended: Promise<void> } {
  const arrived = new Map<string, CaseOutcome>();
  const waiting = new Map<string, (outcome: CaseOutcome) => void>();
  let end: string | undefined;

  const ended = (async () => {
    const { library } = await buildSimulator({ quiet: true });
    const { code, noise } = await runPowerShellCases({ powershell: program, module, simulator: library, node: process.execPath, onOutcome: settle });
    finish(`the runner ended with ${String(code)} and without an outcome of this case: ${noise}`);
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

/** The module as it is shipped; the clone's where it cannot be made. */
function packModule(folder: string): { module: string; error: string | null; isOffline: boolean } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(root, 'scripts/package.mjs'), '--no-node', '--output', folder], { encoding: 'utf8' });
  const [made] = stdout.split(/\r?\n/);
  if (status === 0 && made) return { module: join(made, 'PortReservation.psd1'), error: null, isOffline: false };
  // The parts for Windows come from the registry, once.
  const isOffline = /^npm (error|ERR!) (code (ENOTFOUND|EAI_AGAIN|ENETUNREACH|EHOSTUNREACH|ECONNREFUSED|ECONNRESET|ETIMEDOUT)|network)\b/m.test(stderr);
  return { module: join(root, 'PortReservation.psd1'), error: stderr, isOffline };
}
