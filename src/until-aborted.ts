import { once } from 'node:events';

/**
 * Resolves or rejects as `ask` does, but rejects with the reason of an abort as soon as that comes: for a question to netsh, which may
 * take its time, and changes nothing if it goes on.
 */
export async function untilAborted<Answer>(signal: AbortSignal | undefined, ask: () => Promise<Answer>): Promise<Answer> {
  if (!signal) return ask();
  signal.throwIfAborted();
  const answered = new AbortController();
  // A signal of its own, because Node.js warns of one with many listeners, as that of a hundred blocks would have.
  const either = AbortSignal.any([signal, answered.signal]);
  const aborted = once(either, 'abort').then(() => Promise.reject(either.reason as Error));
  try {
    return await Promise.race([ask(), aborted]);
  } finally {
    answered.abort();
  }
}
