import { setImmediate } from 'node:timers/promises';
import { checkKind, checkPort, checkProtocols, containsPort, endPortOf, formatBlock, overlaps } from '../blocks.js';
import type { AddressFamily, Kind, PortBlock, Protocol, Reservation, Store } from '../blocks.js';
import { asPortReservationError, invalid, isPortReservationError, messageOf } from '../errors.js';
import type { PortReservationError } from '../errors.js';
import type { Native } from '../native.js';
import { settleAll } from '../settle-all.js';
import type { WaitOptions } from '../sockets/control-code.js';
import { listListeners } from '../sockets/listeners.js';
import { checkStore, createExclusion, findExclusion } from './exclusion.js';
import { freeBlocks } from './free-block.js';
import { listedBlocks } from './inventory.js';
import { createPersistent, findPersistent } from './persistent.js';
import type { RuntimeRequest, RuntimeReservation } from './runtime.js';
import { mayWinNatHoldPorts } from './winnat.js';
import type { WinNatStep } from './winnat.js';
import { text } from '../texts/text.js';

/** The kinds of block that can be created and removed: not `system`, the blocks of other programs. */
export type OwnKind = Exclude<Kind, 'system'>;
export const OWN_KINDS = ['persistent', 'runtime', 'exclusion'] as const satisfies readonly OwnKind[];

/** The request of {@link PortReservations.create}. `timeout` applies only to runtime reservations. */
export interface CreateRequest extends WaitOptions {
  /** Kind of the block to create. */
  readonly kind: OwnKind;
  /** One or both. With both, the result is two reservations of the same ports, or none. */
  readonly protocols: readonly Protocol[];
  /**
   * First port, 1 to 65535, host byte order. Without it, the system chooses the block of a runtime reservation (also with
   * 0, rule R2); for the other kinds, a search takes the first free block from `from` upwards.
   */
  readonly startPort?: number | undefined;
  /** Where a search for a free block begins, 1 to 65535, host byte order. Default 20000. */
  readonly from?: number | undefined;
  /** Number of ports, 1 to 65535. */
  readonly numberOfPorts: number;
  /** Runtime only: family of the acquiring socket, default IPv4. */
  readonly addressFamily?: AddressFamily | undefined;
  /**
   * If there already is a reservation of this kind and exactly this block, return it. Needs `startPort`. For an exclusion, one
   * that contains the whole block will do: it is returned as it is, with its own ports. An exclusion of either store will do,
   * unless `store` is `persistent`.
   */
  readonly ifNotExists?: boolean | undefined;
  /** If WinNAT may hold a part of the block, stop the service winnat, create, and start it again (rule N9). */
  readonly restartWinNat?: boolean | undefined;
  /** With `restartWinNat`: called at the beginning of each step, if the service has to be stopped. A start may take two minutes. */
  readonly onStep?: ((step: WinNatStep) => void) | undefined;
  /** Exclusions only: whether it survives a restart (rule N4). Default `persistent`. */
  readonly store?: Store | undefined;
}

/** What became of a block that was asked for. */
export interface CreateResult {
  /** The reservation, new or found. */
  readonly reservation: Reservation;
  /** Whether it was made now; `false` if `ifNotExists` found it. */
  readonly created: boolean;
}

/** The runtime reservations of one session, and how to end a reservation of any kind. */
export interface OwnReservations {
  readonly runtimeReservations: readonly RuntimeReservation[];
  acquireRuntime(request: RuntimeRequest): Promise<RuntimeReservation>;
  findRuntime(block: PortBlock): RuntimeReservation | null;
  remove(kind: OwnKind, block: PortBlock): Promise<Reservation>;
}

/** Refuses contradictory options before anything is done. */
export function checkCreateRequest(request: CreateRequest): void {
  if (typeof request !== 'object' || (request as unknown) === null) {
    throw invalid('request', request, text('rule.createRequest'));
  }
  const { kind, protocols, startPort, from, ifNotExists, store, addressFamily, timeout } = request;
  checkKind(kind, OWN_KINDS);
  checkProtocols(protocols);
  checkStore(kind, store);
  if (addressFamily !== undefined && kind !== 'runtime') {
    throw invalid('addressFamily', addressFamily, text('rule.onlyRuntimeFamily'));
  }
  if (startPort !== undefined) checkPort('startPort', startPort, kind === 'runtime' ? 0 : 1);
  if (timeout !== undefined && kind !== 'runtime') throw invalid('timeout', timeout, text('rule.onlyRuntime'));
  const isSearch = startPort === undefined && kind !== 'runtime';
  if (!isSearch && from !== undefined) {
    throw invalid('from', from, text('rule.onlySearch'));
  }
  if (isSearch && ifNotExists) throw invalid('ifNotExists', true, text('rule.needsStartPort'));
}

