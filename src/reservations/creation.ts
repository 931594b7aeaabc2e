import { setImmediate } from 'node:timers/promises';
import { containsPort, formatBlock, rangeOf, sameBlock } from '../blocks.js';
import type { Protocol, Reservation } from '../blocks.js';
import { CheckedBlock } from '../checks.js';
import { asPortReservationError, hasReason, isPortReservationError, messageOf } from '../errors.js';
import type { PortReservationError } from '../errors.js';
import type { Session } from '../kinds/kind.js';
import { areOfOthers, servesRequest } from '../kinds/kinds.js';
import { settleAll } from '../util/settle-all.js';
import { listUsers } from '../sockets/port-users.js';
import { BlockList } from './block-list.js';
import type { CheckedCreateRequest, CreateResult } from './create-request.js';
import { searchBlocks } from './free-block.js';
import { mayWinNatHoldPorts } from './winnat.js';
import { text } from '../texts/text.js';
import { untilAborted } from '../util/until-aborted.js';

/** Makes one reservation for each protocol: all of them, or none if one fails. */
export async function createReservations(session: Session, request: CheckedCreateRequest): Promise<CreateResult[]> {
  request.signal?.throwIfAborted();
  const { kind, protocols, blocks, from, numberOfPorts } = request;
  if (blocks) return createAll(session, request, blocks.map((block) => () => createOne(session, request, block)));
  if (kind.createAny) return createAll(session, request, protocols.map((protocol) => () => createAny(session, request, protocol)));
  for await (const startPort of searchBlocks(session.native, { protocols, numberOfPorts, from }, request.signal)) {
    // A failed try may be synchronous, so an abort would not be noticed without this.
    await setImmediate();
    request.signal?.throwIfAborted();
    const found = protocols.map((protocol) => CheckedBlock.of({ protocol, startPort, numberOfPorts }));
    try {
      return await createAll(session, request, found.map((block) => () => createOne(session, request, block)));
    } catch (error) {
      // Another program was first, or holds the block without being listed (rule N7). The next candidate is tried.
      if (!isPortInUse(error)) throw error;
    }
  }
  throw new Error('a search ends with a block or an error');
}

/**
 * Whether stopping WinNAT may free the blocks of a request. netsh does not say which program holds a block, so it may be WinNAT unless
 * that is stopped. A block that only Hyper-V's networking lists is not WinNAT's. If there is another holder too, a stop would not help.
 */
export async function mayBeHeldByWinNat(session: Session, request: CheckedCreateRequest): Promise<boolean> {
  const { native } = session;
  const { blocks, ifNotExists, kind, store } = request;
  if (!blocks || !mayWinNatHoldPorts(native)) return false;
  const holders = (await settleAll(blocks.map(async (block) => (await BlockList.read(session, block.protocol))
    .overlapping(rangeOf(block)).filter((listed) => !(ifNotExists && servesRequest(kind, listed, block, store)))))).flat();
  return holders.length > 0 && areOfOthers(holders)
    && !blocks.some((block) => listUsers(native, block.protocol).some(({ localPort }) => containsPort(block, localPort)));
}

/** Whether a block was refused and nothing was left behind. Where something was, the caller must hear of it, and no second try may hide it. */
export function isPortInUse(error: unknown): error is PortReservationError {
  return hasReason(error, 'PortInUse') && error.left === null;
}

async function createAll(session: Session, request: CheckedCreateRequest,
  creations: readonly (() => Promise<CreateResult>)[]): Promise<CreateResult[]> {
  const results: CreateResult[] = [];
  try {
    for (const create of creations) results.push(await create());
    // Aborted just as it succeeded: the caller gets no reservation, and so could not remove it.
    request.signal?.throwIfAborted();
    return results;
  } catch (error) {
    throw await undo(session, request, results.flatMap(({ reservation, created }) => (created ? [reservation] : [])), error);
  }
}

async function createAny(session: Session, { kind, numberOfPorts, ...options }: CheckedCreateRequest, protocol: Protocol): Promise<CreateResult> {
  const reservation = await kind.createAny?.(session, protocol, numberOfPorts, options);
  if (!reservation) throw new Error(`the system chooses no block of kind ${kind.kind}`);
  return { reservation, created: true };
}

/** With `ifNotExists`, it also returns what another program has created in the meantime. */
async function createOne(session: Session, request: CheckedCreateRequest, block: CheckedBlock): Promise<CreateResult> {
  const { kind, ifNotExists } = request;
  const find = async (): Promise<CreateResult | null> => {
    const reservation = ifNotExists ? await untilAborted(request.signal, () => kind.find(session, block, request)) : null;
    return reservation && { reservation, created: false };
  };
  const existing = await find();
  if (existing) return existing;
  try {
    return { reservation: await kind.create(session, block, request), created: true };
  } catch (error) {
    // If the look-up fails, the error of the creation says more than that of the look-up.
    const found = await find().catch(() => null);
    if (!found) throw error;
    // What the failed creation may have made counts as made, so that it is undone if the rest fails.
    return { ...found, created: isPortReservationError(error) && error.left === 'made' && sameBlock(found.reservation, block) };
  }
}

/** Removes what was made before a failure. @returns the error of the failure, which also names what could not be removed */
async function undo(session: Session, { kind }: CheckedCreateRequest, made: readonly Reservation[], failure: unknown): Promise<unknown> {
  let error = failure;
  const left: string[] = [];
  for (const reservation of made) {
    try {
      await kind.undo(session, reservation);
    } catch (cause) {
      // Another process has removed it already.
      if (hasReason(cause, 'ReservationNotFound')) continue;
      const block = formatBlock(reservation);
      left.push(block);
      error = asPortReservationError(error).amend({
        message: text('error.andNotRemoved', { error: messageOf(error), block, cause: messageOf(cause) }),
        advice: text('error.andNotRemoved.advice', { block: left }), cause: failure, left: 'made',
      });
    }
  }
  return error;
}
