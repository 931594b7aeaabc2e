import { KINDS, PROTOCOLS, toData } from '../blocks.js';
import type { Kind, PortBlock, Protocol, ReservationData } from '../blocks.js';
import { checkBlock } from '../checks.js';
import type { PortReservationError } from '../errors.js';
import type { ReservationWithToken } from '../kinds/kind.js';
import { needByToken, notFoundByToken } from '../kinds/kinds.js';
import type { PortReservations } from '../port-reservations.js';
import { collectNotRead } from '../reservations/not-read.js';
import type { NotRead } from '../reservations/not-read.js';
import type { ErrorData } from './data.js';
import type { Params } from './schemas.js';

/** The reservations of a block that were found, and the protocols in which there is none. */
export interface Found {
  readonly reservations: readonly ReservationData[];
  readonly missing: readonly Missing[];
  readonly notRead: readonly NotRead[];
}

interface Missing {
  readonly protocol: Protocol;
  /** The error of the look-up by token; `null` where only the lists were asked. */
  readonly error: ErrorData | null;
}

/** Finds the reservation of exactly this block in each protocol. With `any`, nothing is missing once one protocol has it. */
export async function findBlocks(reservations: PortReservations, { protocols, kinds, any = false, ...range }: Params<'reservation.find'>,
  toErrorData: (error: PortReservationError) => ErrorData): Promise<Found> {
  const { notRead, onNotRead } = collectNotRead();
  const wanted = kinds === undefined || kinds.length === 0 ? KINDS : kinds;
  const isEither = any && PROTOCOLS.every((protocol) => protocols.includes(protocol));
  const found = await reservations.lookup({ ...range, kinds: wanted, protocols: isEither ? undefined : protocols, onNotRead });
  const of = (protocol: Protocol) => found.find((reservation) => reservation.protocol === protocol);
  return {
    reservations: protocols.flatMap((protocol) => of(protocol) ?? []).map(toData),
    missing: isEither && found.length > 0 ? [] : protocols.filter((protocol) => !of(protocol)).map((protocol) => {
      const error = notFoundByToken(reservations, { protocol, ...range }, wanted, 'show');
      return { protocol, error: error && toErrorData(error) };
    }),
    notRead,
  };
}

/** The reservation of exactly this block, of a kind that has a token. Without `kind`, a runtime reservation of this session comes first. */
export function findWithToken(reservations: PortReservations, { kind, protocol, startPort, numberOfPorts }: PortBlock & { readonly kind?: Kind | undefined },
  purpose: 'show' | 'use'): ReservationWithToken {
  return needByToken(reservations, checkBlock({ protocol, startPort, numberOfPorts }), kind ? [kind] : KINDS, purpose);
}
