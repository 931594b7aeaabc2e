import * as v from 'valibot';
import { toBlocks } from '../block-files/rows.js';
import type { DeclaredRange, DesiredBlock } from '../desired-state/desired.js';
import { parseRange } from '../desired-state/ranges.js';
import { invalid } from '../errors.js';
import { english } from '../texts/text.js';
import type { ResourceName } from './schema.js';

/** What an instance asks for, whatever its resource. */
export interface Instance {
  /** The blocks that shall be there. */
  readonly present: readonly DesiredBlock[];
  /** The blocks that shall not be there. */
  readonly absent: readonly DesiredBlock[];
  readonly purge: boolean;
  readonly within: readonly DeclaredRange[] | undefined;
  readonly restartWinNat: boolean;
  /** The instance as it came, for what the answer repeats. */
  readonly input: Readonly<Record<string, unknown>>;
}

const flag = v.optional(v.boolean('must be true or false'), false);
/** What a resource may have beside its blocks; they are read as those of a file. */
const common = { restartWinNat: flag, _inDesiredState: v.optional(v.unknown()), _metadata: v.optional(v.unknown()) };
const list = v.strictObject({
  ...common, reservations: v.array(v.looseObject({}, 'must be an object'), 'must be an array of blocks'), _purge: flag,
  within: v.optional(v.array(v.string('must be text'), 'must be an array of ranges')),
}, 'must be left out, or given: see the schema');
const single = v.looseObject(common, 'must be an object');

/** Parses what came on stdin strictly: DSC has validated it, another caller may not have. */
export function parseInstance(resource: ResourceName, text: string): Instance {
  const input = parseText(text);
  if (resource === 'ReservationList') {
    const { reservations, _purge: purge, within, restartWinNat } = check(list, input);
    if (purge && !within) throw invalid('within', undefined, english('must be given with _purge: Windows stores no owner of a block, so what may be removed must be declared'));
    return { ...split(reservations), purge, within: within?.map(parseRange), restartWinNat, input: input as Record<string, unknown> };
  }
  const { restartWinNat, ...rest } = check(single, input);
  return { ...split([without(rest, ['_inDesiredState', '_metadata'])]), purge: false, within: undefined, restartWinNat, input: input as Record<string, unknown> };
}

/** The properties that exported blocks must have; `null` without a filter. DSC gives none, or an instance with some of them. */
export function parseFilter(resource: ResourceName, text: string): readonly Readonly<Record<string, unknown>>[] | null {
  if (text.trim() === '') return null;
  const { reservations, ...block } = check(v.looseObject({ reservations: v.optional(v.array(v.looseObject({}))) }), parseText(text));
  const filters = resource === 'ReservationList' ? reservations ?? [] : [block];
  return filters.map((filter) => without(filter, ['restartWinNat', '_inDesiredState', '_metadata']));
}

function parseText(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw invalid('input', text, english(`must be JSON: ${(error as Error).message}`));
  }
}

function check<Schema extends v.GenericSchema>(schema: Schema, input: unknown): v.InferOutput<Schema> {
  const result = v.safeParse(schema, input, { abortEarly: true });
  if (result.success) return result.output;
  const [issue] = result.issues;
  throw invalid(v.getDotPath(issue) ?? 'input', issue.input, english(issue.message));
}

function split(elements: readonly Readonly<Record<string, unknown>>[]): Pick<Instance, 'present' | 'absent'> {
  const exist = elements.map(({ _exist: value = true }, index) => {
    if (typeof value !== 'boolean') throw invalid(`input[${index}]._exist`, value, english('must be true or false'));
    return value;
  });
  const blocks = toBlocks(elements.map((element) => without(element, ['_exist'])), (index) => ({ element: `[${index}]`, separator: '.' }), { defaults: true });
  return { present: blocks.filter((_, index) => exist[index]), absent: blocks.filter((_, index) => !exist[index]) };
}

function without(members: Readonly<Record<string, unknown>>, names: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(Object.entries(members).filter(([name]) => !names.includes(name)));
}
