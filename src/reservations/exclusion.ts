import { blockWithoutToken, checkBlock, endPortOf, formatBlock, overlaps, STORES } from '../blocks.js';
import type { Kind, PortBlock, Reservation, Store } from '../blocks.js';
import { firstPortInUse } from '../sockets/try-bind.js';
import { invalid, PortReservationError } from '../errors.js';
import type { Reason } from '../errors.js';
import type { Native } from '../native.js';
import { changeExcludedPortRange } from '../win32/netsh.js';
import { readExcludedPortRanges, storeOf } from './excluded-port-ranges.js';
import type { StoredPortRange } from './excluded-port-ranges.js';

/** Only an exclusion can be in one store or the other. */
export function checkStore(kind: Kind, store: Store | undefined): void {
  if (store !== undefined && kind !== 'exclusion') throw invalid('store', store, 'applies only to exclusions');
}

/**
 * The administered exclusion in force of exactly this block, or else one that contains it, or `null` (rules N3, N4).
 *
 * @param store `persistent`: only if it survives a restart
 */
export async function findExclusion(native: Native, block: PortBlock, store?: Store): Promise<Reservation | null> {
  checkBlock(block);
  const rows = (await readExcludedPortRanges(native, block.protocol)).filter((row) => row.administered && isInForce(row, store));
  const row = rows.find((candidate) => isExclusionOf(candidate, block))
    ?? rows.find(({ startPort, endPort }) => startPort <= block.startPort && endPort >= endPortOf(block));
  return row ? exclusionOf({ protocol: block.protocol, startPort: row.startPort, numberOfPorts: row.endPort - row.startPort + 1 }, row) : null;
}

/**
 * Takes a block out of the dynamic range; an explicit bind to it works as before (rule N3). Needs an elevated
 * administrator. Neither netsh's text nor its exit code is reliable, so the lists are read again.
 */
export async function createExclusion(native: Native, block: PortBlock, store: Store = 'persistent'): Promise<Reservation> {
  checkBlock(block);
  const run = { startPort: block.startPort, endPort: endPortOf(block) };
  const neighbour = (await readExcludedPortRanges(native, block.protocol)).find((row) => overlaps(row, run));
  if (neighbour) throw overlapError(native, block, neighbour);
  const said = await changeExcludedPortRange(native, 'add', block, store);
  const made = await rowOf(native, block);
  if (!made || !isInForce(made, store)) {
    // It is not in the store that was asked for.
    if (made) await deleteExclusion(native, block).catch(() => {});
    // netsh refuses a block with a port in use, but says so in the language of Windows.
    if (native.isElevated() && await firstPortInUse(native, block) !== null) {
      throw failure(native, 'exclude', block, 'a port of it is in use', 'PortInUse');
    }
    throw failure(native, 'exclude', block, said);
  }
  return exclusionOf(block, made);
}

function overlapError(native: Native, block: PortBlock, row: StoredPortRange): PortReservationError {
  const { startPort, endPort, inForce } = row;
  if (isExclusionOf(row, block) && !isInForce(row, 'persistent')) {
    const how = inForce ? 'only until the next restart' : 'not now, but again after a restart';
    return failure(native, 'exclude', block, `it is excluded already, ${how}`, 'PortInUse',
      'Remove this exclusion first, then create it again.');
  }
  const when = inForce ? '' : ', which is not in force but will be after a restart';
  return failure(native, 'exclude', block, `it overlaps the block ${startPort}-${endPort}${when}`, 'PortInUse');
}

/**
 * Removes exactly this exclusion, and verifies it by the lists.
 *
 * @param store `active`: a persistent exclusion comes back after the next restart
 * @returns the exclusion as it was
 */
export async function deleteExclusion(native: Native, block: PortBlock, store: Store = 'persistent'): Promise<Reservation> {
  const before = await rowOf(native, block);
  if (!before || (store === 'active' && !before.inForce)) {
    throw failure(native, 'remove the exclusion', block, 'there is no exclusion of exactly this block', 'ReservationNotFound');
  }
  let said = '';
  let row: StoredPortRange | null = before;
  // One that was never persistent is only in the active list, and netsh may leave it there.
  for (const from of store === 'persistent' && before.survivesRestart !== false ? STORES : ['active' as const]) {
    if (!row || (from === 'active' && !row.inForce)) break;
    said = await changeExcludedPortRange(native, 'delete', block, from);
    row = await rowOf(native, block);
    if (from === 'persistent' && row?.survivesRestart) break;
  }
  if (row && (store === 'persistent' || row.inForce)) throw failure(native, 'remove the exclusion', block, said);
  return exclusionOf(block, before);
}

async function rowOf(native: Native, block: PortBlock): Promise<StoredPortRange | null> {
  checkBlock(block);
  const rows = await readExcludedPortRanges(native, block.protocol);
  return rows.find((row) => isExclusionOf(row, block)) ?? null;
}

function isExclusionOf({ administered, startPort, endPort }: StoredPortRange, block: PortBlock): boolean {
  return administered && startPort === block.startPort && endPort === endPortOf(block);
}

/** With `persistent`, it must also survive a restart, as far as netsh says. */
function isInForce({ inForce, survivesRestart }: StoredPortRange, store: Store | undefined): boolean {
  return inForce && !(store === 'persistent' && survivesRestart === false);
}

function exclusionOf(block: PortBlock, { survivesRestart }: StoredPortRange): Reservation {
  return blockWithoutToken(block, 'exclusion', storeOf(survivesRestart));
}

const ADVICE = {
  AccessDenied: ['EPERM', 'Run as an elevated administrator.'],
  PortInUse: ['EBUSY', 'List the blocks in force and take another block.'],
  ReservationNotFound: ['ENOENT', 'Give the exact block of an exclusion: its protocol, first port and number of ports, as list shows them.'],
  NativeError: ['EIO', 'Run the same netsh command yourself: a port of the block may be in use.'],
} as const satisfies Partial<Record<Reason, readonly [string, string]>>;

/** Without a known reason, it is the lack of elevation, the usual cause of a refusal by netsh. */
function failure(native: Native, attempt: string, block: PortBlock, why: string,
  known?: keyof typeof ADVICE, better?: string): PortReservationError {
  const reason = known ?? (native.isElevated() ? 'NativeError' : 'AccessDenied');
  const [code, advice] = ADVICE[reason];
  return new PortReservationError(`${code}: cannot ${attempt} ${formatBlock(block)}: ${why.replace(/\s+/g, ' ')}`, {
    reason, code, syscall: 'netsh', block, advice: better ?? advice,
  });
}
