import type { PortBlock } from './blocks.js';
import { describeCode } from './win32/codes.js';

/**
 * What went wrong, in the words the PowerShell cmdlets and the command line share. PowerShell uses it as the start of
 * FullyQualifiedErrorId, the command line for its exit code.
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

export interface PortReservationErrorDetails {
  readonly reason: Reason;
  /** libuv's name for the fault: EPERM, EACCES, EBUSY, EADDRINUSE, EINVAL, ENOENT, ENOTSUP, ETIMEDOUT, ... */
  readonly code: string;
  /** Win32 or Winsock number, `null` when no native call failed. */
  readonly nativeCode?: number | null;
  /** Its name in the Windows headers, `null` when it has none here. */
  readonly nativeName?: string | null;
  /** The native function or control code that failed, `null` when none was called. */
  readonly syscall?: string | null;
  /** The block that was asked for. */
  readonly block?: Partial<PortBlock> | null;
  /** One sentence: what to do now. */
  readonly advice: string;
}

const brand = Symbol.for('port-reservation.error');

/** The one error class of this package. Wire format: {@link PortReservationError.toJSON}. */
export class PortReservationError extends Error {
  readonly reason: Reason;
  readonly code: string;
  readonly nativeCode: number | null;
  readonly nativeName: string | null;
  readonly syscall: string | null;
  readonly block: Partial<PortBlock> | null;
  readonly advice: string;

  constructor(message: string, details: PortReservationErrorDetails, options?: ErrorOptions) {
    super(message, options);
    this.reason = details.reason;
    this.code = details.code;
    this.nativeCode = details.nativeCode ?? null;
    this.nativeName = details.nativeName ?? null;
    this.syscall = details.syscall ?? null;
    this.block = details.block ? plainBlock(details.block) : null;
    this.advice = details.advice;
  }

  static {
    Object.defineProperty(this.prototype, 'name', { value: 'PortReservationError', configurable: true, writable: true });
    Object.defineProperty(this.prototype, brand, { value: true });
  }

  /** Plain data, as the host sends it. */
  toJSON(): Required<PortReservationErrorDetails> & { message: string } {
    const { message, reason, code, nativeCode, nativeName, syscall, block, advice } = this;
    return { message, reason, code, nativeCode, nativeName, syscall, block, advice };
  }
}

/** A reservation is a block too, but its token must not come into JSON. */
function plainBlock({ protocol, startPort, numberOfPorts }: Partial<PortBlock>): Partial<PortBlock> {
  return {
    ...(protocol === undefined ? {} : { protocol }),
    ...(startPort === undefined ? {} : { startPort }),
    ...(numberOfPorts === undefined ? {} : { numberOfPorts }),
  };
}

/** True for an error of this class, also when it comes from another copy of the package. */
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
  /** What was attempted and on what: "reserve tcp 5000-5019". */
  readonly attempt: string;
  readonly block?: Partial<PortBlock>;
  readonly formatMessage: (nativeCode: number) => string | null;
  /** The caller knows better than the table what the code means here. */
  readonly meaning?: { readonly reason: Reason; readonly advice: string };
}

/** Turns a native code into the error that names it, or into FormatMessage's text when it has no name (rule P12). */
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
  1168: {
    reason: 'ReservationNotFound',
    advice: 'Give exactly the block of a reservation: its protocol, first port and number of ports; list shows them.',
  },
  10013: {
    reason: 'AccessDenied',
    advice: 'Run as an elevated administrator, and bind only to ports of the associated block.',
  },
  10022: INVALID,
  10045: {
    reason: 'NotSupported',
    advice: 'This Windows or this kind of socket has no port reservations; runtime reservations need Windows 10 1809 or Server 2019.',
  },
  10048: IN_USE,
};

/** What every operation gives where there is neither Windows nor a simulator. */
export function platformNotSupported(): PortReservationError {
  return new PortReservationError(
    `port reservations exist only on Windows; this system is ${process.platform}`,
    {
      reason: 'PlatformNotSupported', code: 'ENOTSUP',
      advice: 'Run on Windows, or give the simulator explicitly: its library and a state file (see README, "Off Windows").',
    },
  );
}
