import { endPortOf, formatRange, LAST_PORT, PROTOCOLS } from '../blocks.js';
import type { Kind, Protocol, ReservationData } from '../blocks.js';
import { notOneOf, readPiped, ROW_ADVICE } from '../block-files/piped.js';
import type { PipedBlock, Purpose } from '../block-files/piped.js';
import { isLasting } from '../desired-state/desired.js';
import { isPortReservationError, PortReservationError } from '../errors.js';
import type { Reason } from '../errors.js';
import { ownKindOf } from '../kinds/kinds.js';
import type { PortReservations } from '../port-reservations.js';
import { checkCreateRequest } from '../reservations/create-request.js';
import { checkDynamicPortRange } from '../reservations/dynamic-port-range.js';
import { text } from '../texts/text.js';
import type { PlainId, Text } from '../texts/text.js';
import { findBlocks } from './find.js';
import { checkMapFile, formatOf } from './map-file.js';
import { blockRow, fromWords, wordOf } from './rows.js';
import type { Typed } from './rows.js';
import { parseParams, parseRow } from './schemas.js';
import type { Method, Params } from './schemas.js';

/** Methods whose parameters may be an object of a pipeline, and what it is read for. */
export const READ_FOR = {
  'reservation.create': 'blockOrPort', 'reservation.remove': 'block', 'bind.create': 'block', 'reservation.find': 'blockOrPort',
  'port.test': 'port', 'desiredState.plan': 'block', 'dynamicRange.set': 'range',
} as const satisfies Partial<Record<Method, Purpose>>;
export type ReadMethod = keyof typeof READ_FOR;

/** A block that a request names, with the defaults of its cmdlet. */
type Named = { readonly protocols: readonly Protocol[]; readonly startPort?: number; readonly numberOfPorts: number; readonly kind?: Kind } & Pick<PipedBlock, 'store' | 'addressFamily' | 'owningProcess'>;

/**
 * The parameters of a cmdlet, by the names and in the words that the method has: `row`, the object that was piped in, is read
 * here. What is given as a parameter precedes what the object says.
 *
 * @param tell is told the block that is asked for, or the index of the object that is read, before it may be refused
 */
export function fromPiped(method: Method, params: unknown, tell: Tell = () => {}): unknown {
  // All of those of the list may be left out.
  const own = fromWords(fromParameters(method, params ?? (method === 'reservation.list' ? {} : params)));
  if (typeof own !== 'object' || own === null || hasNested(method, own)) return own;
  if (method === 'reservation.list') return { ...own, partial: true };
  if ('rows' in own) return withBlocks(own, tell);
  if (method === 'map.render' && 'path' in own) return { format: formatOf(String(own.path)), ...own };
  if (method === 'bind.create' && !('row' in own)) return forBind(own, tell);
  return isReadMethod(method) && !('protocol' in own) && method !== 'desiredState.plan' ? resolve(method, own, tell) : own;
}

/** Whether a parameter beside the row has parts of its own: no cmdlet sends that, and the schema refuses it by its name. */
function hasNested(method: Method, own: object): boolean {
  const isPlain = (value: unknown) => typeof value !== 'object' || value === null;
  return isReadMethod(method) && method !== 'desiredState.plan'
    && Object.entries(own).some(([name, value]: [string, unknown]) => name !== 'row' && ![value].flat().every(isPlain));
}

/** Is told what a request is about. */
type Tell = (target: Typed | number | undefined) => void;

/** A list of blocks that was piped in. One that is no block is an error of the whole list: without it, the list would be another one. */
function withBlocks({ rows, ...given }: { rows?: unknown }, tell: Tell): object {
  let names: unknown;
  const blocks = [rows].flat().flatMap((row: unknown, index) => {
    tell(index);
    // As the object before it has them.
    const { values, ...own } = (row ?? {}) as { names?: unknown; values?: unknown };
    if (values !== undefined) names = own.names ?? names;
    try {
      const { protocols, startPort, numberOfPorts, kind, store } = resolve('desiredState.plan', { row: values === undefined ? own : { ...own, names, values } }, () => {}) as Named;
      return protocols.map((protocol) => ({ protocol, startPort, numberOfPorts, kind, store }));
    } catch (error) {
      throw isPortReservationError(error) ? error.amend((message) => message, () => text('row.advice.list')) : error;
    }
  });
  tell(undefined);
  return { ...given, blocks };
}

