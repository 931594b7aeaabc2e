import { asString } from './errors.js';

/**
 * Calls a listener, if there is one. What it throws, at once or as a promise, must not end the work that it is told of: it becomes a
 * warning of the process.
 */
export function tell<Told>(listener: ((told: Told) => void) | undefined, told: Told): void {
  const call = async () => listener?.(told);
  // Node.js takes only errors and texts, and anything can be thrown.
  call().catch((thrown: unknown) => process.emitWarning(thrown instanceof Error ? thrown : asString(thrown)));
}
