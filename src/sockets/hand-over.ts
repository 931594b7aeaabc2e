import { once } from 'node:events';
import { Server, Socket as NodeSocket } from 'node:net';
import { invalid, PortReservationError } from '../errors.js';
import { text } from '../texts/text.js';
import type { Socket } from '../win32/ws2_32.js';
import type { AssociatedSocket } from './associated-socket.js';

/** Node.js's own object for a TCP socket. There is no public way to make one from a SOCKET. */
interface TcpHandle {
  /** Returns libuv's error code, 0 for success. */
  open(descriptor: number): number;
  /** A second call does nothing. */
  close(): void;
}

/**
 * Lets a Node.js server accept the connections of an associated TCP socket. Resolves when the server listens.
 *
 * The server takes over the socket: the {@link AssociatedSocket} becomes `closed`, closing it does nothing, and the port goes
 * back to its block when the server closes. A PortReservationError leaves the socket as it was. An error of the server itself
 * rejects unchanged, and then the socket is closed.
 *
 * @throws PortReservationError: NotSupported for a UDP socket, or if this Node.js cannot take over a socket; InvalidParameter if
 *   the server is none or is listening already, or the socket is none; TokenNotValid if the socket is closed, or the server before it listens
 */
export async function listenOn(server: Server, socket: AssociatedSocket): Promise<void> {
  checkSocket(socket);
  if (socket.protocol !== 'tcp') {
    throw new PortReservationError(text('socket.udp'), {
      reason: 'NotSupported', code: 'ENOTSUP',
      advice: text('socket.udp.advice'),
    });
  }
  // Checked before the socket is given away, because after that nobody would close it.
  if (!(server instanceof Server)) throw invalid('server', server, text('rule.server'));
  if (server.listening) throw invalid('server', server, text('rule.notListening'));
  const handle = socket.giveAway(openHandle);
  const waiting = new AbortController();
  const first = Promise.race(['listening', 'close'].map((event) => once(server, event, { signal: waiting.signal })));
  // If `listen` throws, nobody awaits this promise, and its rejection would be unhandled.
  first.catch(() => {});
  try {
    server.listen(handle);
    await first;
    // The server may have been closed meanwhile. An event `close` alone does not say so: it may be a late one of an earlier socket.
    if (server.address() === null) throw socket.closedError();
  } catch (error) {
    // A server does not always close a handle that it failed to listen on.
    handle.close();
    throw error;
  } finally {
    waiting.abort();
  }
}

/** Not by instanceof: a socket from another copy of this package will do as well. */
export function checkSocket(socket: unknown): void {
  if (typeof (socket as Partial<AssociatedSocket> | null | undefined)?.giveAway !== 'function') throw invalid('socket', socket, text('rule.socket'));
}

/** `server.listen({ fd })` accepts only a file descriptor, which a SOCKET is not; the handle below it accepts both. */
function openHandle(socket: Socket): TcpHandle {
  const handle = emptyTcpHandle();
  const error = handle?.open(Number(socket));
  if (!handle || error !== 0) {
    const { version } = process;
    throw new PortReservationError(error ? text('socket.notTakenError', { version, error }) : text('socket.notTaken', { version }), {
      reason: 'NotSupported', code: 'ENOTSUP', syscall: 'uv_tcp_open',
      advice: text('socket.notTaken.advice'),
    });
  }
  return handle;
}

/**
 * A handle without a socket, of Node.js's internal class, which is taken from a connection that waits for the address of its
 * host: it never gets one, so that nothing is looked up or connected to.
 */
function emptyTcpHandle(): TcpHandle | undefined {
  const connection = new NodeSocket() as NodeSocket & { _handle?: { constructor: new (type: number) => TcpHandle } | null };
  connection.connect({ host: 'none.invalid', port: 1, lookup: () => {} });
  const Handle = connection._handle?.constructor;
  connection.destroy();
  const SERVER = 1;
  return Handle && typeof Handle.prototype.open === 'function' ? new Handle(SERVER) : undefined;
}