/** Parameters of a cmdlet that the method calls otherwise. */
const RENAMED: Partial<Record<Method, Readonly<Record<string, string>>>> = {
  'reservation.list': { Kind: 'kinds' }, 'reservation.find': { Kind: 'kinds' }, 'bind.create': { Protocol: 'protocol' },
};

/** Methods of which a cmdlet may ask first what a request would be about. */
const ASKED: ReadonlySet<Method> = new Set<Method>(['reservation.create', 'reservation.remove', 'dynamicRange.set', 'map.render']);

/** Whether a cmdlet only asks that. For another method, `Ask` is a parameter that there is not. */
export function isAsking(method: Method, params: unknown): boolean {
  return ASKED.has(method) && typeof params === 'object' && params !== null && 'Ask' in params;
}

/** Parameters by the names of the method; those of a cmdlet begin with a capital letter. */
function fromParameters(method: Method, params: unknown): unknown {
  if (typeof params !== 'object' || params === null || Array.isArray(params)) return params;
  return Object.fromEntries(Object.entries(params).filter(([name]) => name !== 'Ask' || !ASKED.has(method)).map(([name, value]: [string, unknown]) => {
    if (name === 'TimeoutSec') return ['timeout', typeof value === 'number' ? value * 1000 : value];
    const names = RENAMED[method] ?? {};
    const renamed = Object.hasOwn(names, name) ? names[name] : (name === 'Protocol' ? 'protocols' : name.charAt(0).toLowerCase() + name.slice(1));
    return [renamed, name === 'Protocol' && renamed === 'protocols' ? [value].flat() : value];
  }));
}

function resolve(method: ReadMethod, params: object, tell: Tell): object {
  const { row, ...given } = params as Record<string, unknown>;
  const named = nameBlock(method, row === undefined ? undefined : readPiped(parseRow(row), READ_FOR[method]), given);
  const { protocols, startPort, numberOfPorts, kind, store, addressFamily } = named;
  const kinds = given['kinds'] as Kind[] | undefined ?? (kind && method === 'reservation.find' ? [kind] : undefined);
  // Otherwise the object itself is what the error is about.
  if (row === undefined || TOLD.has(method)) tell(blockRow({ ...named, kind: [kinds ?? kind ?? ''].flat().map(wordOf).join(' ') }));
  checkKind(method, named);
  const block = { ...startPort === undefined ? {} : { startPort }, numberOfPorts };
  const chosen = store && hasStore(kind) ? { store } : {};
  switch (method) {
    case 'bind.create': return { ...bindOptions(given), ...block, kind, protocol: protocols[0] };
    // If no protocol was named, finding the block in one of the two is enough.
    case 'reservation.find': return { ...block, protocols, ...kinds && { kinds }, any: !('protocols' in given) && protocols.length > 1 };
    case 'port.test': return { ...given, ...block, protocols };
    case 'dynamicRange.set': return { ...block, protocols, ...addressFamily && { addressFamilies: [addressFamily] } };
    case 'desiredState.plan': return named;
    default:
  }
  const others = Object.entries(given).filter(([name]) => name !== 'store' && name !== 'addressFamily');
  return { ...Object.fromEntries(others), ...block, kind, ...chosen, protocols, ...addressFamily && method === 'reservation.create' ? { addressFamily } : {} };
}

/** Methods whose errors are about the block, also where it was piped in. */
const TOLD: ReadonlySet<Method> = new Set<Method>(['reservation.create', 'reservation.find', 'port.test']);

