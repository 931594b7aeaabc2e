import { isAbsolute } from 'node:path';
import { endPortOf, KINDS, LAST_PORT, STORES } from './blocks.js';
import type { AddressFamily, Kind, PortBlock, PortRange, Ports, Protocol, Store } from './blocks.js';
import { invalid } from './errors.js';
import { text } from './texts/text.js';
import type { PlainId, Text } from './texts/text.js';

/**
 * A block that Windows would not refuse for its numbers (rules P3, P4, P7). Arguments become one where they enter, by
 * {@link checkBlock}, so that what takes one has nothing left to check.
 */
export class CheckedBlock implements PortBlock {
  readonly protocol: Protocol;
  readonly startPort: number;
  readonly numberOfPorts: number;
  /** Makes the type nominal: no other object has this type. */
  readonly #isChecked = true;

  private constructor({ protocol, startPort, numberOfPorts }: PortBlock) {
    this.protocol = protocol;
    this.startPort = startPort;
    this.numberOfPorts = numberOfPorts;
    Object.freeze(this);
  }

  /** For a block that was found and not asked for: in a list of Windows, by a search, or among the session's own. */
  static of(block: PortBlock): CheckedBlock {
    return new CheckedBlock(block);
  }

  static isOne(value: object): value is CheckedBlock {
    return #isChecked in value;
  }
}

/** As {@link CheckedBlock.of}, for a range of ports. */
export function blockOfRange(protocol: Protocol, { startPort, endPort }: PortRange): CheckedBlock {
  return CheckedBlock.of({ protocol, startPort, numberOfPorts: endPort - startPort + 1 });
}

/**
 * Refuses what Windows would refuse with ERROR_INVALID_PARAMETER, but says which value and why (rules P3, P4). A block that was
 * checked before is returned as it is.
 */
export function checkBlock(block: PortBlock): CheckedBlock {
  if (typeof block !== 'object' || (block as unknown) === null) {
    throw invalid('block', block, text('rule.block'));
  }
  if (CheckedBlock.isOne(block)) return block;
  // Each member is read once, because a getter may return something else the next time.
  const { protocol, startPort, numberOfPorts } = block;
  checkProtocol(protocol);
  checkPorts({ startPort, numberOfPorts });
  return CheckedBlock.of({ protocol, startPort, numberOfPorts });
}

type Requirement = readonly [isMet: (value: unknown) => boolean, rule: PlainId];

const FLAG: Requirement = [(value) => typeof value === 'boolean', 'rule.boolean'];
const FUNCTION: Requirement = [(value) => typeof value === 'function', 'rule.function'];
const SIGNAL: Requirement = [(value) => value instanceof AbortSignal, 'rule.signal'];

function check(name: string, value: unknown, [isMet, rule]: Requirement): void {
  if (!isMet(value)) throw invalid(name, value, text(rule));
}

/** Members whose type is the same in every request and options. In JavaScript the text 'false' is truthy, so `purge: 'false'` would purge. */
const MEMBERS: readonly (readonly [name: string, requirement: Requirement])[] = Object.entries({
  signal: SIGNAL,
  onNotRead: FUNCTION, onProgress: FUNCTION, onStep: FUNCTION, placeOf: FUNCTION,
  color: FLAG, dualStack: FLAG, ifNotExists: FLAG, inForce: FLAG, listen: FLAG, needsWinNat: FLAG, purge: FLAG, restartWinNat: FLAG,
});

/** Refuses a request or options that are no object, or in which a member of {@link MEMBERS} is of the wrong type. */
export function checkRequest(name: string, value: unknown): void {
  if (typeof value !== 'object' || value === null) throw invalid(name, value, text('rule.object'));
  for (const [member, requirement] of MEMBERS) {
    const given = (value as Readonly<Record<string, unknown>>)[member];
    if (given !== undefined) check(member, given, requirement);
  }
}

export function checkText(name: string, value: unknown): asserts value is string {
  if (typeof value !== 'string') throw invalid(name, value, text('rule.text'));
}

export function checkFunction(name: string, value: unknown): void {
  check(name, value, FUNCTION);
}

export function checkAbsolute(name: string, path: unknown): asserts path is string {
  if (typeof path !== 'string' || !isAbsolute(path)) throw invalid(name, path, text('rule.absolutePath'));
}

