import { checkBlock, endPortOf, formatBlock } from '../blocks.js';
import type { PersistentReservation, PortBlock, Protocol } from '../blocks.js';
import type { Native } from '../native.js';
import { text } from '../texts/text.js';
import { Code } from '../win32/codes.js';
import type { Iphlpapi } from '../win32/iphlpapi.js';

const FUNCTIONS = {
  tcp: {
    create: 'CreatePersistentTcpPortReservation',
    lookup: 'LookupPersistentTcpPortReservation',
    delete: 'DeletePersistentTcpPortReservation',
  },
  udp: {
    create: 'CreatePersistentUdpPortReservation',
    lookup: 'LookupPersistentUdpPortReservation',
    delete: 'DeletePersistentUdpPortReservation',
  },
} as const satisfies Record<Protocol, Record<string, keyof Iphlpapi>>;

/** Reserves a block until it is deleted (rules P1, P3 to P8). Needs an elevated administrator. */
export function createPersistent(native: Native, block: PortBlock): PersistentReservation {
  return withToken(native, block, 'create', 'attempt.reserve');
}

/** The reservation of exactly this block, with its current token (rules P2, P9). Needs no administrator (rule P8a). */
export function lookupPersistent(native: Native, block: PortBlock): PersistentReservation {
  return withToken(native, block, 'lookup', 'attempt.lookUp');
}

/** Like {@link lookupPersistent}, but `null` if there is none. */
export function findPersistent(native: Native, block: PortBlock): PersistentReservation | null {
  checkBlock(block);
  const { error, token } = native.iphlpapi[FUNCTIONS[block.protocol].lookup](block.startPort, block.numberOfPorts);
  if (error === 0) return reservationOf(block, token);
  if (error === Code.ERROR_NOT_FOUND) return null;
  throw failure(native, block, FUNCTIONS[block.protocol].lookup, 'attempt.lookUp', error);
}

/** Deletes exactly this block (rule P10). Sockets already bound from it stay bound (rule A11). */
export function deletePersistent(native: Native, block: PortBlock): void {
  checkBlock(block);
  const name = FUNCTIONS[block.protocol].delete;
  const { error } = native.iphlpapi[name](block.startPort, block.numberOfPorts);
  if (error !== 0) throw failure(native, block, name, 'attempt.delete', error);
}

type Attempt = 'attempt.reserve' | 'attempt.lookUp' | 'attempt.delete';

function withToken(native: Native, block: PortBlock, operation: 'create' | 'lookup', attempt: Attempt): PersistentReservation {
  checkBlock(block);
  const name = FUNCTIONS[block.protocol][operation];
  const { error, token } = native.iphlpapi[name](block.startPort, block.numberOfPorts);
  if (error !== 0) throw failure(native, block, name, attempt, error);
  return reservationOf(block, token);
}

function reservationOf(block: PortBlock, token: bigint): PersistentReservation {
  const { protocol, startPort, numberOfPorts } = block;
  return {
    protocol, startPort, endPort: endPortOf(block), numberOfPorts,
    kind: 'persistent', token, addressFamily: null, owningProcess: null, store: 'persistent',
  };
}

function failure(native: Native, block: PortBlock, syscall: string, attempt: Attempt, nativeCode: number) {
  return native.error({ nativeCode, syscall, attempt: text(attempt, { block: formatBlock(block) }), block });
}
