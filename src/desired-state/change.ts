import type { Reservation } from '../blocks.js';
import type { PortReservationError } from '../errors.js';
import type { DesiredBlock } from './desired.js';

export const CHANGES = ['none', 'create', 'remove', 'replace', 'conflict'] as const;

/**
 * What becomes of a block:
 * - `none`: it is as it shall be
 * - `create`: it is not there
 * - `replace`: blocks of the wrong kind, store or size are in its place, and go
 * - `remove`: it is not listed any more (purge)
 * - `conflict`: another's block or process is in its way; nothing is done
 */
export type Change = (typeof CHANGES)[number];

/** A block that goes before another one is made. */
export interface ReplacedBlock extends DesiredBlock {
  /** False for an exclusion that only comes back after a restart. Default true. */
  readonly inForce?: boolean | undefined;
}

/** One block of a plan. */
export interface PlannedChange {
  /** What becomes of the block. */
  readonly change: Change;
  /** The block as it shall be; for `remove`, the one that goes. */
  readonly block: DesiredBlock;
  /** What is there now: the block itself for `none` (for an exclusion, maybe a larger one) and `remove`; otherwise `null`. */
  readonly existing: Reservation | null;
  /** `replace`: the blocks that go before it is made. */
  readonly replaces: readonly ReplacedBlock[];
  /** Why it is so, in one sentence in the words of {@link OpenOptions.voice}, with the holder of a conflict named; `null` if there is nothing to say. */
  readonly reason: string | null;
  /** For a conflict, the same as an error; `null` for any other change. */
  readonly error: PortReservationError | null;
  /** Whether WinNAT may hold it, so that the service is stopped for it (rule N9). */
  readonly needsWinNat: boolean;
}

/** What to do for a machine to have the blocks that it shall have. The order is that of the list, then what goes. */
export interface Plan {
  /** One for each block of the list, in its order, then one for each block that goes. */
  readonly changes: readonly PlannedChange[];
  /** Whether there is nothing to do. */
  readonly inDesiredState: boolean;
}

/** What became of one block of a plan. */
export interface AppliedChange extends PlannedChange {
  /** Whether the machine was changed for it. */
  readonly changed: boolean;
  /** The block as it is now; `null` if it is not there. */
  readonly reservation: Reservation | null;
  /** Why it could not be done, for a conflict too; `null` if it was, or needed nothing. */
  readonly error: PortReservationError | null;
}
