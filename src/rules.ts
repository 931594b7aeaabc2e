import type { BaseIssue } from 'valibot';
import { LAST_PORT } from './blocks.js';
import { text } from './texts/text.js';
import type { Text } from './texts/text.js';

/** The rule that a value breaks, in no language yet. */
type Rule = (issue: BaseIssue<unknown>) => Text;

const RULES = new Map<string, Rule>();

/** Registers a rule, and returns its key as the message of a schema. valibot takes only strings, and the text has no language yet. */
export function rule(make: Rule): string {
  const key = `rule ${RULES.size}`;
  RULES.set(key, make);
  return key;
}

/** The rule that a value breaks. Throws for a schema without a rule, which is a mistake in this program. */
export function ruleOf(issue: BaseIssue<unknown>): Text {
  const make = RULES.get(issue.message);
  if (!make) throw new Error(`a schema has no rule for this: ${issue.message}`);
  return make(issue);
}

/** The rules that any schema may use. */
export const RULE = {
  boolean: rule(() => text('rule.boolean')),
  given: rule(() => text('rule.given')),
  object: rule(() => text('rule.object')),
  port: rule(() => text('rule.port', { lowest: 1, highest: LAST_PORT, rule: 'P3' })),
  protocol: rule(() => text('rule.protocol')),
  text: rule(() => text('rule.text')),
} as const;

/** The message of a strict object: one for what is no object, `unknown` for a member that it does not know, one for a member that is missing. */
export function membersRule(unknown: string): (issue: { readonly expected: string | null }) => string {
  return ({ expected }) => {
    if (expected === 'Object') return RULE.object;
    return expected === 'never' ? unknown : RULE.given;
  };
}

/** The rule that a value must be one of these words. */
export function oneOf(values: readonly string[]): string {
  return rule(() => text('rule.oneOf', { values: values.join(', ') }));
}
