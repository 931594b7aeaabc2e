import { asString } from './plain-text.js';

/**
 * Calls a listener, if there is one. An error in it must not end the work that it listens to: whether it throws or returns a promise
 * that rejects, the error becomes a warning of the process.
 */
export function tell<Told>(listener: ((told: Told) => void) | undefined, told: Told): void {
  const call = async () => listener?.(told);
  // emitWarning takes only an Error or a string, and anything can be thrown.
  call().catch((thrown: unknown) => process.emitWarning(thrown instanceof Error ? thrown : asString(thrown)));
}
