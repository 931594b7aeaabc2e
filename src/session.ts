import { formatBlock } from './blocks.js';
import type { PersistentReservation, PortBlock } from './blocks.js';
import { checkBlock, checkRequest } from './checks.js';
import { PortReservationError } from './errors.js';
import { createPersistent, deletePersistent, lookupPersistent } from './kinds/persistent.js';
import { acquireRuntime, checkRuntimeRequest } from './kinds/runtime-reservation.js';
import type { CheckedRuntimeRequest, RuntimeRequest, RuntimeReservation } from './kinds/runtime-reservation.js';
import type { Native } from './native.js';
import { onAbort } from './util/on-abort.js';
import { bindAssociated } from './sockets/associated-socket.js';
import type { AssociatedSocket, BindRequest } from './sockets/associated-socket.js';
import { text } from './texts/text.js';

/** As long as a session has fewer reservations and sockets than this, it does not look which of them have ended. */
const FEW = 64;

/**
 * The base of {@link PortReservations}: the functions of Windows one by one, and the runtime reservations and sockets that this object
 * has made, which end with it.
 */
export class OwnSession implements Disposable {
  /** @internal */
  readonly native: Native;
  /** The key is the block as text: two reservations have the same only if the first is released. */
  readonly #runtime = new Map<string, RuntimeReservation>();
  readonly #sockets = new Set<AssociatedSocket>();
  readonly #onClose = new Set<() => void>();
  /** With as many reservations and sockets as this, the next look for ended ones is due. */
  #nextLook = FEW;
  #closed = false;

  /** @internal Use {@link openPortReservations}. */
  constructor(native: Native) {
    this.native = native;
  }

  /** Whether calls go to Windows or to a simulator. */
  get backend(): 'windows' | 'simulator' {
    return this.native.backend;
  }

  /**
   * Whether this process is an elevated administrator, or LocalSystem, and so may create and delete persistent
   * reservations and exclusions (rule P8), bind from a persistent reservation (rule A4) and restart WinNAT (rule N9).
   *
   * @see CheckTokenMembership
   */
  get isElevated(): boolean {
    return this.native.isElevated();
  }

