import type { TestFn } from 'ava';
import { openPortReservations } from '../../src/index.js';
import type { PortReservations } from '../../src/index.js';
import { createSimulator } from './simulator.js';
import type { TestSimulator } from './simulator.js';

/** The library on a simulator that is empty before each test. Call it before the file's first test. */
export async function openLibrary(test: TestFn): Promise<{ simulator: TestSimulator; reservations: PortReservations }> {
  const simulator = await createSimulator();
  const reservations = openPortReservations({ simulator: simulator.options });
  test.beforeEach(() => simulator.knob('portsim_reset'));
  test.after.always(async () => {
    reservations.close();
    await simulator.dispose();
  });
  return { simulator, reservations };
}
