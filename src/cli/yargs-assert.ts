/** In the bundle of the command line these stand for two functions of Node.js's `assert`, which loads more than yargs itself. */
export function strictEqual(actual: unknown, expected: unknown, message?: string): void {
  if (!Object.is(actual, expected)) throw new Error(message ?? `${String(actual)} is not ${String(expected)}`);
}

export function notStrictEqual(actual: unknown, expected: unknown, message?: string): void {
  if (Object.is(actual, expected)) throw new Error(message ?? `${String(actual)} is not allowed`);
}
