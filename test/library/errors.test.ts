import test from 'ava';
import { isPortReservationError, PortReservationError } from '../../src/index.js';
import { Code, describeCode } from '../../src/win32/codes.js';
import { openLibrary } from '../helpers/library.js';
import { TCP } from '../helpers/knobs.js';
import { portsOf } from '../helpers/ports.js';

const { simulator, reservations } = await openLibrary(test);

const base = portsOf(import.meta.url);
const block = { protocol: 'tcp', startPort: base, numberOfPorts: 5 } as const;

function failing(call: () => unknown): PortReservationError {
  try {
    call();
  } catch (error) {
    if (isPortReservationError(error)) return error;
    throw error;
  }
  throw new Error('it did not fail');
}

async function failingLater(call: Promise<unknown>): Promise<PortReservationError> {
  const error: unknown = await call.then(() => null, (reason: unknown) => reason);
  if (isPortReservationError(error)) return error;
  throw new Error('it did not fail');
}

test('an error that is told in no language that there is, is told in English', (t) => {
  const error = failing(() => reservations.createPersistent({ ...block, startPort: 0 }));
  for (const voice of [null, 5, { language: undefined }, { language: 'xx' }, { language: 'toString', surface: 'web' }]) t.is(error.toData(voice as never).message, error.message);
  t.regex(error.toData({ language: 'de', surface: 'web' as never }).message, /^startPort 0 .*muss/);
});

test.serial('an error has libuv\'s code, the native code and name, the function, the block and advice', (t) => {
  reservations.createPersistent(block);
  const error = failing(() => reservations.createPersistent(block));
  t.like(error, {
    name: 'PortReservationError', reason: 'PortInUse', code: 'EBUSY', nativeCode: Code.ERROR_SHARING_VIOLATION,
    nativeName: 'ERROR_SHARING_VIOLATION', syscall: 'CreatePersistentTcpPortReservation', block,
  });
  t.regex(error.message, new RegExp(`^EBUSY: cannot reserve tcp ${base}-${base + 4}: .*ERROR_SHARING_VIOLATION`));
  t.regex(error.advice, /\w+.*\.$/);
  t.deepEqual(JSON.parse(JSON.stringify(error)).block, block);
});

test.serial('each code of the persistent functions has its reason', (t) => {
  t.is(failing(() => reservations.lookupPersistent(block)).reason, 'ReservationNotFound');
  t.is(failing(() => reservations.deletePersistent(block)).code, 'ENOENT');
  simulator.knob('portsim_set_elevated', 0);
  const denied = failing(() => reservations.createPersistent(block));
  t.like(denied, { reason: 'AccessDenied', code: 'EPERM', nativeName: 'ERROR_ACCESS_DENIED' });
  t.regex(denied.advice, /elevated/);
  t.false(reservations.isElevated);
});

test.serial('a wildcard without a free place is ReservationExhausted, a given block in use is not (R2, R7b)', async (t) => {
  for (const code of [Code.WSAENOBUFS, Code.WSAEADDRINUSE]) {
    simulator.knob('portsim_fail_next', 'WSAIoctl', code);
    const error = await failingLater(reservations.acquireRuntime({ protocol: 'udp', numberOfPorts: 3 }));
    t.like(error, { reason: 'ReservationExhausted', nativeCode: code, syscall: 'SIO_ACQUIRE_PORT_RESERVATION', block: { protocol: 'udp', numberOfPorts: 3 } });
  }
  simulator.knob('portsim_set_dynamic_range', TCP, base, 4);
  const kept = await reservations.create({ kind: 'runtime', protocols: ['tcp'], numberOfPorts: 3 });
  for (const numberOfPorts of [2, 16_385]) {
    t.is((await failingLater(reservations.create({ kind: 'runtime', protocols: ['tcp'], numberOfPorts }))).reason, 'ReservationExhausted');
  }
  t.is((await failingLater(reservations.acquireRuntime({ protocol: 'tcp', startPort: kept[0]?.startPort, numberOfPorts: 3 }))).reason, 'PortInUse');
});

test.serial('a code without a name is shown with the text of FormatMessage (P12)', (t) => {
  simulator.knob('portsim_fail_next', 'CreatePersistentTcpPortReservation', 2);
  const error = failing(() => reservations.createPersistent(block));
  t.like(error, { reason: 'NativeError', code: 'UNKNOWN', nativeCode: 2, nativeName: null });
  t.regex(error.message, /failed with 2 \(.*file.*\)/i);
});

