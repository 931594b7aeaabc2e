import { sameBlock, toData } from '../blocks.js';
import type { Kind, PortBlock, Protocol, Reservation, ReservationData } from '../blocks.js';
import { isPortReservationError } from '../errors.js';
import type { PortReservationError } from '../errors.js';
import { notOfThisSession } from '../kinds/runtime.js';
import type { PortReservations } from '../port-reservations.js';
import type { NotRead } from '../reservations/not-read.js';
import type { ErrorData } from './data.js';

/** What was found of a block, and the protocols in which it was not. */
export interface Found {
  readonly reservations: readonly ReservationData[];
  readonly missing: readonly Missing[];
  readonly notRead: readonly NotRead[];
}

export interface Missing {
  readonly protocol: Protocol;
  /** The error of Windows' look-up, which knows persistent reservations only; `null` where only the lists were asked. */
  readonly error: ErrorData | null;
}

type Session = Pick<PortReservations, 'findRuntime' | 'lookupPersistent' | 'list'>;

/**
 * The reservation of exactly this block in each protocol: one of this session, a persistent one (Windows looks it up), or one
 * of another kind, which only the lists have. With one kind that is looked up, the lists are not read; with `any`, neither if the block
 * was found in one protocol.
 *
 * @throws PortReservationError as the look-up and the lists, ReservationNotFound excepted
 */
export async function findBlocks(session: Session, { protocols, kinds, any = false, ...range }: {
  readonly protocols: readonly Protocol[]; readonly kinds?: readonly Kind[] | undefined; readonly startPort: number; readonly numberOfPorts: number; readonly any?: boolean | undefined;
}, say: (error: PortReservationError) => ErrorData): Promise<Found> {
  const wanted = (kind: Kind): boolean => kinds === undefined || kinds.length === 0 || kinds.includes(kind);
  const found = new Map<Protocol, Reservation>();
  const errors = new Map<Protocol, PortReservationError>();
  for (const protocol of protocols) {
    const block = { protocol, ...range };
    const own = wanted('runtime') ? session.findRuntime(block) : null;
    if (own) found.set(protocol, own);
    else if (wanted('persistent')) lookUp(session, block, found, errors);
    else if (kinds?.length === 1 && wanted('runtime')) errors.set(protocol, notOfThisSession(block, 'ReservationNotFound'));
  }
  const notRead: NotRead[] = [];
  const left = any && found.size > 0 ? [] : protocols.filter((protocol) => !found.has(protocol));
  if (left.length > 0 && (wanted('exclusion') || wanted('system'))) {
    const listed = await session.list({ protocols: left, kinds, port: range.startPort, onNotRead: (failure) => notRead.push(failure) });
    for (const protocol of left) {
      const block = listed.find((candidate) => sameBlock(candidate, { protocol, ...range }));
      if (block) found.set(protocol, block);
    }
  }
  return {
    reservations: protocols.flatMap((protocol) => found.get(protocol) ?? []).map(toData),
    missing: protocols.filter((protocol) => !found.has(protocol)).map((protocol) => {
      const error = errors.get(protocol);
      return { protocol, error: error ? say(error) : null };
    }),
    notRead,
  };
}

function lookUp(session: Session, block: PortBlock, found: Map<Protocol, Reservation>, errors: Map<Protocol, PortReservationError>): void {
  try {
    found.set(block.protocol, session.lookupPersistent(block));
  } catch (error) {
    if (!isPortReservationError(error) || error.reason !== 'ReservationNotFound') throw error;
    errors.set(block.protocol, error);
  }
}
