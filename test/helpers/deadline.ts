const DEADLINE = 20_000;

/** The promise, or an error that says what did not come. Generous: it only has to tell "slow" from "never". */
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
