import { setImmediate } from 'node:timers/promises';
import { checkKind, checkPort, checkProtocols, endPortOf, formatBlock, overlaps } from '../blocks.js';
import type { AddressFamily, Kind, PortBlock, Protocol, Reservation, Store } from '../blocks.js';
import { invalid, isPortReservationError, PortReservationError } from '../errors.js';
import type { Native } from '../native.js';
import { settleAll } from '../settle-all.js';
import type { WaitOptions } from '../sockets/control-code.js';
import { checkStore, createExclusion, findExclusion } from './exclusion.js';
import { freeBlocks } from './free-block.js';
import { listedBlocks } from './inventory.js';
import { createPersistent, findPersistent } from './persistent.js';
import type { RuntimeRequest, RuntimeReservation } from './runtime.js';
import { isWinNatRunning } from './winnat.js';
import type { WinNatStep } from './winnat.js';

/** The kinds that can be created and removed here; blocks of kind `system` are other programs'. */
export type OwnKind = Exclude<Kind, 'system'>;
export const OWN_KINDS = ['persistent', 'runtime', 'exclusion'] as const satisfies readonly OwnKind[];

export interface CreateRequest extends WaitOptions {
  readonly kind: OwnKind;
  /** One or both; with both, two reservations or none. */
  readonly protocols: readonly Protocol[];
  /** Left out: the system's choice for a runtime block (rule R2), else the first free block upwards from `from`. */
  readonly startPort?: number | undefined;
  /** Without a start port: where the search for a free block begins, default 20000. */
  readonly from?: number | undefined;
  readonly numberOfPorts: number;
  /** Runtime: family of the acquiring socket. */
  readonly addressFamily?: AddressFamily | undefined;
  /** Give the reservation of exactly this block and kind when it is there already. */
  readonly ifNotExists?: boolean | undefined;
  /** When WinNAT holds a part of the block: stop the service winnat, create, and start it again (rule N9). */
  readonly restartWinNat?: boolean | undefined;
  /** With `restartWinNat`: called at the beginning of each step, when the service is stopped at all; a start may take two minutes. */
  readonly onStep?: ((step: WinNatStep) => void) | undefined;
  /** Exclusions alone: whether it survives a restart, default `persistent`. */
  readonly store?: Store | undefined;
}

/** The runtime reservations of one session, and how to end one of any kind. */
export interface OwnReservations {
  readonly runtimeReservations: readonly RuntimeReservation[];
  acquireRuntime(request: RuntimeRequest): Promise<RuntimeReservation>;
  findRuntime(block: PortBlock): RuntimeReservation | null;
  remove(kind: OwnKind, block: PortBlock): Promise<Reservation>;
}

/** Refuses contradictory options before anything is done. */
export function checkCreateRequest(request: CreateRequest): void {
  if (typeof request !== 'object' || (request as unknown) === null) throw invalid('request', request, 'must be an object with kind, protocols and numberOfPorts');
  const { kind, protocols, startPort, from, ifNotExists, store, addressFamily, timeout } = request;
  checkKind(kind, OWN_KINDS);
  checkProtocols(protocols);
  checkStore(kind, store);
  if (addressFamily !== undefined && kind !== 'runtime') throw invalid('addressFamily', addressFamily, 'applies only to runtime reservations: every other block is of both families (rule N6)');
  if (startPort !== undefined) checkPort('startPort', startPort, kind === 'runtime' ? 0 : 1);
  if (timeout !== undefined && kind !== 'runtime') throw invalid('timeout', timeout, 'applies only to runtime reservations');
  const isSearch = startPort === undefined && kind !== 'runtime';
  if (!isSearch && from !== undefined) throw invalid('from', from, 'applies only to a search: without startPort, and not for a runtime reservation');
  if (isSearch && ifNotExists) throw invalid('ifNotExists', true, 'needs startPort: a search takes any free block');
}

/** One reservation for each protocol: all of them, or none when one fails. */
export async function createReservations(native: Native, own: OwnReservations, request: CreateRequest): Promise<Reservation[]> {
  const { kind, protocols, startPort, from, numberOfPorts } = request;
  if (startPort !== undefined || kind === 'runtime') return createAt(native, own, request, startPort);
  for await (const candidate of freeBlocks(native, { protocols, numberOfPorts, from })) {
    // A failed try waits for nothing; an abort has its turn after each.
    await setImmediate();
    request.signal?.throwIfAborted();
    try {
      return await createAt(native, own, request, candidate);
    } catch (error) {
      // Someone was quicker, or holds the block without any list telling of it (rule N7): on to the next.
      if (!isPortInUse(error)) throw error;
    }
  }
  throw new Error('a search ends with a block or an error');
}

