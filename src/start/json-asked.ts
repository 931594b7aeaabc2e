/** Whether the arguments ask for --json, as yargs would read them. For errors that come before yargs has read them. */
export function isJsonAsked(args: readonly string[]): boolean {
  return args.some((arg, index) => arg === '--json=true' || arg === '--json' && args[index + 1] !== 'false');
}
