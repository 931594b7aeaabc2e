import type { JSONRPCID } from 'json-rpc-2.0';
import { formatRange, sameBlock, toData } from '../blocks.js';
import type { PortBlock, Ports, Protocol, ReservationData } from '../blocks.js';
import { toExplanationData } from '../diagnosis/explain.js';
import { hasReason, isPortReservationError } from '../errors.js';
import { ownKindOf } from '../kinds/kinds.js';
import type { PortReservations } from '../port-reservations.js';
import { collectNotRead } from '../reservations/not-read.js';
import { createBindHandlers } from './binds.js';
import type { ErrorData } from './data.js';
import { createDesiredStateHandlers } from './desired-state.js';
import { findBlocks, findWithToken } from './find.js';
import type { Made } from './made.js';
import { checkMapFile, writeMapFile } from './map-file.js';
import { createPortTests } from './port-tests.js';
import { wordOf } from './rows.js';
import type { Method, Params } from './schemas.js';
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
  return {
    'reservation.create': async (params, signal, id) => {
      const results = await reservations.createOrFind({ ...params, signal });
      if (!params.ifNotExists) {
        made.add(id, results.map(({ reservation }) => ({
          name: `${wordOf(reservation.protocol)} ${formatRange(reservation)} (${wordOf(reservation.kind)})`,
          undo: () => ownKindOf(params.kind).undo(reservations, reservation).catch(unlessGone),
        })));
      }
      // Only who asks for what may exist is told which it was.
      return results.map(({ reservation, created }) => ({ ...toData(reservation), ...params.ifNotExists ? { created, ...askedOf(params, reservation) } : {} }));
    },
    'reservation.get': (params) => toData(findWithToken(reservations, params, 'show')),
    'reservation.list': async ({ partial, ...filter } = {}) => {
      if (!partial) return (await reservations.list(filter)).map(toData);
      const { notRead, onNotRead } = collectNotRead();
      const listed = await reservations.list({ ...filter, onNotRead });
      return { reservations: listed.map(toData), notRead };
    },
    'reservation.remove': async ({ kind, store, protocol, protocols, ...range }, signal) => {
      // Without a protocol, the library refuses the block.
      const remove = async (of: Protocol | undefined) => toData(await reservations.remove(kind, { protocol: of as Protocol, ...range }, { signal, store }));
      if (protocols === undefined) return remove(protocol);
      return protocols.length === 1 ? remove(protocols[0]) : removeEach(protocols, remove, voice);
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
    'map.render': async ({ path, force = false, ...request }, signal) => {
      const { notRead, onNotRead } = collectNotRead();
      if (path !== undefined) await checkMapFile(path, force);
      const map = await reservations.renderMap({ ...request, onNotRead });
      signal.throwIfAborted();
      if (path !== undefined) writeMapFile(path, map, force);
      return { text: path ?? map, notRead };
    },
    'block.find': async (params) => {
      const { notRead, onNotRead } = collectNotRead();
      return { startPort: await reservations.findFree({ ...params, onNotRead }), notRead };
    },
    'health.measure': () => reservations.measure(),
    'dynamicRange.get': (params) => reservations.getDynamicPortRanges(params?.protocols),
    'dynamicRange.set': (params, signal) => reservations.setDynamicPortRange({ ...params, signal }),
    ...createDesiredStateHandlers(reservations, voice),
    ...createBindHandlers(reservations, made),
  } satisfies Partial<Handlers>;
}

/** Removes the blocks of several protocols, each as if it were a request of its own. */
async function removeEach(protocols: readonly Protocol[], remove: (protocol: Protocol) => Promise<ReservationData>, voice: Voice) {
  const removed: ReservationData[] = [];
  const failed: ErrorData[] = [];
  for (const protocol of protocols) {
    try {
      removed.push(await remove(protocol));
    } catch (error) {
      if (!isPortReservationError(error)) throw error;
      failed.push(error.toData(voice));
    }
  }
  return { removed, failed };
}

/** Whoever removed it meanwhile has taken it back. */
function unlessGone(error: unknown): void {
  if (!hasReason(error, 'ReservationNotFound')) throw error;
}

/** The ports that were asked for, where a larger exclusion is the answer. */
function askedOf({ startPort, numberOfPorts }: Params<'reservation.create'>, found: PortBlock): { asked?: Ports } {
  return startPort === undefined || sameBlock({ protocol: found.protocol, startPort, numberOfPorts }, found) ? {} : { asked: { startPort, numberOfPorts } };
}
