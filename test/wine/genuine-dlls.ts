import test from 'ava';
import { isAbsolute, win32 } from 'node:path';
import { openPortReservations } from '../../src/index.js';
import { HostProcess } from '../helpers/host-process.js';
import { CliProcess } from '../helpers/cli-process.js';
import { portsOf } from '../helpers/ports.js';

// Wine's own DLLs are what a Windows without port reservations would be: iphlpapi.dll has none of the six functions, and
// ws2_32.dll answers the control codes with WSAEOPNOTSUPP.
const reservations = openPortReservations();
test.after.always(() => reservations.close());

const block = { protocol: 'tcp', startPort: portsOf(import.meta.url), numberOfPorts: 2 } as const;

test('without a simulator the DLLs of Windows are loaded by their full paths in System32', (t) => {
  const { iphlpapi, ws2_32, kernel32, netsh, netshEnvironment } = reservations.native.libraries;
  t.is(reservations.backend, 'windows');
  for (const path of [iphlpapi, ws2_32, kernel32, netsh]) {
    t.true(isAbsolute(path));
    t.is(win32.dirname(path).toLowerCase(), 'c:\\windows\\system32');
  }
  t.is(netshEnvironment.SystemRoot?.toLowerCase(), 'c:\\windows');
});

test('a Windows whose environment lies about its folder is asked itself', async (t) => {
  const host = HostProcess.start(t, []);
  t.like(await host.result('initialize', { protocolVersion: 1 }), { backend: 'windows' });
  const { SystemRoot } = process.env;
  process.env.SystemRoot = 'Z:\\nowhere';
  try {
    using again = openPortReservations();
    t.is(win32.dirname(again.native.libraries.ws2_32).toLowerCase(), 'c:\\windows\\system32');
  } finally {
    process.env.SystemRoot = SystemRoot;
  }
});

test('the facts about the process are asked of Windows', (t) => {
  t.is(typeof reservations.isElevated, 'boolean');
  t.true((reservations.native.windowsBuild ?? 0) > 0);
});

const calls = {
  CreatePersistentTcpPortReservation: () => reservations.createPersistent(block),
  CreatePersistentUdpPortReservation: () => reservations.createPersistent({ ...block, protocol: 'udp' }),
  LookupPersistentTcpPortReservation: () => reservations.lookupPersistent(block),
  LookupPersistentUdpPortReservation: () => reservations.lookupPersistent({ ...block, protocol: 'udp' }),
  DeletePersistentTcpPortReservation: () => reservations.deletePersistent(block),
  DeletePersistentUdpPortReservation: () => reservations.deletePersistent({ ...block, protocol: 'udp' }),
};
for (const [name, call] of Object.entries(calls)) {
  test(`an iphlpapi.dll without ${name} is NotSupported and named`, (t) => {
    const error = t.throws(call, { name: 'PortReservationError', message: new RegExp(`iphlpapi\\.dll has no function ${name}$`) });
    t.like(error, { reason: 'NotSupported', code: 'ENOTSUP', syscall: name, nativeCode: null });
  });
}

test('a Winsock without the control codes is NotSupported, and the socket is closed again', async (t) => {
  for (const protocol of ['tcp', 'udp'] as const) {
    const error = await t.throwsAsync(reservations.acquireRuntime({ protocol, numberOfPorts: 1 }));
    t.like(error, { reason: 'NotSupported', nativeName: 'WSAEOPNOTSUPP', syscall: 'SIO_ACQUIRE_PORT_RESERVATION' });
  }
  t.like(await t.throwsAsync(reservations.bind({ protocol: 'tcp', token: 5n })),
    { reason: 'NotSupported', nativeName: 'WSAEOPNOTSUPP', syscall: 'SIO_ASSOCIATE_PORT_RESERVATION' });
});

test('the command line without a simulator says so by its exit code', async (t) => {
  const { status, stderr } = await new CliProcess(t, ['create', String(block.startPort)]).end();
  t.is(status, 9);
  t.regex(stderr, /CreatePersistentTcpPortReservation/);
});