test.serial('a code that the system does not know either keeps its number', (t) => {
  simulator.knob('portsim_fail_next', 'CreatePersistentTcpPortReservation', 424242);
  t.regex(failing(() => reservations.createPersistent(block)).message, /424242 \(unknown error\)/);
});

test.serial('an exhausted block is told from a port in use, and keeps the Winsock code (A3)', async (t) => {
  using reservation = await reservations.acquireRuntime({ protocol: 'tcp', startPort: base, numberOfPorts: 1 });
  const request = { protocol: 'tcp', token: reservation.token, block: reservation } as const;
  using socket = await reservations.bind(request);
  t.is(socket.localPort, base);
  const exhausted = await t.throwsAsync<PortReservationError>(reservations.bind(request));
  t.like(exhausted, { reason: 'ReservationExhausted', nativeCode: Code.WSAEADDRINUSE });
  t.regex(exhausted.message, new RegExp(`any port of tcp ${base}`));
  const inUse = await t.throwsAsync<PortReservationError>(reservations.bind({ ...request, port: base }));
  t.like(inUse, { reason: 'PortInUse', nativeCode: Code.WSAEADDRINUSE });
});

test.serial('a token nobody gave, and one that a restart took, are TokenNotValid (A5, P2)', async (t) => {
  const unknown = await t.throwsAsync<PortReservationError>(reservations.bind({ protocol: 'tcp', token: 5n }));
  t.like(unknown, { reason: 'TokenNotValid', nativeName: 'WSAEINVAL', syscall: 'SIO_ASSOCIATE_PORT_RESERVATION' });
  const { token } = reservations.createPersistent(block);
  simulator.knob('portsim_restart');
  t.is((await t.throwsAsync<PortReservationError>(reservations.bind({ protocol: 'tcp', token })))?.reason, 'TokenNotValid');
  const again = reservations.lookupPersistent(block);
  using socket = await reservations.bind({ protocol: 'tcp', token: again.token });
  t.true(socket.localPort >= base);
});

test.serial('a persistent token without elevation is AccessDenied (A4)', async (t) => {
  const { token } = reservations.createPersistent(block);
  simulator.knob('portsim_set_elevated', 0);
  t.like(await t.throwsAsync(reservations.bind({ protocol: 'tcp', token })), { reason: 'AccessDenied', nativeName: 'WSAEACCES' });
});

test.serial('a Windows too old is NotSupported', async (t) => {
  simulator.knob('portsim_set_unsupported', 1);
  t.like(await t.throwsAsync(reservations.acquireRuntime({ protocol: 'udp', numberOfPorts: 1 })),
    { reason: 'NotSupported', nativeName: 'WSAEOPNOTSUPP', code: 'ENOTSUP' });
});

test.serial('both protocols are reserved, or none', async (t) => {
  const udp = { ...block, protocol: 'udp' } as const;
  reservations.createPersistent({ ...udp, numberOfPorts: 2 });
  const request = { kind: 'persistent', protocols: ['tcp', 'udp'], startPort: base, numberOfPorts: 5 } as const;
  t.like(await t.throwsAsync(reservations.create(request)), { reason: 'PortInUse', block: udp });
  t.is(failing(() => reservations.lookupPersistent(block)).reason, 'ReservationNotFound');
});

test('every code that must have a name has one, and libuv\'s code where libuv has one', (t) => {
  const named = {
    5: 'EPERM', 87: 'EINVAL', 32: 'EBUSY', 1168: 'ENOENT', 10004: 'ECANCELED', 10013: 'EACCES', 10014: 'EFAULT', 10022: 'EINVAL',
    10036: 'EINPROGRESS', 10038: 'ENOTSOCK', 10045: 'ENOTSUP', 10048: 'EADDRINUSE', 10049: 'EADDRNOTAVAIL', 10050: 'ENETDOWN',
    10055: 'ENOBUFS', 995: 'ECANCELED', 997: 'EINPROGRESS',
  };
  for (const [number, code] of Object.entries(named)) t.is(describeCode(Number(number))?.code, code, number);
});

test('an error of another copy of the package is recognised', (t) => {
  class Copy extends Error {}
  Object.defineProperty(Copy.prototype, Symbol.for('port-reservation.error'), { value: true });
  t.true(isPortReservationError(new Copy()));
  t.false(isPortReservationError(new Error('EBUSY')));
  t.false(isPortReservationError({ code: 'EBUSY' }));
});
