import { once } from 'node:events';
import { Socket as NodeSocket } from 'node:net';
import type { Server } from 'node:net';
import { invalid, PortReservationError } from '../errors.js';
import type { Native } from '../native.js';
import { Code } from '../win32/codes.js';
import type { Socket } from '../win32/ws2_32.js';
import type { AssociatedSocket } from './associated-socket.js';

/** Size of WSAPROTOCOL_INFOW (winsock2.h), the same on 32-bit and 64-bit Windows. */
const PROTOCOL_INFO_SIZE = 628;

/**
 * WSADuplicateSocketW: the WSAPROTOCOL_INFOW with which the named process, once, opens the same socket by
 * `WSASocketW(FROM_PROTOCOL_INFO, FROM_PROTOCOL_INFO, FROM_PROTOCOL_INFO, &info, 0, WSA_FLAG_OVERLAPPED)`.
 */
export function duplicateSocket(native: Native, socket: Socket, processId: number): Buffer {
  if (!Number.isInteger(processId) || processId < 1 || processId > 0xffff_ffff) {
    throw invalid('processId', processId, 'must be the id of a running process');
  }
  if (process.platform !== 'win32') {
    throw new PortReservationError(`ENOTSUP: a socket can be handed to another process on Windows only, and this is ${process.platform}`, {
      reason: 'NotSupported', code: 'ENOTSUP', syscall: 'WSADuplicateSocketW',
      advice: 'Use the socket in the process that bound it.',
    });
  }
  const info = Buffer.alloc(PROTOCOL_INFO_SIZE);
  const nativeCode = native.ws2_32.WSADuplicateSocketW(socket, processId, info);
  if (nativeCode !== 0) {
    throw native.error({
      nativeCode, syscall: 'WSADuplicateSocketW', attempt: `hand a socket over to process ${processId}`,
      ...(nativeCode === Code.WSAEINVAL || nativeCode === Code.WSAEACCES ? {
        meaning: {
          reason: nativeCode === Code.WSAEINVAL ? 'InvalidParameter' : 'AccessDenied',
          advice: 'Name a process that is running, of the same user and not more elevated than this one.',
        },
      } : {}),
    });
  }
  return info;
}

/** What Node.js keeps a TCP socket in. There is no public way to make one of a SOCKET. */
interface TcpHandle {
  /** Gives libuv's error code, 0 for success. */
  open(descriptor: number): number;
}

/**
 * Lets a Node.js server accept the connections of an associated TCP socket, and resolves when it listens.
 *
 * The server takes the socket over: from then on the {@link AssociatedSocket} is `closed`, closing it does nothing, and
 * the port goes back to its block when the server closes. When the promise is rejected the socket is closed, unless the
 * error is about the arguments: a UDP or closed socket, or a server that listens already.
 */
export async function listenOn(server: Server, socket: AssociatedSocket): Promise<void> {
  if (socket.protocol !== 'tcp') {
    throw new PortReservationError('ENOTSUP: Node.js has no way to take over a udp socket that it did not make', {
      reason: 'NotSupported', code: 'ENOTSUP', advice: 'Use a tcp socket, or hand the udp socket to a program that can take it (duplicateFor).',
    });
  }
  if (server.listening) throw invalid('server', server, 'must not listen yet');
  const handle = socket.giveAway(openHandle);
  const listening = once(server, 'listening');
  server.listen(handle);
  await listening;
}

/** `server.listen({ fd })` takes file descriptors only, and a SOCKET is none; the handle below it takes both. */
function openHandle(socket: Socket): TcpHandle {
  const handle = emptyTcpHandle();
  const error = handle?.open(Number(socket));
  if (!handle || error !== 0) {
    throw new PortReservationError(`ENOTSUP: this Node.js (${process.version}) cannot take over a socket${error ? ` (libuv error ${error})` : ''}`, {
      reason: 'NotSupported', code: 'ENOTSUP', syscall: 'uv_tcp_open',
      advice: 'Use a Node.js release that this package names as supported.',
    });
  }
  return handle;
}

/** A handle without a socket, of the class that Node.js uses: a connection that is given up before it is begun has one. */
function emptyTcpHandle(): TcpHandle | undefined {
  const connection = new NodeSocket() as NodeSocket & { _handle?: { constructor: new (type: number) => TcpHandle } | null };
  connection.connect({ host: '127.0.0.1', port: 1 });
  const Handle = connection._handle?.constructor;
  connection.destroy();
  const SERVER = 1;
  return Handle && typeof Handle.prototype.open === 'function' ? new Handle(SERVER) : undefined;
}
