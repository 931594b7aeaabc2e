import { overlaps, rangeOf } from '../blocks.js';
import { createOrSayWhy, restartedInVain, sayWhy } from '../diagnosis/refusal.js';
import { isPortReservationError, messageOf } from '../errors.js';
import type { PortReservationError } from '../errors.js';
import type { Session } from '../kinds/kind.js';
import { createReservations, isPortInUse, mayBeHeldByWinNat } from './creation.js';
import type { CheckedCreateRequest, CreateResult } from './create-request.js';
import { text } from '../texts/text.js';
import { untilAborted } from '../util/until-aborted.js';
import { winNatState, withWinNatStopped } from './winnat.js';

/** How often a block is tried while other programs keep stopping and starting the service. */
const MOST_TRIES = 5;

interface Job {
  readonly request: CheckedCreateRequest;
  readonly resolve: (made: CreateResult[]) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * The queue of requests with `restartWinNat`. Requests that are made together share one stop of the service. Otherwise one would start
 * it while another needs it stopped, and at each start WinNAT takes new blocks, perhaps one that the next request wants (rule N9).
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

  /** Creates what can be created now. Returns the jobs for which WinNAT may be in the way, and the later ones that want the same ports. */
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
      const before = winNatState(this.#session.native);
      try {
        return await createReservations(this.#session, request);
      } catch (error) {
        if (!isPortInUse(error)) throw error;
        if (await untilAborted(request.signal, () => this.#mayBeHeld(request, error))) return null;
        // Tried again if another program has stopped or started it meanwhile: the refusal and the list are then from two different states.
        if (left === 1 || winNatState(this.#session.native) === before) throw await sayWhy(this.#session, request, error);
      }
    }
  }

  /** Throws the refusal if netsh cannot say who holds the block: the service is not stopped then, and the message says both. */
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
      // A refusal is explained by a fresh reading, in which WinNAT's blocks are missing.
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

/** Whether two requests may want the same ports. A search for a free block may take any. */
function mayOverlap(a: CheckedCreateRequest, b: CheckedCreateRequest): boolean {
  if (!a.protocols.some((protocol) => b.protocols.includes(protocol))) return false;
  const [first, second] = [a, b].map(({ blocks }) => blocks?.[0]);
  return first && second ? overlaps(rangeOf(first), rangeOf(second)) : true;
}
