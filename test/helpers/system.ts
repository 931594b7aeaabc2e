import koffi from 'koffi';
import type { PortBlock } from '../../src/blocks.js';
import { isPortReservationError } from '../../src/errors.js';
import { openPortReservations } from '../../src/open.js';
import type { TestSimulator } from './simulator.js';

/** The token as the store has it, read as eight bytes: no number of JavaScript has a part in it. `null` when there is none. */
export function tokenOf(simulator: TestSimulator, { protocol, startPort, numberOfPorts }: PortBlock): string | null {
  const name = `LookupPersistent${protocol === 'tcp' ? 'Tcp' : 'Udp'}PortReservation`;
  const token = Buffer.alloc(8);
  const lookup = koffi.load(simulator.options.library).func(`uint32_t ${name}(uint16_be_t start, uint16_t count, void *token)`);
  return lookup(startPort, numberOfPorts, token) === 0 ? token.readBigUInt64LE().toString() : null;
}

/** Whether nobody holds a port of the block: a runtime reservation of it succeeds (rule R7b). */
export async function isFree(simulator: TestSimulator, { protocol, startPort, numberOfPorts }: PortBlock): Promise<boolean> {
  using reservations = openPortReservations({ simulator: simulator.options });
  try {
    await reservations.acquireRuntime({ protocol, startPort, numberOfPorts });
    return true;
  } catch (error) {
    if (isPortReservationError(error) && error.reason === 'PortInUse') return false;
    throw error;
  }
}
