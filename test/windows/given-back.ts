import type { PortBlock, Protocol } from '../../src/blocks.js';
import { endPortOf, formatBlock, LAST_PORT } from '../../src/blocks.js';
import type { Native } from '../../src/native.js';
import { Code } from '../../src/win32/codes.js';
import type { Step } from '../contract/steps.js';

/**
 * Watches the persistent blocks that steps create, those of other processes included, which nobody else takes back when
 * a case fails in its middle. A block that was there before is someone's own and is left alone.
 *
 * @returns takes back what is there now, and gives the blocks it could not
 */
export function watchBlocks(native: Native, steps: readonly Step[], base: number): () => string[] {
  const made = new Map(blocksOf(steps, base).map((block) => [formatBlock(block), block]));
  const ours = [...made.values()].filter((block) => lookup(native, block) === Code.ERROR_NOT_FOUND);
  return () => ours.filter((block) => remove(native, block) !== 0 && lookup(native, block) === 0).map(formatBlock);
}

function blocksOf(steps: readonly Step[], base: number): PortBlock[] {
  return steps.flatMap((step) => {
    if (step.do === 'elsewhere') return blocksOf(step.steps, base);
    if (step.do !== 'create') return [];
    const block = { protocol: step.protocol, startPort: step.port ?? base + (step.at ?? 0), numberOfPorts: step.count };
    return block.startPort > 0 && block.numberOfPorts > 0 && endPortOf(block) <= LAST_PORT ? [block] : [];
  });
}

const FUNCTIONS = {
  tcp: ['LookupPersistentTcpPortReservation', 'DeletePersistentTcpPortReservation'],
  udp: ['LookupPersistentUdpPortReservation', 'DeletePersistentUdpPortReservation'],
} as const satisfies Record<Protocol, readonly string[]>;

function lookup({ iphlpapi }: Native, { protocol, startPort, numberOfPorts }: PortBlock): number {
  return iphlpapi[FUNCTIONS[protocol][0]](startPort, numberOfPorts).error;
}

function remove({ iphlpapi }: Native, { protocol, startPort, numberOfPorts }: PortBlock): number {
  return iphlpapi[FUNCTIONS[protocol][1]](startPort, numberOfPorts).error;
}
