import { onAbort } from './on-abort.js';

/**
 * Resolves or rejects as `ask` does, but rejects with the reason of an abort as soon as that comes: for a question to netsh, which may
 * take its time, and changes nothing if it goes on.
 */
export async function untilAborted<Answer>(signal: AbortSignal | undefined, ask: () => Promise<Answer>): Promise<Answer> {
  if (!signal) return ask();
  signal.throwIfAborted();
  let forget = () => {};
  const aborted = new Promise<never>((_, reject) => {
    forget = onAbort(signal, () => reject(signal.reason as Error));
  });
  try {
    return await Promise.race([ask(), aborted]);
  } finally {
    forget();
  }
}
