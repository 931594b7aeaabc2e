import { containsPort, endPortOf, formatBlock, overlaps, sameBlock } from '../blocks.js';
import type { PortBlock, PortRange, Protocol, Reservation } from '../blocks.js';
import type { PortReservationError } from '../errors.js';
import type { Native } from '../native.js';
import { createReservations, isPortInUse } from '../reservations/creation.js';
import type { CreateRequest, OwnReservations } from '../reservations/creation.js';
import { hiddenBlocks, listedBlocks } from '../reservations/inventory.js';
import { findPersistent } from '../reservations/persistent.js';
import { mayWinNatHoldPorts } from '../reservations/winnat.js';
import { usersOfPorts } from '../sockets/listeners.js';
import { firstPortInUse } from '../sockets/try-bind.js';
import { explainPort } from '../texts/surfaces.js';
import { isText, joined, sentences, text } from '../texts/text.js';
import type { Text, Value } from '../texts/text.js';
import type { Endpoint } from '../win32/endpoint-tables.js';
import { describeOwner, OwnerReader } from './owners.js';
import type { PortOwner } from './owners.js';

/** A process, and the ports of the block that it uses. */
export interface User {
  readonly owner: PortOwner;
  readonly ports: readonly number[];
}

/** What stands in the way of a block. */
export interface Obstacles {
  readonly blocks: readonly Reservation[];
  /** Who uses ports of the block, with the ports. */
  readonly users: readonly User[];
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
    if (!isAnything(found) || isTold(request, block, found)) return error;
    return error.amend((refusal) => withObstacles(refusal, describeObstacles(block, found)), () => adviceFor(native, request, block, found));
  } catch {
    // What could not be found out must not hide the refusal.
    return error;
  }
}

/** What stood in the way, in place of a reason that says less. */
function withObstacles(refusal: Text, obstacles: readonly Text[]): Text {
  const why = refusal.values['why'];
  const saysLess = isText(why) && (why.id === 'exclusion.overlaps' || why.id === 'exclusion.inUse');
  const all = joined(obstacles, '. ');
  return saysLess ? { ...refusal, values: { ...refusal.values, why: all } } : sentences(refusal, all);
}

/** An exclusion of the other store: its error says so, and what to do. */
function isTold({ kind, store }: CreateRequest, block: PortBlock, { blocks, users }: Obstacles): boolean {
  const [only, ...more] = blocks;
  return kind === 'exclusion' && store !== 'active' && users.length === 0 && more.length === 0 && only?.kind === 'exclusion'
    && only.store === 'active' && sameBlock(only, block);
}

/** The error of a request for which the service winnat was stopped without success. */
export function restartedInVain(error: PortReservationError): PortReservationError {
  return error.amend((refusal) => text('winnat.restartedInVain', { error: refusal }), (advice) => text('winnat.restartedInVain.advice', { advice }));
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
  if (same) return { blocks: [same], users: [], hidden: [], unknown: null };
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
  const found = new Map<number | null, { owner: PortOwner; ports: number[] }>();
  for (const [port, endpoints] of [...users].filter(([other]) => containsPort(block, other)).sort(([a], [b]) => a - b)) {
    for (const owner of reader.ownersOf(endpoints.filter(({ listening }) => listening))) {
      const user = found.get(owner.processId) ?? { owner, ports: [] };
      if (user.ports.at(-1) !== port) user.ports.push(port);
      found.set(owner.processId, user);
    }
  }
  return { blocks: blocks.filter((other) => overlaps(other, rangeOf(block))), users: [...found.values()], hidden: [], unknown: null };
}

function isAnything({ blocks, users, hidden, unknown }: Obstacles): boolean {
  return blocks.length > 0 || users.length > 0 || hidden.length > 0 || unknown !== null;
}

function rangeOf(block: PortBlock): PortRange {
  return { startPort: block.startPort, endPort: endPortOf(block) };
}

/** How many ports are tried, at the most, to find one that no list tells of. */
const TRIES = 1000;

/** How many obstacles of one sort, and ports of one process, are named. */
const NAMED = 3;

/** One sentence for each obstacle, without its full stop. */
export function describeObstacles(block: PortBlock, { blocks, users, hidden, unknown }: Obstacles): Text[] {
  return [
    ...limit(users, 'refusal.moreProcesses', ({ owner, ports }) =>
      text(ports.length === 1 ? 'refusal.use' : 'refusal.uses', { ports: somePorts(ports), owner: describeOwner(owner) })),
    ...limit(blocks, 'refusal.moreBlocks', (other) => {
      const { isOne, ports } = sharedPorts(block, other);
      return text(isOne ? 'refusal.block' : 'refusal.blocks', { ports, block: text(`in.${other.kind}`, { block: formatBlock(other) }) });
    }),
    ...limit(hidden, 'refusal.moreGuests', (other) => {
      const { isOne, ports } = sharedPorts(block, other);
      return text(isOne ? 'refusal.guest' : 'refusal.guests', { ports });
    }),
    ...unknown === null ? [] : [text('refusal.unknown', { port: unknown })],
  ];
}

function limit<Obstacle>(all: readonly Obstacle[], more: 'refusal.moreProcesses' | 'refusal.moreBlocks' | 'refusal.moreGuests',
  tell: (obstacle: Obstacle) => Text): Text[] {
  const count = all.length - NAMED;
  return [...all.slice(0, NAMED).map(tell), ...count > 0 ? [text(more, { count })] : []];
}

/** The ports that two blocks have in common. */
function sharedPorts(block: PortBlock, other: PortBlock): { isOne: boolean; ports: string } {
  const first = Math.max(block.startPort, other.startPort);
  const last = Math.min(endPortOf(block), endPortOf(other));
  return { isOne: first === last, ports: first === last ? String(first) : `${first}-${last}` };
}

function somePorts(ports: readonly number[]): Value {
  const count = ports.length - NAMED;
  return count > 0 ? text('refusal.others', { names: joined(ports.slice(0, NAMED), ', '), count }) : ports;
}

function adviceFor(native: Native, request: CreateRequest, block: PortBlock, { blocks, users, hidden, unknown }: Obstacles): Text {
  const { kind, restartWinNat, store } = request;
  const { protocol } = block;
  const covers = blocks.find((other) => other.startPort <= block.startPort && endPortOf(other) >= endPortOf(block));
  const isSame = covers !== undefined && sameBlock(covers, block);
  const lasts = kind !== 'exclusion' || store === 'active' || covers?.store !== 'active';
  if (covers?.kind === kind && lasts && (isSame || kind === 'exclusion')) return text(isSame ? 'refusal.exists.advice' : 'refusal.covered.advice');
  if (covers?.kind === 'exclusion' && kind !== 'exclusion') return text('refusal.excluded.advice');
  const [port = unknown] = users.flatMap(({ ports }) => ports);
  if (port !== null) return text('refusal.use.advice', { explain: explainPort(protocol, port), port });
  if (hidden.length > 0) return text('refusal.guest.advice');
  if (!blocks.every((other) => other.kind === 'system')) return text('refusal.own.advice');
  return text(!restartWinNat && mayWinNatHoldPorts(native) ? 'refusal.winNat.advice' : 'refusal.system.advice');
}