/** A bind by block or token. */
function forBind(params: object, tell: Tell): object {
  const named = { protocol: 'tcp', ...'startPort' in params ? { numberOfPorts: 1 } : {}, ...bindOptions(params) } as { protocol: string; startPort?: number; numberOfPorts?: number };
  tell(blockRow({ ...named, protocols: [named.protocol], numberOfPorts: named.numberOfPorts ?? 0 }));
  return named;
}

/** A queue is one for connections, and an IPv6 address is of that family. */
function bindOptions(given: object): object {
  const { addressFamily, localAddress, backlog } = given as Record<string, unknown>;
  const isSixth = addressFamily === undefined && typeof localAddress === 'string' && localAddress.includes(':');
  return { ...given, ...backlog === undefined ? {} : { listen: true }, ...isSixth ? { addressFamily: 'IPv6' } : {} };
}

function isReadMethod(method: Method): method is ReadMethod {
  return Object.hasOwn(READ_FOR, method);
}

/** The block of a request: what was given, then what the object says, then the defaults of the cmdlet. */
function nameBlock(method: ReadMethod, block: PipedBlock | undefined, given: Record<string, unknown>): Named {
  const protocols = method === 'dynamicRange.set' ? [] : method === 'reservation.find' ? PROTOCOLS : ['tcp'] as const;
  const isOfAnyKind = method === 'reservation.find' || method === 'port.test' || method === 'dynamicRange.set';
  return { protocols, ...isOfAnyKind ? {} : { kind: 'persistent' as const }, numberOfPorts: 1, ...block, ...given };
}

function checkKind(method: ReadMethod, { protocols, startPort = 0, numberOfPorts, kind, store, owningProcess }: Named): void {
  const word = kind ? wordOf(kind) : '';
  const end = startPort + numberOfPorts - 1;
  if (method === 'dynamicRange.set') {
    if (kind) throw refusal(text('row.isBlock', { kind: word }), 'row.advice.range');
    if (protocols.length === 0) throw refusal(notOneOf('protocol', ['Tcp', 'Udp'], ''), 'row.advice.range');
  }
  if (startPort > 0 && end > LAST_PORT) throw refusal(text('row.pastLastPort', { startPort, numberOfPorts, end }), ROW_ADVICE[READ_FOR[method]]);
  const [message, advice] = kind === 'system' || kind === 'exclusion' && method === 'bind.create' ? REFUSED[method] ?? [] : [];
  if (message && advice) throw refusal(text(message, { kind: word }), advice);
  if (method === 'bind.create' && protocols.length !== 1) throw refusal(notOneOf('protocol', ['Tcp', 'Udp'], protocols.map(wordOf).join(', ')), 'row.advice');
  // Its own is accepted: its object has it too.
  if ((method === 'reservation.create' || method === 'reservation.remove') && store && !hasStore(kind) && store !== (kind === 'persistent' ? 'persistent' : 'active')) {
    throw refusal(text('row.store', { kind: word }), 'row.store.advice');
  }
  // A runtime reservation ends with its host (rule R3); the next host may have reserved the same block again.
  if ((method === 'reservation.remove' || method === 'bind.create') && kind === 'runtime' && owningProcess !== undefined && owningProcess !== process.pid) {
    const block = `${wordsOf(protocols)} ${formatRange({ startPort, numberOfPorts })} (${word})`;
    throw refusal(text('row.gone', { block, processId: String(owningProcess) }), 'row.gone.advice', 'TokenNotValid');
  }
}

/** What a block of a kind that it cannot be done with is refused with. */
const REFUSED = {
  'reservation.create': ['row.notCreated', 'row.notCreated.advice'],
  'reservation.remove': ['row.notRemoved', 'row.notRemoved.advice'],
  'bind.create': ['row.notBound', 'row.notBound.advice'],
} as const satisfies Partial<Record<ReadMethod, readonly ['row.notCreated' | 'row.notRemoved' | 'row.notBound', PlainId]>> as
  Partial<Record<ReadMethod, readonly ['row.notCreated' | 'row.notRemoved' | 'row.notBound', PlainId]>>;

