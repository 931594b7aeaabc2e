import type { JSONRPCID } from 'json-rpc-2.0';
import { toData } from '../blocks.js';
import type { PortBlock, ReservationData } from '../blocks.js';
import { hasReason, invalid } from '../errors.js';
import type { PortReservationError } from '../errors.js';
import type { PortReservations } from '../port-reservations.js';
import type { AssociatedSocket, BindRequest } from '../sockets/associated-socket.js';
import { DEFAULT_TIMEOUT } from '../sockets/control-code.js';
import { text } from '../texts/text.js';
import type { BindData } from './data.js';
import { findWithToken } from './find.js';
import type { Made } from './made.js';
import { wordOf } from './rows.js';
import type { Params } from './schemas.js';

/** The methods on sockets. The sockets stay in the host, each under an id. @param made is told what was made, so that it can be undone */
export function createBindHandlers(reservations: PortReservations, made: Made) {
  const sockets = new Map<number, AssociatedSocket>();
  let lastId = 0;

  async function create(params: Params<'bind.create'>, signal: AbortSignal, requestId: JSONRPCID): Promise<BindData[]> {
    const source = sourceOf(reservations, params);
    const { protocol, port = 0, count = 1, addressFamily, localAddress, dualStack, listen, backlog, timeout = DEFAULT_TIMEOUT } = params;
    if (count > 1 && port !== 0) throw invalid('count', count, text('rule.countWithoutPort'));
    const request: BindRequest = { protocol, token: source.token, block: source.block, port, addressFamily, localAddress, dualStack, listen, backlog, signal };
    // The time-out is for all of them together.
    const end = performance.now() + timeout;
    const left = () => (timeout === 0 ? 0 : Math.max(1, end - performance.now()));
    const bound: AssociatedSocket[] = [];
    try {
      while (bound.length < count) bound.push(await reservations.bind({ ...request, timeout: left() }));
      // The client discards the answer to a cancelled request, and would never close these.
      signal.throwIfAborted();
    } catch (error) {
      for (const socket of bound) socket.close();
      throw count > 1 && hasReason(error, 'OperationTimeout') ? tooSlow(count, timeout, error) : error;
    }
    const binds = bound.map((socket) => {
      sockets.set(++lastId, socket);
      return toBindData(lastId, socket, source.reservation);
    });
    made.add(requestId, binds.map(({ id, localPort }) => ({ name: `${wordOf(protocol)} ${localPort}`, undo: () => close(id) })));
    return binds;
  }

  /** Whether there was such a socket. */
  function close(id: number): boolean {
    const socket = sockets.get(id);
    sockets.delete(id);
    socket?.close();
    return socket !== undefined;
  }

  function duplicate({ id, processId }: Params<'bind.duplicate'>) {
    const socket = sockets.get(id);
    if (!socket) throw invalid('id', id, text('rule.openBind'));
    return { id, processId, protocolInfo: socket.duplicateFor(processId).toString('base64') };
  }

  return { 'bind.create': create, 'bind.duplicate': duplicate, 'bind.close': ({ id }: Params<'bind.close'>) => ({ closed: close(id) }) };
}

/** What a socket is bound from: a given token, or the token of the reservation of a block. */
interface Source {
  readonly token: bigint;
  readonly block: PortBlock | undefined;
  readonly reservation: ReservationData | null;
}

function sourceOf(reservations: PortReservations, { protocol, token, startPort, numberOfPorts, kind }: Params<'bind.create'>): Source {
  const block = startPort !== undefined && numberOfPorts !== undefined ? { protocol, startPort, numberOfPorts } : undefined;
  if (token) return { token, block, reservation: null };
  if (!block) throw invalid('token', undefined, text('rule.tokenOrBlock'));
  const reservation = findWithToken(reservations, { ...block, kind }, 'use');
  return { token: reservation.token, block, reservation: toData(reservation) };
}

/** Names the whole time-out, because the error of the last bind names only what was left of it. */
function tooSlow(count: number, timeout: number, error: PortReservationError): PortReservationError {
  return error.amend({ message: text('socket.allTimedOut', { count, timeout }) });
}

function toBindData(id: number, socket: AssociatedSocket, reservation: ReservationData | null): BindData {
  const { protocol, addressFamily, localAddress, localPort, state } = socket;
  return { id, protocol, addressFamily, localAddress, localPort, state, owningProcess: process.pid, reservation };
}
