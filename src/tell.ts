/** Calls a listener, if there is one. One that throws must not end what it is told of: that becomes a warning of the process. */
export function tell<Told>(listener: ((told: Told) => void) | undefined, told: Told): void {
  try {
    listener?.(told);
  } catch (error) {
    process.emitWarning(error as Error);
  }
}
