import { setTimeout } from 'node:timers/promises';
import type { Ports } from '../blocks.js';
import { invalid, PortReservationError } from '../errors.js';
import type { Meaning, NativeFailure } from '../errors.js';
import type { Native } from '../native.js';
import { text } from '../texts/text.js';
import { Code } from '../win32/codes.js';
import {
  INET_PORT_RANGE, INET_PORT_RESERVATION_INSTANCE, INET_PORT_RESERVATION_TOKEN, SIO_ACQUIRE_PORT_RESERVATION,
  SIO_ASSOCIATE_PORT_RESERVATION, SIO_RELEASE_PORT_RESERVATION, STATUS_PENDING, WSAOVERLAPPED,
} from '../win32/structures.js';
import koffi from '../win32/koffi.js';
import type { Socket } from '../win32/ws2_32.js';

/** How long to wait for an operation that may never end (rule A8). */
export interface WaitOptions {
  /** Milliseconds until the operation is cancelled and rejected with OperationTimeout, 0 for no limit. Default 30,000. */
  readonly timeout?: number | undefined;
  /** Cancels the operation, which is then rejected with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

export const DEFAULT_TIMEOUT = 30_000;
/** A cancelled operation normally ends at once; a driver that ignores the cancellation must not block the caller. */
const CANCEL_GRACE = 5_000;

function checkTimeout(timeout: unknown): void {
  if (timeout !== undefined && !(typeof timeout === 'number' && timeout >= 0)) {
    throw invalid('timeout', timeout, text('rule.timeout'));
  }
}

/** SIO_ACQUIRE_PORT_RESERVATION: reserves a block on a socket and returns the block and its token (rules R1, R2). */
export async function acquirePortReservation(native: Native, socket: Socket, { startPort, numberOfPorts }: Ports,
  wait: WaitOptions): Promise<Ports & { readonly error: number; readonly token: bigint }> {
  const call = new ControlCode(native, socket, 'SIO_ACQUIRE_PORT_RESERVATION');
  koffi.encode(call.input, INET_PORT_RANGE, { StartPort: startPort, NumberOfPorts: numberOfPorts });
  return call.run(koffi.sizeof(INET_PORT_RANGE), koffi.sizeof(INET_PORT_RESERVATION_INSTANCE), wait, (error) => {
    const instance = koffi.decode(call.output, INET_PORT_RESERVATION_INSTANCE);
    return {
      error, startPort: instance.Reservation.StartPort, numberOfPorts: instance.Reservation.NumberOfPorts,
      token: BigInt(instance.Token),
    };
  });
}

/** SIO_RELEASE_PORT_RESERVATION: ends a runtime reservation early (rule R4). */
export function releasePortReservation(native: Native, socket: Socket, token: bigint, wait: WaitOptions) {
  return withToken(new ControlCode(native, socket, 'SIO_RELEASE_PORT_RESERVATION'), token, wait);
}

/** SIO_ASSOCIATE_PORT_RESERVATION: associates a socket that is not bound yet with a reservation (rules A1, A4 to A8). */
export function associatePortReservation(native: Native, socket: Socket, token: bigint, wait: WaitOptions) {
  return withToken(new ControlCode(native, socket, 'SIO_ASSOCIATE_PORT_RESERVATION'), token, wait);
}

function withToken(call: ControlCode, token: bigint, wait: WaitOptions) {
  koffi.encode(call.input, INET_PORT_RESERVATION_TOKEN, { Token: token });
  // cbOutBuffer must be 0 for these two (rule A7).
  return call.run(koffi.sizeof(INET_PORT_RESERVATION_TOKEN), 0, wait, (error) => error);
}

/** Name of a control code, for errors -> its number. */
const CODES = { SIO_ACQUIRE_PORT_RESERVATION, SIO_RELEASE_PORT_RESERVATION, SIO_ASSOCIATE_PORT_RESERVATION } as const;
type CodeName = keyof typeof CODES;

/** Offsets in the memory of a call, which begins with WSAOVERLAPPED. Each is a multiple of 8 bytes, and each part has room for the largest use. */
const BYTES_RETURNED_AT = koffi.sizeof(WSAOVERLAPPED);
const INPUT_AT = BYTES_RETURNED_AT + 8;
const OUTPUT_AT = INPUT_AT + koffi.sizeof(INET_PORT_RESERVATION_TOKEN);
const MEMORY_SIZE = OUTPUT_AT + koffi.sizeof(INET_PORT_RESERVATION_INSTANCE);

/**
 * One overlapped WSAIoctl. A plain call could block this thread, and with it every other socket, without limit (rule A8).
 *
 * The memory belongs to the operation until that has ended, so it is allocated outside the JavaScript heap. The end is
 * polled: a thread that waits on the event would occupy one of the four that Node.js has for files and DNS.
 */
class ControlCode {
  readonly #memory = koffi.alloc('uint8_t', MEMORY_SIZE) as bigint;
  readonly #bytesReturned = this.#memory + BigInt(BYTES_RETURNED_AT);
  readonly input = this.#memory + BigInt(INPUT_AT);
  readonly output = this.#memory + BigInt(OUTPUT_AT);

