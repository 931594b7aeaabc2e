import type { BaseIssue } from 'valibot';
import { endPortOf, LAST_PORT, STORES } from '../blocks.js';
import type { PortBlock } from '../blocks.js';
import { pastLastPort } from '../checks.js';
import { english, text } from '../texts/text.js';
import type { Text } from '../texts/text.js';

export const MAX_BLOCKS = 100_000;

/** What a schema may refuse. valibot knows a message only as a string, so a schema has the name of a rule, and the rule is said later. */
const RULES = {
  blocks: () => text('rule.blocks'),
  boolean: () => text('rule.boolean'),
  endPort: ({ input }) => {
    const { startPort, numberOfPorts } = input as PortBlock;
    return text('rule.lastPort', { last: endPortOf({ startPort, numberOfPorts }), count: numberOfPorts, first: startPort });
  },
  endPortOrder: ({ input }) => text('rule.lastPort.order', { first: (input as PortBlock).startPort }),
  given: () => text('rule.given'),
  kind: () => text('rule.lastingKind'),
  most: ({ input }) => text('rule.blocks.most', { most: MAX_BLOCKS, count: (input as readonly unknown[]).length }),
  object: () => text('rule.object'),
  pastLastPort: ({ input }) => pastLastPort(input as PortBlock),
  port: () => text('rule.port', { lowest: 1, highest: LAST_PORT, rule: 'P3' }),
  protocol: () => text('rule.protocol'),
  ranges: () => text('rule.ranges'),
  schema: () => text('rule.schema'),
  store: () => text('rule.oneOf', { values: STORES.join(', ') }),
  storeOfReservation: () => text('rule.storeOfReservation'),
  text: () => text('rule.text'),
  unknown: () => text('rule.member.none'),
} as const satisfies Record<string, (issue: BaseIssue<unknown>) => Text>;

/** The message of a schema. */
export function rule(name: keyof typeof RULES): string {
  return name;
}

/** The rule that a value breaks. */
export function ruleOf(issue: BaseIssue<unknown>): Text {
  const known = (RULES as Readonly<Record<string, (issue: BaseIssue<unknown>) => Text>>)[issue.message];
  return known ? known(issue) : english(issue.message);
}
