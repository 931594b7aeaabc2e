import { PortReservationError } from './errors.js';
import type { RuntimeReservation } from './reservations/runtime.js';
import type { AssociatedSocket } from './sockets/associated-socket.js';
import { text } from './texts/text.js';

/** The runtime reservations and sockets of one PortReservations object, which end with it. */
export class OwnedObjects {
  readonly #runtime = new Set<RuntimeReservation>();
  readonly #sockets = new Set<AssociatedSocket>();
  readonly #onClose = new Set<() => void>();
  #closed = false;

  get runtimeReservations(): RuntimeReservation[] {
    return [...this.#runtime].filter((reservation) => !reservation.released);
  }

  get sockets(): AssociatedSocket[] {
    return [...this.#sockets].filter((socket) => socket.state !== 'closed');
  }

  addRuntime(signal: AbortSignal | undefined, make: (signal: AbortSignal) => Promise<RuntimeReservation>): Promise<RuntimeReservation> {
    return this.#add(this.#runtime, signal, make);
  }

  addSocket(signal: AbortSignal | undefined, make: (signal: AbortSignal) => Promise<AssociatedSocket>): Promise<AssociatedSocket> {
    return this.#add(this.#sockets, signal, make);
  }

  close(): void {
    this.#closed = true;
    for (const abort of this.#onClose) abort();
    for (const socket of this.#sockets) socket.close();
    for (const reservation of this.#runtime) reservation[Symbol.dispose]();
    this.#sockets.clear();
    this.#runtime.clear();
  }

  /** Forgets what its owner has released or closed, so that a long session does not grow. */
  forgetEnded(): void {
    for (const reservation of this.#runtime) if (reservation.released) this.#runtime.delete(reservation);
    for (const socket of this.#sockets) if (socket.state === 'closed') this.#sockets.delete(socket);
  }

  async #add<Owned>(owned: Set<Owned>, outer: AbortSignal | undefined, make: (signal: AbortSignal) => Promise<Owned>): Promise<Owned> {
    this.#checkOpen();
    const controller = new AbortController();
    const abort = () => controller.abort(closedError());
    this.#onClose.add(abort);
    try {
      const made = await make(outer ? AbortSignal.any([outer, controller.signal]) : controller.signal);
      this.forgetEnded();
      owned.add(made);
      this.#checkOpen();
      return made;
    } finally {
      this.#onClose.delete(abort);
    }
  }

  /** After close(), nobody would end a new socket or reservation. */
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
