import { blockWithoutToken, contains, endPortOf, formatBlock, overlaps, rangeOf } from '../blocks.js';
import type { Reservation, Store } from '../blocks.js';
import { blockOfRange, CheckedBlock, checkStore } from '../checks.js';
import { firstPortInUse } from '../sockets/try-bind.js';
import { asPortReservationError, hasReason, messageOf } from '../errors.js';
import type { Details, PortReservationError } from '../errors.js';
import type { Native } from '../native.js';
import { text } from '../texts/text.js';
import type { Text } from '../texts/text.js';
import { untilAborted } from '../util/until-aborted.js';
import { Code } from '../win32/codes.js';
import { addExcludedPortRange, causeOfRefusal, deleteExcludedPortRange, netshSays, notMade } from '../netsh/netsh.js';
import type { Said } from '../netsh/netsh.js';
import { readExcludedPortRanges, storeOf } from '../netsh/excluded-port-ranges.js';
import type { StoredPortRange } from '../netsh/excluded-port-ranges.js';
import { refuseSocketOptions } from './kind.js';
import type { OwnBlockKind } from './kind.js';

/** Administered exclusions: they only take ports out of the dynamic range (rule N3). */
export const exclusion: OwnBlockKind = {
  kind: 'exclusion',
  isOfOthers: false,
  endsWithProcess: false,
  onlyStore: null,
  isMadeInOneCall: false,
  // Told even if a bind works, because it is the reason why Windows never assigns the port.
  whenBound: 'Exclusion',
  whenRefused: null,
  whenWellKnown: null,
  identify: (_native, block, row) => (row.administered ? exclusionOf(block, row) : null),
  attempt: 'attempt.exclude',

  check(options) {
    refuseSocketOptions(options);
    checkStore(options.store);
  },
  create: ({ native }, block, { store, signal }) => createExclusion(native, block, store, signal),
  find: ({ native }, block, { store }) => findExclusion(native, block, store),
  serves: (listed, block, store) => contains(listed, block) && !(store === 'persistent' && listed.store === 'active'),
  remove: ({ native }, block, { store }) => deleteExclusion(native, block, store),
  async undo({ native }, made) {
    await deleteExclusion(native, CheckedBlock.of(made));
  },
};

/**
 * The administered exclusion in force that is exactly this block; if there is none, one that contains it; otherwise `null` (rules N3, N4).
 *
 * @param store `persistent`: only if it survives a restart
 */
async function findExclusion(native: Native, block: CheckedBlock, store?: Store): Promise<Reservation | null> {
  const rows = (await readExcludedPortRanges(native, block.protocol)).filter((row) => row.administered && isInForce(row, store));
  const row = rows.find((candidate) => isExclusionOf(candidate, block)) ?? rows.find((candidate) => contains(candidate, block));
  return row ? exclusionOf(blockOfRange(block.protocol, row), row) : null;
}

/**
 * Takes a block out of the dynamic range; an explicit bind to it works as before (rule N3). Needs an elevated
 * administrator. Neither netsh's text nor its exit code is reliable, so the lists are read again.
 *
 * @param signal rejects with its reason, until netsh is started to add the block
 */
export async function createExclusion(native: Native, block: CheckedBlock, store: Store = 'persistent', signal?: AbortSignal): Promise<Reservation> {
  const ports = rangeOf(block);
  const rows = await untilAborted(signal, () => readExcludedPortRanges(native, block.protocol));
  const neighbour = rows.find((row) => overlaps(row, ports));
  if (neighbour) throw overlapError(block, neighbour);
  const { said, cutOff, started } = await addExcludedPortRange(native, block, store, signal);
  if (cutOff && !started) throw cutOff;
  let made: StoredPortRange | null;
  try {
    made = await rowOf(native, block);
  } catch (error) {
    throw says(native, said, Code.ERROR_SHARING_VIOLATION) ? error : await takeBack(native, block, error);
  }
  // netsh says that it exists: another process was first. An error, so that no undo removes what is not ours.
  if (made && says(native, said, Code.ERROR_SHARING_VIOLATION)) throw overlapError(block, made);
  if (made && isInForce(made, store)) return exclusionOf(block, made);
  const error = cutOff ?? await refusalOf(native, block, said, signal);
  // It is only in the other store. Either netsh has done half of it, or another process made it; so it stays, and the error says so.
  throw made ? inDoubt(error, block, 'exclusion.mayBeThere') : error;
}

/** Removes an exclusion that a failed call may have made. @returns the error of that call, which names what may be left */
async function takeBack(native: Native, block: CheckedBlock, error: unknown): Promise<unknown> {
  try {
    await deleteExclusion(native, block);
  } catch (cause) {
    if (!hasReason(cause, 'ReservationNotFound')) return inDoubt(error, block, 'exclusion.mayBeThere');
  }
  return error;
}

/** The error of a change that netsh may have made in spite of its failure, or of which it has made one half. */
function inDoubt(error: unknown, block: CheckedBlock, what: 'exclusion.mayBeThere' | 'exclusion.mayBeGone' | 'exclusion.halfGone'): PortReservationError {
  return asPortReservationError(error).amend({
    message: text(what, { error: messageOf(error), block: formatBlock(block) }), advice: text('exclusion.inDoubt.advice'), block, cause: error,
    left: what === 'exclusion.mayBeThere' ? 'made' : 'removed',
  });
}

/** Why netsh refused: because a port is in use (netsh says so, or a bind fails; the holder may be gone by now), or else in netsh's own words. */
async function refusalOf(native: Native, block: CheckedBlock, said: string, signal?: AbortSignal): Promise<PortReservationError> {
  const isInUse = native.isElevated()
    && (says(native, said, Code.ERROR_SHARING_VIOLATION) || await firstPortInUse(native, block, { signal }).catch(() => null) !== null);
  return isInUse ? inUse(block, text('exclusion.inUse')) : refused(native, 'attempt.exclude', block, said);
}

