import * as v from 'valibot';
import { endPortOf, LAST_PORT, PROTOCOLS, STORES } from '../blocks.js';
import { pastLastPort } from '../checks.js';
import type { DesiredBlock } from '../desired-state/desired.js';
import { invalid } from '../errors.js';
import { english, say } from '../texts/text.js';

const MAX_BLOCKS = 100_000;

const portRule = `must be an integer from 1 to ${LAST_PORT} (rule P3)`;
const port = v.pipe(v.number(portRule), v.integer(portRule), v.minValue(1, portRule), v.maxValue(LAST_PORT, portRule));

/** What only informs the reader, or depends on the machine and its last restart. */
const ignored = v.optional(v.unknown());

/** An element of what `list --json` prints. Strict: a misspelt name is an error, not a silent default. */
const row = v.strictObject({
  protocol: v.picklist(PROTOCOLS, `must be ${PROTOCOLS.join(' or ')} (rule P7)`),
  startPort: port,
  numberOfPorts: port,
  endPort: v.optional(port),
  kind: v.picklist(['persistent', 'exclusion'],
    'must be persistent or exclusion: a runtime reservation belongs to the process that made it, and a system block to another program'),
  store: v.nullish(v.picklist(STORES, `must be ${STORES.join(' or ')}`)),
  token: ignored, addressFamily: ignored, owningProcess: ignored, created: ignored,
}, ({ expected }) => {
  if (expected === 'Object') return 'must be an object';
  return expected === 'never' ? 'must be left out: list --json prints no such member' : 'must be given';
});

/** Its members: the cmdlets' objects have them too, with a capital letter. */
const NAMES = Object.keys(row.entries);

const block = v.pipe(
  row,
  v.forward(v.check(({ kind, store }) => !(kind === 'persistent' && store === 'active'),
    'must be persistent for a persistent reservation'), ['store']),
  v.forward(v.check((value) => value.endPort === undefined || value.endPort === endPortOf(value),
    'must be startPort + numberOfPorts - 1'), ['endPort']),
  v.forward(v.check((value) => endPortOf(value) <= LAST_PORT, ({ input }) =>
    say(pastLastPort(input))), ['numberOfPorts']),
);

const blocks = v.pipe(
  v.array(v.unknown(), 'must be a JSON array, as list --json prints it'),
  v.maxLength(MAX_BLOCKS, ({ received }) => `must have at most ${MAX_BLOCKS} elements, and has ${received}`),
  v.array(block),
);

/** Where an element is, for an error: ` line 3`, or `[2]`; and what comes before the name of its member. */
export interface Place {
  readonly element: string;
  readonly separator: '.' | ' ';
}

/**
 * The blocks in what was read. If one breaks a rule, throws an error that names it.
 *
 * @param defaults whether what is left out is as `create` has it: TCP, one port, a persistent reservation
 */
export function toBlocks(input: unknown, placeOf: (index: number, member?: string) => Place, { defaults = false } = {}): DesiredBlock[] {
  const elements = withOwnNames(input);
  const complete = defaults && Array.isArray(elements) ? elements.map(withDefaults) : elements;
  const result = v.safeParse(blocks, complete, { abortEarly: true });
  if (result.success) {
    return result.output.map(({ protocol, startPort, numberOfPorts, kind, store }) =>
      ({ protocol, startPort, numberOfPorts, kind, store: kind === 'exclusion' ? store ?? undefined : undefined }));
  }
  const [issue] = result.issues;
  const [index, member] = issue.path ?? [];
  const place = index === undefined ? undefined : placeOf(Number(index.key), member && String(member.key));
  const name = `input${place?.element ?? ''}${place && member ? `${place.separator}${String(member.key)}` : ''}`;
  // For a rule on the whole block, the input is the block, but the path has the member's value.
  throw invalid(name, member ? member.value : issue.input, english(issue.message));
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
  return { ...block, numberOfPorts: endPort - startPort + 1 };
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
