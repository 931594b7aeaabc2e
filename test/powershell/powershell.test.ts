import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { buildSimulator } from '../../scripts/build-simulator.mjs';
import { findPowerShell } from '../../scripts/find-powershell.mjs';

/** The cases are PowerShell; this runs them all in one PowerShell and makes one test of each. */
const here = fileURLToPath(new URL('.', import.meta.url));
const root = fileURLToPath(new URL('../..', import.meta.url));
const powershell = findPowerShell();

interface Outcome {
  readonly name: string;
  readonly outcome: 'ok' | 'failed' | 'skipped';
  readonly message: string;
}

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
}

function run(program: string): { of: (name: string) => Promise<Outcome>; ended: Promise<void> } {
  const arrived = new Map<string, Outcome>();
  const waiting = new Map<string, (outcome: Outcome) => void>();
  let end: string | undefined;

  const ended = (async () => {
    const { library } = await buildSimulator({ quiet: true });
    const folder = mkdtempSync(join(tmpdir(), 'port-reservation-ps-'));
    // The execution policy of a Windows machine is not what is tested.
    const child = spawn(program, ['-NoProfile', '-NonInteractive', ...(process.platform === 'win32' ? ['-ExecutionPolicy', 'Bypass'] : []),
      '-File', join(here, 'runner.ps1'), '-ModulePath', join(root, 'PortReservation.psd1'), '-Simulator', library,
      '-SimulatorState', join(folder, 'state'), '-NodePath', process.execPath], { stdio: ['ignore', 'pipe', 'pipe'] });
    let stderr = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    createInterface({ input: child.stdout }).on('line', (line) => {
      try {
        settle(JSON.parse(line) as Outcome);
      } catch {
        stderr += `${line}\n`;
      }
    });
    const code = await new Promise((resolve) => child.on('error', (error) => resolve(error.message)).on('close', resolve));
    rmSync(folder, { recursive: true, force: true });
    finish(`the runner ended with ${String(code)} and without an outcome of this case: ${stderr}`);
  })().catch((error: unknown) => finish(String(error)));

  function settle(outcome: Outcome): void {
    arrived.set(outcome.name, outcome);
    waiting.get(outcome.name)?.(outcome);
  }

  function finish(why: string): void {
    end = why;
    for (const [name, resolve] of waiting) resolve(arrived.get(name) ?? { name, outcome: 'failed', message: why });
  }

  return {
    ended,
    of: async (name) => arrived.get(name) ?? (end === undefined
      ? new Promise((resolve) => waiting.set(name, resolve))
      : { name, outcome: 'failed', message: end }),
  };
}
