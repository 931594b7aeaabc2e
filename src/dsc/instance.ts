import * as v from 'valibot';
import { readJson } from '../block-files/json.js';
import { toBlocks } from '../block-files/rows.js';
import { BLOCK_RULE } from '../block-files/block-rules.js';
import { formatBlock } from '../blocks.js';
import { keyOf } from '../desired-state/desired.js';
import type { DeclaredRange, DesiredBlock } from '../desired-state/desired.js';
import { inArray } from '../desired-state/places.js';
import type { PlaceOf } from '../desired-state/places.js';
import { parseRange } from '../desired-state/ranges.js';
import { invalid } from '../errors.js';
import { membersRule, ruleOf } from '../rules.js';
import { memberOf } from '../texts/surfaces.js';
import { text } from '../texts/text.js';
import { SCHEMAS } from './schema.js';
import type { ResourceName } from './schema.js';

/** What an instance asks for, whatever its resource. */
export interface Instance {
  readonly resource: ResourceName;
  /** The blocks that shall be there. */
  readonly present: readonly DesiredBlock[];
  /** What one of these is called in an error: its place among all that were given. */
  readonly placeOf: PlaceOf;
  /** The blocks that shall not be there. */
  readonly absent: readonly DesiredBlock[];
  readonly purge: boolean;
  readonly ranges: readonly DeclaredRange[] | undefined;
  /** The ranges as they came: the answer repeats them. */
  readonly within: readonly string[] | undefined;
  readonly restartWinNat: boolean;
}

const flag = v.optional(v.boolean(BLOCK_RULE.boolean), false);
/** Properties that each resource may have besides its blocks. The blocks are read as those of a file. */
const common = { restartWinNat: flag, _inDesiredState: v.optional(v.unknown()), _metadata: v.optional(v.unknown()) };
const list = v.strictObject({
  ...common, reservations: v.array(v.looseObject({}, BLOCK_RULE.object), BLOCK_RULE.blocks), _purge: flag,
  within: v.optional(v.array(v.string(BLOCK_RULE.text), BLOCK_RULE.ranges)),
}, membersRule(BLOCK_RULE.property));
const single = v.looseObject(common, BLOCK_RULE.object);
/** A schema of some of these properties with any values. Strict, because a misspelt one would match no block. */
const someOf = (properties: object) => {
  const any = Object.keys(properties).map((name) => [name, v.optional(v.unknown())] as const);
  return v.strictObject(Object.fromEntries(any), membersRule(BLOCK_RULE.property));
};
const blockFilters = v.optional(v.array(someOf(SCHEMAS.ReservationList.properties.reservations.items.properties), BLOCK_RULE.blocks));
const listFilter = v.strictObject({ ...someOf(SCHEMAS.ReservationList.properties).entries, reservations: blockFilters }, membersRule(BLOCK_RULE.property));
const singleFilter = someOf(SCHEMAS.Reservation.properties);

/** Parses an instance from stdin strictly: DSC has validated it, but another caller may not have. */
export function parseInstance(resource: ResourceName, content: string): Instance {
  const input = content.trim() === '' ? undefined : readJson('input', content, content).value;
  if (resource === 'ReservationList') {
    const { reservations, _purge: purge, within, restartWinNat } = check(list, input);
    if (purge && !within) throw invalid('within', undefined, text('rule.givenWithPurge'));
    return { resource, ...split(reservations, inArray('reservations')), purge, ranges: within?.map(parseRange), within, restartWinNat };
  }
  const { restartWinNat, ...rest } = check(single, input);
  const blocks = split([without(rest, ['_inDesiredState', '_metadata'])], itself);
  return { resource, ...blocks, purge: false, ranges: undefined, within: undefined, restartWinNat };
}

/** Parses the filters of an export; `null` without any. DSC gives nothing, or an instance with some of the properties. */
export function parseFilter(resource: ResourceName, content: string): readonly Readonly<Record<string, unknown>>[] | null {
  if (content.trim() === '') return null;
  const input = readJson('input', content, content).value;
  const filters = resource === 'ReservationList' ? check(listFilter, input).reservations : [check(singleFilter, input)];
  return filters?.map((filter) => without(filter, ['restartWinNat', '_inDesiredState', '_metadata'])) ?? null;
}

function check<Schema extends v.GenericSchema>(schema: Schema, input: unknown): v.InferOutput<Schema> {
  if (Array.isArray(input)) throw invalid('input', input, text('rule.object'));
  const result = v.safeParse(schema, input, { abortEarly: true });
  if (result.success) return result.output;
  const [issue] = result.issues;
  throw invalid(v.getDotPath(issue) ?? 'input', issue.input, ruleOf(issue));
}

/** The place of a property of a single block: its name alone. */
const itself: PlaceOf = (_index, member) => (member === undefined ? 'input' : memberOf(member));

function split(elements: readonly Readonly<Record<string, unknown>>[], placeOf: PlaceOf): Pick<Instance, 'present' | 'placeOf' | 'absent'> {
  const exist = elements.map(({ _exist: value = true }, index) => {
    if (typeof value !== 'boolean') throw invalid(placeOf(index, '_exist'), value, text('rule.boolean'));
    return value;
  });
  const blocks = toBlocks(elements.map((element) => without(element, ['_exist'])), 'input', placeOf);
  // Reversed, so that of several with the same key the first is kept.
  const shallBeThere = new Map(blocks.flatMap((block, index) => (exist[index] ? [[keyOf(block), index] as const] : [])).reverse());
  for (const [index, block] of blocks.entries()) {
    const other = exist[index] ? undefined : shallBeThere.get(keyOf(block));
    if (other !== undefined) throw invalid(placeOf(index, '_exist'), false, text('rule.existTwice', { block: formatBlock(block), place: placeOf(other) }));
  }
  const places = [...exist.keys()].filter((index) => exist[index]);
  return {
    present: blocks.filter((_, index) => exist[index]), placeOf: (index, member) => placeOf(places[index] ?? index, member),
    absent: blocks.filter((_, index) => !exist[index]),
  };
}

function without(members: Readonly<Record<string, unknown>>, names: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(Object.entries(members).filter(([name]) => !names.includes(name)));
}
