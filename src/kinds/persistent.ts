import { endPortOf, formatBlock, sameBlock } from '../blocks.js';
import type { PersistentReservation, PortBlock, Protocol } from '../blocks.js';
import { CheckedBlock } from '../checks.js';
import type { Native } from '../native.js';
import { joined, text } from '../texts/text.js';
import { Code } from '../win32/codes.js';
import type { Iphlpapi } from '../win32/iphlpapi.js';
import { refuseSocketOptions, refuseStore } from './kind.js';
import type { OwnBlockKind } from './kind.js';

/** Persistent reservations: they survive this process and a restart (rules P1 to P13). */
export const persistent: OwnBlockKind = {
  kind: 'persistent',
  isOfOthers: false,
  endsWithProcess: false,
  onlyStore: 'persistent',
  isMadeInOneCall: true,
  whenBound: 'Free',
  whenRefused: 'PersistentReservation',
  whenWellKnown: { what: 'a.persistent', advice: 'health.wellKnown.persistent.advice' },
  // No source says whether netsh marks them with `*`, so Windows is asked, which needs no administrator (rules P8a, P9).
  identify: (native, block) => findPersistent(native, block),
  byToken: {
    find: ({ native }, block) => findPersistent(native, block),
    asksWindows: true,
    notFound: (native, block) => failure(native, block, 'lookup', Code.ERROR_NOT_FOUND),
  },
  attempt: 'attempt.reserve',

  check(options) {
    refuseStore(options);
    refuseSocketOptions(options);
  },
  create: async ({ native }, block) => createPersistent(native, block),
  find: async ({ native }, block) => findPersistent(native, block),
  serves: sameBlock,
  async remove({ native }, block) {
    const reservation = findPersistent(native, block);
    // Lists have exclusions too, so the block may be right, and only its kind not given.
    if (!reservation) {
      const advice = joined([text('advice.exactBlock'), text('advice.exactBlock.kind')], ' ');
      throw failure(native, block, 'lookup', Code.ERROR_NOT_FOUND).amend({ advice: text('literal', { text: advice }) });
    }
    deletePersistent(native, block);
    return reservation;
  },
  undo: async ({ native }, made) => deletePersistent(native, CheckedBlock.of(made)),
};

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
export function createPersistent(native: Native, block: CheckedBlock): PersistentReservation {
  const { error, token } = native.iphlpapi[FUNCTIONS[block.protocol].create](block.startPort, block.numberOfPorts);
  if (error !== 0) throw failure(native, block, 'create', error);
  return reservationOf(block, token);
}

/** The reservation of exactly this block, with its current token (rules P2, P9). Needs no administrator (rule P8a). */
export function lookupPersistent(native: Native, block: CheckedBlock): PersistentReservation {
  const found = findPersistent(native, block);
  if (!found) throw failure(native, block, 'lookup', Code.ERROR_NOT_FOUND);
  return found;
}

/** Like {@link lookupPersistent}, but `null` if there is none. */
function findPersistent(native: Native, block: CheckedBlock): PersistentReservation | null {
  const { error, token } = native.iphlpapi[FUNCTIONS[block.protocol].lookup](block.startPort, block.numberOfPorts);
  if (error === 0) return reservationOf(block, token);
  if (error === Code.ERROR_NOT_FOUND) return null;
  throw failure(native, block, 'lookup', error);
}

/** Deletes exactly this block (rule P10). Sockets already bound from it stay bound (rule A11). */
export function deletePersistent(native: Native, block: CheckedBlock): void {
  const { error } = native.iphlpapi[FUNCTIONS[block.protocol].delete](block.startPort, block.numberOfPorts);
  if (error !== 0) throw failure(native, block, 'delete', error);
}

function reservationOf(block: CheckedBlock, token: bigint): PersistentReservation {
  const { protocol, startPort, numberOfPorts } = block;
  return {
    protocol, startPort, endPort: endPortOf(block), numberOfPorts,
    kind: 'persistent', token, addressFamily: null, owningProcess: null, store: 'persistent',
  };
}

const ATTEMPTS = { create: 'attempt.reserve', lookup: 'attempt.lookUp', delete: 'attempt.delete' } as const;

function failure(native: Native, block: PortBlock, action: keyof typeof ATTEMPTS, nativeCode: number) {
  const attempt = text(ATTEMPTS[action], { block: formatBlock(block) });
  return native.error({ nativeCode, syscall: FUNCTIONS[block.protocol][action], attempt, block });
}
