import { containsPort, endPortOf, formatBlock, overlaps, sameBlock } from './blocks.js';
import type { AddressFamily, Kind, PersistentReservation, PortBlock, Protocol, Reservation, Store } from './blocks.js';
import { explainPorts } from './diagnosis/explain.js';
import type { ExplainOptions, PortExplanation } from './diagnosis/explain.js';
import { invalid, isPortReservationError, PortReservationError } from './errors.js';
import { renderMap } from './map/render.js';
import type { MapRequest } from './map/render.js';
import { openNative } from './native.js';
import type { Native, SimulatorOptions } from './native.js';
import { checkStore, createExclusion, deleteExclusion, findExclusion } from './reservations/exclusion.js';
import { freeBlocks } from './reservations/free-block.js';
import type { FreeBlockRequest } from './reservations/free-block.js';
import { listBlocks } from './reservations/inventory.js';
import { createPersistent, deletePersistent, findPersistent, lookupPersistent } from './reservations/persistent.js';
import { acquireRuntime } from './reservations/runtime.js';
import type { RuntimeRequest, RuntimeReservation } from './reservations/runtime.js';
import { isWinNatRunning, withWinNatStopped } from './reservations/winnat.js';
import { bindAssociated } from './sockets/associated-socket.js';
import type { AssociatedSocket, BindRequest } from './sockets/associated-socket.js';
import type { WaitOptions } from './sockets/control-code.js';

export interface OpenOptions {
  /** Use the simulator instead of Windows. Without it, and off Windows, opening throws PlatformNotSupported. */
  readonly simulator?: SimulatorOptions | undefined;
}

/** The kinds that can be created and removed here; blocks of kind `system` are other programs'. */
export type OwnKind = Exclude<Kind, 'system'>;

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
  /** Exclusions alone: whether it survives a restart, default `persistent`. */
  readonly store?: Store | undefined;
}

export interface ListFilter {
  readonly protocols?: readonly Protocol[] | undefined;
  readonly kinds?: readonly Kind[] | undefined;
  /** `active`, the default: what is in force now; `persistent`: what will be after a restart, in force now or not. */
  readonly store?: Store | undefined;
  /** Only blocks that contain this port. */
  readonly port?: number | undefined;
}

/** Opens the port reservations of this Windows, or of a simulator. */
export function openPortReservations(options: OpenOptions = {}): PortReservations {
  return new PortReservations(openNative(options.simulator));
}

/**
 * All operations on the reservations of one system. It owns the runtime reservations and sockets made through it:
 * closing it closes them. Persistent reservations stay.
 */
export class PortReservations implements Disposable {
  readonly native: Native;
  readonly #runtime = new Set<RuntimeReservation>();
  readonly #sockets = new Set<AssociatedSocket>();

  /** @internal Use {@link openPortReservations}. */
  constructor(native: Native) {
    this.native = native;
  }

  get backend(): Native['backend'] {
    return this.native.backend;
  }

  /** Whether this process may create and delete persistent reservations (rule P8). */
  get isElevated(): boolean {
    return this.native.isElevated();
  }

