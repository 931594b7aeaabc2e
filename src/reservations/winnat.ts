import { setTimeout } from 'node:timers/promises';
import { formatBlock } from '../blocks.js';
import { asPortReservationError, isPortReservationError, messageOf, PortReservationError } from '../errors.js';
import type { Native } from '../native.js';
import { tell } from '../util/tell.js';
import { text } from '../texts/text.js';
import type { PlainId, Text } from '../texts/text.js';
import { Code } from '../win32/codes.js';
import type { Service, ServiceState } from '../win32/services.js';
import type { CreateResult, WinNatStep } from './create-request.js';

const WINNAT = 'winnat';
/** Time limits for stopping and for starting the service, in milliseconds. */
const STOP_LIMIT = 30_000;
const START_LIMIT = 120_000;
/** How often to try to start the service: a start may fail, or be accepted and come to nothing. */
const STARTS = 8;
/** How often to stop it: another program may start it meanwhile. */
const STOPS = 4;

/** Time between two looks at its state, in milliseconds. */
const PAUSE = 10;
/** Longest time between two starts, in milliseconds. */
const LONGEST_PAUSE = 250;

/** Work that needs the service to be stopped. */
interface WinNatTask {
  readonly run: () => Promise<CreateResult[]>;
  /** Whether a failure means that WinNAT holds ports again. */
  readonly isBlocked: (error: unknown) => boolean;
  /** An abort skips the task, but never the restart of the service. */
  readonly signal?: AbortSignal | undefined;
  readonly onStep?: ((step: WinNatStep) => void) | undefined;
}

type Outcome = PromiseSettledResult<CreateResult[]>;

/** `unknown` where Windows does not tell: an ordinary user of a remote session may not ask. */
export type WinNatState = ServiceState | 'unknown';

/** The state of the service that takes blocks for Hyper-V, Docker and WSL; `null` if it is not installed. */
export function winNatState(native: Native): WinNatState | null {
  let service: Service | null = null;
  try {
    service = open(native, false);
    return service && stateOf(native, service);
  } catch (error) {
    if (!isPortReservationError(error)) throw error;
    return 'unknown';
  } finally {
    service?.close();
  }
}

/** Whether WinNAT may hold blocks: the service is installed and, as far as Windows tells, not stopped. */
export function mayWinNatHoldPorts(native: Native): boolean {
  return mayHoldPorts(winNatState(native));
}

/** As {@link mayWinNatHoldPorts}, for a state that was read. */
export function mayHoldPorts(state: WinNatState | null): boolean {
  return state !== null && state !== 'stopped';
}

/**
 * Runs tasks one after the other while the service winnat is stopped, and starts the service again whatever happens
 * (rule N9). Meanwhile, containers and virtual machines behind WinNAT have no network. Needs an elevated administrator.
 *
 * @returns the outcome of each task: its own; for all of them, the error why the service could not be stopped; or an error
 *   that it could not be started again, which also says what the task did
 */
export async function withWinNatStopped(native: Native, tasks: readonly WinNatTask[]): Promise<Outcome[]> {
  if (tasks.every(isAborted)) return runAll(tasks);
  let service: Service | null = null;
  try {
    service = open(native, true);
    if (!service) return await runAll(tasks);
    if (service.isDisabled()) throw disabled();
    report(tasks, 'stopping');
    const stopped = service.stop();
    // If it refuses and still runs, nothing has changed. If it no longer runs, it is stopping, and must be started again.
    if (stopped !== 0 && stopped !== Code.ERROR_SERVICE_NOT_ACTIVE && service.state().state === 'running') {
      throw failure(native, stopped, 'ControlService', 'attempt.winnat.stop');
    }
    const outcomes = await whileStopped(native, service, tasks);
    report(tasks, 'starting');
    const [started] = await Promise.allSettled([startAgain(native, service)]);
    if (started.status === 'fulfilled') return outcomes;
    return outcomes.map((outcome) => ({ status: 'rejected', reason: notStarted(started.reason, outcome) }));
  } catch (reason) {
    return tasks.map(() => ({ status: 'rejected', reason }));
  } finally {
    service?.close();
  }
}

async function whileStopped(native: Native, service: Service, tasks: readonly WinNatTask[]): Promise<Outcome[]> {
  const outcomes = new Map<WinNatTask, Outcome>();
  let rest = tasks;
  for (let stops = 1; rest.length > 0; stops += 1) {
    const ran = await runOnceStopped(native, service, rest);
    for (const [index, task] of rest.entries()) outcomes.set(task, ran[index] as Outcome);
    if (stops === STOPS || service.state().state === 'stopped') break;
    // Another program has started it meanwhile, so WinNAT has its blocks again. What that blocked is tried once more.
    rest = rest.filter((task) => {
      const outcome = outcomes.get(task);
      return outcome?.status === 'rejected' && task.isBlocked(outcome.reason);
    });
  }
  return tasks.map((task) => outcomes.get(task) as Outcome);
}

