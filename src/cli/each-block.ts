import { setImmediate } from 'node:timers/promises';
import type { ReservationData } from '../blocks.js';
import { isPortReservationError } from '../errors.js';
import { printReservations, reportError } from './output.js';
import { Progress } from './progress.js';

const TEXT = 'blocks';

/** @param say shows what the action waits for */
type Action<Block> = (block: Block, say: (step: string) => void) => Promise<ReservationData[]>;

interface EachOptions {
  readonly json: boolean;
  /** Stops before the next block. */
  readonly signal?: AbortSignal | undefined;
  /** How many blocks are begun at a time; the action then keeps their order itself. Default 1. */
  readonly together?: number | undefined;
}

/**
 * Does the same with one block after the other. A failure does not stop the rest: each failure is a line on stderr, after
 * the results, and the exit code is that of the first.
 */
export async function eachBlock<Block>(blocks: readonly Block[], options: EachOptions, action: Action<Block>): Promise<void> {
  const results = await attemptEach(blocks, options, action);
  const done = results.flatMap((result) => (result.status === 'fulfilled' ? result.value : []));
  // An error that several blocks share is reported once, such as an option that none of them can have.
  const errors = new Map(results.flatMap((result) => (result.status === 'rejected' ? [[wordsOf(result.reason), result.reason as unknown] as const] : [])));
  if (done.length > 0 || errors.size === 0) printReservations(done, options.json);
  const [exitCode = 0] = [...errors.values()].map((error) => reportError(error, options.json));
  process.exitCode = exitCode;
}

/** What tells an error from others: its words, and the block that it is about. */
function wordsOf(error: unknown): unknown {
  return isPortReservationError(error) ? JSON.stringify([error.message, error.block]) : error;
}

async function attemptEach<Block>(blocks: readonly Block[], { json, signal, together = 1 }: EachOptions,
  action: Action<Block>): Promise<PromiseSettledResult<ReservationData[]>[]> {
  using progress = new Progress({ total: blocks.length, text: TEXT, json });
  let done = 0;
  const attempt = async (block: Block) => {
    signal?.throwIfAborted();
    progress.update(done, TEXT);
    try {
      return await action(block, (step) => progress.update(done, step));
    } finally {
      done += 1;
      progress.update(done);
    }
  };
  const results: PromiseSettledResult<ReservationData[]>[] = [];
  for (let first = 0; first < blocks.length; first += together) {
    results.push(...await Promise.allSettled(blocks.slice(first, first + together).map(attempt)));
    // An action may be synchronous, so the progress bar and signals get a turn after each.
    await setImmediate();
  }
  return results;
}
