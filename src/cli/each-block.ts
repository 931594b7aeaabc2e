import { setImmediate } from 'node:timers/promises';
import { toData } from '../blocks.js';
import type { Reservation } from '../blocks.js';
import type { InputBlock } from './input.js';
import { printReservations, reportError } from './output.js';
import { Progress } from './progress.js';

/**
 * Does the same with one block after the other. A failure does not stop the rest: each has its line on stderr at the
 * end, after what was done, and the exit code is that of the first.
 *
 * @param signal keeps it from beginning with another block
 * @param action may say what it waits for
 */
export async function eachBlock(blocks: readonly InputBlock[], { text, json, signal }: { text: string; json: boolean; signal?: AbortSignal | undefined },
  action: (block: InputBlock, say: (step: string) => void) => Promise<Reservation[]>): Promise<void> {
  const done: Reservation[] = [];
  const errors: unknown[] = [];
  {
    using progress = new Progress({ total: blocks.length, text, json });
    for (const [index, block] of blocks.entries()) {
      if (signal?.aborted) {
        if (!errors.includes(signal.reason)) errors.push(signal.reason);
        break;
      }
      progress.update(index, text);
      try {
        done.push(...await action(block, (step) => progress.update(index, step)));
      } catch (error) {
        errors.push(error);
      }
      // Not every action waits for something; the bar has a turn after each.
      await setImmediate();
    }
  }
  printReservations(done.map(toData), json);
  const [exitCode = 0] = errors.map((error) => reportError(error, json));
  process.exitCode = exitCode;
}
