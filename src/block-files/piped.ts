import { ADDRESS_FAMILIES, endPortOf, KINDS, LAST_PORT, PROTOCOLS, STORES } from '../blocks.js';
import type { AddressFamily, Kind, Ports, Protocol, Store } from '../blocks.js';
import { PortReservationError } from '../errors.js';
import { capitalized } from '../util/plain-text.js';
import { memberOf } from '../texts/surfaces.js';
import { joined, text } from '../texts/text.js';
import type { PlainId, Text, Value } from '../texts/text.js';
import { memberMeantBy, memberNamed } from './members.js';

/** A value as it comes from PowerShell: a whole number or text; `null` if it is empty or was not read. */
type PipedValue = number | string | null | readonly string[];

/** What was piped into a cmdlet: an object with the names and values of its members, or a bare value. */
interface Piped {
  readonly value?: string | number | undefined;
  readonly names?: readonly string[] | undefined;
  readonly values?: readonly PipedValue[] | undefined;
  /** Those of the names that are properties of a .NET type, which nobody chose in order to describe a block. */
  readonly properties?: readonly string[] | undefined;
  readonly isList?: boolean | undefined;
  /** The protocol of an object that does not name it. */
  readonly protocol?: Protocol | undefined;
  /** Why it could not be read. */
  readonly fault?: string | undefined;
}

/** What an object is read as: a block; a block, or a bare number for a single port; a port; or a dynamic range, in which nothing has a default. */
export type Purpose = 'block' | 'blockOrPort' | 'port' | 'range';

/** What an object says of a block. What it does not say is missing here too. */
export interface PipedBlock {
  readonly protocols?: readonly Protocol[];
  readonly startPort: number;
  readonly numberOfPorts: number;
  readonly kind?: Kind;
  readonly store?: Store;
  readonly addressFamily?: AddressFamily;
  readonly owningProcess?: number;
}

/** What to do where an object is refused. */
export const ROW_ADVICE: Readonly<Record<Purpose, PlainId>> = {
  block: 'row.advice', blockOrPort: 'row.advice', port: 'row.advice.port', range: 'row.advice.range',
};
/** Properties of a collection that are no members of a block. */
const OF_COLLECTIONS = /^(count|ports)$/i;
/** How many names an error shows. An object may have a hundred members. */
const MOST_NAMES = 12;

/** Reads the block that an object describes. Nothing is guessed: what is misspelt, said twice or no number is an error that names it. */
export function readPiped(piped: Piped, purpose: Purpose): PipedBlock {
  const refuse = (message: Text) => new PortReservationError(message, { reason: 'InvalidParameter', code: 'EINVAL', advice: text(ROW_ADVICE[purpose]) });
  const { value, fault } = piped;
  if (fault !== undefined) throw refuse(text('row.unreadable', { cause: fault }));
  if (value === undefined) return readObject(piped, purpose, refuse);
  if (purpose === 'block' || purpose === 'range') throw refuse(text('row.notABlock', { value }));
  return { startPort: toPort(value, portNameOf(purpose), refuse), numberOfPorts: 1 };
}

type Given = number | string | readonly string[];
type Refuse = (message: Text) => PortReservationError;

/** What an error calls the first port. */
function portNameOf(purpose: Purpose): 'port' | 'startPort' {
  return purpose === 'port' ? 'port' : 'startPort';
}

function readObject(piped: Piped, purpose: Purpose, refuse: Refuse): PipedBlock {
  // An object of Get-DynamicPortRange. A block of its ports would leave none for outgoing connections.
  if ((purpose === 'block' || purpose === 'blockOrPort') && piped.names?.some((name) => name.toLowerCase() === 'isdefault')) throw refuse(text('row.isRange'));
  const members = readMembers(piped, refuse);
  const first = members.get('startPort');
  if (first === undefined) throw refuse(withoutPort(piped, portNameOf(purpose)));
  const protocols = toProtocols(members.get('protocol'), refuse) ?? (piped.protocol && [piped.protocol]);
  const kind = toWord(members.get('kind'), 'kind', KINDS, refuse);
  const store = toWord(members.get('store'), 'store', STORES, refuse);
  const addressFamily = toFamily(members.get('addressFamily'), refuse);
  const owner = Number(members.get('owningProcess'));
  return {
    ...toPorts(toPort(first, portNameOf(purpose), refuse), members, refuse),
    ...protocols && { protocols }, ...kind && { kind }, ...store && { store }, ...addressFamily && { addressFamily },
    ...Number.isInteger(owner) && owner > 0 && { owningProcess: owner },
  };
}