/** Whether netsh's output has Windows' text for this code. Both are in the language of Windows. */
function says({ kernel32 }: Native, said: string, code: number): boolean {
  const words = (text: string) => text.replace(/\s+/g, ' ');
  const known = kernel32.FormatMessageW(code);
  return known !== null && words(said).includes(words(known));
}

function overlapError(block: CheckedBlock, row: StoredPortRange): PortReservationError {
  const { startPort, endPort, inForce } = row;
  if (isExclusionOf(row, block) && !isInForce(row, 'persistent')) {
    return inUse(block, text(inForce ? 'exclusion.existsNow' : 'exclusion.existsLater'), text('exclusion.exists.advice'));
  }
  return inUse(block, text(inForce ? 'exclusion.overlaps' : 'exclusion.overlapsLater', { range: `${startPort}-${endPort}` }));
}

/**
 * Removes exactly this exclusion, and verifies it by the lists.
 *
 * @param store `active`: a persistent exclusion comes back after the next restart
 * @returns the exclusion as it was
 */
export async function deleteExclusion(native: Native, block: CheckedBlock, store: Store = 'persistent'): Promise<Reservation> {
  const before = await rowOf(native, block);
  if (!isToRemove(before, store)) throw notFound(block);
  const nothingYet: Removal = { row: before, said: '', cutOff: null, isOurs: false };
  // An exclusion that was never persistent is only in the active list.
  const isStored = store === 'persistent' && before.survivesRestart !== false;
  const stored = isStored ? await removeFrom(native, block, 'persistent', nothingYet) : nothingYet;
  // Removing it from the persistent list may leave it in force.
  const isLeft = stored.row?.inForce && !(isStored && stored.row.survivesRestart);
  const { row, said, cutOff, isOurs } = isLeft ? await removeFrom(native, block, 'active', stored) : stored;
  if (isToRemove(row, store)) {
    const error = cutOff ?? refused(native, 'attempt.removeExclusion', block, said);
    throw before.survivesRestart && row.survivesRestart === false ? inDoubt(error, block, 'exclusion.halfGone') : error;
  }
  // Another process has removed it. An error, so that nobody puts back what this call did not remove.
  if (!isOurs) throw notFound(block);
  return exclusionOf(block, before);
}

/** Whether there is anything to remove: from the active list alone, only an exclusion that is in force. */
function isToRemove(row: StoredPortRange | null, store: Store): row is StoredPortRange {
  return row !== null && (store === 'persistent' || row.inForce);
}

/** How far the removal of an exclusion has come. */
interface Removal extends Pick<Said, 'said' | 'cutOff'> {
  /** Its row in netsh's lists now; `null` if it is in none of them any more. */
  readonly row: StoredPortRange | null;
  /** Whether netsh has, or may have, removed something for us. Otherwise another process did. */
  readonly isOurs: boolean;
}

/** Removes an exclusion from one of netsh's two lists, and reads them again. @param before what earlier steps of this removal did */
async function removeFrom(native: Native, block: CheckedBlock, list: Store, before: Removal): Promise<Removal> {
  const { said, cutOff, started } = await deleteExcludedPortRange(native, block, list);
  const isOurs = before.isOurs || (started && !says(native, said, Code.ERROR_NOT_FOUND));
  if (cutOff && !started && !isOurs) throw cutOff;
  try {
    return { row: await rowOf(native, block), said, cutOff, isOurs };
  } catch (error) {
    throw inDoubt(error, block, 'exclusion.mayBeGone');
  }
}

async function rowOf(native: Native, block: CheckedBlock): Promise<StoredPortRange | null> {
  const rows = await readExcludedPortRanges(native, block.protocol);
  return rows.find((row) => isExclusionOf(row, block)) ?? null;
}

function isExclusionOf({ administered, startPort, endPort }: StoredPortRange, block: CheckedBlock): boolean {
  return administered && startPort === block.startPort && endPort === endPortOf(block);
}

/** With `persistent`, it must also survive a restart, as far as netsh says. */
function isInForce({ inForce, survivesRestart }: StoredPortRange, store: Store | undefined): boolean {
  return inForce && !(store === 'persistent' && survivesRestart === false);
}

function exclusionOf(block: CheckedBlock, { survivesRestart }: StoredPortRange): Reservation {
  return blockWithoutToken(block, 'exclusion', storeOf(survivesRestart));
}

function inUse(block: CheckedBlock, why: Text, advice = text('exclusion.inUse.advice')): PortReservationError {
  return failure('attempt.exclude', block, why, { reason: 'PortInUse', code: 'EBUSY', advice });
}

function notFound(block: CheckedBlock): PortReservationError {
  const advice = text('exclusion.notFound.advice');
  return failure('attempt.removeExclusion', block, text('exclusion.notFound'), { reason: 'ReservationNotFound', code: 'ENOENT', advice });
}

function refused(native: Native, attempt: Attempt, block: CheckedBlock, said: string): PortReservationError {
  return failure(attempt, block, netshSays(said), causeOfRefusal(native, text('exclusion.refused.advice')));
}

type Attempt = 'attempt.exclude' | 'attempt.removeExclusion';

function failure(attempt: Attempt, block: CheckedBlock, why: Text, details: Pick<Details, 'reason' | 'code' | 'advice'>): PortReservationError {
  return notMade(text(attempt, { block: formatBlock(block) }), block, why, details);
}
