import { formatBlock, sameBlock } from '../blocks.js';
import type { PortBlock } from '../blocks.js';
import { checkAddressFamily } from '../checks.js';
import { PortReservationError } from '../errors.js';
import type { Reason } from '../errors.js';
import { refuseStore } from './kind.js';
import type { OwnBlockKind } from './kind.js';
import { text } from '../texts/text.js';

/** Runtime reservations: they end with the process that made them (rules R1 to R6). */
export const runtime: OwnBlockKind = {
  kind: 'runtime',
  isOfOthers: false,
  endsWithProcess: true,
  onlyStore: 'active',
  isMadeInOneCall: false,
  whenBound: 'Free',
  whenRefused: 'RuntimeReservation',
  whenWellKnown: null,
  identify: (_native, block, _row, own) => own.findRuntime(block),
  byToken: {
    find: (session, block) => session.findRuntime(block),
    asksWindows: false,
    notFound: (_native, block, purpose) => notOfThisSession(block, purpose === 'use' ? 'TokenNotValid' : 'ReservationNotFound'),
  },
  attempt: 'attempt.reserve',

  check(options) {
    refuseStore(options);
    if (options.addressFamily !== undefined) checkAddressFamily(options.addressFamily);
  },
  create: (session, { protocol, startPort, numberOfPorts }, { addressFamily = 'IPv4', timeout, signal }) =>
    session.acquireChecked({ protocol, startPort, numberOfPorts, addressFamily, timeout, signal }),
  createAny: (session, protocol, numberOfPorts, { addressFamily = 'IPv4', timeout, signal }) =>
    session.acquireChecked({ protocol, startPort: 0, numberOfPorts, addressFamily, timeout, signal }),
  find: async (session, block) => session.findRuntime(block),
  serves: sameBlock,
  async remove(session, block, options) {
    const reservation = session.findRuntime(block);
    if (!reservation) throw notOfThisSession(block, 'TokenNotValid', 'SIO_RELEASE_PORT_RESERVATION');
    await reservation.release(options);
    return reservation;
  },
  // Closing its socket ends it without waiting for the stack again (rule R3).
  undo: async (session, made) => {
    const found = session.findRuntime(made);
    // The block may have been released, and reserved again for somebody else.
    if (found?.token === made.token) found[Symbol.dispose]();
  },
};

/** The error if this session has no runtime reservation of this block. One of another process does not count (rules R4, R5). */
function notOfThisSession(block: PortBlock, reason: Reason, syscall: string | null = null): PortReservationError {
  return new PortReservationError(text('runtime.notHere', { block: formatBlock(block) }), {
    reason, code: reason === 'TokenNotValid' ? 'EINVAL' : 'ENOENT', syscall, block,
    advice: text('runtime.notHere.advice'),
  });
}