/** One reservation for each protocol: all of them, or none if one fails. */
export async function createReservations(native: Native, own: OwnReservations, request: CreateRequest): Promise<CreateResult[]> {
  request.signal?.throwIfAborted();
  const { kind, protocols, startPort, from, numberOfPorts } = request;
  if (startPort !== undefined || kind === 'runtime') return createAt(native, own, request, startPort);
  for await (const candidate of freeBlocks(native, { protocols, numberOfPorts, from })) {
    // A failed try may be synchronous: let an abort come in between.
    await setImmediate();
    request.signal?.throwIfAborted();
    try {
      return await createAt(native, own, request, candidate);
    } catch (error) {
      // Another program was first, or holds the block without being listed (rule N7): try the next.
      if (!isPortInUse(error)) throw error;
    }
  }
  throw new Error('a search ends with a block or an error');
}

/**
 * netsh does not say which program holds a block: it may be WinNAT unless that is stopped. A block that only Hyper-V's
 * networking lists is not WinNAT's. If there is another holder as well, a stop would not help.
 */
export async function mayBeHeldByWinNat(native: Native, own: OwnReservations, request: CreateRequest): Promise<boolean> {
  const { protocols, startPort, numberOfPorts } = request;
  if (startPort === undefined || !mayWinNatHoldPorts(native)) return false;
  const range = { startPort, endPort: endPortOf({ startPort, numberOfPorts }) };
  const lists = await settleAll(protocols.map((protocol) => listedBlocks(native, protocol, own.runtimeReservations)));
  const holders = lists.flat().filter((block) => overlaps(block, range) && !satisfies(block, request));
  return holders.length > 0 && holders.every(({ kind }) => kind === 'system')
    && !protocols.some((protocol) => listListeners(native, protocol)
      .some(({ localPort }) => containsPort({ protocol, startPort, numberOfPorts }, localPort)));
}

/** Whether `ifNotExists` is content with a listed block. */
function satisfies(block: Reservation, { ifNotExists, kind, protocols, startPort = 0, numberOfPorts }: CreateRequest): boolean {
  if (ifNotExists !== true || block.kind !== kind || !protocols.includes(block.protocol)) return false;
  const last = endPortOf({ startPort, numberOfPorts });
  return kind === 'exclusion' ? block.startPort <= startPort && block.endPort >= last : block.startPort === startPort && block.endPort === last;
}

export function isPortInUse(error: unknown): error is PortReservationError {
  return isPortReservationError(error) && error.reason === 'PortInUse';
}

async function createAt(native: Native, own: OwnReservations, request: CreateRequest, startPort: number | undefined): Promise<CreateResult[]> {
  const results: CreateResult[] = [];
  try {
    for (const protocol of new Set(request.protocols)) {
      const existing = await findExisting(native, own, request, protocol, startPort);
      results.push(existing ? { reservation: existing, created: false } : await createOne(native, own, request, protocol, startPort));
    }
    // Aborted just as it succeeded: the caller would get no object to release.
    request.signal?.throwIfAborted();
    return results;
  } catch (error) {
    await undo(own, results.flatMap(({ reservation, created }) => (created ? [reservation] : [])), error);
    throw error;
  }
}

/** With `ifNotExists`, also returns what another program created since the block was looked up. */
async function createOne(native: Native, own: OwnReservations, request: CreateRequest, protocol: Protocol,
  startPort: number | undefined): Promise<CreateResult> {
  const { kind, numberOfPorts } = request;
  if (kind === 'runtime') return { reservation: await own.acquireRuntime({ ...request, protocol, startPort }), created: true };
  const block = { protocol, startPort: startPort ?? 0, numberOfPorts };
  try {
    const reservation = kind === 'persistent' ? createPersistent(native, block) : await createExclusion(native, block, request.store);
    return { reservation, created: true };
  } catch (error) {
    const existing = await findExisting(native, own, request, protocol, startPort);
    if (existing) return { reservation: existing, created: false };
    throw error;
  }
}

/** An existing reservation that satisfies `ifNotExists`. */
async function findExisting(native: Native, own: OwnReservations, request: CreateRequest, protocol: Protocol,
  startPort: number | undefined): Promise<Reservation | null> {
  if (!request.ifNotExists || startPort === undefined) return null;
  const block = { protocol, startPort, numberOfPorts: request.numberOfPorts };
  if (request.kind === 'persistent') return findPersistent(native, block);
  return request.kind === 'runtime' ? own.findRuntime(block) : findExclusion(native, block, request.store);
}

/** Removes what was made before a failure; the error names a reservation that cannot be removed. */
async function undo(own: OwnReservations, made: readonly Reservation[], error: unknown): Promise<void> {
  for (const reservation of made) {
    try {
      // Closing its socket ends a runtime reservation without waiting for the stack again (rule R3).
      const runtime = reservation.kind === 'runtime' ? own.findRuntime(reservation) : null;
      if (runtime) runtime[Symbol.dispose]();
      else await own.remove(reservation.kind as OwnKind, reservation);
    } catch (cause) {
      const block = formatBlock(reservation);
      throw asPortReservationError(error).amend((own) => text('error.andNotRemoved', { error: own, block, cause: messageOf(cause) }),
        () => text('error.andNotRemoved.advice', { block }), { cause: error });
    }
  }
}
