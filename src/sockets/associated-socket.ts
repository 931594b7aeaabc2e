import { containsPort, formatBlock } from '../blocks.js';
import type { AddressFamily, PortBlock, Protocol } from '../blocks.js';
import { checkAddressFamily, checkPort, checkProtocol, checkToken, isInteger } from '../checks.js';
import type { CheckedBlock } from '../checks.js';
import { invalid, PortReservationError } from '../errors.js';
import type { Native } from '../native.js';
import { text } from '../texts/text.js';
import type { Value } from '../texts/text.js';
import { Code } from '../win32/codes.js';
import { IPPROTO_IPV6, IPV6_V6ONLY, SOMAXCONN } from '../win32/structures.js';
import type { Socket } from '../win32/ws2_32.js';
import { associatePortReservation, controlCodeError } from './control-code.js';
import type { WaitOptions } from './control-code.js';
import { duplicateSocket } from './duplicate-socket.js';
import { openSocket } from './native-socket.js';
import { decodeAddress, emptyAddress, encodeAddress, unspecifiedAddress } from './socket-address.js';

/** The request of {@link PortReservations.bind}. */
export interface BindRequest extends WaitOptions {
  /** Protocol of the socket; must be that of the reservation (rule A5). */
  readonly protocol: Protocol;
  /** Token of a persistent reservation, or of a runtime one of this process (rules R5, A5). */
  readonly token: bigint;
  /** The block of the token, if you know it: errors then name it, and `port` is checked against it. */
  readonly block?: PortBlock | undefined;
  /** A port of the block, host byte order, or 0 for any free one (rules A2, A2a). Default 0. */
  readonly port?: number | undefined;
  /** Family of the socket. Default IPv4. */
  readonly addressFamily?: AddressFamily | undefined;
  /** Numeric address of the family. Default the unspecified one, `0.0.0.0` or `::`. */
  readonly localAddress?: string | undefined;
  /** IPv6 only: accept IPv4 too (IPV6_V6ONLY off, rule A2b). Default false, as in Winsock. */
  readonly dualStack?: boolean | undefined;
  /** TCP only: listen at once. Default false. */
  readonly listen?: boolean | undefined;
  /** TCP only: listen at once, with at most this many waiting connections, 1 to 2147483647. Default the system's maximum. */
  readonly backlog?: number | undefined;
}

/** `bound`: has its port; `listening`: also accepts connections; `closed`: no longer has its port, or was handed over. */
export type SocketState = 'bound' | 'listening' | 'closed';

/** A socket bound to a port of a reservation. When it is closed, or the process ends, the port goes back to the block. */
export class AssociatedSocket implements Disposable {
  /** Protocol of the socket and of the reservation. */
  readonly protocol: Protocol;
  /** Family of the socket. */
  readonly addressFamily: AddressFamily;
  /** The address it is bound to, in numeric form. */
  readonly localAddress: string;
  /** The port it is bound to, 1 to 65535, host byte order (rule A10). */
  readonly localPort: number;
  /** The Winsock SOCKET; on the simulator off Windows, a file descriptor. Only this object may close it. */
  readonly handle: Socket;
  readonly #native: Native;
  #state: SocketState = 'bound';

  /** @internal Use {@link bindAssociated}. */
  constructor(native: Native, handle: Socket, fields: {
    protocol: Protocol; addressFamily: AddressFamily; localAddress: string; localPort: number;
  }) {
    this.#native = native;
    this.handle = handle;
    this.protocol = fields.protocol;
    this.addressFamily = fields.addressFamily;
    this.localAddress = fields.localAddress;
    this.localPort = fields.localPort;
  }

  /** Whether the socket is bound, listening or closed. */
  get state(): SocketState {
    return this.#state;
  }

  /**
   * Makes a TCP socket listen for connections.
   *
   * @param backlog how many connections may wait, 1 to 2147483647 (SOMAXCONN); default the system's maximum
   * @throws PortReservationError: InvalidParameter for a UDP socket or another backlog; TokenNotValid if the socket is closed;
   *   PortInUse or NativeError if Winsock refuses
   * @see listen
   */
  listen(backlog = SOMAXCONN): void {
    this.#checkOpen();
    checkListen(this.protocol, backlog);
    const error = this.#native.ws2_32.listen(this.handle, backlog);
    if (error !== 0) {
      throw this.#native.error({ nativeCode: error, syscall: 'listen', attempt: text('attempt.listen', { port: this.localPort }) });
    }
    this.#state = 'listening';
  }

