/** For each signal, what is to be called when it aborts. */
const waiting = new WeakMap<AbortSignal, Set<() => void>>();

/**
 * Calls a function once when a signal aborts, or at once if it has, until the returned function is called.
 *
 * A program may give the same signal to every call it ever makes. AbortSignal.any is not for that: on Node.js 20 and 22, a part of each
 * signal that it makes is kept as long as the first one, and each one more takes longer. And a signal gets only one listener, however
 * many calls have it, because Node.js 20 warns of the eleventh.
 */
export function onAbort(signal: AbortSignal, call: () => void): () => void {
  if (signal.aborted) {
    call();
    return () => {};
  }
  const calls = waiting.get(signal) ?? new Set();
  waiting.set(signal, calls);
  if (calls.size === 0) signal.addEventListener('abort', callAll);
  calls.add(call);
  return () => {
    if (calls.delete(call) && calls.size === 0) signal.removeEventListener('abort', callAll);
  };
}

function callAll({ currentTarget }: Event): void {
  for (const call of waiting.get(currentTarget as AbortSignal) ?? []) call();
}