  /** The runtime reservations acquired here and not released yet, in a new array. */
  get runtimeReservations(): RuntimeReservation[] {
    return [...this.#runtime.values()].filter((reservation) => !reservation.released);
  }

  /** The sockets bound here and not closed yet, in a new array. */
  get sockets(): AssociatedSocket[] {
    return [...this.#sockets].filter((socket) => socket.state !== 'closed');
  }

  /**
   * Reserves a block of ports, in host byte order, until it is deleted; it survives this process and a restart (rules P1
   * to P8). Needs an elevated administrator.
   *
   * @throws PortReservationError: InvalidParameter, AccessDenied, or PortInUse if a port is in use, reserved or excluded
   * @see CreatePersistentTcpPortReservation, CreatePersistentUdpPortReservation
   */
  createPersistent(block: PortBlock): PersistentReservation {
    return createPersistent(this.native, checkBlock(block));
  }

  /**
   * Looks up the persistent reservation of exactly this block, with its current token (rules P2, P9). Needs no
   * administrator (rule P8a).
   *
   * @throws PortReservationError: InvalidParameter or ReservationNotFound
   * @see LookupPersistentTcpPortReservation, LookupPersistentUdpPortReservation
   */
  lookupPersistent(block: PortBlock): PersistentReservation {
    return lookupPersistent(this.native, checkBlock(block));
  }

  /**
   * Deletes the persistent reservation of exactly this block (rule P10). Sockets already bound from it stay bound (rule
   * A11). Needs an elevated administrator.
   *
   * @throws PortReservationError: InvalidParameter, AccessDenied or ReservationNotFound
   * @see DeletePersistentTcpPortReservation, DeletePersistentUdpPortReservation
   */
  deletePersistent(block: PortBlock): void {
    deletePersistent(this.native, checkBlock(block));
  }

  /**
   * Reserves a block for this process, until the reservation is released, this object is closed or the process ends (rules
   * R1 to R6). Needs no administrator.
   *
   * An abort rejects with the signal's reason and leaves no reservation; one that comes after Windows has reserved the
   * block has no effect.
   *
   * @throws PortReservationError: InvalidParameter, also if this object is closed; PortInUse if a port is in use, reserved or
   *   excluded (rule R7b); ReservationExhausted if the system finds no block (rule R2); NotSupported before Windows 10 1809 (rule
   *   W1); OperationTimeout (rule A8)
   * @see SIO_ACQUIRE_PORT_RESERVATION
   */
  async acquireRuntime(request: RuntimeRequest): Promise<RuntimeReservation> {
    checkRequest('request', request);
    return this.acquireChecked(checkRuntimeRequest(request));
  }

  /**
   * Opens a socket, associates it with a reservation and binds it to a port of the block (rules A1 to A10). With a
   * persistent reservation, it needs an elevated administrator (rule A4).
   *
   * An abort rejects with the signal's reason and leaves no socket; one that comes after Windows has associated the socket
   * has no effect.
   *
   * @throws PortReservationError: InvalidParameter, also if this object is closed; TokenNotValid (rules R5, A5); AccessDenied
   *   for lack of elevation (rule A4) or a port outside the block (rule A2a); PortInUse if the given port is bound already;
   *   ReservationExhausted if no port of the block is free (rule A3); OperationTimeout (rule A8)
   * @see SIO_ASSOCIATE_PORT_RESERVATION, bind, listen
   */
  async bind(request: BindRequest): Promise<AssociatedSocket> {
    checkRequest('request', request);
    // Each member is named, because a spread would leave out what the request inherits from its prototype.
    const { protocol, token, block: given, port, addressFamily, localAddress, dualStack, listen, backlog, timeout, signal } = request;
    const block = given === undefined ? undefined : checkBlock(given);
    return this.#add({ protocol, token, block, port, addressFamily, localAddress, dualStack, listen, backlog, timeout, signal },
      (own) => bindAssociated(this.native, own), (socket) => this.#sockets.add(socket));
  }

  /**
   * The runtime reservation of this object with exactly this block, `null` if there is none.
   *
   * @throws PortReservationError: InvalidParameter
   */
  findRuntime(block: PortBlock): RuntimeReservation | null {
    const found = this.#runtime.get(formatBlock(checkBlock(block)));
    return found && !found.released ? found : null;
  }

  /** @internal Like {@link acquireRuntime}, for a request that is checked already. */
  acquireChecked(request: CheckedRuntimeRequest): Promise<RuntimeReservation> {
    return this.#add(request, (own) => acquireRuntime(this.native, own),
      (reservation) => this.#runtime.set(formatBlock(reservation), reservation));
  }

  /**
   * Closes every socket and ends every runtime reservation made here; no other can be made. Calls that are making one are
   * rejected with InvalidParameter (code EBADF). A second call does nothing. Throws nothing.
   */
  close(): void {
    this.#closed = true;
    for (const abort of this.#onClose) abort();
    for (const socket of this.#sockets) socket.close();
    for (const reservation of this.#runtime.values()) reservation[Symbol.dispose]();
    this.#sockets.clear();
    this.#runtime.clear();
  }

  /** The same as {@link close}, for `using`. */
  [Symbol.dispose](): void {
    this.close();
  }

  async #add<Request extends { readonly signal?: AbortSignal | undefined }, Owned>(request: Request,
    make: (request: Request) => Promise<Owned>, keep: (made: Owned) => void): Promise<Owned> {
    this.#checkOpen();
    const { signal } = request;
    const controller = new AbortController();
    const abort = () => controller.abort(closedError());
    this.#onClose.add(abort);
    const forget = signal && onAbort(signal, () => controller.abort(signal.reason));
    try {
      const made = await make({ ...request, signal: controller.signal });
      this.#forgetEnded();
      keep(made);
      this.#checkOpen();
      return made;
    } catch (error) {
      // The object was closed during the call, and Windows complains about the token or socket that is gone: the close is the reason.
      throw this.#closed && !signal?.aborted ? closedError() : error;
    } finally {
      forget?.();
      this.#onClose.delete(abort);
    }
  }

  /** Forgets what was released or closed, so that a long session does not grow. It looks only when the number has doubled, so a large one stays fast. */
  #forgetEnded(): void {
    if (this.#runtime.size + this.#sockets.size < this.#nextLook) return;
    for (const [block, reservation] of this.#runtime) if (reservation.ended) this.#runtime.delete(block);
    for (const socket of this.#sockets) if (socket.state === 'closed') this.#sockets.delete(socket);
    this.#nextLook = Math.max(FEW, 2 * (this.#runtime.size + this.#sockets.size));
  }

  /** Refuses to go on after close(): nobody would end a socket or reservation that is made then. */
  #checkOpen(): void {
    if (!this.#closed) return;
    this.close();
    throw closedError();
  }
}

function closedError(): PortReservationError {
  return new PortReservationError(text('system.closed'), {
    reason: 'InvalidParameter', code: 'EBADF', advice: text('system.closed.advice'),
  });
}
