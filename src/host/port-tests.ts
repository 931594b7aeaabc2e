import { setImmediate } from 'node:timers/promises';
import { toExplanationData } from '../diagnosis/explain.js';
import type { PortExplanationData } from '../diagnosis/explain.js';
import type { PortReservations } from '../port-reservations.js';
import type { Protocol } from '../blocks.js';
import type { Params } from './schemas.js';

/** How many ports one answer has at most, so that whoever tests a whole range sees the first ones soon. */
const PAGE = 200;

/** Some ports of a block, and the `skip` of the request that gives the next; `null` at the end. */
interface TestedPorts {
  readonly ports: readonly PortExplanationData[];
  readonly skip: number | null;
}

/** Ports of several requests that are explained together. */
interface Group {
  readonly ports: number[];
  readonly signals: AbortSignal[];
  readonly explained: Promise<readonly PortExplanationData[]>;
}

/** Explains the ports of blocks, in each protocol. Requests that come together share one reading of the lists. */
export function createPortTests(reservations: PortReservations) {
  const waiting = new Map<string, Group>();

  async function explainAll(ports: readonly number[], signals: readonly AbortSignal[], protocol: Protocol, localAddress?: string) {
    const explained = [];
    for await (const explanation of reservations.explainEach(protocol, ports, { localAddress })) {
      explained.push(toExplanationData(explanation));
      // All requests were cancelled, so nobody waits for the rest.
      if (signals.every(({ aborted }) => aborted)) break;
    }
    return explained;
  }

  async function explain(protocol: Protocol, ports: readonly number[], signal: AbortSignal, { localAddress }: Params<'port.test'>) {
    const key = JSON.stringify([protocol, localAddress]);
    let group = waiting.get(key);
    if (!group) {
      const all: number[] = [];
      const signals: AbortSignal[] = [];
      const explained = setImmediate().then(() => {
        waiting.delete(key);
        return explainAll(all, signals, protocol, localAddress);
      });
      waiting.set(key, group = { ports: all, signals, explained });
    }
    const first = group.ports.length;
    group.ports.push(...ports);
    group.signals.push(signal);
    const explained = await group.explained;
    signal.throwIfAborted();
    return explained.slice(first, first + ports.length);
  }

  return async (params: Params<'port.test'>, signal: AbortSignal): Promise<TestedPorts> => {
    const { protocols, startPort, numberOfPorts, skip = 0 } = params;
    const end = Math.min(skip + PAGE, protocols.length * numberOfPorts);
    const tested: PortExplanationData[] = [];
    for (const [index, protocol] of protocols.entries()) {
      const from = Math.max(skip - index * numberOfPorts, 0);
      const length = Math.min(end - index * numberOfPorts, numberOfPorts) - from;
      if (length > 0) tested.push(...await explain(protocol, Array.from({ length }, (_, place) => startPort + from + place), signal, params));
    }
    return { ports: tested, skip: end < protocols.length * numberOfPorts ? end : null };
  };
}
