import { checkPort, endPortOf, LAST_PORT, overlaps } from '../blocks.js';
import type { PortBlock, Protocol } from '../blocks.js';
import { PortReservationError } from '../errors.js';
import type { Native } from '../native.js';
import { getDynamicPortRange } from './dynamic-port-range.js';
import { listBlocks } from './inventory.js';

/** Where a search begins unless the caller says otherwise: above the ports that services are registered for. */
const DEFAULT_FROM = 20_000;

export interface FreeBlockRequest {
  /** The block must be free in each of them. */
  readonly protocols: readonly Protocol[];
  readonly numberOfPorts: number;
  /** First port to consider, default 20000. */
  readonly from?: number | undefined;
}

/**
 * First ports of blocks that overlap no listed block and not the dynamic range, upwards from `from`. Free by the lists
 * is not free for sure (rule N7), and another program may be quicker: the answer is a candidate until it is reserved.
 */
export async function* freeBlocks(native: Native, request: FreeBlockRequest): AsyncGenerator<number> {
  const { protocols, numberOfPorts, from = DEFAULT_FROM } = request;
  checkPort('from', from);
  checkPort('numberOfPorts', numberOfPorts);
  const taken = await takenBlocks(native, protocols);
  let start = from;
  while (start + numberOfPorts - 1 <= LAST_PORT) {
    const end = start + numberOfPorts - 1;
    const obstacle = taken.find((block) => overlaps({ startPort: block.startPort, endPort: endPortOf(block) }, { startPort: start, endPort: end }));
    if (obstacle) {
      start = endPortOf(obstacle) + 1;
    } else {
      yield start;
      start += 1;
    }
  }
  throw new PortReservationError(`no free block of ${numberOfPorts} ${protocols.join(' and ')} ports from ${from} upwards`, {
    reason: 'ReservationExhausted', code: 'EADDRINUSE', advice: 'Ask for fewer ports, or begin the search at a lower port.',
  });
}

async function takenBlocks(native: Native, protocols: readonly Protocol[]): Promise<readonly PortBlock[]> {
  const [listed, ...dynamic] = await Promise.all([
    listBlocks(native, protocols, []),
    ...protocols.map(async (protocol) => ({ protocol, ...await getDynamicPortRange(native, protocol) })),
  ]);
  return [...listed, ...dynamic];
}
