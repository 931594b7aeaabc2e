import type { JSONRPCID } from 'json-rpc-2.0';
import { formatRange, KINDS, sameBlock, toData } from '../blocks.js';
import type { Kind, PortBlock, Ports, Protocol, ReservationData } from '../blocks.js';
import { checkBlock } from '../checks.js';
import { toExplanationData } from '../diagnosis/explain.js';
import { hasReason, invalid, isPortReservationError } from '../errors.js';
import type { PortReservationError } from '../errors.js';
import type { PortReservations } from '../port-reservations.js';
import type { NotRead } from '../reservations/not-read.js';
import type { ReservationWithToken } from '../kinds/kind.js';
import { needByToken } from '../kinds/kinds.js';
import type { AssociatedSocket, BindRequest } from '../sockets/associated-socket.js';
import { DEFAULT_TIMEOUT } from '../sockets/control-code.js';
import type { BindData, ErrorData } from './data.js';
import { createDesiredStateHandlers } from './desired-state.js';
import { findBlocks } from './find.js';
import type { Made } from './made.js';
import { checkMapFile, writeMapFile } from './map-file.js';
import { createPortTests } from './port-tests.js';
import { wordOf } from './rows.js';
import type { Method, Params } from './schemas.js';
import { text } from '../texts/text.js';
import type { Voice } from '../texts/text.js';

/** What does the work of each method. */
export type Handlers<Names extends Method = Method> = {
  readonly [Name in Names]: (params: Params<Name>, signal: AbortSignal, id: JSONRPCID) => unknown;
};

/**
 * The methods on reservations and sockets: each makes one call of the library, and returns plain data. What is made is noted
 * in `made`, to be taken back; what may have been there before is not.
 */
export function createHandlers(reservations: PortReservations, made: Made, voice: Voice) {
  const sockets = new Map<number, AssociatedSocket>();
  let lastId = 0;

  /** The reservation of exactly this block; without a kind, one of this session takes precedence. */
  const find = ({ kind, protocol, startPort, numberOfPorts }: { kind?: Kind | undefined } & PortBlock, purpose: 'show' | 'use') =>
    needByToken(reservations, checkBlock({ protocol, startPort, numberOfPorts }), kind ? [kind] : KINDS, purpose);

  async function bindAll(params: Params<'bind.create'>, signal: AbortSignal, requestId: JSONRPCID): Promise<BindData[]> {
    const reservation = reservationToBind(params, (block) => find(block, 'use'));
    const { port = 0, count = 1, addressFamily, localAddress, dualStack, listen, backlog, timeout = DEFAULT_TIMEOUT } = params;
    if (count > 1 && port !== 0) throw invalid('count', count, text('rule.countWithoutPort'));
    const request: BindRequest = {
      protocol: params.protocol, token: reservation.token, block: reservation.block,
      port, addressFamily, localAddress, dualStack, listen, backlog, signal,
    };
    // One time-out for all of them.
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
      return toBindData(lastId, socket, reservation.data);
    });
    made.add(requestId, binds.map(({ id, protocol, localPort }) => ({ name: `${wordOf(protocol)} ${localPort}`, undo: () => close(id) })));
    return binds;
  }

  /** Whether there was such a socket. */
  function close(id: number): boolean {
    const socket = sockets.get(id);
    sockets.delete(id);
    socket?.close();
    return socket !== undefined;
  }

  return {
    'reservation.create': async (params, signal, id) => {
      const results = await reservations.createOrFind({ ...params, signal });
      if (!params.ifNotExists) {
        made.add(id, results.map(({ reservation }) => ({
          name: `${wordOf(reservation.protocol)} ${formatRange(reservation)} (${wordOf(reservation.kind)})`,
          undo: () => reservations.remove(params.kind, reservation, { store: params.store }).catch(unlessGone),
        })));
      }
      // Only who asks for what may exist is told which it was.
      return results.map(({ reservation, created }) => ({ ...toData(reservation), ...params.ifNotExists ? { created, ...askedOf(params, reservation) } : {} }));
    },
    'reservation.get': (params) => toData(find(params, 'show')),
    'reservation.list': async ({ partial, ...filter } = {}) => {
      if (!partial) return (await reservations.list(filter)).map(toData);
      const notRead: NotRead[] = [];
      const listed = await reservations.list({ ...filter, onNotRead: (failure) => notRead.push(failure) });
      return { reservations: listed.map(toData), notRead };
    },
    'reservation.remove': async ({ kind, store, protocol, protocols, ...range }, signal) => {
      const remove = async (of: Protocol | undefined) => toData(await reservations.remove(kind, { protocol: of as Protocol, ...range }, { signal, store }));
      if (protocols === undefined) return remove(protocol);
      if (protocols.length === 1) return remove(protocols[0]);
      // Each for itself, as if it were a request of its own.
      const removed: ReservationData[] = [];
      const failed: ErrorData[] = [];
      for (const of of protocols) {
        try {
          removed.push(await remove(of));
        } catch (error) {
          if (!isPortReservationError(error)) throw error;
          failed.push(error.toData(voice));
        }
      }
      return { removed, failed };
    },
    'reservation.find': (params) => findBlocks(reservations, params, (error) => error.toData(voice)),
    'port.explain': async ({ protocol, ports, dynamicRange, localAddress }, signal) => {
      const explanations = [];
      for await (const explanation of reservations.explainEach(protocol, ports, { dynamicRange, localAddress, signal })) {
        explanations.push(toExplanationData(explanation));
      }
      return explanations;
    },
    'port.test': createPortTests(reservations),
    'map.render': async ({ path, force = false, ...request }) => {
      const notRead: NotRead[] = [];
      if (path !== undefined) await checkMapFile(path, force);
      const map = await reservations.renderMap({ ...request, onNotRead: (failure) => notRead.push(failure) });
      if (path !== undefined) writeMapFile(path, map, force);
      return { text: path ?? map, notRead };
    },
    'block.find': async (params) => {
      const notRead: NotRead[] = [];
      return { startPort: await reservations.findFree({ ...params, onNotRead: (failure) => notRead.push(failure) }), notRead };
    },
    'health.measure': () => reservations.measure(),
    'dynamicRange.get': (params) => reservations.getDynamicPortRanges(params?.protocols),
    'dynamicRange.set': (params, signal) => reservations.setDynamicPortRange({ ...params, signal }),
    ...createDesiredStateHandlers(reservations, voice),
    'bind.create': bindAll,
    'bind.duplicate': ({ id, processId }) => {
      const socket = sockets.get(id);
      if (!socket) throw invalid('id', id, text('rule.openBind'));
      return { id, processId, protocolInfo: socket.duplicateFor(processId).toString('base64') };
    },
    'bind.close': ({ id }) => ({ closed: close(id) }),
  } satisfies Partial<Handlers>;
}

