import * as v from 'valibot';
import { endPortOf, LAST_PORT, PROTOCOLS, STORES } from '../blocks.js';
import { LASTING_KINDS } from '../desired-state/desired.js';
import type { DesiredBlock } from '../desired-state/desired.js';
import { invalid } from '../errors.js';
import { placeIn } from '../desired-state/places.js';
import type { PlaceOf } from '../desired-state/places.js';
import { canBeIn, hasStore } from '../kinds/kinds.js';
import { membersRule, ruleOf } from '../rules.js';
import { text } from '../texts/text.js';
import { BLOCK_RULE, MAX_BLOCKS } from './block-rules.js';

const port = v.pipe(v.number(BLOCK_RULE.port), v.integer(BLOCK_RULE.port), v.minValue(1, BLOCK_RULE.port), v.maxValue(LAST_PORT, BLOCK_RULE.port));

/** Members that are informative only, or that depend on the machine and its last restart. */
const ignored = v.optional(v.unknown());

/** An element of what `list --json` prints. Strict: a misspelt name is an error, not a silent default. */
const row = v.strictObject({
  protocol: v.picklist(PROTOCOLS, BLOCK_RULE.protocol),
  startPort: port,
  numberOfPorts: port,
  endPort: v.optional(port),
  kind: v.picklist(LASTING_KINDS, BLOCK_RULE.kind),
  store: v.nullish(v.picklist(STORES, BLOCK_RULE.store)),
  token: ignored, addressFamily: ignored, owningProcess: ignored, created: ignored,
}, membersRule(BLOCK_RULE.unknown));

/** Names of the members in lower case -> as they are. */
const MEMBERS = new Map(Object.keys(row.entries).map((name) => [name.toLowerCase(), name]));

const block = v.pipe(
  v.unknown(),
  v.check((value) => !Array.isArray(value), BLOCK_RULE.object),
  row,
  v.forward(v.check(({ startPort, endPort }) => endPort === undefined || endPort >= startPort, BLOCK_RULE.endPortOrder), ['endPort']),
  v.forward(v.check(({ kind, store }) => canBeIn(kind, store), BLOCK_RULE.storeOfReservation), ['store']),
  v.forward(v.check((value) => value.endPort === undefined || value.endPort === endPortOf(value), BLOCK_RULE.endPort), ['endPort']),
  v.forward(v.check((value) => endPortOf(value) <= LAST_PORT, BLOCK_RULE.pastLastPort), ['numberOfPorts']),
);

const blocks = v.pipe(
  v.array(v.unknown(), BLOCK_RULE.blocks),
  v.maxLength(MAX_BLOCKS, BLOCK_RULE.most),
  v.array(block),
);

/**
 * Makes blocks of what was read: an array, or what `export` writes. What a block leaves out has the default of `create`: TCP, one
 * port, a persistent reservation. Throws an error that names the first block that breaks a rule.
 *
 * @param list what an error calls the list, as the name of an argument
 */
export function toBlocks(input: unknown, list: string, placeOf: PlaceOf): DesiredBlock[] {
  const elements = withOwnNames(blocksOf(list, input));
  const complete = Array.isArray(elements) ? elements.map(withDefaults) : elements;
  const result = v.safeParse(blocks, complete, { abortEarly: true });
  if (result.success) {
    return result.output.map(({ protocol, startPort, numberOfPorts, kind, store }) =>
      ({ protocol, startPort, numberOfPorts, kind, store: hasStore(kind) ? store ?? undefined : undefined }));
  }
  const issue = plainest(result.issues[0], complete);
  const [index, member] = issue.path ?? [];
  const name = index === undefined ? list : placeOf(Number(index.key), member && String(member.key));
  // For a rule about a whole block, valibot's input is the block, but its path has the member's value.
  throw invalid(name, member ? member.value : issue.input, ruleOf(issue));
}

/** The issue that helps most: where a member is missing, one about an unknown name, because that may be the member misspelt. */
function plainest(issue: v.InferIssue<typeof blocks>, elements: unknown): v.InferIssue<typeof blocks> {
  const [element] = issue.path ?? [];
  if (issue.received !== 'undefined' || element === undefined || !Array.isArray(elements)) return issue;
  const unknown = v.safeParse(row, elements[Number(element.key)]).issues?.find(({ expected }) => expected === 'never');
  const [member] = unknown?.path ?? [];
  return unknown && member ? { ...unknown, path: [element, member] } : issue;
}

/** The array in `{ "$schema": ..., "blocks": [...] }`. Anything else is returned as it is, for the rules of an array. */
function blocksOf(list: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const entries = Object.entries(value) as [string, unknown][];
  const [found, second] = entries.filter(([name]) => name.toLowerCase() === 'blocks');
  if (found === undefined) return value;
  const [twin, blocks] = found;
  if (second) throw invalid(placeIn(list, second[0]), second[0], text('rule.member.twice', { twin }));
  const [other] = entries.filter(([name]) => name !== '$schema' && name.toLowerCase() !== 'blocks');
  if (other) throw invalid(placeIn(list, other[0]), other[1], text('rule.blocks.only'));
  if (!Array.isArray(blocks)) throw invalid(placeIn(list, 'blocks'), blocks, text('rule.blocks'));
  return blocks;
}

/**
 * Gives members the names that they have in `list --json`. The cmdlets' objects have others, ConvertTo-Json writes a single object
 * without brackets, and Windows PowerShell may write an array as `{ value, Count }`. Where the number of ports is missing, it follows
 * from the last port.
 */
function withOwnNames(input: unknown): unknown {
  if (Array.isArray(input)) return input.map(withOwnMembers);
  if (typeof input !== 'object' || input === null) return input;
  const { value, Count: count, ...rest } = input as Record<string, unknown>;
  if (Array.isArray(value) && count === value.length && Object.keys(rest).length === 0) return value.map(withOwnMembers);
  return [withOwnMembers(input)];
}

function withOwnMembers(element: unknown): unknown {
  if (typeof element !== 'object' || element === null || Array.isArray(element)) return element;
  const members = Object.entries(element).map(([key, value]: [string, unknown]) => {
    const name = nameOf(key);
    return [name, typeof value === 'string' && ['protocol', 'kind', 'store'].includes(name) ? value.toLowerCase() : value] as const;
  });
  const block = Object.fromEntries(members) as Record<string, unknown>;
  const { startPort, endPort } = block;
  if (block['numberOfPorts'] !== undefined || endPort === undefined) return block;
  // If the last port is no port, or is below the first, any number will do here: the schema refuses `endPort`.
  return { ...block, numberOfPorts: isPort(startPort) && isPort(endPort) ? Math.max(endPort - startPort + 1, 1) : 1 };
}

function isPort(value: unknown): value is number {
  return v.is(port, value);
}

function withDefaults(element: unknown): unknown {
  if (typeof element !== 'object' || element === null || Array.isArray(element)) return element;
  const size = 'endPort' in element ? {} : { numberOfPorts: 1 };
  return { protocol: 'tcp', kind: 'persistent', ...size, ...element };
}

/** The name of a member as `list --json` has it. Ignores case, as PowerShell does. */
export function nameOf(key: string): string {
  return MEMBERS.get(key.toLowerCase()) ?? key;
}
