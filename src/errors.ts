import type { PortBlock } from './blocks.js';
import { asString, shortened } from './util/plain-text.js';
import { nameOf, quotedWord, WORDED } from './texts/surfaces.js';
import { joined, say, text, wholeVoice } from './texts/text.js';
import type { PlainId, Text, Value, Voice } from './texts/text.js';
import { Code, describeCode } from './win32/codes.js';

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

/** The details as this package has them: the advice is in no language yet, and an error may say what its call left behind. */
export type Details = Omit<PortReservationErrorDetails, 'advice'> & { readonly advice: Text; readonly left?: Left | null };

/**
 * What a call may have left behind although it failed:
 *
 * - `made`: a block that it made, or may have made, is still there
 * - `removed`: a block that it was to remove is gone, or may be, or only the part of it is that survives a restart
 */
type Left = 'made' | 'removed';

/** The details that {@link PortReservationError.amend} replaces. */
interface Amendment extends Partial<Pick<Details, 'reason' | 'block' | 'advice' | 'left'>> {
  readonly message?: Text;
  readonly cause?: unknown;
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

  /** @internal What the call may have left behind; `null` for nothing. */
  readonly left: Left | null;

  readonly #message: Text;
  readonly #advice: Text;

  /** @internal Callers only receive these errors. The message and the advice may quote text from outside. */
  constructor(message: Text, details: Details, options?: ErrorOptions) {
    super(say(message), options);
    this.reason = details.reason;
    this.code = details.code;
    this.nativeCode = details.nativeCode ?? null;
    this.nativeName = details.nativeName ?? null;
    this.syscall = details.syscall ?? null;
    this.block = details.block ? plainBlock(details.block) : null;
    this.advice = say(details.advice);
    this.left = details.left ?? null;
    this.#message = message;
    this.#advice = details.advice;
  }

  static {
    Object.defineProperty(this.prototype, 'name', { value: 'PortReservationError', configurable: true, writable: true });
    Object.defineProperty(this.prototype, brand, { value: true });
  }

