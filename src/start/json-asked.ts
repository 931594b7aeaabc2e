/** Whether the arguments of the command line say --json, as yargs reads it: a mistake in them, and what keeps it from starting, is told before yargs has. */
export function isJsonAsked(args: readonly string[]): boolean {
  return args.some((arg, index) => arg === '--json=true' || arg === '--json' && args[index + 1] !== 'false');
}
