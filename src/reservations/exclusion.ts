import { blockWithoutToken, checkBlock, endPortOf, formatBlock, overlaps } from '../blocks.js';
import type { PortBlock, Reservation } from '../blocks.js';
import { PortReservationError } from '../errors.js';
import type { Reason } from '../errors.js';
import type { Native } from '../native.js';
import { changeExcludedPortRange, showExcludedPortRange } from '../win32/netsh.js';
import type { ExclusionStore } from '../win32/netsh.js';
import { parseExcludedPortRanges } from './excluded-port-ranges.js';

/** The administered exclusion of exactly this block, or `null` (rules N3, N4). */
export async function findExclusion(native: Native, block: PortBlock): Promise<Reservation | null> {
  checkBlock(block);
  const rows = await rowsOf(native, block);
  return rows.some((row) => row.administered && isExactly(row, block)) ? exclusionOf(block) : null;
}

/**
 * Takes a block out of the dynamic pool; an explicit bind to it works as before (rule N3). Needs an elevated
 * administrator. netsh's words and exit code tell nothing that can be relied on, so the list is read again.
 */
export async function createExclusion(native: Native, block: PortBlock, store: ExclusionStore = 'persistent'): Promise<Reservation> {
  checkBlock(block);
  const before = await rowsOf(native, block);
  const neighbour = before.find((row) => overlaps(row, exclusionOf(block)));
  if (neighbour) throw failure(native, 'exclude', block, `it overlaps the block ${neighbour.startPort}-${neighbour.endPort}`, 'PortInUse');
  const said = await changeExcludedPortRange(native.libraries, 'add', block, store);
  if (!await findExclusion(native, block)) throw failure(native, 'exclude', block, said);
  return exclusionOf(block);
}

/** Removes exactly this exclusion, verified by the list. */
export async function deleteExclusion(native: Native, block: PortBlock, store: ExclusionStore = 'persistent'): Promise<Reservation> {
  const exclusion = await findExclusion(native, block);
  if (!exclusion) throw failure(native, 'remove the exclusion', block, 'there is no exclusion of exactly this block', 'ReservationNotFound');
  const said = await changeExcludedPortRange(native.libraries, 'delete', block, store);
  if (await findExclusion(native, block)) throw failure(native, 'remove the exclusion', block, said);
  return exclusion;
}

async function rowsOf(native: Native, { protocol }: PortBlock) {
  return parseExcludedPortRanges(await showExcludedPortRange(native.libraries, protocol));
}

function isExactly(row: { startPort: number; endPort: number }, block: PortBlock): boolean {
  return row.startPort === block.startPort && row.endPort === endPortOf(block);
}

function exclusionOf(block: PortBlock): Reservation {
  return blockWithoutToken(block, 'exclusion');
}

const ADVICE = {
  AccessDenied: ['EPERM', 'Run as an elevated administrator.'],
  PortInUse: ['EBUSY', 'List the blocks in force and take another block.'],
  ReservationNotFound: ['ENOENT', 'Give exactly the block of an exclusion: its protocol, first port and number of ports; list shows them.'],
  NativeError: ['EIO', 'Run the same netsh command by hand: a port of the block may be in use.'],
} as const satisfies Partial<Record<Reason, readonly [string, string]>>;

/** The reason is the caller's, or lack of elevation, which is what netsh refuses most. */
function failure(native: Native, attempt: string, block: PortBlock, why: string,
  known?: keyof typeof ADVICE): PortReservationError {
  const reason = known ?? (native.isElevated() ? 'NativeError' : 'AccessDenied');
  const [code, advice] = ADVICE[reason];
  return new PortReservationError(`${code}: cannot ${attempt} ${formatBlock(block)}: ${why.replace(/\s+/g, ' ')}`, {
    reason, code, syscall: 'netsh', block, advice,
  });
}
