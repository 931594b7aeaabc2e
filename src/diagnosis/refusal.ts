import { containsPort, endPortOf, formatBlock, overlaps, sameBlock } from '../blocks.js';
import type { PortBlock, PortRange, Protocol, Reservation } from '../blocks.js';
import { PortReservationError } from '../errors.js';
import type { Native } from '../native.js';
import { createReservations, isPortInUse } from '../reservations/creation.js';
import type { CreateRequest, OwnReservations } from '../reservations/creation.js';
import { hiddenBlocks, listedBlocks } from '../reservations/inventory.js';
import { findPersistent } from '../reservations/persistent.js';
import { mayWinNatHoldPorts } from '../reservations/winnat.js';
import { usersOfPorts } from '../sockets/listeners.js';
import { firstPortInUse } from '../sockets/try-bind.js';
import type { Endpoint } from '../win32/endpoint-tables.js';
import { formatOwner, OwnerReader } from './owners.js';

/** What stands in the way of a block. */
export interface Obstacles {
  readonly blocks: readonly Reservation[];
  /** Who uses ports of the block, as text, with the ports. */
  readonly users: ReadonlyMap<string, readonly number[]>;
  /** Ports of the block that Hyper-V's networking holds for guests (rule N7). */
  readonly hidden: readonly Reservation[];
  /** A port that cannot be bound, although no list shows a holder (rule N7). */
  readonly unknown: number | null;
}

/** As {@link createReservations}; if a port or block stands in the way, the error says which, and whose it is. */
export async function createOrSayWhy(native: Native, own: OwnReservations, request: CreateRequest, options: { fresh?: boolean } = {}) {
  try {
    return await createReservations(native, own, request);
  } catch (error) {
    throw await sayWhy(native, own, request, error, options);
  }
}

/** The error of a refused block, with what stood in the way; any other error as it is. */
export async function sayWhy(native: Native, own: OwnReservations, request: CreateRequest, error: unknown, { fresh = false } = {}): Promise<unknown> {
  const { startPort = 0, numberOfPorts } = request;
  if (!isPortInUse(error) || startPort === 0) return error;
  const protocol = error.block?.protocol ?? request.protocols[0] ?? 'tcp';
  const block = { protocol, startPort, numberOfPorts };
  try {
    const found = await findObstacles(native, own, block, fresh);
    const text = describeObstacles(block, found);
    return text === '' || isTold(request, block, found) ? error : new PortReservationError(`${error.message}. ${text}`,
      { ...error.toJSON(), advice: adviceFor(native, request, block, found) ?? error.advice }, { cause: error });
  } catch {
    // What could not be found out must not hide the refusal.
    return error;
  }
}

/** An exclusion of the other store: its error says so, and what to do. */
function isTold({ kind, store }: CreateRequest, block: PortBlock, { blocks, users }: Obstacles): boolean {
  const [only, ...more] = blocks;
  return kind === 'exclusion' && store !== 'active' && users.size === 0 && more.length === 0 && only?.kind === 'exclusion'
    && only.store === 'active' && sameBlock(only, block);
}

/** The error of a request for which the service winnat was stopped without success. */
export function restartedInVain(error: PortReservationError): PortReservationError {
  return new PortReservationError(
    `${error.message}. The service winnat was stopped and started again for it in vain: somebody else holds the block`,
    {
      ...error.toJSON(),
      advice: 'Do not repeat it: another restart of winnat would interrupt the network of containers and virtual machines again, and not help. '
        + error.advice,
    }, { cause: error });
}

/** What the lists and tables of a protocol say. */
export interface Lists {
  readonly blocks: readonly Reservation[];
  readonly users: ReadonlyMap<number, readonly Endpoint[]>;
  readonly reader: OwnerReader;
  /** Whether the blocks could be read: without netsh, the processes are named all the same. */
  readonly isListed: boolean;
}

/** Reads that are under way: the refusals of one batch share them. */
const pending = new WeakMap<Native, Map<Protocol, Promise<Lists>>>();

async function findObstacles(native: Native, own: OwnReservations, block: PortBlock, fresh: boolean): Promise<Obstacles> {
  // The usual case, which needs no list: the block is reserved already.
  const same = findPersistent(native, block);
  if (same) return { blocks: [same], users: new Map(), hidden: [], unknown: null };
  const [isShared, read] = readLists(native, own, block.protocol, fresh);
  const lists = await read;
  const found = overlapping(block, lists);
  if (isAnything(found) || !lists.isListed) return found;
  // What another request of the batch made may be newer than the list.
  const again = isShared ? overlapping(block, await readLists(native, own, block.protocol, fresh)[1]) : found;
  if (isAnything(again)) return again;
  const hidden = hiddenBlocks(native, block.protocol, []).filter((other) => overlaps(other, rangeOf(block)));
  return { ...again, hidden, unknown: hidden.length > 0 ? null : await firstPortInUse(native, block, TRIES) };
}

/** The lists, and whether their reading had begun before. */
function readLists(native: Native, own: OwnReservations, protocol: Protocol, fresh: boolean): [boolean, Promise<Lists>] {
  const reads = pending.get(native) ?? new Map<Protocol, Promise<Lists>>();
  pending.set(native, reads);
  const begun = reads.get(protocol);
  if (begun && !fresh) return [true, begun];
  const read = readObstacles(native, own, protocol).finally(() => {
    if (reads.get(protocol) === read) reads.delete(protocol);
  });
  reads.set(protocol, read);
  return [false, read];
}

