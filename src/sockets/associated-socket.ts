import {
  checkAddressFamily, checkBlock, checkPort, checkProtocol, checkToken, containsPort, formatBlock,
} from '../blocks.js';
import type { AddressFamily, PortBlock, Protocol } from '../blocks.js';
import { invalid, PortReservationError } from '../errors.js';
import type { Native } from '../native.js';
import { Code } from '../win32/codes.js';
import { IPPROTO_IPV6, IPV6_V6ONLY, SOMAXCONN } from '../win32/structures.js';
import type { Socket } from '../win32/ws2_32.js';
import { associatePortReservation, controlCodeError } from './control-code.js';
import type { WaitOptions } from './control-code.js';
import { duplicateSocket } from './hand-over.js';
import { openSocket } from './native-socket.js';
import { checkLocalAddress, decodeAddress, emptyAddress, encodeAddress, unspecifiedAddress } from './socket-address.js';

export interface BindRequest extends WaitOptions {
  readonly protocol: Protocol;
  /** Token of a persistent reservation or of a runtime one of this process (rules R5, A5). */
  readonly token: bigint;
  /** The block of the token where it is known: makes errors clearer and checks `port` before any call. */
  readonly block?: PortBlock | undefined;
  /** A port of the block, or 0 for any free one (rules A2, A2a). Default 0. */
  readonly port?: number | undefined;
  /** Default IPv4. */
  readonly addressFamily?: AddressFamily | undefined;
  /** Numeric address; default the unspecified address of the family. */
  readonly localAddress?: string | undefined;
  /** IPv6: take IPv4 as well (IPV6_V6ONLY off). Default false, as in Winsock. */
  readonly dualStack?: boolean | undefined;
  /** TCP: listen at once. */
  readonly listen?: boolean | undefined;
  /** TCP: listen at once, with a queue of so many connections; without it, as many as the system allows. */
  readonly backlog?: number | undefined;
}

export type SocketState = 'bound' | 'listening' | 'closed';

/** A socket bound to a port of a reservation. Closing it, or the end of the process, gives the port back to the block. */
export class AssociatedSocket implements Disposable {
  readonly protocol: Protocol;
  readonly addressFamily: AddressFamily;
  readonly localAddress: string;
  readonly localPort: number;
  /** The Winsock SOCKET (on the simulator off Windows: a file descriptor). It stays this object's to close. */
  readonly handle: Socket;
  readonly #native: Native;
  #state: SocketState = 'bound';

  /** @internal Use {@link bindAssociated}. */
  constructor(native: Native, handle: Socket, protocol: Protocol, addressFamily: AddressFamily,
    local: { address: string; port: number }) {
    this.#native = native;
    this.handle = handle;
    this.protocol = protocol;
    this.addressFamily = addressFamily;
    this.localAddress = local.address;
    this.localPort = local.port;
  }

  get state(): SocketState {
    return this.#state;
  }

  /** TCP only. @param backlog length of the queue of connections, default the system's most */
  listen(backlog = SOMAXCONN): void {
    this.#checkOpen();
    checkListen(this.protocol, backlog);
    const error = this.#native.ws2_32.listen(this.handle, backlog);
    if (error !== 0) {
      throw this.#native.error({ nativeCode: error, syscall: 'listen', attempt: `listen on port ${this.localPort}` });
    }
    this.#state = 'listening';
  }

