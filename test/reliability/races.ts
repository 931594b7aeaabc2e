import fc from 'fast-check';
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openPortReservations } from '../../src/index.js';
import { within } from '../helpers/deadline.js';
import { createSimulator } from '../helpers/simulator.js';
import type { TestSimulator } from '../helpers/simulator.js';
import { attack } from './runs.js';
import type { Figures, Runs } from './runs.js';
import { FIRST as RULED } from './steps.js';

const RACER = fileURLToPath(new URL('racer.mjs', import.meta.url));
const FIRST = RULED + 100;
/** For all racers of a round, on a busy machine: it only has to tell "slow" from "stuck". */
const DEADLINE = 300_000;

export interface RaceSize {
  readonly processes: number;
  readonly operations: number;
}

interface Racer {
  readonly seed: number;
  /** After how many operations it is killed; beyond the last, it is not. */
  readonly killedAfter: number;
}

/** Processes that take and give back overlapping blocks, some of which are killed: no port has two owners, and none is lost. */
export async function race({ processes, operations }: RaceSize, runs: Runs): Promise<Figures> {
  const figures = { races: 0, operations: 0, kills: 0 };
  const racers = fc.array(fc.record({ seed: fc.integer({ min: 1, max: 2 ** 31 - 1 }), killedAfter: fc.integer({ min: 1, max: 2 * operations }) }),
    { minLength: processes, maxLength: processes });
  await attack('races', fc.asyncProperty(racers, async (starters) => {
    // A store of its own for each round; the tests' process lets go of it in between.
    const simulator = await createSimulator();
    try {
      const folder = join(simulator.folder, 'owners');
      mkdirSync(folder);
      const ends = await within(Promise.all(starters.map((starter) => run(simulator, folder, operations, starter))), 'the end of the race', DEADLINE);
      figures.races += 1;
      for (const { done, killed } of ends) {
        figures.operations += done;
        figures.kills += Number(killed);
      }
      await compare(simulator, folder, ends.filter(({ killed }) => killed).length);
    } finally {
      await simulator.dispose();
    }
  }), { ...runs, shrink: false });
  return figures;
}

async function run({ options }: TestSimulator, folder: string, operations: number, { seed, killedAfter }: Racer): Promise<{ done: number; killed: boolean }> {
  const child = spawn(process.execPath, [RACER, options.library, options.state, folder, String(FIRST), String(seed), String(operations)],
    { stdio: ['ignore', 'pipe', 'pipe'] });
  let done = 0;
  let errors = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text));
  child.stdout.on('data', (dots: Buffer) => {
    done += dots.length;
    if (done < killedAfter || child.pid === undefined) return;
    writeFileSync(join(folder, `killed-${child.pid}`), '');
    child.kill('SIGKILL');
  });
  try {
    const [code, signal] = await once(child, 'close') as [number | null, NodeJS.Signals | null];
    assert.ok(code === 0 || signal === 'SIGKILL', `a racer ended with ${code ?? signal}: ${errors}`);
    return { done, killed: signal === 'SIGKILL' };
  } finally {
    child.kill('SIGKILL');
  }
}

/** Nothing is left but the persistent reservations of those who were killed. */
async function compare(simulator: TestSimulator, folder: string, kills: number): Promise<void> {
  const reservations = openPortReservations({ simulator: simulator.options });
  try {
    const left = (await reservations.list()).map(({ kind, protocol, startPort, numberOfPorts }) => `${kind}-${protocol}-${startPort}-${numberOfPorts}`);
    const known = readdirSync(folder).filter((name) => name.startsWith('persistent-'));
    assert.deepEqual(left.filter((name) => !name.startsWith('persistent-')), [], 'no runtime reservation outlives its process');
    assert.deepEqual(known.filter((name) => !left.includes(name)), [], 'no persistent reservation is lost');
    // Killed between the system's answer and its note, or between the removal of the note and the deletion.
    assert.ok(left.length - known.length <= kills, `${left.length} reservations, ${known.length} known, ${kills} kills`);
  } finally {
    reservations.close();
  }
}
