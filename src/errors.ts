import type { PortBlock } from './blocks.js';
import { plainText } from './text.js';
import { describeCode } from './win32/codes.js';

/**
 * What went wrong. PowerShell's FullyQualifiedErrorId begins with it, and the exit code of the command line depends on it.
 *
 * - `AccessDenied`: only an elevated administrator may do this (rules P8, A4), or the port is outside the block (rule A2a)
 * - `InvalidParameter`: an argument breaks a rule (such as P3, P4), or the object is closed
 * - `PortInUse`: a port is in use, reserved or excluded (rules P5, P6, R7b)
 * - `ReservationNotFound`: there is no reservation or exclusion of exactly this block (rules P9, P10)
 * - `ReservationExhausted`: every port of the block is bound (rule A3), or the system or a search found no free block
 * - `TokenNotValid`: the token is unknown, released, or of another process or protocol (rule A5), or the socket is closed
 * - `PlatformNotSupported`: this system is not Windows, and no simulator was given
 * - `NotSupported`: this Windows, Node.js or kind of socket cannot do it (rules A6, W1), or a DLL could not be loaded
 * - `OperationTimeout`: a control code (rule A8), netsh or the service winnat did not finish in time
 * - `NativeError`: any other failure, described by `code`, `nativeCode` and the message (rule P12)
 */
export type Reason =
  | 'AccessDenied'
  | 'InvalidParameter'
  | 'PortInUse'
  | 'ReservationNotFound'
  | 'ReservationExhausted'
  | 'TokenNotValid'
  | 'PlatformNotSupported'
  | 'NotSupported'
  | 'OperationTimeout'
  | 'NativeError';

/** The members of a {@link PortReservationError} besides its message. A member that is left out becomes `null`. */
export interface PortReservationErrorDetails {
  /** What went wrong. */
  readonly reason: Reason;
  /** libuv's name for the error, such as EPERM, EACCES, EBUSY, EADDRINUSE, EINVAL, ENOENT, ENOTSUP or ETIMEDOUT; else UNKNOWN. */
  readonly code: string;
  /** Win32 or Winsock error code, `null` if no native call failed. */
  readonly nativeCode?: number | null;
  /** Name of `nativeCode` in the Windows headers, `null` if this package has no name for it (rule P12). */
  readonly nativeName?: string | null;
  /** The native function, control code or program (`netsh`) concerned, `null` if there is none. */
  readonly syscall?: string | null;
  /** The block that was asked for, as far as it was given; ports in host byte order. */
  readonly block?: Partial<PortBlock> | null;
  /** What to do now, in one sentence. */
  readonly advice: string;
}

const brand = Symbol.for('port-reservation.error');

/**
 * The only error class of this package. An abort is not one of its errors: it rejects with the signal's reason.
 * Test for it with {@link isPortReservationError}.
 */
export class PortReservationError extends Error {
  /** What went wrong. */
  readonly reason: Reason;
  /** libuv's name for the error, such as EPERM, EACCES, EBUSY, EADDRINUSE, EINVAL, ENOENT, ENOTSUP or ETIMEDOUT; else UNKNOWN. */
  readonly code: string;
  /** Win32 or Winsock error code, `null` if no native call failed. */
  readonly nativeCode: number | null;
  /** Name of `nativeCode` in the Windows headers, `null` if this package has no name for it (rule P12). */
  readonly nativeName: string | null;
  /** The native function, control code or program (`netsh`) concerned, `null` if there is none. */
  readonly syscall: string | null;
  /** The block that was asked for, as far as it was given; ports in host byte order. */
  readonly block: Partial<PortBlock> | null;
  /** What to do now, in one sentence. */
  readonly advice: string;

  /** Called by this package: callers only receive these errors. The message and the advice may quote text from outside. */
  constructor(message: string, details: PortReservationErrorDetails, options?: ErrorOptions) {
    super(plainText(message), options);
    this.reason = details.reason;
    this.code = details.code;
    this.nativeCode = details.nativeCode ?? null;
    this.nativeName = details.nativeName ?? null;
    this.syscall = details.syscall ?? null;
    this.block = details.block ? plainBlock(details.block) : null;
    this.advice = plainText(details.advice);
  }

  static {
    Object.defineProperty(this.prototype, 'name', { value: 'PortReservationError', configurable: true, writable: true });
    Object.defineProperty(this.prototype, brand, { value: true });
  }

  /** The error as plain data, as the host sends it: the message and the details. */
  toJSON(): Required<PortReservationErrorDetails> & { message: string } {
    const { message, reason, code, nativeCode, nativeName, syscall, block, advice } = this;
    return { message, reason, code, nativeCode, nativeName, syscall, block, advice };
  }
}

