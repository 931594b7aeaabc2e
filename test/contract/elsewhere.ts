import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { SimulatorOptions } from '../../src/native.js';
import { within } from '../helpers/deadline.js';
import type { Stage } from './play.js';

/** How to start `other-process` with the same Node.js: its arguments up to its own. */
export interface OtherProcess {
  readonly args: readonly string[];
  readonly simulator?: SimulatorOptions | undefined;
  readonly base: number;
}

/** Plays steps in another process and waits until it is gone: by itself, or killed after its last step. */
export function playElsewhere({ args, simulator, base }: OtherProcess): Stage['elsewhere'] {
  return async (steps, tokens, kill) => {
    const part = JSON.stringify({ steps, tokens, simulator, base });
    const child = spawn(process.execPath, [...args, part], { stdio: ['pipe', 'pipe', 'inherit'] });
    const exited = once(child, 'exit');
    const lines = createInterface({ input: child.stdout });
    try {
      const [line] = (await within(Promise.race([once(lines, 'line'), exited.then(() => ['"ended without a word"'])]), 'the word of the other process')) as [string];
      if (!kill) {
        child.stdin.end();
        await within(exited, 'the end of the other process');
      }
      const failure = JSON.parse(line) as string | null;
      if (failure !== null) throw new Error(`in the other process: ${failure}`);
    } finally {
      child.kill('SIGKILL');
      await exited;
    }
  };
}

