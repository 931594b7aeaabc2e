import type { AddressFamily, Kind, OwnKind, PortBlock, Protocol, Reservation, Store } from '../blocks.js';
import type { CheckedBlock } from '../checks.js';
import { invalid } from '../errors.js';
import type { PortReservationError } from '../errors.js';
import type { PortReason } from '../diagnosis/evidence.js';
import type { Native } from '../native.js';
import type { StoredPortRange } from '../netsh/excluded-port-ranges.js';
import { text } from '../texts/text.js';
import type { WaitOptions } from '../sockets/control-code.js';
import type { CheckedRuntimeRequest, RuntimeReservation } from './runtime-reservation.js';

/** A kind of block, as listing, drawing and explaining need it. */
export interface BlockKind {
  readonly kind: Kind;
  /** Whether it is of a program that Windows does not name, such as WinNAT. */
  readonly isOfOthers: boolean;
  /** Whether it ends with the process that made it (rule R3). */
  readonly endsWithProcess: boolean;
  /** The store that it is always in; `null` if it may be in either. */
  readonly onlyStore: Store | null;
  /** Why a port of it can be bound. */
  readonly whenBound: PortReason;
  /** Why a port of it cannot be bound; `null` if the block is not the reason. */
  readonly whenRefused: PortReason | null;
  /** What is said where it holds the port of a well-known service; `null` where that may be what it was made for. */
  readonly whenWellKnown: {
    readonly what: 'a.persistent' | 'a.system';
    readonly advice: 'health.wellKnown.persistent.advice' | 'health.wellKnown.system.advice';
  } | null;
  /** The block that a row of netsh's list shows, `null` if it is of another kind. `own` are the runtime reservations of this session. */
  identify(native: Native, block: CheckedBlock, row: StoredPortRange, own: OwnBlocks): Reservation | null;
  /** How those of exactly this block are looked up. A kind without it is found only in lists. */
  readonly byToken?: TokenLookup;
}

/** Looks up a kind that has a token, without any list. */
interface TokenLookup {
  /** The one of exactly this block, `null` if there is none. */
  find(session: Session, block: CheckedBlock): ReservationWithToken | null;
  /** Whether `find` asks Windows. If so, its error is told besides what the lists say. */
  readonly asksWindows: boolean;
  /** The error that there is none. @param purpose `use`: somebody wants to bind from it */
  notFound(native: Native, block: PortBlock, purpose: 'show' | 'use'): PortReservationError;
}

export type ReservationWithToken = Reservation & { readonly token: bigint };

/** The runtime reservations of a session. */
interface OwnBlocks {
  /** The one of exactly this block, `null` if there is none. */
  findRuntime(block: PortBlock): Reservation | null;
}

/** What is needed to read the blocks of a system. */
export interface Source {
  readonly native: Native;
  /** Those of this session. netsh lists them too, but does not say whose they are. */
  readonly runtimeReservations: readonly Reservation[];
}

/** A system, and the runtime reservations of a session on it. */
export interface Session extends Source {
  findRuntime(block: PortBlock): RuntimeReservation | null;
  acquireChecked(request: CheckedRuntimeRequest): Promise<RuntimeReservation>;
}

/** What a request may say besides its ports. Not every kind has a use for all of it. */
interface KindOptions extends WaitOptions {
  readonly addressFamily?: AddressFamily | undefined;
  readonly store?: Store | undefined;
}

/** A kind of block that can be made and removed. */
export interface OwnBlockKind extends BlockKind {
  readonly kind: OwnKind;
  /** What an error calls the making of one. */
  readonly attempt: 'attempt.reserve' | 'attempt.exclude';
  /** Whether `create` makes one call of Windows, and that before it returns its promise. */
  readonly isMadeInOneCall: boolean;
  /** Refuses the options that do not apply to it. */
  check(options: KindOptions): void;
  /** Makes exactly this block. */
  create(session: Session, block: CheckedBlock, options: KindOptions): Promise<Reservation>;
  /** Makes a block that the system chooses. A kind without it needs a search for a free block. */
  createAny?(session: Session, protocol: Protocol, numberOfPorts: number, options: KindOptions): Promise<Reservation>;
  /** What is there already and serves a request for this block. */
  find(session: Session, block: CheckedBlock, options: KindOptions): Promise<Reservation | null>;
  /** Whether a listed block of this kind is what a request for this block asks for. Ask `servesRequest`, which also compares the kinds. */
  serves(listed: Reservation, block: PortBlock, store: Store | undefined): boolean;
  /** Removes exactly this block, and returns it as it was. */
  remove(session: Session, block: CheckedBlock, options: KindOptions): Promise<Reservation>;
  /** Removes what was made just now, because something else of the same request failed. */
  undo(session: Session, made: Reservation): Promise<void>;
}

export function refuseStore({ store }: KindOptions): void {
  if (store !== undefined) throw invalid('store', store, text('rule.onlyExclusions'));
}

/** Refuses what has a meaning only if a socket holds the block. */
export function refuseSocketOptions({ addressFamily, timeout }: KindOptions): void {
  if (addressFamily !== undefined) {
    throw invalid('addressFamily', addressFamily, text('rule.onlyRuntimeFamily'));
  }
  if (timeout !== undefined) throw invalid('timeout', timeout, text('rule.onlyRuntime'));
}
