import { once } from 'node:events';
import { openNative } from '../../src/native.js';
import type { SimulatorOptions } from '../../src/native.js';
import { Player } from './play.js';
import type { Tokens } from './play.js';
import type { Step } from './steps.js';

/** Plays the steps of its argument, says null or what failed, and keeps what it holds until stdin ends. */
const { steps, tokens, simulator, base } = JSON.parse(process.argv.at(-1) ?? '') as
  { steps: Step[]; tokens: Tokens; simulator?: SimulatorOptions; base: number };

const player = new Player({
  native: openNative(simulator), base, elsewhere: () => Promise.reject(new Error('one other process is enough')),
}, tokens);
let failure: string | null = null;
try {
  for (const step of steps) await player.step(step);
} catch (error) {
  failure = (error as Error).message;
}
process.stdout.write(`${JSON.stringify(failure)}\n`);
process.stdin.resume();
await once(process.stdin, 'end');
