import { LAST_PORT, rangeOf } from '../blocks.js';
import type { PortRange, Protocol } from '../blocks.js';
import { checkPort, checkProtocols } from '../checks.js';
import { listUsers } from '../sockets/port-users.js';
import { PortReservationError } from '../errors.js';
import type { Native } from '../native.js';
import { settleAll } from '../util/settle-all.js';
import { dynamicPortRangeOr } from './dynamic-port-range.js';
import { listBlocks } from './inventory.js';
import type { PartialOptions } from './not-read.js';
import { countOfPorts, text } from '../texts/text.js';
import { untilAborted } from '../util/until-aborted.js';

/** Where a search begins by default: above the ports of most registered services. */
export const DEFAULT_FROM = 20_000;

/** The request of {@link PortReservations.findFree}. */
export interface FreeBlockRequest extends PartialOptions {
  /** One or both; the block must be free in each of them. */
  readonly protocols: readonly Protocol[];
  /** Number of ports, 1 to 65535. */
  readonly numberOfPorts: number;
  /** First port to consider, 1 to 65535, host byte order. Default 20000. */
  readonly from?: number | undefined;
}

/**
 * Yields the first port of each block, upwards from `from`, that overlaps no listed block, port in use or dynamic range. These are
 * only candidates: a block may have a holder that no list shows (rule N7), and another program may be first.
 */
export function freeBlocks(native: Native, request: FreeBlockRequest): AsyncGenerator<number> {
  const { protocols, from = DEFAULT_FROM, numberOfPorts, onNotRead } = request;
  checkPort('from', from);
  checkPort('numberOfPorts', numberOfPorts);
  return searchBlocks(native, { protocols: checkProtocols(protocols), from, numberOfPorts, onNotRead });
}

/** As {@link freeBlocks}, for a request that was checked. @param signal ends the reading of the lists */
export async function* searchBlocks(native: Native, request: FreeBlockRequest, signal?: AbortSignal): AsyncGenerator<number> {
  const { protocols, numberOfPorts, from = DEFAULT_FROM, onNotRead } = request;
  const [blocks, dynamic] = await untilAborted(signal, () => settleAll([
    listBlocks({ native, runtimeReservations: [] }, protocols, { onNotRead }),
    settleAll(protocols.map((protocol) => dynamicPortRangeOr(native, protocol, onNotRead))),
  ]));
  const users = protocols.flatMap((protocol) => listUsers(native, protocol));
  const taken = [...blocks, ...users.map(({ localPort }) => ({ startPort: localPort, endPort: localPort }))];
  const ranges = dynamic.flatMap((range) => (range ? [rangeOf(range)] : []));
  yield* gaps([...taken, ...ranges], from, numberOfPorts);

  const inside = gaps(taken, from, numberOfPorts).next().value;
  const asked = { ports: countOfPorts(numberOfPorts), protocols, from };
  throw new PortReservationError(
    inside === undefined ? text('free.none', asked)
      : text('free.noneOutside', { ...asked, ranges: ranges.map((range) => `${range.startPort}-${range.endPort}`) }), {
      reason: 'ReservationExhausted', code: 'EADDRINUSE',
      advice: inside === undefined ? text('free.none.advice') : text('free.noneOutside.advice', { inside }),
    });
}

/** The first ports of the blocks of this size that overlap nothing taken. */
function* gaps(taken: readonly PortRange[], from: number, numberOfPorts: number): Generator<number, undefined> {
  const isTaken = new Uint8Array(LAST_PORT + 1);
  for (const { startPort, endPort } of taken) isTaken.fill(1, startPort, endPort + 1);
  let free = 0;
  for (let port = from; port <= LAST_PORT; port += 1) {
    free = isTaken[port] ? 0 : free + 1;
    if (free >= numberOfPorts) yield port - numberOfPorts + 1;
  }
}
