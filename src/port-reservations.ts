import { checkKind, checkPort, checkProtocols, containsPort, KINDS, sameBlock } from './blocks.js';
import type { Kind, PersistentReservation, PortBlock, Protocol, Reservation, Store } from './blocks.js';
import { explainPorts } from './diagnosis/explain.js';
import type { ExplainOptions, PortExplanation } from './diagnosis/explain.js';
import { PortReservationError } from './errors.js';
import { renderMap } from './map/render.js';
import type { MapRequest } from './map/render.js';
import { openNative } from './native.js';
import type { Native, SimulatorOptions } from './native.js';
import { checkCreateRequest, createReservations, OWN_KINDS } from './reservations/creation.js';
import type { CreateRequest, OwnKind } from './reservations/creation.js';
import { checkStore, deleteExclusion } from './reservations/exclusion.js';
import { freeBlocks } from './reservations/free-block.js';
import type { FreeBlockRequest } from './reservations/free-block.js';
import { listBlocks } from './reservations/inventory.js';
import { createPersistent, deletePersistent, lookupPersistent } from './reservations/persistent.js';
import { acquireRuntime, notOfThisSession } from './reservations/runtime.js';
import type { RuntimeRequest, RuntimeReservation } from './reservations/runtime.js';
import { WinNatQueue } from './reservations/winnat-queue.js';
import { bindAssociated } from './sockets/associated-socket.js';
import type { AssociatedSocket, BindRequest } from './sockets/associated-socket.js';
import type { WaitOptions } from './sockets/control-code.js';

export interface OpenOptions {
  /** Use the simulator instead of Windows. Without it, and off Windows, opening throws PlatformNotSupported. */
  readonly simulator?: SimulatorOptions | undefined;
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
  readonly #onClose = new Set<() => void>();
  readonly #winNat: WinNatQueue;
  #closed = false;

  /** @internal Use {@link openPortReservations}. */
  constructor(native: Native) {
    this.native = native;
    this.#winNat = new WinNatQueue(native, this);
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
    using closing = this.#untilClosed(request.signal);
    const reservation = await acquireRuntime(this.native, { ...request, signal: closing.signal });
    this.#forgetEnded();
    this.#runtime.add(reservation);
    this.#checkOpen();
    return reservation;
  }

  /** A socket bound to a port of a reservation (rules A1 to A10). */
  async bind(request: BindRequest): Promise<AssociatedSocket> {
    using closing = this.#untilClosed(request.signal);
    const socket = await bindAssociated(this.native, { ...request, signal: closing.signal });
    this.#forgetEnded();
    this.#sockets.add(socket);
    this.#checkOpen();
    return socket;
  }

  /**
   * Creates one reservation for each protocol: all of them, or none when one fails. Calls with `restartWinNat` that are
   * not awaited one by one share one stop of the service.
   */
  async create(request: CreateRequest): Promise<Reservation[]> {
    checkCreateRequest(request);
    return request.restartWinNat ? this.#winNat.create(request) : createReservations(this.native, this, request);
  }

  /**
   * Resolves when nothing is under way that must not be left half done: a service that was stopped runs again. Await it
   * before the process ends, after the signal of {@link create} was aborted.
   */
  settled(): Promise<void> {
    return this.#winNat.settled();
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

  /** First port of a block that no list shows as taken; see {@link create} for taking it without a race. */
  async findFree(request: FreeBlockRequest): Promise<number> {
    for await (const candidate of freeBlocks(this.native, request)) return candidate;
    throw new Error('a search ends with a block or an error');
  }

  /** Every block that Windows lists, with the runtime ones of this object (rules N4 to N7). */
  async list(filter: ListFilter = {}): Promise<Reservation[]> {
    const { protocols = ['tcp', 'udp'], kinds, store, port } = filter;
    checkProtocols(protocols);
    for (const kind of kinds ?? []) checkKind(kind, KINDS);
    if (port !== undefined) checkPort('port', port);
    const blocks = await listBlocks(this.native, protocols, this.runtimeReservations, store);
    return blocks.filter((block) => (kinds?.includes(block.kind) ?? true)
      && (port === undefined || containsPort(block, port)));
  }

  /** The runtime reservation of this object with exactly this block. */
  findRuntime(block: PortBlock): RuntimeReservation | null {
    return this.runtimeReservations.find((reservation) => sameBlock(reservation, block)) ?? null;
  }

  /** Ends a reservation: deletes a persistent one or an exclusion, releases a runtime one of this object. */
  async remove(kind: OwnKind, block: PortBlock, options: WaitOptions & { store?: Store | undefined } = {}): Promise<Reservation> {
    checkKind(kind, OWN_KINDS);
    checkStore(kind, options.store);
    if (kind === 'exclusion') return deleteExclusion(this.native, block, options.store);
    if (kind === 'persistent') {
      const reservation = lookupPersistent(this.native, block);
      deletePersistent(this.native, block);
      return reservation;
    }
    const reservation = this.findRuntime(block);
    if (!reservation) throw notOfThisSession(block, 'TokenNotValid', 'SIO_RELEASE_PORT_RESERVATION');
    await reservation.release(options);
    this.#forgetEnded();
    return reservation;
  }

  /** Closes every socket and ends every runtime reservation made here; no other can be made. A second call does nothing. */
  close(): void {
    this.#closed = true;
    for (const abort of this.#onClose) abort();
    for (const socket of this.#sockets) socket.close();
    for (const reservation of this.#runtime) reservation[Symbol.dispose]();
    this.#sockets.clear();
    this.#runtime.clear();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  /** After close() nobody would end a new object. */
  #checkOpen(): void {
    if (!this.#closed) return;
    this.close();
    throw closedError();
  }

  /** A signal for what is to end with this object, as well as by the caller's. */
  #untilClosed(outer: AbortSignal | undefined): Disposable & { readonly signal: AbortSignal } {
    this.#checkOpen();
    const controller = new AbortController();
    const abort = () => controller.abort(closedError());
    this.#onClose.add(abort);
    return {
      signal: outer ? AbortSignal.any([outer, controller.signal]) : controller.signal,
      [Symbol.dispose]: () => void this.#onClose.delete(abort),
    };
  }

  /** Lets go of what its owner has released or closed, so that a long session does not grow. */
  #forgetEnded(): void {
    for (const reservation of this.#runtime) if (reservation.released) this.#runtime.delete(reservation);
    for (const socket of this.#sockets) if (socket.state === 'closed') this.#sockets.delete(socket);
  }
}

function closedError(): PortReservationError {
  return new PortReservationError('this PortReservations object is closed', {
    reason: 'InvalidParameter', code: 'EBADF', advice: 'Call openPortReservations again.',
  });
}