/** A reservation may be given as the block, but JSON cannot hold its token. */
function plainBlock({ protocol, startPort, numberOfPorts }: Partial<PortBlock>): Partial<PortBlock> {
  return {
    ...(protocol === undefined ? {} : { protocol }),
    ...(startPort === undefined ? {} : { startPort }),
    ...(numberOfPorts === undefined ? {} : { numberOfPorts }),
  };
}

/** Whether a value is a {@link PortReservationError}; unlike `instanceof`, it also knows those of another copy of this package. */
export function isPortReservationError(value: unknown): value is PortReservationError {
  return value instanceof Error && brand in value;
}

/** An argument that breaks a rule: `invalid('startPort', 0, 'must be an integer from 1 to 65535 (rule P3)')`. */
export function invalid(name: string, value: unknown, rule: string): PortReservationError {
  return new PortReservationError(`${name} ${value === undefined ? 'is missing' : `${show(value)} is not valid`}: it ${rule}`, {
    reason: 'InvalidParameter', code: 'EINVAL', advice: `Correct ${name}.`,
  });
}

function show(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.length > 60 ? `${value.slice(0, 60)}...` : value);
  if (typeof value === 'object' && value !== null) return Array.isArray(value) ? 'array' : 'object';
  return String(value);
}

export interface NativeFailure {
  readonly nativeCode: number;
  readonly syscall: string;
  /** What was attempted, and on what: "reserve tcp 5000-5019". */
  readonly attempt: string;
  readonly block?: Partial<PortBlock>;
  readonly formatMessage: (nativeCode: number) => string | null;
  /** Overrides the table where the caller knows what the code means. */
  readonly meaning?: { readonly reason: Reason; readonly advice: string };
}

/** The error for a native code, with its name, or FormatMessage's text where it has none (rule P12). */
export function nativeError(failure: NativeFailure): PortReservationError {
  const { nativeCode, syscall, attempt } = failure;
  const known = describeCode(nativeCode);
  const meaning = failure.meaning ?? MEANINGS[nativeCode] ?? {
    reason: 'NativeError' as const,
    advice: 'Look up the code in the Windows system error codes.',
  };
  const text = known ? known.name : failure.formatMessage(nativeCode) ?? 'unknown error';
  const code = known?.code ?? 'UNKNOWN';
  return new PortReservationError(`${code}: cannot ${attempt}: ${syscall} failed with ${nativeCode} (${text})`, {
    reason: meaning.reason, code, nativeCode, nativeName: known?.name ?? null, syscall,
    block: failure.block ?? null, advice: meaning.advice,
  });
}

const IN_USE = {
  reason: 'PortInUse',
  advice: 'A port of the block is in use, reserved or excluded; list the blocks in force and take another block.',
} as const;
const INVALID = {
  reason: 'InvalidParameter',
  advice: 'Check the ports: 1 to 65535, and the block must not run past port 65535.',
} as const;

const MEANINGS: Readonly<Record<number, { reason: Reason; advice: string }>> = {
  5: { reason: 'AccessDenied', advice: 'Run as an elevated administrator.' },
  32: IN_USE,
  87: INVALID,
  1051: { reason: 'NativeError', advice: 'First stop the services that depend on it: "sc.exe enumdepend winnat" lists them.' },
  1058: { reason: 'NativeError', advice: 'The service is disabled: enable it, or use another port.' },
  1168: {
    reason: 'ReservationNotFound',
    advice: 'Give the exact block of a reservation: its protocol, first port and number of ports, as list shows them.',
  },
  10013: {
    reason: 'AccessDenied',
    advice: 'Run as an elevated administrator, and bind only to ports of the associated block.',
  },
  10022: INVALID,
  10045: {
    reason: 'NotSupported',
    advice: 'This Windows or kind of socket does not support port reservations; runtime reservations need Windows 10 1809 or Server 2019.',
  },
  10048: IN_USE,
  10049: { reason: 'NativeError', advice: 'Use an address of this machine, or leave it out.' },
};

/** The error for opening off Windows without a simulator. */
export function platformNotSupported(): PortReservationError {
  return new PortReservationError(
    `port reservations exist only on Windows; this system is ${process.platform}`,
    {
      reason: 'PlatformNotSupported', code: 'ENOTSUP',
      advice: 'Run on Windows, or give the simulator explicitly: its library and a state file (see README, "Off Windows").',
    },
  );
}
