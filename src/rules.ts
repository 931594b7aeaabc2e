import type { BaseIssue } from 'valibot';
import { LAST_PORT } from './blocks.js';
import { text } from './texts/text.js';
import type { Text } from './texts/text.js';

/** The rule that a value breaks, in no language yet. */
type Rule = (issue: BaseIssue<unknown>) => Text;

const RULES = new Map<string, Rule>();

/** The message of a schema. valibot knows one only as a string, so a schema has the number of its rule, which is said later. */
export function rule(make: Rule): string {
  const key = `rule ${RULES.size}`;
  RULES.set(key, make);
  return key;
}

/** The rule that a value breaks. A schema without one is a mistake in this program. */
export function ruleOf(issue: BaseIssue<unknown>): Text {
  const make = RULES.get(issue.message);
  if (!make) throw new Error(`a schema has no rule for this: ${issue.message}`);
  return make(issue);
}

/** What any schema may refuse. */
export const RULE = {
  boolean: rule(() => text('rule.boolean')),
  given: rule(() => text('rule.given')),
  object: rule(() => text('rule.object')),
  port: rule(() => text('rule.port', { lowest: 1, highest: LAST_PORT, rule: 'P3' })),
  protocol: rule(() => text('rule.protocol')),
  text: rule(() => text('rule.text')),
} as const;

/** The message of a strict object, whose members that it does not know break the rule `unknown`. */
export function membersRule(unknown: string): (issue: { readonly expected: string | null }) => string {
  return ({ expected }) => {
    if (expected === 'Object') return RULE.object;
    return expected === 'never' ? unknown : RULE.given;
  };
}

/** One of these words. */
export function oneOf(values: readonly string[]): string {
  return rule(() => text('rule.oneOf', { values: values.join(', ') }));
}
