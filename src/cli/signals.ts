import { once } from 'node:events';
import { PortReservationError } from '../errors.js';
import { english } from '../texts/text.js';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGBREAK'] as const;

/**
 * Waits until stdin ends or the user presses Ctrl+C, because what this process holds ends with it (rule R3).
 *
 * @param json stderr has only lines of JSON
 * @param untilSignal waits for a signal alone, because service wrappers and the Task Scheduler give no stdin
 */
export async function holdUntilEnd({ json, 'until-signal': untilSignal }: { json: boolean; 'until-signal': boolean }): Promise<void> {
  const ended = new AbortController();
  const end = () => ended.abort();
  const endOfInput = () => {
    if (!ended.signal.aborted && !json) {
      process.stderr.write('port-reservation: stdin has ended, and with it what was held; --until-signal holds it until Ctrl+C\n');
    }
    end();
  };
  for (const signal of SIGNALS) process.once(signal, end);
  // A timer, because waiting for a signal alone does not keep the process alive.
  const alive = untilSignal ? setInterval(() => {}, 0x7fff_ffff) : undefined;
  if (!untilSignal) process.stdin.once('end', endOfInput).once('error', endOfInput).resume();
  if (!ended.signal.aborted) await once(ended.signal, 'abort');
  clearInterval(alive);
  for (const signal of SIGNALS) process.off(signal, end);
  if (!untilSignal) process.stdin.destroy();
}

/**
 * For work that must be neither left half done nor left untold. Ctrl+C aborts the signal; the work then cleans up and says what it did
 * before the process ends. No further signal ends the process either: a console that is closed may send several, and once the work is
 * done, its result is still to be written, perhaps to a slow reader.
 *
 * @param json stderr has only lines of JSON
 * @param say what the user reads in the meantime
 */
export function onInterrupt(json: boolean, say = 'finishing the block that was begun'): Disposable & { readonly signal: AbortSignal } {
  const controller = new AbortController();
  let isDone = false;
  const abort = () => {
    if (isDone) return;
    if (!json && !controller.signal.aborted) {
      process.stderr.write(`${process.stderr.isTTY ? '\n' : ''}port-reservation: interrupted; ${say}\n`);
    }
    controller.abort(new PortReservationError(english('interrupted before the end'), {
      reason: 'NativeError', code: 'ECANCELED', advice: english('List the blocks in force to see what was done.'),
    }));
  };
  for (const signal of SIGNALS) process.on(signal, abort);
  return {
    signal: controller.signal,
    [Symbol.dispose]() {
      isDone = true;
    },
  };
}

/** For short work: from now on no signal ends the process in the middle of it, or before its result is written. */
export function outlastSignals(): void {
  for (const signal of SIGNALS) process.on(signal, () => {});
}
