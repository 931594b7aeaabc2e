import { KINDS } from '../blocks.js';
import type { Kind, OwnKind, PortBlock, Reservation, Store } from '../blocks.js';
import type { CheckedBlock } from '../checks.js';
import type { PortReservationError } from '../errors.js';
import type { BlockKind, OwnBlockKind, ReservationWithToken, Session } from './kind.js';
import { exclusion } from './exclusion.js';
import { persistent } from './persistent.js';
import { runtime } from './runtime.js';
import { system } from './system.js';

/** All kinds. Nothing else in the code tells them apart by name. */
const ALL: Readonly<Record<Kind, BlockKind>> = { persistent, runtime, exclusion, system };
const OWN: Readonly<Record<OwnKind, OwnBlockKind>> = { persistent, runtime, exclusion };

/** The order in which the kinds are asked whether a row of netsh's list is theirs. */
export const ASKED_IN_ORDER: readonly BlockKind[] = [runtime, persistent, exclusion, system];

export function kindOf(kind: Kind): BlockKind {
  return ALL[kind];
}

export function ownKindOf(kind: OwnKind): OwnBlockKind {
  return OWN[kind];
}

/** Whether a listed block is what a request for this block asks for, of this kind and store. */
export function servesRequest(kind: OwnBlockKind, listed: Reservation, block: PortBlock, store: Store | undefined): boolean {
  return listed.kind === kind.kind && kind.serves(listed, block, store);
}

/** Whether blocks of a kind may be in either store, so that a request chooses. */
export function hasStore(kind: Kind): boolean {
  return ALL[kind].onlyStore === null;
}

/** Whether a block of a kind may be in this store; true if none is given. */
export function canBeIn(kind: Kind, store: Store | null | undefined): boolean {
  const { onlyStore } = ALL[kind];
  return onlyStore === null || (store ?? onlyStore) === onlyStore;
}

/** The reservation of exactly this block, among the kinds that have a token and so are found without a list. One of this session comes first. */
export function findByToken(session: Session, block: CheckedBlock, kinds: readonly Kind[] = KINDS): ReservationWithToken | null {
  for (const { kind, byToken } of ASKED_IN_ORDER) {
    const found = kinds.includes(kind) ? byToken?.find(session, block) : null;
    if (found) return found;
  }
  return null;
}

/** As {@link findByToken}. @throws PortReservationError: the error of the kind, with several that of Windows */
export function needByToken(session: Session, block: CheckedBlock, kinds: readonly Kind[], purpose: 'show' | 'use'): ReservationWithToken {
  const found = findByToken(session, block, kinds);
  if (found) return found;
  throw notFoundByToken(session, block, kinds, purpose) ?? new Error(`no kind of ${kinds.join(', ')} has a token`);
}

/** Why exactly this block was not found by its token; `null` if these kinds are looked for in the lists, and Windows is not asked. */
export function notFoundByToken({ native }: Session, block: PortBlock, kinds: readonly Kind[], purpose: 'show' | 'use'): PortReservationError | null {
  const lookups = kinds.map((kind) => ALL[kind].byToken);
  const told = lookups.find((lookup) => lookup?.asksWindows) ?? (lookups.length === 1 ? lookups[0] : undefined);
  return told?.notFound(native, block, purpose) ?? null;
}

/** Whether all of these blocks are of programs that Windows does not name: WinNAT may be the only one. */
export function areOfOthers(blocks: readonly { readonly kind: Kind }[]): boolean {
  return blocks.every(({ kind }) => ALL[kind].isOfOthers);
}

/** Whether only a list shows the blocks of a kind. */
export function needsList(kind: Kind): boolean {
  return ALL[kind].byToken === undefined;
}

/** Whether a program that binds a port of the block itself is refused. */
export function refusesBinds(block: { readonly kind: Kind }): boolean {
  return kindOf(block.kind).whenRefused !== null;
}
