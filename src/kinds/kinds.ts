import type { Kind, OwnKind, Reservation } from '../blocks.js';
import type { CheckedBlock } from '../checks.js';
import type { BlockKind, OwnBlockKind, Session } from './kind.js';
import { exclusion } from './exclusion.js';
import { persistent } from './persistent.js';
import { runtime } from './runtime.js';
import { system } from './system.js';

/** What there is to know about each kind: nobody else tells them apart. */
const ALL: Readonly<Record<Kind, BlockKind>> = { persistent, runtime, exclusion, system };
const OWN: Readonly<Record<OwnKind, OwnBlockKind>> = { persistent, runtime, exclusion };

/** In the order in which a row of netsh's list is asked whose it is. */
export const IN_DOUBT: readonly BlockKind[] = [runtime, persistent, exclusion, system];

export function kindOf({ kind }: { readonly kind: Kind }): BlockKind {
  return ALL[kind];
}

export function ownKindOf(kind: OwnKind): OwnBlockKind {
  return OWN[kind];
}

/** The reservation of exactly this block that has a token: those are found without a list. */
export function withToken(session: Session, block: CheckedBlock): Reservation | null {
  for (const kind of IN_DOUBT) {
    const found = kind.lookup?.(session, block);
    if (found) return found;
  }
  return null;
}

/** Whether only a list shows the blocks of a kind. */
export function needsList(kind: Kind): boolean {
  return ALL[kind].lookup === undefined;
}

/** Whether a program that binds a port of the block itself is refused. */
export function refusesBinds(block: { readonly kind: Kind }): boolean {
  return kindOf(block).whenRefused !== null;
}
