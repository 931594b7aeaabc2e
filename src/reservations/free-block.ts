import { checkPort, checkProtocols, endPortOf, LAST_PORT, overlaps } from '../blocks.js';
import type { PortRange, Protocol } from '../blocks.js';
import { listListeners } from '../sockets/listeners.js';
import { PortReservationError } from '../errors.js';
import type { Native } from '../native.js';
import { settleAll } from '../settle-all.js';
import { getDynamicPortRange } from './dynamic-port-range.js';
import { listBlocks } from './inventory.js';
import { readOr } from './not-read.js';
import type { PartialOptions } from './not-read.js';
import { text } from '../texts/text.js';

/** Where a search begins by default: above the ports of most registered services. */
const DEFAULT_FROM = 20_000;

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
 * First ports of the blocks, upwards from `from`, that overlap no listed block, port in use or dynamic range. They are only
 * candidates: a block may have a holder that no list shows (rule N7), and another program may be first.
 */
export async function* freeBlocks(native: Native, request: FreeBlockRequest): AsyncGenerator<number> {
  const { protocols, numberOfPorts, from = DEFAULT_FROM, onNotRead } = request;
  checkProtocols(protocols);
  checkPort('from', from);
  checkPort('numberOfPorts', numberOfPorts);
  const [blocks, dynamic] = await settleAll([
    listBlocks(native, protocols, [], 'active', onNotRead),
    settleAll(protocols.map((protocol) =>
      readOr(native, getDynamicPortRange(native, protocol), null, { list: 'dynamicPortRange', protocol }, onNotRead))),
  ]);
  const listeners = protocols.flatMap((protocol) => listListeners(native, protocol));
  const taken = [...blocks, ...listeners.map(({ localPort }) => ({ startPort: localPort, endPort: localPort }))];
  const ranges = dynamic.flatMap((range) => (range ? [{ startPort: range.startPort, endPort: endPortOf(range) }] : []));
  yield* gaps([...taken, ...ranges], from, numberOfPorts);

  const inside = gaps(taken, from, numberOfPorts).next().value;
  const asked = { count: numberOfPorts, protocols, from };
  throw new PortReservationError(
    inside === undefined ? text('free.none', asked)
      : text('free.noneOutside', { ...asked, ranges: ranges.map((range) => `${range.startPort}-${range.endPort}`) }), {
      reason: 'ReservationExhausted', code: 'EADDRINUSE',
      advice: inside === undefined ? text('free.none.advice') : text('free.noneOutside.advice', { inside }),
    });
}

/** The first ports of the blocks of this size that overlap nothing taken. */
function* gaps(taken: readonly PortRange[], from: number, numberOfPorts: number): Generator<number, undefined> {
  let start = from;
  while (start + numberOfPorts - 1 <= LAST_PORT) {
    const run = { startPort: start, endPort: start + numberOfPorts - 1 };
    const obstacle = taken.find((other) => overlaps(other, run));
    if (obstacle) {
      start = obstacle.endPort + 1;
    } else {
      yield start;
      start += 1;
    }
  }
}