  /**
   * Lets another process open the same socket, on Windows only. That process passes the result to WSASocketW, once. The
   * port is then in use until both processes have closed the socket, so close this one once the other has opened its own.
   *
   * @param processId id of a running process of the same user, not more elevated than this one
   * @returns a WSAPROTOCOL_INFOW, 628 bytes
   * @throws PortReservationError: NotSupported off Windows; InvalidParameter if there is no such process; AccessDenied if this
   *   process may not hand a socket to it; TokenNotValid if the socket is closed; NativeError
   * @see WSADuplicateSocketW
   */
  duplicateFor(processId: number): Buffer {
    this.#checkOpen();
    return duplicateSocket(this.#native, this.handle, processId);
  }

  /** @internal Gives the SOCKET to `take`, whose it is from then on, to close it. If `take` throws, it stays with this object. */
  giveAway<Result>(take: (socket: Socket) => Result): Result {
    this.#checkOpen();
    const result = take(this.handle);
    this.#native.ws2_32.giveAway(this.handle);
    this.#state = 'closed';
    return result;
  }

  /** Closes the socket, so that its port goes back to the block. A second call does nothing. Throws nothing. */
  close(): void {
    if (this.#state === 'closed') return;
    this.#state = 'closed';
    this.#native.ws2_32.closesocket(this.handle);
  }

  /** The same as {@link close}, for `using`. */
  [Symbol.dispose](): void {
    this.close();
  }

  #checkOpen(): void {
    if (this.#state === 'closed') throw this.closedError();
  }

  /** @internal */
  closedError(): PortReservationError {
    return new PortReservationError(text('socket.closed', { protocol: this.protocol, port: this.localPort }), {
      reason: 'TokenNotValid', code: 'ENOTSOCK', advice: text('socket.closed.advice'),
    });
  }
}

/** A request whose block was checked. */
interface CheckedBindRequest extends BindRequest {
  readonly block?: CheckedBlock | undefined;
}

/** Opens a socket, associates it with a reservation, binds it and reads its port (rules A1 to A10). */
export async function bindAssociated(native: Native, request: CheckedBindRequest): Promise<AssociatedSocket> {
  const { protocol, token, port = 0, addressFamily = 'IPv4', block } = request;
  checkRequest(request, port, addressFamily);
  const wanted = encodeAddress(addressFamily, request.localAddress ?? unspecifiedAddress(addressFamily), port);
  request.signal?.throwIfAborted();

  const from = block ? formatBlock(block) : text('from.token', { token: String(token) });
  const handle = openSocket(native, protocol, addressFamily);
  try {
    const associate = await associatePortReservation(native, handle, token, request);
    if (associate !== 0) {
      const attempt = text('attempt.associate', { protocol, from });
      throw controlCodeError(native, { nativeCode: associate, syscall: 'SIO_ASSOCIATE_PORT_RESERVATION', attempt, block });
    }
    if (request.dualStack) {
      const error = native.ws2_32.setsockopt(handle, IPPROTO_IPV6, IPV6_V6ONLY, 0);
      if (error !== 0) throw native.error({ nativeCode: error, syscall: 'setsockopt', attempt: text('attempt.turnOffV6Only') });
    }
    const bound = native.ws2_32.bind(handle, wanted);
    if (bound !== 0) throw bindError(native, bound, request, from);
    const name = emptyAddress(addressFamily);
    const named = native.ws2_32.getsockname(handle, name);
    if (named !== 0) throw native.error({ nativeCode: named, syscall: 'getsockname', attempt: text('attempt.readAddress') });

    const { address: localAddress, port: localPort } = decodeAddress(addressFamily, name);
    const socket = new AssociatedSocket(native, handle, { protocol, addressFamily, localAddress, localPort });
    if (wantsListen(request)) socket.listen(request.backlog);
    return socket;
  } catch (error) {
    native.ws2_32.closesocket(handle);
    throw error;
  }
}

function checkRequest(request: CheckedBindRequest, port: number, family: AddressFamily): void {
  checkProtocol(request.protocol);
  checkToken(request.token);
  checkAddressFamily(family);
  checkPort('port', port, 0);
  if (wantsListen(request)) checkListen(request.protocol, request.backlog ?? SOMAXCONN);
  if (request.dualStack && family !== 'IPv6') throw invalid('dualStack', true, text('rule.needsIPv6'));
  if (request.block !== undefined) checkOwnBlock(request.block, request.protocol, port);
}

function wantsListen({ listen, backlog }: BindRequest): boolean {
  return listen === true || backlog !== undefined;
}

function checkOwnBlock(block: CheckedBlock, protocol: Protocol, port: number): void {
  if (block.protocol !== protocol) throw invalid('protocol', protocol, text('rule.protocolOfBlock', { block: formatBlock(block) }));
  if (port !== 0 && !containsPort(block, port)) {
    throw invalid('port', port, text('rule.portOfBlock', { block: formatBlock(block) }));
  }
}

function checkListen(protocol: Protocol, backlog: number): void {
  if (protocol !== 'tcp') throw invalid('listen', true, text('rule.onlyTcp'));
  if (!isInteger(backlog, 1, SOMAXCONN)) throw invalid('backlog', backlog, text('rule.backlog', { most: SOMAXCONN }));
}

function bindError(native: Native, nativeCode: number, { port = 0, block }: CheckedBindRequest, from: Value) {
  // With port 0, this code means that no port is left. No source says which code Windows returns (rule A3).
  const exhausted = port === 0 && nativeCode === Code.WSAEADDRINUSE;
  return native.error({
    nativeCode, syscall: 'bind', attempt: port === 0 ? text('attempt.bindAny', { from }) : text('attempt.bind', { port, from }),
    block,
    ...(exhausted ? {
      meaning: { reason: 'ReservationExhausted', advice: text('socket.exhausted.advice') },
    } : {}),
  });
}
