import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { buildSimulator } from '../../scripts/build-simulator.mjs';
import { addOwnKoffi } from '../../scripts/package/module.mjs';
import { findPowerShell } from '../../scripts/find-powershell.mjs';
import { NO_PESTER, powerShellTestFiles, runPowerShellCases } from '../../scripts/powershell-cases.mjs';
import type { CaseOutcome } from '../../scripts/powershell-cases.mjs';
import { removeFolder } from '../../scripts/remove-folder.mjs';
import { portsOf } from '../helpers/ports.js';
import { quote, scriptArguments } from '../helpers/powershell.js';

/** The tests are Pester's; this runs them all in one PowerShell, against the module as it is shipped, and makes one test here of each. */
const root = fileURLToPath(new URL('../..', import.meta.url));
const powershell = findPowerShell();

if (powershell === null) {
  skipAll('there is no PowerShell on PATH');
} else {
  const folder = mkdtempSync(join(tmpdir(), 'port-reservation-module-'));
  const packed = packModule(folder);
  const outcomes = run(powershell, packed.module);
  const names = await outcomes.discovered;
  test.after.always(async (t) => {
    const fault = await outcomes.ended;
    await removeFolder(folder);
    t.is(fault, null);
  });
  if (packed.isOffline) console.error('\nThe module is tested as it is in the clone, and not as it is shipped: the registry cannot be reached.\n');
  (packed.isOffline ? test.skip : test)('npm run package makes the module', (t) => t.is(packed.error, null));
  if (names === 'no Pester') skipAll('NuGet could not give Pester, and it is not installed');
  else if (typeof names === 'string') test('Pester finds the tests', (t) => t.fail(names));
  else for (const name of new Set(names)) {
    test(name, async (t) => {
      const { outcome, message } = await outcomes.of(name, () => t.timeout(300_000));
      // AVA skips nothing at run time; npm test counts by this line.
      if (outcome === 'skipped') t.log(`SKIPPED: ${message}`);
      if (outcome === 'failed') t.fail(message);
      else t.pass();
    });
  }
  // Two rows of -ForEach whose names do not tell them apart would be one.
  if (typeof names !== 'string') test('each test of the cmdlets has a name of its own', (t) => t.deepEqual(names.filter((name, place) => names.indexOf(name) !== place), []));
  test('the module of the clone imports, exports its public files, and works', async (t) => {
    const { library } = await buildSimulator({ quiet: true });
    const folder = mkdtempSync(join(tmpdir(), 'port-reservation-clone-'));
    t.teardown(() => removeFolder(folder));
    const command = `$ErrorActionPreference = 'Stop'
      Import-Module ${quote(join(root, 'PortReservation.psd1'))} -ArgumentList @{ Simulator = ${quote(library)}; SimulatorState = ${quote(join(folder, 'state'))}; NodePath = ${quote(process.execPath)} }
      (Get-Command -Module PortReservation).Name; (New-PortReservation -StartPort ${portsOf(import.meta.url)}).Kind; Remove-Module PortReservation`;
    const { stdout, stderr } = spawnSync(powershell, scriptArguments(command), { encoding: 'utf8' });
    const functions = readdirSync(join(root, 'ps/Public')).map((file) => basename(file, '.ps1')).sort();
    t.deepEqual(stdout.split(/\r?\n/).filter((line) => line !== ''), [...functions, 'Persistent'], stderr);
  });
}

/** How many tests are in a file, only Pester can say. */
function skipAll(reason: string): void {
  const files = powerShellTestFiles();
  console.error(`\nSKIPPED: ${files.length} files of tests of the PowerShell module did not run: ${reason}.\n`);
  for (const file of files) test.skip(file, () => {});
}

interface Run {
  /** The names of all tests, as soon as Pester has found them; or why it found none. */
  readonly discovered: Promise<string[] | string>;
  /** `onProgress` is called at once, and whenever another test has ended: they run one after the other. */
  readonly of: (name: string, onProgress: () => void) => Promise<CaseOutcome>;
  /** Why not all went as it should beside the tests that were found: a file in which Pester finds none, or what stands before or behind the tests. */
  readonly ended: Promise<string | null>;
}

function run(program: string, module: string): Run {
  const arrived = new Map<string, CaseOutcome>();
  const waiting = new Map<string, { resolve: (outcome: CaseOutcome) => void; onProgress: () => void }>();
  let end: string | undefined;
  let found: (names: string[] | string) => void = () => {};
  const discovered = new Promise<string[] | string>((resolve) => {
    found = resolve;
  });

  const ended = (async () => {
    const { library } = await buildSimulator({ quiet: true });
    const { code, noise } = await runPowerShellCases({ powershell: program, module, simulator: library, node: process.execPath, onDiscovered: found, onOutcome: settle });
    finish(code === NO_PESTER ? 'no Pester' : `the runner ended with ${String(code)} and without an outcome of this test: ${noise}`);
    // 1: tests failed, and are told.
    return [0, 1, NO_PESTER].includes(code as number) ? null : `the runner ended with ${String(code)}: ${noise}`;
  })().catch((error: unknown) => {
    finish(String(error));
    return String(error);
  });

  function settle(outcome: CaseOutcome): void {
    arrived.set(outcome.name, outcome);
    waiting.get(outcome.name)?.resolve(outcome);
    waiting.delete(outcome.name);
    for (const { onProgress } of waiting.values()) onProgress();
  }

  function finish(why: string): void {
    end = why;
    found(why);
    for (const [name, { resolve }] of waiting) resolve(arrived.get(name) ?? unknown(name, why));
  }

  return {
    discovered,
    ended,
    of: async (name, onProgress) => {
      onProgress();
      return arrived.get(name) ?? (end === undefined
        ? new Promise((resolve) => waiting.set(name, { resolve, onProgress }))
        : unknown(name, end));
    },
  };
}

function unknown(name: string, why: string): CaseOutcome {
  return { name, fullName: name, outcome: 'failed', message: why, ms: 0 };
}

/** The module as it is shipped; the clone's where it cannot be made. */
function packModule(folder: string): { module: string; error: string | null; isOffline: boolean } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(root, 'scripts/package.mjs'), '--no-node', '--formats', '-', '--output', folder], { encoding: 'utf8' });
  const [made] = stdout.split(/\r?\n/);
  if (status === 0 && made) {
    addOwnKoffi(root, made);
    return { module: join(made, 'PortReservation.psd1'), error: null, isOffline: false };
  }
  // The parts for Windows come from the registry, once.
  const isOffline = /^npm (error|ERR!) (code (ENOTFOUND|EAI_AGAIN|ENETUNREACH|EHOSTUNREACH|ECONNREFUSED|ECONNRESET|ETIMEDOUT)|network)\b/m.test(stderr);
  return { module: join(root, 'PortReservation.psd1'), error: stderr, isOffline };
}