async function runOnceStopped(native: Native, service: Service, tasks: readonly WinNatTask[]): Promise<Outcome[]> {
  try {
    await until(STOP_LIMIT, 'stopped', () => {
      if (tasks.every(isAborted)) return true;
      const state = stateOf(native, service);
      if (state === 'running') service.stop();
      return state === 'stopped';
    });
  } catch (reason) {
    return tasks.map(() => ({ status: 'rejected', reason }));
  }
  if (!tasks.every(isAborted)) report(tasks, 'creating');
  return runAll(tasks);
}

async function runAll(tasks: readonly WinNatTask[]): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const { run, signal } of tasks) {
    outcomes.push(...await Promise.allSettled([(async () => {
      signal?.throwIfAborted();
      return run();
    })()]));
  }
  return outcomes;
}

function isAborted({ signal }: WinNatTask): boolean {
  return signal?.aborted === true;
}

/** A listener that throws must not keep the service stopped. */
function report(tasks: readonly WinNatTask[], step: WinNatStep): void {
  for (const { onStep } of tasks) tell(onStep, step);
}

/**
 * Waits for the stop first, however long it takes: a service that is stopping answers a start with "already running", and
 * then stops all the same. Neither a failed start nor a failed query of its state is a reason to leave it stopped.
 */
async function startAgain(native: Native, service: Service): Promise<void> {
  let attempts = 0;
  let last = 0;
  /** Time before the next start: the cause of a failure may pass, and a service that ends at once is not started thousands of times. */
  let pause = PAUSE;
  let next = 0;
  await until(START_LIMIT, 'running', () => {
    const { error, state } = service.state();
    if (error === 0 && state !== 'stopped') {
      // It was started. If it is stopped again later, another process has done that, so the count of attempts begins anew.
      attempts = 0;
      return state === 'running';
    }
    if (performance.now() < next) return false;
    if (attempts === STARTS) {
      throw last === 0 || last === Code.ERROR_SERVICE_ALREADY_RUNNING
        ? notReached('running', text('winnat.startedInVain', { times: STARTS }))
        : failure(native, last, 'StartServiceW', 'attempt.winnat.start');
    }
    attempts += 1;
    next = performance.now() + pause;
    pause = Math.min(pause * 2, LONGEST_PAUSE);
    last = service.start();
    // Looked at once, because another process may be waiting to stop it again.
    return service.state().state === 'running';
  });
}

/** Polls, because a service does not announce its state; and often, because another process may start or stop it soon again. */
async function until(limit: number, wanted: 'running' | 'stopped', isReached: () => boolean): Promise<void> {
  const end = performance.now() + limit;
  while (!isReached()) {
    if (performance.now() > end) throw notReached(wanted, text(wanted === 'running' ? 'winnat.notRunning' : 'winnat.notStopped', { limit }));
    await setTimeout(PAUSE);
  }
}

function open(native: Native, control: boolean): Service | null {
  const { error, service } = native.services.open(WINNAT, control);
  if (service) return service;
  if (error === Code.ERROR_SERVICE_DOES_NOT_EXIST) return null;
  throw failure(native, error, 'OpenServiceW', 'attempt.winnat.control');
}

function stateOf(native: Native, service: Service): ServiceState {
  const { error, state } = service.state();
  if (error !== 0) throw failure(native, error, 'QueryServiceStatus', 'attempt.winnat.ask');
  return state;
}

function notReached(wanted: 'running' | 'stopped', why: Text): PortReservationError {
  return new PortReservationError(why, {
    reason: 'OperationTimeout', code: 'ETIMEDOUT', syscall: 'QueryServiceStatus',
    advice: text(wanted === 'stopped' ? 'winnat.notStopped.advice' : 'winnat.startByHand'),
  });
}

/** The error for a disabled service: once stopped it would not start again, and containers and virtual machines would have no network. */
function disabled(): PortReservationError {
  return new PortReservationError(text('winnat.disabled'), {
    reason: 'NativeError', code: 'EACCES', syscall: 'QueryServiceConfigW', advice: text('advice.disabled'),
  });
}

function failure(native: Native, nativeCode: number, syscall: string, attempt: PlainId): PortReservationError {
  return native.error({ nativeCode, syscall, attempt: text(attempt) });
}

/** The error also says what the task did, because that is not undone, and the caller does not get its result. */
function notStarted(reason: unknown, acted: Outcome): PortReservationError {
  const error = asPortReservationError(reason);
  const advice = text('winnat.startByHand');
  if (acted.status === 'rejected') {
    const message = text('winnat.andNotRunning', { error: messageOf(acted.reason), cause: error.text });
    return error.amend({ message, advice, block: isPortReservationError(acted.reason) ? acted.reason.block : null, cause: acted.reason });
  }
  const made = acted.value.map(({ reservation }) => reservation);
  const message = text('winnat.doneButNotRunning', { blocks: made.map(formatBlock), cause: error.text });
  return error.amend({ message, advice, block: made[0] ?? null, cause: reason });
}
