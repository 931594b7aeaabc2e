import type { JSONRPCErrorResponse, JSONRPCID, JSONRPCResponse } from 'json-rpc-2.0';
import type { ReservationData } from '../blocks.js';
import { asciiJson, plainText } from '../util/plain-text.js';
import { ErrorCode } from './data.js';
import { POWERSHELL_WORDS, SURFACES, WORDED } from '../texts/surfaces.js';

/**
 * Writes an answer as a row, for the cmdlets (docs/host-protocol.md): fields between tabs. Both editions of PowerShell split it with
 * one call, in an eighth of the time that they need for JSON. No field has a tab or a line break: texts are made one line without
 * control characters, and the map is one field for each line.
 */
export function toRow(response: JSONRPCResponse): string {
  const answer = response.error === undefined ? [`a${idOf(response.id)}`, ...fieldsOf(response.result)] : fieldsOfError(response);
  return answer.join('\t');
}

/** An object with the name of its type in PowerShell; with several names between spaces, the last is the most specific. */
export class Typed {
  readonly type: string;
  readonly members: Readonly<Record<string, unknown>>;

  constructor(type: string, members: Readonly<Record<string, unknown>>) {
    this.type = type;
    this.members = members;
  }
}

/** The fields of a value that JSON has no type for, and the row a letter: the letter is the first field. */
export class Fields {
  readonly all: readonly string[];

  constructor(...all: string[]) {
    this.all = all;
  }
}

/** A time. @param iso as ISO 8601 */
export const time = (iso: string) => new Fields('t', iso);
/** A warning, which the cmdlet writes. */
export const notice = (words: string) => new Fields('n', plainText(words));
/** The mark that a result goes on: the same request with this `skip` gives the rest. */
export const more = (skip: number) => new Fields('m', `${skip}`);
/** The error of one block, in a result that has others. */
export const failed = (error: ErrorFields) => new Fields('e', ...fieldsOfData(error));
/** An unsigned number of 64 bits. @param digits in decimal notation */
export const wholeNumber = (digits: string) => new Fields('u', digits);
/** Text with escape sequences that stay, such as a line of the map with its colors. It must have no tabs and no line breaks. */
export const rawText = (text: string) => new Fields('s', text);

export function wordOf(word: string): string {
  return SURFACES.powershell.word(word);
}

/** As {@link wordOf}, for what a client has sent in place of a list: it need not be one. */
export function wordsOf(words: unknown): string[] {
  return [words].flat().map((word) => wordOf(String(word)));
}

const PROTOCOL_WORDS = new Map(Object.entries(POWERSHELL_WORDS).map(([word, own]) => [own.toLowerCase(), word]));

/** Translates the words in parameters (`Tcp`, `InterNetworkV6`) from PowerShell's to the protocol's. */
export function fromWords(params: unknown): unknown {
  if (typeof params !== 'object' || params === null || Array.isArray(params)) return params;
  const toWord = (value: unknown): unknown => typeof value === 'string' ? PROTOCOL_WORDS.get(value.toLowerCase()) ?? value : value;
  const toWords = (value: unknown) => Array.isArray(value) ? [...new Set(value.map(toWord))] : toWord(value);
  return Object.fromEntries(Object.entries(params).map(([name, value]: [string, unknown]) => [name, WORDED.has(name) ? toWords(value) : value]));
}

function fieldsOf(value: unknown): string[] {
  if (value === null || value === undefined) return ['-'];
  if (typeof value === 'boolean') return ['b', value ? '1' : ''];
  if (typeof value === 'number') return ['i', `${value}`];
  if (typeof value === 'string') return ['s', plainText(value)];
  if (value instanceof Fields) return [...value.all];
  if (Array.isArray(value)) {
    if (value.length > 0 && value.every((item) => typeof item === 'string')) return ['w', `${value.length}`, ...value.map(plainText)];
    return ['l', `${value.length}`, ...value.flatMap(fieldsOf)];
  }
  if (isReservation(value)) return fieldsOfReservation(value);
  const [type, members] = value instanceof Typed ? [value.type, value.members] : ['', value as Record<string, unknown>];
  const entries = Object.entries(members);
  return ['o', `${entries.length}`, type, ...entries.flatMap(([name, item]) => [name, ...fieldsOf(item)])];
}

interface ReservationRow extends ReservationData {
  readonly created?: boolean;
}

function isReservation(value: object): value is ReservationRow {
  return 'kind' in value && 'token' in value && 'store' in value;
}

/** The one object whose fields have no letters, because a pipeline has thousands of them. */
function fieldsOfReservation({ kind, protocol, startPort, numberOfPorts, token, addressFamily, owningProcess, store, created }: ReservationRow): string[] {
  return ['r', wordOf(kind), wordOf(protocol), `${startPort}`, `${numberOfPorts}`, token ?? '', addressFamily ? wordOf(addressFamily) : '',
    `${owningProcess ?? ''}`, store ? wordOf(store) : '', created === undefined ? '' : `${Number(created)}`];
}

/** The block that an error is about, as far as it was understood. It need not be checked yet: a client may have sent anything. */
interface Asked {
  readonly protocols: unknown;
  readonly startPort?: unknown;
  readonly numberOfPorts: unknown;
  readonly kind?: string;
}

/** The block that a cmdlet was asked for, as the target of an error. */
export function blockRow({ protocols, startPort, numberOfPorts, kind }: Asked): Typed {
  return new Typed('PortReservation.Block', {
    Protocol: wordsOf(protocols).join(', '), StartPort: startPort ?? null, EndPort: Number(startPort) + Number(numberOfPorts) - 1 || null,
    NumberOfPorts: numberOfPorts, Kind: kind ? wordOf(kind) : null,
  });
}

interface ErrorFields {
  readonly reason?: string; readonly message?: string; readonly advice?: string; readonly nativeCode?: number | null; readonly nativeName?: string | null;
  /** The recommended action, if that of the reason does not fit. */
  readonly action?: string | undefined;
  /** The target of the error: an object, or the index of one in the request. If there is none, it is what the whole request is about. */
  readonly target?: Typed | number | undefined;
}

/** An id: a number as it is, a string as JSON, in which tabs and line breaks are escaped. */
function idOf(id: JSONRPCID): string {
  return typeof id === 'string' ? asciiJson(JSON.stringify(id)) : String(id);
}

/** An error without data is a fault of the host itself: its reason is empty. */
function fieldsOfError({ id, error }: JSONRPCErrorResponse): string[] {
  const data = (error.data ?? {}) as ErrorFields;
  return [`e${idOf(id)}`, ...fieldsOfData({ message: error.message, ...data, ...error.code === ErrorCode.RequestCancelled ? { reason: 'Cancelled' } : {} })];
}

function fieldsOfData({ reason = '', message = '', advice = '', nativeCode, nativeName, action = '', target }: ErrorFields): string[] {
  return [reason, plainText(message), plainText(advice), `${nativeCode ?? ''}`, nativeName ?? '', plainText(action), ...fieldsOf(target)];
}
