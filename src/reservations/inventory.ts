import { blockWithoutToken, overlaps, PROTOCOLS, sameBlock } from '../blocks.js';
import type { PortBlock, Protocol, Reservation, Store } from '../blocks.js';
import type { Native } from '../native.js';
import { settleAll } from '../settle-all.js';
import { keyOf, readExcludedPortRanges, storeOf } from './excluded-port-ranges.js';
import type { StoredPortRange } from './excluded-port-ranges.js';
import { readOr } from './not-read.js';
import type { OnNotRead } from './not-read.js';
import { findPersistent } from './persistent.js';

/**
 * Every block that can be found, by protocol and first port. Some holders are in no list (rule N7): "not listed" does not
 * mean "free".
 *
 * @param own the runtime reservations of this session: netsh lists them, but not whose they are
 * @param store `active`: the blocks in force now; `persistent`: those in force after a restart
 * @param onNotRead receives what netsh could not list
 */
export async function listBlocks(native: Native, protocols: readonly Protocol[], own: readonly Reservation[],
  store: Store = 'active', onNotRead?: OnNotRead): Promise<Reservation[]> {
  const lists = await settleAll(PROTOCOLS.filter((protocol) => protocols.includes(protocol)).map(async (protocol) => {
    const listed = await listedBlocks(native, protocol, own, store, onNotRead);
    const hidden = store === 'active' ? hiddenBlocks(native, protocol, listed) : [];
    return [...listed, ...hidden].sort((a, b) => a.startPort - b.startPort);
  }));
  return lists.flat();
}

/** What netsh lists, and this session's runtime reservations. */
export async function listedBlocks(native: Native, protocol: Protocol, own: readonly Reservation[],
  store: Store = 'active', onNotRead?: OnNotRead): Promise<Reservation[]> {
  const mine = own.filter((reservation) => reservation.protocol === protocol);
  const rows = await readOr(native, readExcludedPortRanges(native, protocol, store), [], { list: 'excludedPortRanges', protocol }, onNotRead);
  const listed = rows.filter((row) => store === 'persistent' || row.inForce).map((row) => classify(native, protocol, row, mine));
  return [...listed, ...mine.filter((reservation) => !listed.includes(reservation))]
    .filter((block) => store === 'active' || block.store === 'persistent');
}

/** The blocks that Hyper-V's networking, if installed, holds for its guests, and netsh does not list (rule N7). */
export function hiddenBlocks(native: Native, protocol: Protocol, listed: readonly Reservation[]): Reservation[] {
  const entries = native.computenetwork.enumerateGuestNetworkPortReservations() ?? [];
  const hidden = entries.filter((entry) => entry.protocols.includes(protocol) && entry.startPort > 0
    && !listed.some((block) => overlaps(block, entry)));
  // Several guests may share the same ports.
  return [...new Map(hidden.map((entry) => [keyOf(entry), entry])).values()]
    .map(({ startPort, endPort }) => blockWithoutToken({ protocol, startPort, numberOfPorts: endPort - startPort + 1 }, 'system', 'active'));
}

/**
 * Whose block a row is. It is not known whether netsh marks the blocks of Create... with `*` and shows them in the
 * persistent list, so the stack itself is asked, which needs no administrator (rules P8a, P9).
 */
function classify(native: Native, protocol: Protocol, row: StoredPortRange, own: readonly Reservation[]): Reservation {
  const block: PortBlock = { protocol, startPort: row.startPort, numberOfPorts: row.endPort - row.startPort + 1 };
  return own.find((reservation) => sameBlock(reservation, block))
    ?? findPersistent(native, block)
    ?? blockWithoutToken(block, row.administered ? 'exclusion' : 'system', storeOf(row.survivesRestart));
}
