import { contains, endPortOf, formatBlock, sameBlock } from '../blocks.js';
import type { Kind, PortBlock, PortRange, Protocol, Reservation, Store } from '../blocks.js';
import { checkBlock, checkKind, checkStore } from '../checks.js';
import { invalid } from '../errors.js';
import { canBeIn, hasStore } from '../kinds/kinds.js';
import { inArray } from './places.js';
import type { PlaceOf } from './places.js';
import { text } from '../texts/text.js';

/** The kinds of blocks that last without a process. */
export type LastingKind = 'persistent' | 'exclusion';
export const LASTING_KINDS = ['persistent', 'exclusion'] as const satisfies readonly LastingKind[];

/** A block that a machine shall have. Ports in host byte order. */
export interface DesiredBlock extends PortBlock {
  /** A persistent reservation (rule P1) or an exclusion (rule N3). */
  readonly kind: LastingKind;
  /** Exclusions only: whether it survives a restart (rule N4). Default `persistent`. */
  readonly store?: Store | undefined;
}

/** Ports that are declared to belong to nobody else. */
export interface DeclaredRange extends PortRange {
  /** Default both. */
  readonly protocol?: Protocol | undefined;
}

/** A text that is the same for the same block of the same kind, as a key of a map. */
export function keyOf({ protocol, startPort, numberOfPorts, kind }: PortBlock & { readonly kind: Kind }): string {
  return `${protocol} ${startPort}+${numberOfPorts} ${kind}`;
}

export function isLasting<Block extends { readonly kind: Kind }>(block: Block): block is Block & { readonly kind: LastingKind } {
  return (LASTING_KINDS as readonly Kind[]).includes(block.kind);
}

/** A block of the machine, as a list would have it. A store that netsh did not tell is left out. */
export function toDesired(block: PortBlock & Pick<Reservation, 'store'> & { readonly kind: LastingKind }): DesiredBlock {
  const { protocol, startPort, numberOfPorts, kind, store } = block;
  return { protocol, startPort, numberOfPorts, kind, ...hasStore(kind) && store !== null ? { store } : {} };
}

/** Whether a block is there as it shall be: exactly its ports, its kind and its store. Where netsh did not tell the store, any will do. */
export function isAsDesired(other: PortBlock & Pick<Reservation, 'kind' | 'store'>, block: DesiredBlock): boolean {
  return other.kind === block.kind && sameBlock(other, block) && (other.store === null || other.store === (block.store ?? 'persistent'));
}

/**
 * Refuses a list in which a block breaks a rule or overlaps another one.
 *
 * @param placeOf what an error calls a block: line 3 of a file, `desired[2]`
 * @returns a copy, because the caller may change the list while Windows is asked
 */
export function checkDesired(desired: readonly DesiredBlock[], placeOf: PlaceOf = inArray('desired')): DesiredBlock[] {
  const blocks = checkDesiredBlocks('desired', desired);
  const order = blocks.map((block, index) => ({ block, index, endPort: endPortOf(block) }))
    .sort((a, b) => a.block.startPort - b.block.startPort || a.index - b.index);
  const last = new Map<Protocol, (typeof order)[number]>();
  for (const entry of order) {
    const before = last.get(entry.block.protocol);
    if (before && before.endPort >= entry.block.startPort) {
      const [first, second] = before.index < entry.index ? [before, entry] : [entry, before];
      throw invalid(placeOf(second.index, 'startPort'), second.block.startPort,
        text('rule.outsideOthers', { block: formatBlock(second.block), other: formatBlock(first.block), place: placeOf(first.index) }));
    }
    if (!before || entry.endPort > before.endPort) last.set(entry.block.protocol, entry);
  }
  return blocks;
}

/** Refuses a list in which a block breaks a rule. @param name what an error calls the list @returns a copy */
export function checkDesiredBlocks(name: string, list: readonly DesiredBlock[]): DesiredBlock[] {
  if (!Array.isArray(list)) throw invalid(name, list, text('rule.blocks'));
  return Array.from(list as readonly DesiredBlock[], checkDesiredBlock);
}

/** @returns a copy, without the store of a kind that is always in the same one, which every listed block has */
export function checkDesiredBlock(block: DesiredBlock): DesiredBlock {
  const { protocol, startPort, numberOfPorts } = checkBlock(block);
  const { kind, store } = block;
  checkKind(kind, LASTING_KINDS);
  checkStore(store);
  if (!canBeIn(kind, store)) throw invalid('store', store, text('rule.storeOfReservation'));
  return toDesired({ protocol, startPort, numberOfPorts, kind, store: store ?? null });
}

/** Whether a block lies in one of the ranges with all its ports. */
export function isWithin(block: PortBlock, ranges: readonly DeclaredRange[]): boolean {
  return ranges.some((range) => (range.protocol ?? block.protocol) === block.protocol && contains(range, block));
}
