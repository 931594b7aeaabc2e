import { once } from 'node:events';
import { PortReservationError } from '../errors.js';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGBREAK'] as const;

/** Waits until stdin ends or the user presses Ctrl+C, because what this process holds ends with it (rule R3). */
export async function holdUntilEnd(): Promise<void> {
  const ended = new AbortController();
  const end = () => ended.abort();
  for (const signal of SIGNALS) process.once(signal, end);
  process.stdin.once('end', end).once('error', end).resume();
  if (!ended.signal.aborted) await once(ended.signal, 'abort');
  for (const signal of SIGNALS) process.off(signal, end);
  process.stdin.destroy();
}

/**
 * For work that must not be left half done: Ctrl+C aborts the signal, and the work cleans up before the process ends.
 *
 * @param mustFinish a second Ctrl+C does not end the process either
 * @param say what the user reads in the meantime
 */
export function onInterrupt({ mustFinish, say }: { mustFinish: boolean; say?: string | undefined }): Disposable & { readonly signal: AbortSignal } {
  const controller = new AbortController();
  const abort = () => {
    if (say !== undefined && !controller.signal.aborted) {
      process.stderr.write(`${process.stderr.isTTY ? '\n' : ''}port-reservation: interrupted; ${say}\n`);
    }
    controller.abort(new PortReservationError('interrupted before the end', {
      reason: 'NativeError', code: 'ECANCELED', advice: 'List the blocks in force to see what was done.',
    }));
  };
  for (const signal of SIGNALS) process[mustFinish ? 'on' : 'once'](signal, abort);
  return {
    signal: controller.signal,
    [Symbol.dispose]() {
      for (const signal of SIGNALS) process.off(signal, abort);
    },
  };
}