  /** The runtime reservations acquired here and not released yet. */
  get runtimeReservations(): RuntimeReservation[] {
    return [...this.#runtime].filter((reservation) => !reservation.released);
  }

  /** The sockets bound here and not closed yet. */
  get sockets(): AssociatedSocket[] {
    return [...this.#sockets].filter((socket) => socket.state !== 'closed');
  }

  /** Records a block that outlives the process and a restart. Needs an elevated administrator (rules P1 to P8). */
  createPersistent(block: PortBlock): PersistentReservation {
    return createPersistent(this.native, block);
  }

  /** The persistent reservation of exactly this block, with its token of the day (rules P2, P9). */
  lookupPersistent(block: PortBlock): PersistentReservation {
    return lookupPersistent(this.native, block);
  }

  /** Deletes the persistent reservation of exactly this block (rule P10). */
  deletePersistent(block: PortBlock): void {
    deletePersistent(this.native, block);
  }

  /** Reserves a block for as long as this process, or the object, lives (rules R1 to R6). */
  async acquireRuntime(request: RuntimeRequest): Promise<RuntimeReservation> {
    const reservation = await acquireRuntime(this.native, request);
    this.#forgetEnded();
    this.#runtime.add(reservation);
    return reservation;
  }

  /** A socket bound to a port of a reservation (rules A1 to A10). */
  async bind(request: BindRequest): Promise<AssociatedSocket> {
    const socket = await bindAssociated(this.native, request);
    this.#forgetEnded();
    this.#sockets.add(socket);
    return socket;
  }

  /** Creates one reservation for each protocol: all of them, or none when one fails. */
  async create(request: CreateRequest): Promise<Reservation[]> {
    checkStore(request.kind, request.store);
    try {
      return await this.#create(request);
    } catch (error) {
      if (!request.restartWinNat || !isPortInUse(error) || !await this.#isWinNatInTheWay(request)) throw error;
    }
    return withWinNatStopped(this.native, () => this.#create(request));
  }

  /** Why a port can or cannot be bound: asks every list, and really tries the bind. */
  async explain(protocol: Protocol, port: number, options: ExplainOptions = {}): Promise<PortExplanation> {
    for await (const explanation of this.explainEach(protocol, [port], options)) return explanation;
    throw new Error('one port has one explanation');
  }

  /** The same for many ports, one after the other, with one look at netsh's lists. */
  explainEach(protocol: Protocol, ports: Iterable<number>, options: ExplainOptions = {}): AsyncGenerator<PortExplanation> {
    return explainPorts(this.native, protocol, ports, this.runtimeReservations, options);
  }

  /** The 65,536 ports as a picture: text for a console, SVG, or a page of HTML. */
  renderMap(request: MapRequest): Promise<string> {
    return renderMap(this.native, this.runtimeReservations, request);
  }

  async #create(request: CreateRequest): Promise<Reservation[]> {
    const { kind, startPort, from, ifNotExists, numberOfPorts } = request;
    if (startPort !== undefined || kind === 'runtime') {
      if (from !== undefined) throw invalid('from', from, 'is for a search, so without startPort and not for a runtime block');
      return this.#createAt(request, startPort);
    }
    if (ifNotExists) throw invalid('ifNotExists', true, 'needs startPort: without it any free block is taken');
    for await (const candidate of freeBlocks(this.native, { protocols: request.protocols, numberOfPorts, from })) {
      try {
        return await this.#createAt(request, candidate);
      } catch (error) {
        // Someone was quicker, or holds the block without any list telling of it (rule N7): on to the next.
        if (!isPortInUse(error)) throw error;
      }
    }
    throw new Error('a search ends with a block or an error');
  }

  /** First port of a block that no list shows as taken; see {@link create} for taking it without a race. */
  async findFree(request: FreeBlockRequest): Promise<number> {
    for await (const candidate of freeBlocks(this.native, request)) return candidate;
    throw new Error('a search ends with a block or an error');
  }

  /** Every block that Windows lists, with the runtime ones of this object (rules N4 to N7). */
  async list(filter: ListFilter = {}): Promise<Reservation[]> {
    const { protocols = ['tcp', 'udp'], kinds, store, port } = filter;
    const blocks = await listBlocks(this.native, protocols, this.runtimeReservations, store);
    return blocks.filter((block) => (kinds?.includes(block.kind) ?? true)
      && (port === undefined || containsPort(block, port)));
  }

  /** The runtime reservation of this object with exactly this block. */
  findRuntime(block: PortBlock): RuntimeReservation | null {
    return this.runtimeReservations.find((reservation) => sameBlock(reservation, block)) ?? null;
  }

  /** Ends a reservation: deletes a persistent one or an exclusion, releases a runtime one of this object. */
  async remove(kind: OwnKind, block: PortBlock, wait: WaitOptions & { store?: Store | undefined } = {}): Promise<Reservation> {
    checkStore(kind, wait.store);
    if (kind === 'exclusion') return deleteExclusion(this.native, block, wait.store);
    if (kind === 'persistent') {
      const reservation = lookupPersistent(this.native, block);
      deletePersistent(this.native, block);
      return reservation;
    }
    const reservation = this.findRuntime(block) ?? throwNotOurs(block);
    await reservation.release(wait);
    this.#forgetEnded();
    return reservation;
  }

  /** Closes every socket and ends every runtime reservation made here. A second call does nothing. */
  close(): void {
    for (const socket of this.#sockets) socket.close();
    for (const reservation of this.#runtime) reservation[Symbol.dispose]();
    this.#sockets.clear();
    this.#runtime.clear();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  /** netsh does not say whose a block of another program is: it may be WinNAT's when WinNAT runs. */
  async #isWinNatInTheWay({ protocols, startPort, numberOfPorts }: CreateRequest): Promise<boolean> {
    if (startPort === undefined || !isWinNatRunning(this.native)) return false;
    const others = await this.list({ protocols, kinds: ['system'] });
    return others.some((block) => overlaps(block, { startPort, endPort: startPort + numberOfPorts - 1 }));
  }

  async #createAt(request: CreateRequest, startPort: number | undefined): Promise<Reservation[]> {
    const made: Reservation[] = [];
    try {
      const result: Reservation[] = [];
      for (const protocol of new Set(request.protocols)) {
        const existing = await this.#existing(request, protocol, startPort);
        const reservation = existing ?? await this.#createOne(request, protocol, startPort);
        if (!existing) made.push(reservation);
        result.push(reservation);
      }
      // Aborted in the very moment of success: the caller gets no object to release.
      request.signal?.throwIfAborted();
      return result;
    } catch (error) {
      await this.#undo(made, error);
      throw error;
    }
  }

  async #createOne(request: CreateRequest, protocol: Protocol, startPort: number | undefined): Promise<Reservation> {
    const { kind, numberOfPorts } = request;
    if (kind === 'runtime') return this.acquireRuntime({ ...request, protocol, startPort });
    const block = { protocol, startPort: startPort ?? 0, numberOfPorts };
    try {
      return kind === 'persistent' ? this.createPersistent(block) : await createExclusion(this.native, block, request.store);
    } catch (error) {
      // Two scripts at once: the other one may have created the very block since it was looked up.
      const existing = await this.#existing(request, protocol, startPort);
      if (existing) return existing;
      throw error;
    }
  }

  /** The very block where the request is content with it. */
  async #existing(request: CreateRequest, protocol: Protocol, startPort: number | undefined): Promise<Reservation | null> {
    if (!request.ifNotExists || startPort === undefined) return null;
    const block = { protocol, startPort, numberOfPorts: request.numberOfPorts };
    if (request.kind === 'persistent') return findPersistent(this.native, block);
    return request.kind === 'runtime' ? this.findRuntime(block) : findExclusion(this.native, block);
  }

  /** Takes back what was made before a failure; a reservation that cannot be taken back is named in the error. */
  async #undo(made: readonly Reservation[], error: unknown): Promise<void> {
    for (const reservation of made) {
      try {
        // Closing the socket ends a runtime reservation without another wait for the stack (rule R3).
        const own = reservation.kind === 'runtime' ? this.findRuntime(reservation) : null;
        if (own) own[Symbol.dispose]();
        else await this.remove(reservation.kind as OwnKind, reservation);
      } catch (cause) {
        // An abort is no error of ours and has no details.
        const details = isPortReservationError(error) ? error.toJSON() : { reason: 'NativeError' as const, code: 'UNKNOWN' };
        throw new PortReservationError(
          `${(error as Error).message}; and ${formatBlock(reservation)}, reserved before, could not be taken back: ${(cause as Error).message}`,
          { ...details, advice: `Remove ${formatBlock(reservation)} by hand.` }, { cause: error });
      }
    }
  }

  /** Lets go of what its owner has released or closed, so that a long session does not grow. */
  #forgetEnded(): void {
    for (const reservation of this.#runtime) if (reservation.released) this.#runtime.delete(reservation);
    for (const socket of this.#sockets) if (socket.state === 'closed') this.#sockets.delete(socket);
  }
}

function isPortInUse(error: unknown): boolean {
  return isPortReservationError(error) && error.reason === 'PortInUse';
}

function throwNotOurs(block: PortBlock): never {
  throw new PortReservationError(
    `no runtime reservation of ${block.protocol} ports ${block.startPort}-${endPortOf(block)} was acquired in this session (rule R4)`, {
      reason: 'TokenNotValid', code: 'EINVAL', syscall: 'SIO_RELEASE_PORT_RESERVATION', block,
      advice: 'A runtime reservation can be released only by the process that acquired it, and ends with that process.',
    });
}
