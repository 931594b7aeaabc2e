import type { JSONRPCErrorResponse, JSONRPCResponse } from 'json-rpc-2.0';
import type { ReservationData } from '../blocks.js';
import { plainText } from '../text.js';
import type { BindData } from './data.js';

/**
 * Answers as rows, for the cmdlets: fields between tabs, which both PowerShells take apart with one call of String.Split, an
 * eighth of the time of their JSON. docs/host-protocol.md describes them. A text has no tab and no line break: it is one line
 * without control characters, except the map, which is given line by line.
 */
export function toRow(response: JSONRPCResponse): string {
  const answer = response.error === undefined ? [`a${String(response.id)}`, ...fieldsOf(response.result)] : fieldsOfError(response);
  return answer.join('\t');
}

/** A value with the name of the type that PowerShell shows it as. */
export class Typed {
  readonly type: string;
  readonly members: Readonly<Record<string, unknown>>;

  constructor(type: string, members: Readonly<Record<string, unknown>>) {
    this.type = type;
    this.members = members;
  }
}

/** A time, as ISO 8601. */
export class Time {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** Text that stays as it is, such as the map with its colors; without tabs and line breaks. */
export class Raw {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** The words of PowerShell for those of the protocol. */
const WORDS: Readonly<Record<string, string>> = {
  tcp: 'Tcp', udp: 'Udp', persistent: 'Persistent', runtime: 'Runtime', exclusion: 'Exclusion', system: 'System', active: 'Active',
  IPv4: 'InterNetwork', IPv6: 'InterNetworkV6', bound: 'Bound', listening: 'Listening', closed: 'Closed',
};

export function wordOf(word: string): string {
  return WORDS[word] ?? word;
}

const PROTOCOL_WORDS = Object.fromEntries(Object.entries(WORDS).map(([word, own]) => [own.toLowerCase(), word]));
/** Parameters whose values are words. */
const WORDED: ReadonlySet<string> = new Set(['protocol', 'protocols', 'kind', 'kinds', 'store', 'addressFamily', 'addressFamilies']);

/** Parameters in the words of PowerShell, in those of the protocol. */
export function fromWords(params: unknown): unknown {
  if (typeof params !== 'object' || params === null || Array.isArray(params)) return params;
  const toProtocol = (value: unknown): unknown => Array.isArray(value) ? value.map(toProtocol)
    : typeof value === 'string' ? PROTOCOL_WORDS[value.toLowerCase()] ?? value : value;
  return Object.fromEntries(Object.entries(params).map(([name, value]) => [name, WORDED.has(name) ? toProtocol(value) : value]));
}

function fieldsOf(value: unknown): string[] {
  if (value === null || value === undefined) return ['-'];
  if (typeof value === 'boolean') return [value ? 'b1' : 'b'];
  if (typeof value === 'number') return [`i${value}`];
  if (typeof value === 'string') return [`s${plainText(value)}`];
  if (value instanceof Time) return [`t${value.text}`];
  if (value instanceof Raw) return [`s${value.text}`];
  if (Array.isArray(value)) {
    if (value.length > 0 && value.every((item) => typeof item === 'string')) return [`w${value.length}`, ...value.map(plainText)];
    return [`l${value.length}`, ...value.flatMap(fieldsOf)];
  }
  if (isReservation(value)) return fieldsOfReservation(value);
  const [type, members] = value instanceof Typed ? [value.type, value.members] : ['', value as Record<string, unknown>];
  const entries = Object.entries(members);
  return [`o${entries.length}`, type, ...entries.flatMap(([name, item]) => [name, ...fieldsOf(item)])];
}

function isReservation(value: object): value is ReservationData & { created?: boolean } {
  return 'kind' in value && 'token' in value && 'store' in value;
}

/** Without a letter before each field: a pipeline has thousands of them. */
function fieldsOfReservation({ kind, protocol, startPort, numberOfPorts, token, addressFamily, owningProcess, store, created }:
  ReservationData & { created?: boolean }): string[] {
  return ['r', wordOf(kind), wordOf(protocol), `${startPort}`, `${numberOfPorts}`, token ?? '', addressFamily ? wordOf(addressFamily) : '',
    `${owningProcess ?? ''}`, store ? wordOf(store) : '', created === undefined ? '' : created ? '1' : '0'];
}

interface ErrorData {
  readonly reason?: string; readonly message?: string; readonly advice?: string; readonly nativeCode?: number | null; readonly nativeName?: string | null;
}

/** An error is empty where it has no reason: then it is the host's own fault. */
function fieldsOfError({ id, error }: JSONRPCErrorResponse): string[] {
  const data = (error.data ?? {}) as ErrorData;
  const reason = error.code === -32800 ? 'Cancelled' : data.reason ?? '';
  return [`e${String(id)}`, reason, plainText(data.message ?? error.message), plainText(data.advice ?? ''), `${data.nativeCode ?? ''}`, data.nativeName ?? ''];
}

/** A bind, in the words of PowerShell. */
export function bindRow({ id, protocol, addressFamily, localAddress, localPort, state, owningProcess, reservation }: BindData): Typed {
  return new Typed('Bind', {
    Id: id, Protocol: wordOf(protocol), AddressFamily: wordOf(addressFamily), LocalAddress: localAddress, LocalPort: localPort, State: wordOf(state),
    OwningProcess: owningProcess, Reservation: reservation,
  });
}