/** Whoever removed it meanwhile has taken it back. */
function unlessGone(error: unknown): void {
  if (!hasReason(error, 'ReservationNotFound', 'TokenNotValid')) throw error;
}

/** The ports that were asked for, where a larger exclusion is the answer. */
function askedOf({ startPort, numberOfPorts }: Params<'reservation.create'>, found: PortBlock): { asked?: Ports } {
  return startPort === undefined || sameBlock({ protocol: found.protocol, startPort, numberOfPorts }, found) ? {} : { asked: { startPort, numberOfPorts } };
}

function reservationToBind(params: Params<'bind.create'>, find: (block: PortBlock) => ReservationWithToken):
  { token: bigint; block?: PortBlock; data: ReservationData | null } {
  const { protocol, token, startPort, numberOfPorts, kind } = params;
  const block = startPort !== undefined && numberOfPorts !== undefined ? { protocol, startPort, numberOfPorts } : undefined;
  if (token) return { token, ...(block ? { block } : {}), data: null };
  if (!block) throw invalid('token', undefined, text('rule.tokenOrBlock'));
  const reservation = find({ ...block, ...(kind ? { kind } : {}) });
  return { token: reservation.token, block, data: toData(reservation) };
}

/** Names the whole time-out; the error of the last bind has only what was left of it. */
function tooSlow(count: number, timeout: number, error: PortReservationError): PortReservationError {
  return error.amend(() => text('socket.allTimedOut', { count, timeout }));
}

function toBindData(id: number, socket: AssociatedSocket, reservation: ReservationData | null): BindData {
  const { protocol, addressFamily, localAddress, localPort, state } = socket;
  return { id, protocol, addressFamily, localAddress, localPort, state, owningProcess: process.pid, reservation };
}
