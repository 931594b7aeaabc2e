import { contains, endPortOf, formatBlock, overlaps, rangeOf, sameBlock } from '../blocks.js';
import type { PortBlock, Protocol, Reservation } from '../blocks.js';
import type { CheckedBlock } from '../checks.js';
import type { PortReservationError } from '../errors.js';
import type { Session, Source } from '../kinds/kind.js';
import { areOfOthers, servesRequest, findByToken, refusesBinds } from '../kinds/kinds.js';
import type { Native } from '../native.js';
import { createReservations, isPortInUse } from '../reservations/creation.js';
import type { CheckedCreateRequest } from '../reservations/create-request.js';
import { BlockList } from '../reservations/block-list.js';
import { hiddenBlocks } from '../reservations/inventory.js';
import { mayWinNatHoldPorts } from '../reservations/winnat.js';
import { usersOfPorts } from '../sockets/port-users.js';
import { firstPortInUse } from '../sockets/try-bind.js';
import { createExclusion, explainPort } from '../texts/surfaces.js';
import { isText, joined, sentences, text } from '../texts/text.js';
import type { Text, Value } from '../texts/text.js';
import { untilAborted } from '../util/until-aborted.js';
import type { Endpoint } from '../win32/endpoint-tables.js';
import { describeOwner, OwnerReader } from './owners.js';
import type { PortOwner } from './owners.js';

/** A process, and the ports of the block that it uses. */
export interface User {
  readonly owner: PortOwner;
  readonly ports: readonly number[];
}

/** What stands in the way of a block. */
interface Obstacles {
  readonly blocks: readonly Reservation[];
  /** Who uses ports of the block, with the ports. */
  readonly users: readonly User[];
  /** Ports of the block that Hyper-V's networking holds for guests (rule N7). */
  readonly hidden: readonly Reservation[];
  /** A port that cannot be bound, although no list shows a holder (rule N7). */
  readonly unknown: number | null;
}

/** As {@link createReservations}; if a port or block stands in the way, the error says which, and whose it is. */
export async function createOrSayWhy(session: Session, request: CheckedCreateRequest, options: { fresh?: boolean } = {}) {
  try {
    return await createReservations(session, request);
  } catch (error) {
    throw await sayWhy(session, request, error, options);
  }
}

/** Adds to the error of a refused block what stood in the way. Any other error is returned as it is. */
export async function sayWhy(session: Session, request: CheckedCreateRequest, error: unknown, { fresh = false } = {}): Promise<unknown> {
  if (!isPortInUse(error)) return error;
  const block = request.blocks?.find(({ protocol }) => protocol === error.block?.protocol) ?? request.blocks?.[0];
  if (!block) return error;
  try {
    const found = await untilAborted(request.signal, () => findObstacles(session, block, fresh));
    if (!isAnything(found) || isTold(request, block, found)) return error;
    return error.amend({
      message: withObstacles(error.text, describeObstacles(block, found)), advice: adviceFor(session.native, request, block, found),
    });
  } catch {
    // A look for the cause that failed or was aborted must not hide the refusal.
    return error;
  }
}

/** Puts the obstacles in place of a reason that says less; otherwise after the message. */
function withObstacles(refusal: Text, obstacles: readonly Text[]): Text {
  const why = refusal.values['why'];
  const saysLess = isText(why) && (why.id === 'exclusion.overlaps' || why.id === 'exclusion.inUse');
  const all = joined(obstacles, '. ');
  return saysLess ? { ...refusal, values: { ...refusal.values, why: all } } : sentences(refusal, all);
}

/** Whether the error says it all already: the only obstacle is the same exclusion in the other store. */
function isTold({ kind, store }: CheckedCreateRequest, block: PortBlock, { blocks, users }: Obstacles): boolean {
  const [only, ...more] = blocks;
  return only !== undefined && more.length === 0 && users.length === 0 && only.kind === kind.kind && sameBlock(only, block)
    && !servesRequest(kind, only, block, store ?? 'persistent');
}

/** The error of a request for which the service winnat was stopped without success. */
export function restartedInVain(error: PortReservationError): PortReservationError {
  return error.amend({
    message: text('winnat.restartedInVain', { error: error.text }), advice: text('winnat.restartedInVain.advice', { advice: error.adviceText }),
  });
}

/** The lists and tables of a protocol. */
export interface Lists {
  readonly blocks: BlockList;
  readonly users: ReadonlyMap<number, readonly Endpoint[]>;
  readonly reader: OwnerReader;
  /** Whether the list of blocks could be read. Without netsh, processes are named all the same. */
  readonly isListed: boolean;
}

/** Readings that are under way, which the refusals of one batch share. */
const pending = new WeakMap<Session, Map<Protocol, Promise<Lists>>>();

async function findObstacles(session: Session, block: CheckedBlock, fresh: boolean): Promise<Obstacles> {
  const { native } = session;
  // The usual case, which needs no list: the block is reserved already.
  const same = findByToken(session, block);
  if (same) return { blocks: [same], users: [], hidden: [], unknown: null };
  const [isShared, read] = readLists(session, block.protocol, fresh);
  const lists = await read;
  const found = overlapping(block, lists);
  if (isAnything(found) || !lists.isListed) return found;
  // A shared list may be older than what another request of the batch has made, so it is read once more.
  const again = isShared ? overlapping(block, await readLists(session, block.protocol, fresh)[1]) : found;
  if (isAnything(again)) return again;
  const hidden = hiddenBlocks(native, block.protocol, null).filter((other) => overlaps(other, rangeOf(block)));
  return { ...again, hidden, unknown: hidden.length > 0 ? null : await firstPortInUse(native, block, { most: TRIES }) };
}

