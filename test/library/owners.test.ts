import test from 'ava';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { TCP, TCP_STATE, UDP } from '../helpers/knobs.js';
import { openLibrary } from '../helpers/library.js';
import { portsOf } from '../helpers/ports.js';

const { simulator, reservations } = await openLibrary(test);

const base = portsOf(import.meta.url);
const SVCHOST = 'C:\\Windows\\System32\\svchost.exe';
const { listen, established } = TCP_STATE;

test.serial('a process that hosts services is told with their names, its path and its start', async (t) => {
  simulator.knob('portsim_set_process', 5000, SVCHOST);
  for (const service of ['SharedAccess', 'Dnscache', 'iphlpsvc']) simulator.knob('portsim_add_service', service, 5000);
  simulator.knob('portsim_add_service', 'Spooler', 5001);
  simulator.knob('portsim_add_endpoint', TCP, '0.0.0.0', base, listen, 5000);
  const explanation = await reservations.explain('tcp', base);
  t.deepEqual(explanation.owners, [{
    protocol: 'tcp', addressFamily: 'IPv4', localAddress: '0.0.0.0', state: 'Listen', processId: 5000, processName: 'svchost.exe',
    path: SVCHOST, startTime: '2025-01-01T00:00:00.000Z', services: ['Dnscache', 'iphlpsvc', 'SharedAccess'],
  }]);
  t.like(explanation, { canBind: false, reason: 'InUse', owningProcess: 5000, processName: 'svchost.exe', processStartTime: '2025-01-01T00:00:00.000Z' });
});

test.serial('two programs that hold 127.0.0.1 and ::1 are both told, and so is each that shares a UDP port', async (t) => {
  simulator.knob('portsim_set_process', 5000, 'C:\\a\\one.exe');
  simulator.knob('portsim_set_process', 5001, 'C:\\b\\two.exe');
  simulator.knob('portsim_add_endpoint', TCP, '127.0.0.1', base, listen, 5000);
  simulator.knob('portsim_add_endpoint', TCP, '::1', base, listen, 5001);
  for (const processId of [5001, 5000]) simulator.knob('portsim_add_endpoint', UDP, '0.0.0.0', base, 0, processId);
  const told = async (protocol: 'tcp' | 'udp') => (await reservations.explain(protocol, base)).owners
    .map(({ processName, localAddress, state, addressFamily }) => [processName, localAddress, state, addressFamily]);
  t.deepEqual(await told('tcp'), [['one.exe', '127.0.0.1', 'Listen', 'IPv4'], ['two.exe', '::1', 'Listen', 'IPv6']]);
  t.deepEqual(await told('udp'), [['two.exe', '0.0.0.0', null, 'IPv4'], ['one.exe', '0.0.0.0', null, 'IPv4']]);
});

test.serial('a process is told once at each address and state, listeners before connections, whatever their number', async (t) => {
  simulator.knob('portsim_set_process', 5000, 'C:\\a\\server.exe');
  for (let times = 0; times < 3; times += 1) simulator.knob('portsim_add_endpoint', TCP, '10.0.0.1', base, established, 5000);
  simulator.knob('portsim_add_endpoint', TCP, '0.0.0.0', base, listen, 5000);
  simulator.knob('portsim_add_endpoint', TCP, '10.0.0.1', base, TCP_STATE.timeWait, 0);
  const { owners } = await reservations.explain('tcp', base);
  t.deepEqual(owners.map(({ localAddress, state }) => [localAddress, state]), [['0.0.0.0', 'Listen'], ['10.0.0.1', 'Established']]);
});

test.serial('a connection has its port, which can be bound all the same', async (t) => {
  simulator.knob('portsim_set_process', 5000, 'C:\\a\\browser.exe');
  simulator.knob('portsim_add_endpoint', TCP, '10.0.0.1', base, established, 5000);
  const { canBind, reason, owners } = await reservations.explain('tcp', base);
  t.deepEqual([canBind, reason, owners.length, owners[0]?.processName], [true, 'Free', 1, 'browser.exe']);
});

test.serial('System has a name, and a process that nobody may open has its id alone', async (t) => {
  simulator.knob('portsim_set_process', 4, '');
  simulator.knob('portsim_set_process', 5000, '');
  simulator.knob('portsim_add_endpoint', TCP, '::', base, listen, 4);
  simulator.knob('portsim_add_endpoint', TCP, '::', base + 1, listen, 5000);
  simulator.knob('portsim_add_endpoint', TCP, '::', base + 2, listen, 0);
  const owners = await Promise.all([0, 1, 2].map(async (offset) => (await reservations.explain('tcp', base + offset)).owners));
  const unknown = { protocol: 'tcp', addressFamily: 'IPv6', localAddress: '::', state: 'Listen', path: null, startTime: null, services: [] };
  t.deepEqual(owners, [
    [{ ...unknown, processId: 4, processName: 'System' }],
    [{ ...unknown, processId: 5000, processName: null }],
    [{ ...unknown, processId: null, processName: null }],
  ]);
});

