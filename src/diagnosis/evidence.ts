import type { Protocol, Reservation } from '../blocks.js';
import type { DynamicPortRange } from '../reservations/dynamic-port-range.js';
import type { Endpoint } from '../win32/endpoint-tables.js';
import type { PortOwner } from './owners.js';

/**
 * Why a port can or cannot be bound. With `Free` and `Exclusion` it can, otherwise it cannot.
 *
 * - `Free`: a bind works
 * - `InUse`: a process uses the port, or a closed connection still keeps it (TIME_WAIT)
 * - `PersistentReservation`: only a socket associated with the persistent reservation can have the port (rule P13)
 * - `RuntimeReservation`: the port is in a runtime reservation of this session or a system block of another program (rule N2)
 * - `Exclusion`: the port is in an administered exclusion, which an explicit bind ignores (rule N3)
 * - `HiddenHolder`: the holder is not in netsh's lists: a guest of Hyper-V's networking, or unknown (rule N7)
 */
export type PortReason = 'Free' | 'InUse' | 'PersistentReservation' | 'RuntimeReservation' | 'Exclusion' | 'HiddenHolder';

/** What the lists and the bind say about a port. */
export interface Evidence {
  readonly protocol: Protocol;
  readonly port: number;
  /** Winsock code of the bind, 0 if it worked. */
  readonly code: number;
  readonly block: Reservation | null;
  /** Those who use the port, listeners first. */
  readonly users: readonly Endpoint[];
  readonly owners: readonly PortOwner[];
  /** Hyper-V's networking holds it for a guest, which netsh does not list (rule N7). */
  readonly heldForGuest: boolean;
  /** `null` if it could not be read. */
  readonly dynamic: DynamicPortRange | null;
  readonly inDynamicRange: boolean | null;
  /** The list of blocks could not be read. */
  readonly isUnlisted: boolean;
  readonly isElevated: boolean;
  /** Blocks of other programs may be WinNAT's. */
  readonly mayBeWinNat: boolean;
}