  /**
   * The error as plain data: the message and the details. The members `message` and `advice` of the error itself are always English,
   * in the words of this library; here they are in the language and the words of the voice. What the voice lacks is as in the members.
   */
  toData(voice: Partial<Voice> = {}): Required<PortReservationErrorDetails> & { message: string } {
    const { reason, code, nativeCode, nativeName, syscall, block } = this;
    const spoken = wholeVoice(voice);
    return { message: say(this.#message, spoken), reason, code, nativeCode, nativeName, syscall, block, advice: say(this.#advice, spoken) };
  }

  /** @internal The message, in no language yet. */
  get text(): Text {
    return this.#message;
  }

  /** The error as plain data, in English. */
  toJSON(): Required<PortReservationErrorDetails> & { message: string } {
    return this.toData();
  }

  /** @internal What to do now, in no language yet. */
  get adviceText(): Text {
    return this.#advice;
  }

  /** @internal A copy of this error with some members replaced. Its cause is this error, unless another one is given. */
  amend({ message = this.#message, cause = this, ...others }: Amendment): PortReservationError {
    const { reason, code, nativeCode, nativeName, syscall, block, left } = this;
    return new PortReservationError(message, { reason, code, nativeCode, nativeName, syscall, block, left, advice: this.#advice, ...others }, { cause });
  }
}

/** Only the members of a block: a whole reservation may be given, and JSON cannot hold its token. */
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

/** Whether a value is a {@link PortReservationError} with one of these reasons. */
export function hasReason(value: unknown, ...reasons: readonly Reason[]): value is PortReservationError {
  return isPortReservationError(value) && reasons.includes(value.reason);
}

/** Whatever was thrown, as an error of this package, so that it can be amended. The reason of an abort, for example, has no details. */
export function asPortReservationError(thrown: unknown): PortReservationError {
  return thrown instanceof PortReservationError ? thrown
    : new PortReservationError(messageOf(thrown), { reason: 'NativeError', code: 'UNKNOWN', advice: text('advice.code') }, { cause: thrown });
}

/** The message of whatever was thrown, as a text that is said later. */
export function messageOf(thrown: unknown): Text {
  return thrown instanceof PortReservationError ? thrown.text : text('literal', { text: asString(thrown) });
}

/** The error for an argument that breaks a rule: `invalid('startPort', 0, text('rule.port', ...))`. A name that is a string is said as the surface calls it. */
export function invalid(name: Value, value: unknown, rule: Text): PortReservationError {
  const called = typeof name === 'string' ? nameOf(name) : name;
  return new PortReservationError(message(), { reason: 'InvalidParameter', code: 'EINVAL', advice: text('error.correct', { name: called }) });

  function message(): Text {
    if (value === undefined) return text('error.missing', { name: called, rule });
    // `true` is not shown: on the command line and in a cmdlet, nobody writes the value of a switch.
    if (value === true) return text('error.invalidFlag', { name: called, rule });
    return text('error.invalid', { name: called, value: show(name, value), rule });
  }
}

/** A value that breaks a rule, and what it is called. */
export interface Fault {
  readonly name: Value;
  readonly value: unknown;
  readonly rule: Text;
}

/** The error for one or several arguments that break rules. */
export function allInvalid(faults: readonly Fault[]): PortReservationError {
  const errors = faults.map(({ name, value, rule }) => invalid(name, value, rule));
  const [only] = errors;
  if (only && errors.length === 1) return only;
  return new PortReservationError(text('literal', { text: joined(errors.map(({ text: message }) => message), text('semicolon')) }), {
    reason: 'InvalidParameter', code: 'EINVAL', advice: text('error.correctAll'),
  });
}

function show(name: Value, value: unknown): Value {
  if (typeof value === 'object' && value !== null) return text(Array.isArray(value) ? 'value.array' : 'value.object');
  const shown = shortened(asString(value));
  if (typeof value !== 'string') return shown;
  return typeof name === 'string' && WORDED.has(name) ? quotedWord(shown) : JSON.stringify(shown);
}

export interface NativeFailure {
  readonly nativeCode: number;
  readonly syscall: string;
  /** What was attempted, and on what: `text('attempt.reserve', { block: 'tcp 5000-5019' })`. */
  readonly attempt: Text;
  readonly block?: Partial<PortBlock> | undefined;
  readonly formatMessage: (nativeCode: number) => string | null;
  /** What the code means here, where the caller knows better than the table. */
  readonly meaning?: Meaning;
}

/** What a code means: the reason, and what to do. */
export interface Meaning {
  readonly reason: Reason;
  readonly advice: Text;
}

/** The error for a native code, with its name, or FormatMessage's text where it has none (rule P12). */
export function nativeError(failure: NativeFailure): PortReservationError {
  const { nativeCode, syscall, attempt } = failure;
  const known = describeCode(nativeCode);
  const [reason, id]: readonly [Reason, PlainId] = MEANINGS[nativeCode] ?? ['NativeError', 'advice.code'];
  const code = known?.code ?? 'UNKNOWN';
  const meaning = known?.name ?? failure.formatMessage(nativeCode) ?? text('error.unknownCode');
  return new PortReservationError(text('error.native', { code, attempt, syscall, nativeCode, meaning }), {
    code, nativeCode, nativeName: known?.name ?? null, syscall, block: failure.block ?? null,
    ...failure.meaning ?? { reason, advice: text(id) },
  });
}

/** What each code means, unless the caller says otherwise. */
const MEANINGS: Readonly<Record<number, readonly [Reason, PlainId]>> = {
  [Code.ERROR_ACCESS_DENIED]: ['AccessDenied', 'advice.elevate'],
  [Code.ERROR_SHARING_VIOLATION]: ['PortInUse', 'advice.inUse'],
  [Code.ERROR_INVALID_PARAMETER]: ['InvalidParameter', 'advice.ports'],
  [Code.ERROR_DEPENDENT_SERVICES_RUNNING]: ['NativeError', 'advice.dependents'],
  [Code.ERROR_SERVICE_DISABLED]: ['NativeError', 'advice.disabled'],
  [Code.ERROR_NOT_FOUND]: ['ReservationNotFound', 'advice.exactBlock'],
  [Code.WSAEACCES]: ['AccessDenied', 'advice.elevateOrOwnPort'],
  [Code.WSAEINVAL]: ['InvalidParameter', 'advice.ports'],
  [Code.WSAEOPNOTSUPP]: ['NotSupported', 'advice.unsupported'],
  [Code.WSAEADDRINUSE]: ['PortInUse', 'advice.inUse'],
  [Code.WSAEADDRNOTAVAIL]: ['NativeError', 'advice.address'],
};

/** The error for opening off Windows without a simulator. */
export function platformNotSupported(): PortReservationError {
  return new PortReservationError(text('system.platform', { platform: process.platform }), {
    reason: 'PlatformNotSupported', code: 'ENOTSUP', advice: text('system.platform.advice'),
  });
}