/** The lists, and whether somebody else had begun to read them. */
function readLists(session: Session, protocol: Protocol, fresh: boolean): [boolean, Promise<Lists>] {
  const reads = pending.get(session) ?? new Map<Protocol, Promise<Lists>>();
  pending.set(session, reads);
  const begun = reads.get(protocol);
  if (begun && !fresh) return [true, begun];
  const read = readObstacles(session, protocol).finally(() => {
    if (reads.get(protocol) === read) reads.delete(protocol);
  });
  reads.set(protocol, read);
  return [false, read];
}

/** Reads the lists and tables of a protocol. */
export async function readObstacles(source: Source, protocol: Protocol): Promise<Lists> {
  const { native } = source;
  const users = usersOfPorts(native, protocol);
  let isListed = true;
  const blocks = await BlockList.read(source, protocol, { onNotRead: () => void (isListed = false) });
  return { users, reader: new OwnerReader(native), blocks, isListed };
}

/** What in the lists is in the way of a block. */
function overlapping(block: PortBlock, lists: Lists): Obstacles {
  return { blocks: lists.blocks.overlapping(rangeOf(block)), users: usersIn(block, lists), hidden: [], unknown: null };
}

/** Who uses ports of a block, listeners first. The connection of a client keeps its port from others as well. */
export function usersIn(block: PortBlock, { users, reader }: Pick<Lists, 'users' | 'reader'>): Obstacles['users'] {
  const found = new Map<number | null, { owner: PortOwner; ports: number[] }>();
  for (let port = block.startPort; port <= endPortOf(block); port += 1) {
    for (const owner of reader.ownersOf(users.get(port) ?? [])) {
      const user = found.get(owner.processId) ?? { owner, ports: [] };
      if (user.ports.at(-1) !== port) user.ports.push(port);
      found.set(owner.processId, user);
    }
  }
  const isListener = ({ owner: { state } }: User) => Number(state === null || state === 'Listen');
  return [...found.values()].sort((a, b) => isListener(b) - isListener(a));
}

function isAnything({ blocks, users, hidden, unknown }: Obstacles): boolean {
  return blocks.length > 0 || users.length > 0 || hidden.length > 0 || unknown !== null;
}

/** How many ports are tried at most, to find one with a holder that no list shows. */
const TRIES = 1000;

/** How many obstacles of one sort, and ports of one process, are named. */
const NAMED = 3;

/** One sentence for each obstacle, without its full stop. */
export function describeObstacles(block: PortBlock, { blocks, users, hidden, unknown }: Obstacles): Text[] {
  return [
    ...firstFew(users, 'refusal.moreProcesses', ({ owner, ports }) =>
      text(ports.length === 1 ? 'refusal.use' : 'refusal.uses', { ports: somePorts(ports), owner: describeOwner(owner) })),
    ...firstFew(blocks, 'refusal.moreBlocks', (other) => {
      const { isOne, ports } = sharedPorts(block, other);
      return text(isOne ? 'refusal.block' : 'refusal.blocks', { ports, block: text(`in.${other.kind}`, { block: formatBlock(other) }) });
    }),
    ...firstFew(hidden, 'refusal.moreGuests', (other) => {
      const { isOne, ports } = sharedPorts(block, other);
      return text(isOne ? 'refusal.guest' : 'refusal.guests', { ports });
    }),
    ...unknown === null ? [] : [text('refusal.unknown', { port: unknown })],
  ];
}

function firstFew<Obstacle>(all: readonly Obstacle[], more: 'refusal.moreProcesses' | 'refusal.moreBlocks' | 'refusal.moreGuests',
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
  // One more has the room of its number.
  return count > 1 ? text('refusal.others', { names: joined(ports.slice(0, NAMED), ', '), count }) : ports;
}

function adviceFor(native: Native, request: CheckedCreateRequest, block: PortBlock, { blocks, users, hidden, unknown }: Obstacles): Text {
  const { kind, restartWinNat, store } = request;
  const { protocol } = block;
  const covers = blocks.find((other) => contains(other, block));
  const isSame = covers !== undefined && sameBlock(covers, block);
  if (covers && servesRequest(kind, covers, block, store ?? 'persistent')) return text(isSame ? 'refusal.exists.advice' : 'refusal.covered.advice');
  if (covers && !refusesBinds(covers) && refusesBinds(kind)) return text('refusal.excluded.advice');
  const [port = unknown] = users.flatMap(({ ports }) => ports);
  if (port !== null) return text('refusal.use.advice', { explain: explainPort(protocol, port), port });
  if (hidden.length > 0) return text('refusal.guest.advice');
  if (!areOfOthers(blocks)) return text('refusal.own.advice');
  if (restartWinNat || !mayWinNatHoldPorts(native)) return text('refusal.system.advice');
  if (!refusesBinds(kind)) return text('refusal.winNat.advice');
  // Advises an exclusion, because a reservation would refuse any program that binds its port itself.
  return text('refusal.winNat.reservation.advice', { exclude: createExclusion(block, { restartWinNat: true }) });
}