test.serial('where the services cannot be listed, the owner is told without them', async (t) => {
  simulator.knob('portsim_set_process', 5000, SVCHOST);
  simulator.knob('portsim_add_service', 'Dnscache', 5000);
  simulator.knob('portsim_add_endpoint', UDP, '0.0.0.0', base, 0, 5000);
  for (const call of ['OpenSCManagerW', 'EnumServicesStatusExW']) {
    simulator.knob('portsim_fail_next', call, 5);
    const { owners } = await reservations.explain('udp', base);
    t.deepEqual([owners[0]?.processName, owners[0]?.services], ['svchost.exe', []], call);
  }
});

test.serial('a real program that shares its UDP port with another socket is told, with its path', async (t) => {
  // Wine gives a socket of any other loopback address all addresses.
  const sockets = ['127.0.0.1', '0.0.0.0'].map((address) => createSocket({ type: 'udp4', reuseAddr: true }).bind(base, address));
  t.teardown(() => sockets.forEach((socket) => void socket.close()));
  await Promise.all(sockets.map((socket) => once(socket, 'listening')));
  const { owners } = await reservations.explain('udp', base);
  t.deepEqual(owners.map(({ localAddress }) => localAddress).sort(), ['0.0.0.0', '127.0.0.1']);
  // Wine lists the ports in use without their processes.
  if (process.platform === 'win32' && owners[0]?.processId === null) return;
  t.deepEqual(owners.map(({ processId }) => processId), [process.pid, process.pid]);
  t.is(owners[0]?.path, process.execPath);
});

test.serial('a port that nobody has has no owner', async (t) => {
  const server = createServer().listen(base + 5, '127.0.0.1');
  await once(server, 'listening');
  t.is((await reservations.explain('tcp', base + 5)).owners.length, 1);
  server.close();
  await once(server, 'close');
  t.deepEqual((await reservations.explain('tcp', base + 5)).owners, []);
});

for (const { localAddress, canBind, told } of [
  { localAddress: '127.0.0.1', canBind: false, told: ['one.exe'] },
  { localAddress: '127.0.0.2', canBind: true, told: [] },
  { localAddress: '0.0.0.0', canBind: false, told: ['one.exe'] },
  { localAddress: '::1', canBind: false, told: ['two.exe'] },
  { localAddress: '0:0:0:0:0:0:0:1', canBind: false, told: ['two.exe'] },
  { localAddress: '::', canBind: false, told: ['two.exe'] },
]) {
  test.serial(`one address alone is tried, and those named that a bind to it meets: ${localAddress}`, async (t) => {
    simulator.knob('portsim_set_process', 5000, 'C:\\a\\one.exe');
    simulator.knob('portsim_set_process', 5001, 'C:\\b\\two.exe');
    simulator.knob('portsim_add_endpoint', TCP, '127.0.0.1', base, listen, 5000);
    simulator.knob('portsim_add_endpoint', TCP, '::1', base, listen, 5001);
    const found = await reservations.explain('tcp', base, { localAddress });
    t.deepEqual([found.canBind, found.reason, found.owners.map(({ processName }) => processName)], [canBind, canBind ? 'Free' : 'InUse', told]);
    t.is(found.localAddress, localAddress.length > 9 ? '::1' : localAddress);
    t.is((await reservations.explain('tcp', base)).localAddress, null);
  });
}

test.serial('who has all addresses has each one, and a block is of all addresses (N6)', async (t) => {
  simulator.knob('portsim_set_process', 5000, 'C:\\a\\one.exe');
  simulator.knob('portsim_add_endpoint', TCP, '0.0.0.0', base, listen, 5000);
  reservations.createPersistent({ protocol: 'tcp', startPort: base + 1, numberOfPorts: 1 });
  t.like(await reservations.explain('tcp', base, { localAddress: '127.0.0.1' }), { canBind: false, processName: 'one.exe' });
  t.like(await reservations.explain('tcp', base, { localAddress: '::1' }), { canBind: true, owners: [] });
  t.like(await reservations.explain('tcp', base + 1, { localAddress: '127.0.0.1' }), { canBind: false, reason: 'PersistentReservation' });
});

test.serial('an address that is none, or not of this computer, is an error that names it', async (t) => {
  for (const localAddress of ['localhost', '127.0.0', '', '127.0.0.1:80', '::1%lo', '192.0.2.1', '2001:db8::1']) {
    const error = await t.throwsAsync(reservations.explain('tcp', base, { localAddress }), undefined, localAddress);
    t.like(error, { reason: 'InvalidParameter' });
    t.true(error?.message.startsWith(`localAddress ${JSON.stringify(localAddress)} is not valid`), error?.message);
  }
});

test.serial('a real server on one address leaves the others free', async (t) => {
  const server = createServer().listen(base + 6, '127.0.0.1');
  t.teardown(() => void server.close());
  await once(server, 'listening');
  const canBind = async (localAddress?: string) => (await reservations.explain('tcp', base + 6, { localAddress })).canBind;
  t.deepEqual([await canBind(), await canBind('127.0.0.1'), await canBind('0.0.0.0'), await canBind('::'), await canBind('127.0.0.2')],
    [false, false, false, true, true]);
});
