import { wordsOf } from './errors.js';

/** Calls a listener, if there is one. One that throws, at once or as a promise, must not end what it is told of: that becomes a warning of the process. */
export function tell<Told>(listener: ((told: Told) => void) | undefined, told: Told): void {
  const call = async () => listener?.(told);
  // Node.js takes only errors and texts, and anything can be thrown.
  call().catch((thrown: unknown) => process.emitWarning(thrown instanceof Error ? thrown : wordsOf(thrown)));
}
