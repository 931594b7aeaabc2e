import * as v from 'valibot';
import { endPortOf, LAST_PORT, PROTOCOLS, STORES } from '../blocks.js';
import type { DesiredBlock } from '../desired-state/desired.js';
import { invalid } from '../errors.js';
import type { PlaceOf } from '../desired-state/places.js';
import { MAX_BLOCKS, rule, ruleOf } from './rules.js';

const port = v.pipe(v.number(rule('port')), v.integer(rule('port')), v.minValue(1, rule('port')), v.maxValue(LAST_PORT, rule('port')));

/** What only informs the reader, or depends on the machine and its last restart. */
const ignored = v.optional(v.unknown());

/** An element of what `list --json` prints. Strict: a misspelt name is an error, not a silent default. */
const row = v.strictObject({
  protocol: v.picklist(PROTOCOLS, rule('protocol')),
  startPort: port,
  numberOfPorts: port,
  endPort: v.optional(port),
  kind: v.picklist(['persistent', 'exclusion'], rule('kind')),
  store: v.nullish(v.picklist(STORES, rule('store'))),
  token: ignored, addressFamily: ignored, owningProcess: ignored, created: ignored,
}, ({ expected }) => {
  if (expected === 'Object') return rule('object');
  return rule(expected === 'never' ? 'unknown' : 'given');
});

/** Its members: the cmdlets' objects have them too, with a capital letter. */
const NAMES = Object.keys(row.entries);

const block = v.pipe(
  v.unknown(),
  v.check((value) => !Array.isArray(value), rule('object')),
  row,
  v.forward(v.check(({ startPort, endPort }) => endPort === undefined || endPort >= startPort, rule('endPortOrder')), ['endPort']),
  v.forward(v.check(({ kind, store }) => !(kind === 'persistent' && store === 'active'), rule('storeOfReservation')), ['store']),
  v.forward(v.check((value) => value.endPort === undefined || value.endPort === endPortOf(value), rule('endPort')), ['endPort']),
  v.forward(v.check((value) => endPortOf(value) <= LAST_PORT, rule('pastLastPort')), ['numberOfPorts']),
);

const blocks = v.pipe(
  v.array(v.unknown(), rule('blocks')),
  v.maxLength(MAX_BLOCKS, rule('most')),
  v.array(block),
);

/**
 * The blocks in what was read. If one breaks a rule, throws an error that names it.
 *
 * @param list what an error calls the list, as the name of an argument
 * @param defaults whether what is left out is as `create` has it: TCP, one port, a persistent reservation
 */
export function toBlocks(input: unknown, list: string, placeOf: PlaceOf, { defaults = false } = {}): DesiredBlock[] {
  const elements = withOwnNames(input);
  const complete = defaults && Array.isArray(elements) ? elements.map(withDefaults) : elements;
  const result = v.safeParse(blocks, complete, { abortEarly: true });
  if (result.success) {
    return result.output.map(({ protocol, startPort, numberOfPorts, kind, store }) =>
      ({ protocol, startPort, numberOfPorts, kind, store: kind === 'exclusion' ? store ?? undefined : undefined }));
  }
  const [issue] = result.issues;
  const [index, member] = issue.path ?? [];
  const name = index === undefined ? list : placeOf(Number(index.key), member && String(member.key));
  // For a rule on the whole block, the input is the block, but the path has the member's value.
  throw invalid(name, member ? member.value : issue.input, ruleOf(issue));
}

/**
 * Gives what the cmdlets wrote the names of `list --json`. ConvertTo-Json writes a single object without brackets, and Windows
 * PowerShell may write an array as `{ value, Count }`. Without a number of ports, the last port gives it.
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
  if (block['numberOfPorts'] !== undefined || typeof startPort !== 'number' || typeof endPort !== 'number') return block;
  // A last port below the first is refused by that name.
  return { ...block, numberOfPorts: Math.max(endPort - startPort + 1, 1) };
}

function withDefaults(element: unknown): unknown {
  if (typeof element !== 'object' || element === null || Array.isArray(element)) return element;
  const size = 'endPort' in element ? {} : { numberOfPorts: 1 };
  return { protocol: 'tcp', kind: 'persistent', ...size, ...element };
}

/** The name of a member as `list --json` has it. */
export function nameOf(key: string): string {
  return NAMES.find((own) => own === key || own === key.charAt(0).toLowerCase() + key.slice(1)) ?? key;
}
