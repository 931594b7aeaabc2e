import { associationCases } from './association.js';
import { neighbourCases } from './neighbours.js';
import { persistentCases } from './persistent.js';
import { runtimeCases } from './runtime.js';
import type { Case } from './steps.js';

/** Every case of the contract. The same tables are played on the simulator, under Wine and on Windows. */
export const cases: readonly Case[] = [...persistentCases, ...runtimeCases, ...associationCases, ...neighbourCases];

export function titleOf({ rules, title }: Case): string {
  return `${rules.join(', ')}: ${title}`;
}