/**
 * netsh does not say whose a block of another program is: it may be WinNAT's when WinNAT runs. What only Hyper-V's
 * networking tells of is not WinNAT's.
 */
export async function isWinNatInTheWay(native: Native, own: OwnReservations, { protocols, startPort, numberOfPorts }: CreateRequest): Promise<boolean> {
  if (startPort === undefined || !isWinNatRunning(native)) return false;
  const range = { startPort, endPort: endPortOf({ startPort, numberOfPorts }) };
  const lists = await settleAll(protocols.map((protocol) => listedBlocks(native, protocol, own.runtimeReservations)));
  return lists.flat().some((block) => block.kind === 'system' && overlaps(block, range));
}

export function isPortInUse(error: unknown): boolean {
  return isPortReservationError(error) && error.reason === 'PortInUse';
}

async function createAt(native: Native, own: OwnReservations, request: CreateRequest, startPort: number | undefined): Promise<Reservation[]> {
  const made: Reservation[] = [];
  try {
    const result: Reservation[] = [];
    for (const protocol of new Set(request.protocols)) {
      const existing = await findExisting(native, own, request, protocol, startPort);
      const { reservation, isNew } = existing ? { reservation: existing, isNew: false } : await createOne(native, own, request, protocol, startPort);
      if (isNew) made.push(reservation);
      result.push(reservation);
    }
    // Aborted in the very moment of success: the caller gets no object to release.
    request.signal?.throwIfAborted();
    return result;
  } catch (error) {
    await undo(own, made, error);
    throw error;
  }
}

/** Gives what another script created since the block was looked up, where the request is content with it. */
async function createOne(native: Native, own: OwnReservations, request: CreateRequest, protocol: Protocol,
  startPort: number | undefined): Promise<{ reservation: Reservation; isNew: boolean }> {
  const { kind, numberOfPorts } = request;
  if (kind === 'runtime') return { reservation: await own.acquireRuntime({ ...request, protocol, startPort }), isNew: true };
  const block = { protocol, startPort: startPort ?? 0, numberOfPorts };
  try {
    const reservation = kind === 'persistent' ? createPersistent(native, block) : await createExclusion(native, block, request.store);
    return { reservation, isNew: true };
  } catch (error) {
    const existing = await findExisting(native, own, request, protocol, startPort);
    if (existing) return { reservation: existing, isNew: false };
    throw error;
  }
}

/** An existing reservation that satisfies `ifNotExists`. */
async function findExisting(native: Native, own: OwnReservations, request: CreateRequest, protocol: Protocol, startPort: number | undefined): Promise<Reservation | null> {
  if (!request.ifNotExists || startPort === undefined) return null;
  const block = { protocol, startPort, numberOfPorts: request.numberOfPorts };
  if (request.kind === 'persistent') return findPersistent(native, block);
  return request.kind === 'runtime' ? own.findRuntime(block) : findExclusion(native, block, request.store);
}

/** Takes back what was made before a failure; a reservation that cannot be taken back is named in the error. */
async function undo(own: OwnReservations, made: readonly Reservation[], error: unknown): Promise<void> {
  for (const reservation of made) {
    try {
      // Closing the socket ends a runtime reservation without another wait for the stack (rule R3).
      const runtime = reservation.kind === 'runtime' ? own.findRuntime(reservation) : null;
      if (runtime) runtime[Symbol.dispose]();
      else await own.remove(reservation.kind as OwnKind, reservation);
    } catch (cause) {
      // An abort is no error of ours and has no details.
      const details = isPortReservationError(error) ? error.toJSON() : { reason: 'NativeError' as const, code: 'UNKNOWN' };
      throw new PortReservationError(
        `${(error as Error).message}; and ${formatBlock(reservation)}, reserved before, could not be taken back: ${(cause as Error).message}`,
        { ...details, advice: `Remove ${formatBlock(reservation)} by hand.` }, { cause: error });
    }
  }
}
