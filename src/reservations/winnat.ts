import { PortReservationError } from '../errors.js';
import type { Native } from '../native.js';
import { openService } from '../win32/services.js';
import type { Service, ServiceState } from '../win32/services.js';

const WINNAT = 'winnat';
const ERROR_SERVICE_DOES_NOT_EXIST = 1060;
const ERROR_SERVICE_ALREADY_RUNNING = 1056;
const ERROR_SERVICE_NOT_ACTIVE = 1062;
const LIMIT = 30_000;

/** What is waited for while the service is away. */
export type WinNatStep = 'stopping winnat' | 'creating' | 'starting winnat';

/** True when the service that takes blocks for Hyper-V, Docker and WSL runs. False too where it is not installed. */
export function isWinNatRunning(native: Native): boolean {
  const service = open(native, false);
  if (!service) return false;
  try {
    return stateOf(native, service) === 'running';
  } finally {
    service.close();
  }
}

/**
 * Runs an action while the service winnat is stopped, and starts the service again whatever happens (rule N9).
 * Containers and virtual machines behind WinNAT have no network meanwhile. Needs an elevated administrator.
 *
 * @param onStep is told of a start that has been asked for: if it throws, the service starts all the same
 */
export async function withWinNatStopped<Result>(native: Native, action: () => Promise<Result>, onStep?: (step: WinNatStep) => void): Promise<Result> {
  const service = open(native, true);
  if (!service) return action();
  try {
    onStep?.('stopping winnat');
    const stopped = service.stop();
    if (stopped !== 0 && stopped !== ERROR_SERVICE_NOT_ACTIVE) throw failure(native, stopped, 'ControlService', 'stop');
    try {
      await reach(native, service, 'stopped');
      onStep?.('creating');
      return await action();
    } finally {
      const started = service.start();
      if (started !== 0 && started !== ERROR_SERVICE_ALREADY_RUNNING) throw failure(native, started, 'StartServiceW', 'start');
      onStep?.('starting winnat');
      await reach(native, service, 'running');
    }
  } finally {
    service.close();
  }
}

function open(native: Native, control: boolean): Service | null {
  const { error, service } = openService(native.libraries.advapi32, () => native.kernel32.GetLastError(), WINNAT, control);
  if (service) return service;
  if (error === ERROR_SERVICE_DOES_NOT_EXIST) return null;
  throw failure(native, error, 'OpenServiceW', 'control');
}

function stateOf(native: Native, service: Service): ServiceState {
  const { error, state } = service.state();
  if (error !== 0) throw failure(native, error, 'QueryServiceStatus', 'ask');
  return state;
}

/** A service tells its state only when asked. */
async function reach(native: Native, service: Service, wanted: ServiceState): Promise<void> {
  const limit = performance.now() + LIMIT;
  for (let pause = 5; stateOf(native, service) !== wanted; pause = Math.min(pause * 2, 250)) {
    if (performance.now() > limit) {
      throw new PortReservationError(`ETIMEDOUT: the service winnat is not ${wanted} after ${LIMIT} ms`, {
        reason: 'OperationTimeout', code: 'ETIMEDOUT', syscall: 'QueryServiceStatus', advice: 'Look at the service winnat, and start it by hand when it is stopped.',
      });
    }
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
}

function failure(native: Native, nativeCode: number, syscall: string, verb: string): PortReservationError {
  return native.error({ nativeCode, syscall, attempt: `${verb} the service winnat` });
}