  readonly #native: Native;
  readonly #socket: Socket;
  readonly #name: CodeName;

  constructor(native: Native, socket: Socket, name: CodeName) {
    this.#native = native;
    this.#socket = socket;
    this.#name = name;
  }

  async run<Result>(inputSize: number, outputSize: number, wait: WaitOptions,
    read: (error: number) => Result): Promise<Result> {
    const { ws2_32 } = this.#native;
    const event = ws2_32.WSACreateEvent();
    let ended = true;
    try {
      checkTimeout(wait.timeout);
      koffi.encode(this.#memory, WSAOVERLAPPED,
        { Internal: 0, InternalHigh: 0, Offset: 0, OffsetHigh: 0, hEvent: event });
      let error = ws2_32.WSAIoctl(this.#socket, CODES[this.#name], this.input, inputSize,
        outputSize === 0 ? null : this.output, outputSize, this.#bytesReturned, this.#memory);
      if (error === Code.WSA_IO_PENDING) {
        ended = false;
        const outcome = await this.#outcome(wait);
        error = outcome.error;
        // WSAGetOverlappedResult may itself have failed, so Internal decides whether the operation has ended.
        ended = error !== Code.WSA_IO_INCOMPLETE && Number(koffi.decode(this.#memory, WSAOVERLAPPED).Internal) !== STATUS_PENDING;
        // An operation that succeeded just as it was cancelled has succeeded.
        if (outcome.cancelled && (!ended || error === Code.WSA_OPERATION_ABORTED)) {
          wait.signal?.throwIfAborted();
          throw this.#timedOut(wait.timeout ?? DEFAULT_TIMEOUT);
        }
      }
      return read(error);
    } finally {
      // Memory that Windows may still write to is never freed: losing some bytes is better than a corrupt heap.
      if (ended) {
        koffi.free(this.#memory);
        ws2_32.WSACloseEvent(event);
      }
    }
  }

  /** Waits for the end, cancels at the time-out or the signal, and returns the Winsock code. */
  async #outcome({ timeout = DEFAULT_TIMEOUT, signal }: WaitOptions): Promise<{ error: number; cancelled: boolean }> {
    const limit = performance.now() + (timeout === 0 ? Infinity : timeout);
    let giveUp = Infinity;
    for (let pause = 1; ; pause = Math.min(pause * 2, 16)) {
      const error = this.#native.ws2_32.WSAGetOverlappedResult(this.#socket, this.#memory);
      const now = performance.now();
      if (error !== Code.WSA_IO_INCOMPLETE || now > giveUp) return { error, cancelled: giveUp !== Infinity };
      if (giveUp === Infinity && (now > limit || signal?.aborted)) {
        this.#native.kernel32.CancelIoEx(this.#socket, this.#memory);
        giveUp = now + CANCEL_GRACE;
        pause = 1;
      }
      await setTimeout(pause);
    }
  }

  #timedOut(timeout: number): PortReservationError {
    return new PortReservationError(text('socket.timedOut', { syscall: this.#name, timeout: Math.round(timeout) }), {
      reason: 'OperationTimeout', code: 'ETIMEDOUT', syscall: this.#name,
      advice: text('socket.timedOut.advice'),
    });
  }
}

/** The error for a failed control code, where some codes have a meaning of their own. */
export function controlCodeError(native: Native, failure: Failure): PortReservationError {
  const meaning = meaningOf(failure);
  return native.error({ ...failure, ...meaning ? { meaning } : {} });
}

interface Failure extends Pick<NativeFailure, 'nativeCode' | 'attempt' | 'block'> {
  readonly syscall: CodeName;
}

function meaningOf({ nativeCode, syscall, block }: Failure): Meaning | undefined {
  if (nativeCode === Code.WSAEACCES) return { reason: 'AccessDenied', advice: text('socket.tokenElevated.advice') };
  if (syscall !== 'SIO_ACQUIRE_PORT_RESERVATION') {
    return nativeCode === Code.WSAEINVAL ? { reason: 'TokenNotValid', advice: text('socket.token.advice') } : undefined;
  }
  // The system was to choose the block (rule R2). No source says which code Windows returns when it finds none.
  const isNoneLeft = block?.startPort === undefined && (nativeCode === Code.WSAENOBUFS || nativeCode === Code.WSAEADDRINUSE);
  return isNoneLeft ? { reason: 'ReservationExhausted', advice: text('socket.noBlock.advice') } : undefined;
}