/** Refuses the ports of a block that Windows would refuse (rules P3, P4). @param lowest 0 where the system may choose the first */
export function checkPorts({ startPort, numberOfPorts }: Ports, lowest: 0 | 1 = 1): void {
  checkPort('startPort', startPort, lowest);
  checkPort('numberOfPorts', numberOfPorts);
  if (endPortOf({ startPort, numberOfPorts }) > LAST_PORT) throw invalid('numberOfPorts', numberOfPorts, pastLastPort({ startPort }));
}

/** The rule that a block past the last port breaks, for an error message. */
export function pastLastPort({ startPort }: Pick<PortBlock, 'startPort'>): Text {
  return text('rule.pastLastPort', { most: LAST_PORT + 1 - startPort, startPort, last: LAST_PORT });
}

export function checkProtocol(protocol: unknown): asserts protocol is Protocol {
  if (protocol !== 'tcp' && protocol !== 'udp') throw invalid('protocol', protocol, text('rule.protocol'));
}

/** Checks each item. @returns a copy, because the caller may change the list while Windows is asked; holes become `undefined` */
function checkList<Item>(name: string, list: unknown, least: 0 | 1, rule: Text, check: (item: unknown) => asserts item is Item): readonly Item[] {
  if (!Array.isArray(list) || list.length < least) throw invalid(name, list, rule);
  const items: unknown[] = Array.from(list);
  for (const item of items) check(item);
  return items as Item[];
}

/** @returns a copy, with each protocol once */
export function checkProtocols(protocols: unknown): readonly Protocol[] {
  return [...new Set(checkList('protocols', protocols, 1, text('rule.protocols'), checkProtocol))];
}

export function checkKind<Wanted extends Kind>(kind: unknown, kinds: readonly Wanted[]): asserts kind is Wanted {
  checkOneOf('kind', kind, kinds);
}

export function checkOneOf(name: string, value: unknown, values: readonly string[]): void {
  if (!(values as readonly unknown[]).includes(value)) throw invalid(name, value, text('rule.oneOf', { values: values.join(', ') }));
}

/** @returns a copy */
export function checkKinds(kinds: unknown): readonly Kind[] {
  return checkList('kinds', kinds, 0, text('rule.list', { least: 0, most: KINDS.length }), (kind): asserts kind is Kind => checkKind(kind, KINDS));
}

/** Accepts `undefined`, for which the caller has a default. */
export function checkStore(store: unknown): asserts store is Store | undefined {
  if (store !== undefined) checkOneOf('store', store, STORES);
}

/** @returns a copy */
export function checkAddressFamilies(families: unknown): readonly AddressFamily[] {
  return checkList('addressFamilies', families, 1, text('rule.list', { least: 1, most: 2 }), checkAddressFamily);
}

export function checkAddressFamily(family: unknown): asserts family is AddressFamily {
  if (family !== 'IPv4' && family !== 'IPv6') throw invalid('addressFamily', family, text('rule.addressFamily'));
}

/** @param lowest 0 where 0 means "the system's choice" (rules R2, A2), otherwise 1 */
export function checkPort(name: string, value: unknown, lowest: 0 | 1 = 1): asserts value is number {
  if (!isInteger(value, lowest, LAST_PORT)) {
    throw invalid(name, value, text('rule.port', { lowest, highest: LAST_PORT, rule: lowest === 1 ? 'P3' : 'A2' }));
  }
}

/** Columns or lines: more than any console has. */
export const LARGEST_EXTENT = 10_000;

/** Refuses what is no whole number from 1 to `highest`. */
export function checkCount(name: string, value: unknown, highest: number): void {
  if (!isInteger(value, 1, highest)) throw invalid(name, value, text('rule.integer', { lowest: 1, highest }));
}

export function isInteger(value: unknown, lowest: number, highest: number): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= lowest && value <= highest;
}

/** Refuses a token that is not an unsigned 64-bit bigint, and 0, which Windows never returns. */
export function checkToken(token: unknown): asserts token is bigint {
  if (typeof token !== 'bigint' || token <= 0n || token > 0xffff_ffff_ffff_ffffn) {
    throw invalid('token', token, text('rule.token'));
  }
}
