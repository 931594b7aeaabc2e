import type { Reason } from '../errors.js';

/** The exit code for each reason; 0 is success. Documented in docs/command-line.md and --help. */
export const EXIT_CODES = {
  NativeError: 1,
  InvalidParameter: 2,
  AccessDenied: 3,
  PortInUse: 4,
  ReservationNotFound: 5,
  ReservationExhausted: 6,
  TokenNotValid: 7,
  PlatformNotSupported: 8,
  NotSupported: 9,
  OperationTimeout: 10,
} as const satisfies Record<Reason, number>;

/** doctor found something to do. */
export const FINDINGS_EXIT_CODE = 11;

/** apply has changed something, or would change it. */
export const CHANGED_EXIT_CODE = 12;

/** For the end of --help. */
export function exitCodesHelp(): string {
  const reasons = Object.entries(EXIT_CODES).map(([reason, code]) => `${code} ${reason === 'NativeError' ? 'any other error' : reason}`);
  const others = [`${FINDINGS_EXIT_CODE} doctor found something to do`, `${CHANGED_EXIT_CODE} apply changed something`];
  return `Exit codes: ${['0 success', ...reasons, ...others].join(', ')}`;
}
