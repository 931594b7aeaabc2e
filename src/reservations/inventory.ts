import { PROTOCOLS, sameBlock } from '../blocks.js';
import type { PortBlock, Protocol, Reservation } from '../blocks.js';
import type { Native } from '../native.js';
import { showExcludedPortRange } from '../win32/netsh.js';
import { parseExcludedPortRanges } from './excluded-port-ranges.js';
import type { ExcludedPortRange } from './excluded-port-ranges.js';
import { findPersistent } from './persistent.js';

/**
 * Every block in force that Windows lists, in the order of protocol and port. Some holders are in no list (rule N7):
 * "not listed" does not mean "free".
 *
 * @param own the runtime reservations of this session, which netsh shows without saying whose they are
 */
export async function listBlocks(native: Native, protocols: readonly Protocol[],
  own: readonly Reservation[]): Promise<Reservation[]> {
  const lists = await Promise.all(PROTOCOLS.filter((protocol) => protocols.includes(protocol)).map(async (protocol) => {
    const mine = own.filter((reservation) => reservation.protocol === protocol);
    const rows = parseExcludedPortRanges(await showExcludedPortRange(native.libraries, protocol));
    const listed = rows.filter((row) => row.startPort > 0).map((row) => classify(native, protocol, row, mine));
    const unlisted = mine.filter((reservation) => !listed.includes(reservation));
    return [...listed, ...unlisted].sort((a, b) => a.startPort - b.startPort);
  }));
  return lists.flat();
}

/**
 * Whose block a row is. `*` alone does not tell: whether blocks made by Create... carry it is not known, so the
 * stack itself is asked, which needs no administrator (rules P8a, P9).
 */
function classify(native: Native, protocol: Protocol, row: ExcludedPortRange, own: readonly Reservation[]): Reservation {
  const { startPort, endPort } = row;
  const block: PortBlock = { protocol, startPort, numberOfPorts: endPort - startPort + 1 };
  return own.find((reservation) => sameBlock(reservation, block))
    ?? findPersistent(native, block)
    ?? {
      ...block, endPort, kind: row.administered ? 'exclusion' : 'system',
      token: null, addressFamily: null, owningProcess: null,
    };
}