/** Reads the lists and tables of a protocol. */
export async function readObstacles(native: Native, own: OwnReservations, protocol: Protocol): Promise<Lists> {
  const users = usersOfPorts(native, protocol);
  let isListed = true;
  const blocks = await listedBlocks(native, protocol, own.runtimeReservations, 'active', () => {
    isListed = false;
  });
  return { users, reader: new OwnerReader(native), blocks, isListed };
}

/** What of the lists is in the way of a block. */
export function overlapping(block: PortBlock, { blocks, users, reader }: Lists): Obstacles {
  const named = new Map<string, number[]>();
  for (const [port, endpoints] of [...users].filter(([other]) => containsPort(block, other)).sort(([a], [b]) => a - b)) {
    const owners = reader.ownersOf(endpoints.filter(({ listening }) => listening));
    for (const name of new Set(owners.map(formatOwner))) named.set(name, [...named.get(name) ?? [], port]);
  }
  return { blocks: blocks.filter((other) => overlaps(other, rangeOf(block))), users: named, hidden: [], unknown: null };
}

function isAnything({ blocks, users }: Obstacles): boolean {
  return blocks.length > 0 || users.size > 0;
}

function rangeOf(block: PortBlock): PortRange {
  return { startPort: block.startPort, endPort: endPortOf(block) };
}

/** How many ports are tried, at the most, to find one that no list tells of. */
const TRIES = 1000;

const KINDS = {
  persistent: 'the persistent reservation', runtime: 'this session\'s runtime reservation', exclusion: 'the exclusion',
  system: 'a block of another program,',
} as const satisfies Record<Reservation['kind'], string>;
/** How many obstacles of one sort are named. */
const NAMED = 3;

/** The obstacles as one sentence; '' if there are none. */
export function describeObstacles(block: PortBlock, { blocks, users, hidden, unknown }: Obstacles): string {
  const parts = [
    ...limit([...users].map(([name, ports]) => `${formatPorts(ports)} in use by ${name}`), 'other process', 'other processes'),
    ...limit(blocks.map((other) => `${formatShared(block, other)} in ${KINDS[other.kind]} ${formatBlock(other)}`), 'other block', 'other blocks'),
    ...limit(hidden.map((other) => `${formatShared(block, other)} held by Hyper-V's networking for a guest, such as WSL`), 'other guest', 'other guests'),
    ...unknown === null ? [] : [`port ${unknown} is in use, and no list shows by whom`],
  ];
  return parts.join('; ').replace(/^p/, 'P');
}

function limit(parts: readonly string[], one: string, several: string): string[] {
  const more = parts.length - NAMED;
  return more > 0 ? [...parts.slice(0, NAMED), `and ${more} ${more === 1 ? one : several}`] : [...parts];
}

/** The ports that two blocks have in common, as the beginning of a sentence. */
function formatShared(block: PortBlock, other: PortBlock): string {
  const first = Math.max(block.startPort, other.startPort);
  const last = Math.min(endPortOf(block), endPortOf(other));
  return first === last ? `port ${first} is` : `ports ${first}-${last} are`;
}

function formatPorts(ports: readonly number[]): string {
  if (ports.length === 1) return `port ${ports.join()} is`;
  return `ports ${limit(ports.map(String), 'more', 'more').join(', ')} are`;
}

function adviceFor(native: Native, request: CreateRequest, block: PortBlock, { blocks, users, hidden, unknown }: Obstacles): string | null {
  const { kind, restartWinNat, store } = request;
  const covers = blocks.find((other) => other.startPort <= block.startPort && endPortOf(other) >= endPortOf(block));
  const isSame = covers !== undefined && sameBlock(covers, block);
  const lasts = kind !== 'exclusion' || store === 'active' || covers?.store !== 'active';
  if (covers?.kind === kind && lasts && (isSame || kind === 'exclusion')) {
    return `${isSame ? 'It exists already' : `The exclusion ${formatBlock(covers)} already does the job`}: `
      + '-IfNotExists (on the command line: --if-not-exists) returns it instead of an error.';
  }
  if (covers?.kind === 'exclusion' && kind !== 'exclusion') {
    return `For a program that binds its port itself, the exclusion ${formatBlock(covers)} already does the job; for a reservation, remove it first.`;
  }
  const [port = unknown] = [...users.values()].flat();
  if (port !== null) {
    return `Take another block; Test-PortReservation -Port ${port}${block.protocol === 'udp' ? ' -Protocol Udp' : ''} (on the command line: `
      + `explain ${port}${block.protocol === 'udp' ? ' --protocol udp' : ''}) says what to do about port ${port}.`;
  }
  if (hidden.length > 0) return 'Take another block, or change the networking of the guest.';
  if (!restartWinNat && blocks.every((other) => other.kind === 'system') && mayWinNatHoldPorts(native)) {
    return 'Take another block or, if WinNAT holds it for Hyper-V, Docker or WSL, take it back with -RestartWinNat '
      + '(on the command line: --restart-winnat).';
  }
  return blocks.every((other) => other.kind === 'system')
    ? 'Take another block, or end the program that holds it.'
    : 'Take another block, or remove what is in its way first.';
}