function readMembers({ names = [], values = [], properties = [], isList = false }: Piped, refuse: Refuse): Map<string, Given> {
  const foreign = new Set(properties);
  const members = new Map<string, Given>();
  for (const [index, name] of names.entries()) {
    const member = memberNamed(name);
    if (member === undefined) {
      const meant = foreign.has(name) ? undefined : memberMeantBy(name);
      if (meant !== undefined) throw refuse(text('row.unknown', { name, meant: memberOf(meant) }));
      continue;
    }
    const value = values[index] ?? '';
    const isOfList = isList && foreign.has(name) && OF_COLLECTIONS.test(name);
    if (String(value) === '' || isOfList) continue;
    const other = members.get(member);
    if (other !== undefined && String(other) !== String(value)) {
      throw refuse(text('row.twice', { name: memberOf(member), values: joined([String(other), String(value)], ', ') }));
    }
    members.set(member, value);
  }
  return members;
}

/** Why an object without a first port is refused. */
function withoutPort({ names = [], values = [], isList }: Piped, portName: string): Text {
  if (isList) return text('row.isList');
  // Not the number of them, as Measure-PortReservation has it.
  if (names.some((name, index) => name.toLowerCase() === 'blocks' && !/^\d+$/.test(String(values[index])))) return text('row.hasBlocks');
  if (names.length === 0) return text('row.noMembers');
  const left = names.length - MOST_NAMES;
  const shown = joined(left > 1 ? names.slice(0, MOST_NAMES) : names, ', ');
  return text('row.noPort', { name: memberOf(portName), names: left > 1 ? text('row.more', { names: shown, count: left }) : shown });
}

function toPorts(startPort: number, members: ReadonlyMap<string, Given>, refuse: Refuse): Ports {
  const count = members.get('numberOfPorts');
  const last = members.get('endPort');
  let numberOfPorts = count === undefined ? 1 : toPort(count, 'numberOfPorts', refuse);
  if (last !== undefined) {
    const endPort = toPort(last, 'endPort', refuse);
    if (endPort < startPort) throw refuse(text('row.endBeforeStart', { endPort, startPort }));
    if (count === undefined) numberOfPorts = endPort - startPort + 1;
    if (endPort !== endPortOf({ startPort, numberOfPorts })) throw refuse(text('row.endContradicts', { endPort, startPort, numberOfPorts }));
  }
  return { startPort, numberOfPorts };
}

/** Takes digits only. PowerShell would round 8080.5, and read `25.000` as 25 and `1e4` as 10000. */
function toPort(value: Given, name: string, refuse: Refuse): number {
  const port = /^[0-9]{1,5}$/.test(String(value)) ? Number(value) : 0;
  if (port < 1 || port > LAST_PORT) throw refuse(text('row.number', { name: memberOf(name), value: String(value) }));
  return port;
}

function toProtocols(value: Given | undefined, refuse: Refuse): Protocol[] | undefined {
  if (value === undefined) return undefined;
  const words = (Array.isArray(value) ? value as string[] : [String(value)]).flatMap((word) => word.split(','));
  const protocols = words.map((word) => {
    const known = PROTOCOLS.find((protocol) => protocol === word.trim().toLowerCase());
    if (known === undefined) throw refuse(notOneOf('protocol', ['Tcp', 'Udp'], word));
    return known;
  });
  return [...new Set(protocols)];
}

function toWord<Word extends string>(value: Given | undefined, name: string, words: readonly Word[], refuse: Refuse): Word | undefined {
  if (value === undefined) return undefined;
  const known = words.find((word) => word === String(value).toLowerCase());
  if (known === undefined) throw refuse(notOneOf(name, words.map(capitalized), String(value)));
  return known;
}

/** Takes the names of the library, and those of .NET. */
function toFamily(value: Given | undefined, refuse: Refuse): AddressFamily | undefined {
  if (value === undefined) return undefined;
  const names = new Map<string, AddressFamily>([['internetwork', 'IPv4'], ['internetworkv6', 'IPv6']]);
  const word = String(value).toLowerCase();
  const known = ADDRESS_FAMILIES.find((family) => family.toLowerCase() === word) ?? names.get(word);
  if (known === undefined) throw refuse(notOneOf('addressFamily', ['InterNetwork', 'InterNetworkV6'], String(value)));
  return known;
}

export function notOneOf(name: string, words: readonly string[], value: Value): Text {
  return text('row.value', { name: memberOf(name), value, values: words.join(', ') });
}
