import { endPortOf, formatBlock } from '../blocks.js';
import type { AddressFamily, Protocol, Reservation } from '../blocks.js';
import { checkAddressFamily, checkPorts, checkProtocol, checkRequest } from '../checks.js';
import { hasReason, PortReservationError } from '../errors.js';
import type { Native } from '../native.js';
import { acquirePortReservation, controlCodeError, releasePortReservation } from '../sockets/control-code.js';
import type { WaitOptions } from '../sockets/control-code.js';
import { openSocket } from '../sockets/native-socket.js';
import { countOfPorts, text } from '../texts/text.js';
import type { Socket } from '../win32/ws2_32.js';

/** The request of {@link PortReservations.acquireRuntime}. */
export interface RuntimeRequest extends WaitOptions {
  /** Protocol of the block. */
  readonly protocol: Protocol;
  /** First port, 1 to 65535, host byte order. With 0, the default, the system chooses the block (rule R2). */
  readonly startPort?: number | undefined;
  /** Number of ports, 1 to 65535. */
  readonly numberOfPorts: number;
  /** Family of the acquiring socket, default IPv4. The block is reserved for both families (rule N6). */
  readonly addressFamily?: AddressFamily | undefined;
}

/**
 * A runtime reservation. It lasts as long as the socket that acquired it: until {@link release}, the end of the `using`
 * scope, the close of the {@link PortReservations} that made it, or the end of the process (rule R3).
 */
export class RuntimeReservation implements Reservation, Disposable {
  /** Always `runtime`. */
  readonly kind = 'runtime';
  /** Always `active`: it ends with the process. */
  readonly store = 'active';
  /** Id of this process. */
  readonly owningProcess = process.pid;
  /** Protocol of the block. */
  readonly protocol: Protocol;
  /** First port, 1 to 65535, host byte order. */
  readonly startPort: number;
  /** Last port, 1 to 65535, host byte order. */
  readonly endPort: number;
  /** Number of ports. */
  readonly numberOfPorts: number;
  /** Opaque 64-bit number, valid only in this process (rule R5). */
  readonly token: bigint;
  /** Family of the acquiring socket. */
  readonly addressFamily: AddressFamily;
  readonly #native: Native;
  readonly #socket: Socket;
  #released = false;
  #ended = false;

  /** @internal Use {@link acquireRuntime}. */
  constructor(native: Native, socket: Socket, fields: {
    protocol: Protocol; startPort: number; numberOfPorts: number; token: bigint; addressFamily: AddressFamily;
  }) {
    this.#native = native;
    this.#socket = socket;
    this.protocol = fields.protocol;
    this.startPort = fields.startPort;
    this.numberOfPorts = fields.numberOfPorts;
    this.endPort = endPortOf(fields);
    this.token = fields.token;
    this.addressFamily = fields.addressFamily;
  }

  /** Whether the reservation was released or disposed of. */
  get released(): boolean {
    return this.#released;
  }

  /** @internal Whether its socket is closed: not yet while a release waits for Windows. */
  get ended(): boolean {
    return this.#ended;
  }

  /**
   * Ends the reservation (rule R4) and closes the acquiring socket. Sockets already bound from it stay bound (rule A11). A
   * second call does nothing.
   *
   * Even if this rejects, or Windows does not answer in time, the reservation has ended, because its socket is closed (rule
   * R3). An abort rejects with the signal's reason.
   *
   * @throws PortReservationError: InvalidParameter, TokenNotValid, or NativeError
   * @see SIO_RELEASE_PORT_RESERVATION
   */
  async release(wait: WaitOptions = {}): Promise<void> {
    if (this.#released) return;
    this.#released = true;
    try {
      checkRequest('wait', wait);
      const { timeout, signal } = wait;
      const error = await releasePortReservation(this.#native, this.#socket, this.token, { timeout, signal });
      if (error !== 0) {
        const attempt = text('attempt.release', { block: formatBlock(this) });
        throw controlCodeError(this.#native, { nativeCode: error, syscall: 'SIO_RELEASE_PORT_RESERVATION', attempt, block: this });
      }
    } catch (error) {
      // After a dispose in the meantime, Windows refuses the release, because the socket is gone.
      if (!this.#ended && !hasReason(error, 'OperationTimeout')) throw error;
    } finally {
      this[Symbol.dispose]();
    }
  }

  /** Closes the acquiring socket, which also ends the reservation (rule R3), and any {@link release} under way. A second call does nothing. */
  [Symbol.dispose](): void {
    this.#released = true;
    if (this.#ended) return;
    this.#ended = true;
    this.#native.ws2_32.closesocket(this.#socket);
  }
}

/** A request whose block was checked: with `startPort` 0, the system chooses it (rule R2). */
export interface CheckedRuntimeRequest extends WaitOptions {
  readonly protocol: Protocol;
  readonly startPort: number;
  readonly numberOfPorts: number;
  readonly addressFamily: AddressFamily;
}

export function checkRuntimeRequest(request: RuntimeRequest): CheckedRuntimeRequest {
  const { protocol, startPort = 0, numberOfPorts, addressFamily = 'IPv4', timeout, signal } = request;
  checkProtocol(protocol);
  checkAddressFamily(addressFamily);
  checkPorts({ startPort, numberOfPorts }, 0);
  return { protocol, startPort, numberOfPorts, addressFamily, timeout, signal };
}

/** Reserves a block for this process on a socket of its own (rules R1 to R6). Needs no administrator. */
export async function acquireRuntime(native: Native, request: CheckedRuntimeRequest): Promise<RuntimeReservation> {
  const { protocol, startPort, numberOfPorts, addressFamily } = request;
  request.signal?.throwIfAborted();
  checkWindowsBuild(native);

  const socket = openSocket(native, protocol, addressFamily);
  try {
    const acquired = await acquirePortReservation(native, socket, { startPort, numberOfPorts }, request);
    if (acquired.error !== 0) {
      const block = startPort === 0 ? { protocol, numberOfPorts } : { protocol, startPort, numberOfPorts };
      const attempt = startPort === 0
        ? text('attempt.reserveAny', { ports: countOfPorts(numberOfPorts), protocol })
        : text('attempt.reserve', { block: formatBlock({ protocol, startPort, numberOfPorts }) });
      throw controlCodeError(native, { nativeCode: acquired.error, syscall: 'SIO_ACQUIRE_PORT_RESERVATION', attempt, block });
    }
    return new RuntimeReservation(native, socket, { ...acquired, protocol, addressFamily });
  } catch (error) {
    // This also ends a reservation that was acquired just as the request was aborted.
    native.ws2_32.closesocket(socket);
    throw error;
  }
}

/** Windows 10 1809 and Server 2019. */
export const FIRST_SAFE_BUILD = 17763;

/** Before build 17763, runtime reservations crash or leak, as users of the control codes report (rule W1). */
function checkWindowsBuild(native: Native): void {
  if (native.windowsBuild !== null && native.windowsBuild < FIRST_SAFE_BUILD) {
    throw new PortReservationError(text('system.build', { build: native.windowsBuild, first: FIRST_SAFE_BUILD }), {
      reason: 'NotSupported', code: 'ENOTSUP', syscall: 'SIO_ACQUIRE_PORT_RESERVATION', advice: text('system.build.advice'),
    });
  }
}