function refusal(message: Text, advice: PlainId, reason: Reason = 'InvalidParameter'): PortReservationError {
  return new PortReservationError(message, { reason, code: 'EINVAL', advice: text(advice) });
}

function hasStore(kind: Kind | undefined): boolean {
  return kind !== undefined && kind !== 'system' && ownKindOf(kind).hasStore;
}

function wordsOf(protocols: readonly Protocol[]): string {
  return protocols.map(wordOf).join(' ');
}

/** What a cmdlet asks before a request (with `ask`), and after a host that was lost. */
export function createQuestions(reservations: PortReservations) {
  /** What a request would be about, as -WhatIf and -Confirm show it; of a block to create, also whether it is there already. */
  async function describe(method: Method, params: unknown) {
    if (method === 'map.render') {
      const { path = '', force = false } = params as Params<'map.render'>;
      await checkMapFile(path, force);
      return { Text: path, IsThere: false };
    }
    const { protocols, startPort, numberOfPorts, kind, addressFamilies = [] } = params as Named & { addressFamilies?: readonly string[] };
    if (method === 'dynamicRange.set') checkDynamicPortRange(params as Params<'dynamicRange.set'>);
    const ports = startPort === undefined ? `(${numberOfPorts})` : formatRange({ startPort, numberOfPorts });
    const words = kind ? [kind] : addressFamilies;
    return {
      Text: `${protocols.map(wordOf).join(' ')} ${ports}${words.map((word) => ` (${wordOf(word)})`).join('')}`,
      IsThere: method === 'reservation.create' && await exists(params as Params<'reservation.create'>),
    };
  }

  /** Whether `ifNotExists` would find all of a block. */
  async function exists(request: Params<'reservation.create'>): Promise<boolean> {
    const { protocols } = checkCreateRequest(request);
    const { kind, startPort, numberOfPorts, store, ifNotExists } = request;
    if (!ifNotExists || startPort === undefined) return false;
    const blocks = protocols.map((protocol) => ({ protocol, startPort, numberOfPorts, kind, store })).filter(isLasting);
    return blocks.length > 0 && (await reservations.plan(blocks)).changes.every(({ change }) => change === 'none');
  }

  /**
   * What became of a request whose answer was lost with its host: what it made or removed, or null if it did not, or nothing
   * can say it; and what it made in one of two protocols.
   */
  async function recall({ method, params }: Params<'request.recall'>) {
    const { protocols, kind, startPort, numberOfPorts } = understand(method, params);
    const unknown = { Done: null, Left: [] };
    // A runtime reservation ended with its host, and no search says what it was for.
    if (kind === undefined || kind === 'runtime' || startPort === undefined) return unknown;
    const { reservations: there, missing, notRead } = await findBlocks(reservations,
      { protocols: [...protocols], kinds: [kind], startPort, numberOfPorts }, (error) => error.toData());
    if (notRead.length > 0) return unknown;
    if (method === 'reservation.create') return missing.length === 0 ? { Done: there, Left: [] } : { Done: null, Left: there };
    return there.length > 0 ? unknown : { Done: protocols.map((protocol) => gone({ kind, protocol, startPort, numberOfPorts })), Left: [] };
  }

  return { describe, recall };
}

function understand(method: 'reservation.create' | 'reservation.remove', params: unknown): Named {
  const parsed = parseParams(method, fromPiped(method, params));
  if (isPortReservationError(parsed)) throw parsed;
  return parsed as Named;
}

/** A reservation that is there no more, and of which only the block is known. */
function gone(block: Pick<ReservationData, 'kind' | 'protocol' | 'startPort' | 'numberOfPorts'>): ReservationData {
  return { ...block, endPort: endPortOf(block), token: null, addressFamily: null, owningProcess: null, store: null };
}