  /**
   * Windows: lets another process open the same socket. It passes what this gives to WSASocketW, once; from then on the
   * socket and its port live until both have closed it, so close this one when the other process has taken it.
   *
   * @returns the WSAPROTOCOL_INFOW of WSADuplicateSocketW, 628 bytes
   */
  duplicateFor(processId: number): Buffer {
    this.#checkOpen();
    return duplicateSocket(this.#native, this.handle, processId);
  }

  /** @internal Lets `take` have the SOCKET for good; when it throws, the socket stays this object's. */
  giveAway<Result>(take: (socket: Socket) => Result): Result {
    this.#checkOpen();
    const result = take(this.handle);
    this.#state = 'closed';
    return result;
  }

  /** A second call does nothing. */
  close(): void {
    if (this.#state === 'closed') return;
    this.#state = 'closed';
    this.#native.ws2_32.closesocket(this.handle);
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #checkOpen(): void {
    if (this.#state !== 'closed') return;
    throw new PortReservationError(`the ${this.protocol} socket on port ${this.localPort} is closed`, {
      reason: 'TokenNotValid', code: 'ENOTSOCK', advice: 'Bind a new socket from the reservation.',
    });
  }
}

/** Opens a socket, associates it with a reservation, binds it and tells its port (rules A1 to A10). */
export async function bindAssociated(native: Native, request: BindRequest): Promise<AssociatedSocket> {
  const { protocol, token, port = 0, addressFamily = 'IPv4', block } = request;
  const localAddress = request.localAddress ?? unspecifiedAddress(addressFamily);
  checkRequest(request, port, addressFamily, localAddress);
  request.signal?.throwIfAborted();

  const from = block ? formatBlock(block) : `the reservation with token ${token}`;
  const handle = openSocket(native, protocol, addressFamily);
  try {
    const associate = await associatePortReservation(native, handle, token, request);
    if (associate !== 0) {
      throw controlCodeError(native, associate, 'SIO_ASSOCIATE_PORT_RESERVATION',
        `associate a ${protocol} socket with ${from}`, block);
    }
    if (request.dualStack) {
      const error = native.ws2_32.setsockopt(handle, IPPROTO_IPV6, IPV6_V6ONLY, 0);
      if (error !== 0) throw native.error({ nativeCode: error, syscall: 'setsockopt', attempt: 'turn IPV6_V6ONLY off' });
    }
    const bound = native.ws2_32.bind(handle, encodeAddress(addressFamily, localAddress, port));
    if (bound !== 0) throw bindError(native, bound, request, port, from);
    const name = emptyAddress(addressFamily);
    const named = native.ws2_32.getsockname(handle, name);
    if (named !== 0) throw native.error({ nativeCode: named, syscall: 'getsockname', attempt: 'read the local address' });

    const socket = new AssociatedSocket(native, handle, protocol, addressFamily, decodeAddress(addressFamily, name));
    if (wantsListen(request)) socket.listen(request.backlog);
    return socket;
  } catch (error) {
    native.ws2_32.closesocket(handle);
    throw error;
  }
}

function checkRequest(request: BindRequest, port: number, family: AddressFamily, localAddress: string): void {
  checkProtocol(request.protocol);
  checkToken(request.token);
  checkAddressFamily(family);
  checkPort('port', port, 0);
  checkLocalAddress(localAddress, family);
  if (wantsListen(request)) checkListen(request.protocol, request.backlog ?? SOMAXCONN);
  if (request.dualStack && family !== 'IPv6') throw invalid('dualStack', true, 'needs addressFamily IPv6 (rule A2b)');
  if (request.block) checkOwnBlock(request.block, request.protocol, port);
}

function wantsListen({ listen, backlog }: BindRequest): boolean {
  return listen === true || backlog !== undefined;
}

function checkOwnBlock(block: PortBlock, protocol: Protocol, port: number): void {
  checkBlock(block);
  if (block.protocol !== protocol) throw invalid('protocol', protocol, `must be that of the block ${formatBlock(block)}`);
  if (port !== 0 && !containsPort(block, port)) throw invalid('port', port, `must be 0 or a port of the block ${formatBlock(block)} (rule A2a)`);
}

function checkListen(protocol: Protocol, backlog: number): void {
  if (protocol !== 'tcp') throw invalid('listen', true, 'applies only to tcp: a udp socket receives as soon as it is bound');
  if (!Number.isInteger(backlog) || backlog < 1 || backlog > SOMAXCONN) {
    throw invalid('backlog', backlog, `must be an integer from 1 to ${SOMAXCONN} (winsock2.h)`);
  }
}

function bindError(native: Native, nativeCode: number, request: BindRequest, port: number, from: string) {
  // With port 0 the code says that nothing is left; which code it is on Windows no source names (rule A3).
  const exhausted = port === 0 && nativeCode === Code.WSAEADDRINUSE;
  return native.error({
    nativeCode, syscall: 'bind', attempt: `bind ${port === 0 ? 'any port' : `port ${port}`} of ${from}`,
    ...(request.block ? { block: request.block } : {}),
    ...(exhausted ? {
      meaning: {
        reason: 'ReservationExhausted', advice: 'Every port of the block is bound; close a socket or reserve a larger block.',
      },
    } : {}),
  });
}
