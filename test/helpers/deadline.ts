import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';

/** Generous: it only has to tell "slow" from "never", and a busy machine is very slow. */
const DEADLINE = 100_000;

/** The promise, or an error that says what did not come. */
export async function within<T>(promise: Promise<T>, what: string, milliseconds = DEADLINE): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what} did not come within ${milliseconds} ms`)), milliseconds);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Asks again and again, for what no event tells. */
export async function until(isThere: () => boolean | Promise<boolean>, what: string): Promise<void> {
  for (const end = performance.now() + DEADLINE; !await isThere(); await pause(5)) {
    if (performance.now() > end) throw new Error(`${what} did not come within ${DEADLINE} ms`);
  }
}

/** Waits for what a process writes. @param closed its end */
export async function written(stream: Readable, closed: Promise<unknown>, isThere: () => boolean, what: string): Promise<void> {
  while (!isThere()) {
    const hasEnded = await within(Promise.race([once(stream, 'data').then(() => false), closed.then(() => true)]), what);
    if (hasEnded && !isThere()) throw new Error(`the process ended without ${what}`);
  }
}
