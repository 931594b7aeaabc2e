import { overlaps, rangeOf } from '../blocks.js';
import { createOrSayWhy, restartedInVain, sayWhy } from '../diagnosis/refusal.js';
import { isPortReservationError, messageOf } from '../errors.js';
import type { PortReservationError } from '../errors.js';
import type { Session } from '../kinds/kind.js';
import { createReservations, isPortInUse, mayBeHeldByWinNat } from './creation.js';
import type { CheckedCreateRequest, CreateResult } from './create-request.js';
import { text } from '../texts/text.js';
import type { ServiceState } from '../win32/services.js';
import { winNatState, withWinNatStopped } from './winnat.js';

/** Of a block, where other programs stop and start the service all the time. */
const MOST_TRIES = 5;

interface Job {
  readonly request: CheckedCreateRequest;
  readonly resolve: (made: CreateResult[]) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * The requests with `restartWinNat`. Those made together share one stop of the service: otherwise one would start it while
 * another needs it stopped, and each start lets WinNAT take new blocks, maybe one that the next request wants (rule N9).
 */
export class WinNatQueue {
  readonly #session: Session;
  readonly #jobs: Job[] = [];
  #turn: Promise<void> = Promise.resolve();

  constructor(session: Session) {
    this.#session = session;
  }

  /** Settles when the service runs again, if it had to be stopped. Requests are tried in their order. */
  create(request: CheckedCreateRequest): Promise<CreateResult[]> {
    return new Promise((resolve, reject) => {
      this.#jobs.push({ request, resolve, reject });
      this.#turn = this.#turn.then(() => this.#work());
    });
  }

  async #work(): Promise<void> {
    const blocked = await this.#createUnblocked();
    if (blocked.length > 0) await this.#createWhileStopped(blocked);
  }

  /** Returns the jobs that may need WinNAT's ports, and those behind them that want the same ports. */
  async #createUnblocked(): Promise<Job[]> {
    const blocked: Job[] = [];
    for (let job = this.#jobs.shift(); job; job = this.#jobs.shift()) {
      const { request, resolve, reject } = job;
      if (blocked.some((earlier) => mayOverlap(earlier.request, request))) {
        blocked.push(job);
        continue;
      }
      try {
        const made = await this.#tryCreate(request);
        if (made) resolve(made);
        else blocked.push(job);
      } catch (error) {
        reject(error);
      }
    }
    return blocked;
  }

  /** `null` if WinNAT may hold the block. */
  async #tryCreate(request: CheckedCreateRequest): Promise<CreateResult[] | null> {
    for (let left = MOST_TRIES; ; left -= 1) {
      const before = this.#winNatState();
      try {
        return await createReservations(this.#session, request);
      } catch (error) {
        if (!isPortInUse(error)) throw error;
        if (await this.#mayBeHeld(request, error)) return null;
        // Another program may have stopped or started it meanwhile: then the refusal and the list are of two states.
        if (left === 1 || this.#winNatState() === before) throw await sayWhy(this.#session, request, error);
      }
    }
  }

  /** What cannot be read does not change: a block that is free needs no service. */
  #winNatState(): ServiceState | null {
    try {
      return winNatState(this.#session.native);
    } catch (error) {
      if (!isPortReservationError(error)) throw error;
      return null;
    }
  }

  /** Where netsh cannot say who holds the block, the service is not stopped, and the refusal says that too. */
  async #mayBeHeld(request: CheckedCreateRequest, refusal: PortReservationError): Promise<boolean> {
    try {
      return await mayBeHeldByWinNat(this.#session, request);
    } catch (cause) {
      if (!isPortReservationError(cause)) throw cause;
      throw refusal.amend({ message: text('andAlso', { first: refusal.text, second: messageOf(cause) }) });
    }
  }

  async #createWhileStopped(jobs: readonly Job[]): Promise<void> {
    const outcomes = await withWinNatStopped(this.#session.native, jobs.map(({ request }) => ({
      // Now, because WinNAT's own blocks are not in the way until it runs again.
      run: () => createOrSayWhy(this.#session, request, { fresh: true }),
      isBlocked: isPortInUse,
      signal: request.signal,
      onStep: request.onStep,
    })));
    for (const [index, { resolve, reject }] of jobs.entries()) {
      const outcome = outcomes[index];
      if (outcome?.status === 'fulfilled') resolve(outcome.value);
      else reject(isPortInUse(outcome?.reason) ? restartedInVain(outcome.reason) : outcome?.reason);
    }
  }
}

/** A search may take any port. */
function mayOverlap(a: CheckedCreateRequest, b: CheckedCreateRequest): boolean {
  if (!a.protocols.some((protocol) => b.protocols.includes(protocol))) return false;
  const [first, second] = [a, b].map(({ blocks }) => blocks?.[0]);
  return first && second ? overlaps(rangeOf(first), rangeOf(second)) : true;
}
