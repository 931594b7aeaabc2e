import { endPortOf, STORES } from '../blocks.js';
import type { PortBlock } from '../blocks.js';
import { pastLastPort } from '../checks.js';
import { oneOf, rule, RULE } from '../rules.js';
import { countOfPorts, text } from '../texts/text.js';

export const MAX_BLOCKS = 100_000;

/** The rules that a list of blocks may break. */
export const BLOCK_RULE = {
  ...RULE,
  blocks: rule(() => text('rule.blocks')),
  endPort: rule(({ input }) => {
    const { startPort, numberOfPorts } = input as PortBlock;
    return text('rule.lastPort', { last: endPortOf({ startPort, numberOfPorts }), ports: countOfPorts(numberOfPorts), first: startPort });
  }),
  endPortOrder: rule(({ input }) => text('rule.lastPort.order', { first: (input as PortBlock).startPort })),
  kind: rule(() => text('rule.lastingKind')),
  most: rule(() => text('rule.blocks.most', { most: MAX_BLOCKS })),
  pastLastPort: rule(({ input }) => pastLastPort(input as PortBlock)),
  property: rule(() => text('rule.property.none')),
  ranges: rule(() => text('rule.ranges')),
  store: oneOf(STORES),
  storeOfReservation: rule(() => text('rule.storeOfReservation')),
  unknown: rule(() => text('rule.member.none')),
} as const;
