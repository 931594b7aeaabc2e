import { endPortOf } from '../blocks.js';
import type { ReservationData } from '../blocks.js';
import type { PortReservationError } from '../errors.js';
import type { Voice } from '../texts/text.js';
import type { AppliedChange, Change, PlannedChange } from './change.js';

/** One block of a plan or of its application, as plain data for JSON: the members of a reservation, and what became of it. */
export interface ChangeData extends ReservationData {
  /** What becomes of the block, or became of it. */
  readonly change: Change;
  /** Whether the machine was changed for it: always `false` in a plan. */
  readonly changed: boolean;
  /** Why it is so, in one sentence; `null` if there is nothing to say. */
  readonly reason: string | null;
  /** For a conflict, and for what failed: the error as plain data. Otherwise `null`. */
  readonly error: ReturnType<PortReservationError['toJSON']> | null;
}

/**
 * Converts a change to plain data for JSON; the token of a reservation becomes a decimal string.
 *
 * @param voice language and words of the error. Default: English, in the words of this library
 */
export function toChangeData(change: PlannedChange | AppliedChange, voice?: Partial<Voice>): ChangeData {
  const { protocol, startPort, numberOfPorts, kind, store } = change.block;
  const { changed = false, reservation = change.existing } = change as Partial<AppliedChange>;
  // The ports are those of the list, even if a larger exclusion contains them: the reason tells that.
  return {
    protocol, startPort, endPort: endPortOf(change.block), numberOfPorts, kind, token: reservation?.token?.toString() ?? null,
    addressFamily: null, owningProcess: null, store: store ?? 'persistent',
    change: change.change, changed, reason: change.reason, error: change.error?.toData(voice) ?? null,
  };
}
