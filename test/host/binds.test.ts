import test from 'ava';
import { createConnection } from 'node:net';
import { once } from 'node:events';
import type { ReservationData } from '../../src/blocks.js';
import type { BindData } from '../../src/host/data.js';
import { within } from '../helpers/deadline.js';
import { HostProcess } from '../helpers/host-process.js';
import { portsOf } from '../helpers/ports.js';
import { openSimulator } from '../helpers/simulator.js';

const simulator = await openSimulator(test);

const first = portsOf(import.meta.url);
const size = 4;
const block = { protocol: 'tcp', startPort: first, numberOfPorts: size } as const;

async function withReservation(t: Parameters<typeof HostProcess.open>[0], kind: 'persistent' | 'runtime' = 'persistent', protocol: 'tcp' | 'udp' = 'tcp') {
  const host = await HostProcess.open(t, simulator.args);
  const made = await host.result<ReservationData[]>('reservation.create', { kind, protocols: [protocol], startPort: first, numberOfPorts: size });
  const [reservation] = made;
  if (!reservation) throw new Error('one reservation was asked for');
  return { host, reservation };
}

/** Connects as any program would, and gives the port of the other end. */
async function connect(port: number, address = '127.0.0.1'): Promise<number | undefined> {
  const socket = createConnection(port, address);
  try {
    await within(once(socket, 'connect'), `a connection to port ${port}`);
    return socket.remotePort;
  } finally {
    socket.destroy();
  }
}

const inBlock = (port: number) => port >= first && port < first + size;

for (const kind of ['persistent', 'runtime'] as const) {
  test.serial(`a listening socket from a ${kind} block can be connected to until it is closed`, async (t) => {
    const { host, reservation } = await withReservation(t, kind);
    const [bind, ...more] = await host.result<BindData[]>('bind.create', { ...block, listen: true });
    if (!bind) return t.fail();
    t.deepEqual(more, []);
    t.deepEqual(bind, {
      id: bind.id, protocol: 'tcp', addressFamily: 'IPv4', localAddress: '0.0.0.0', localPort: bind.localPort,
      state: 'listening', owningProcess: host.child.pid ?? 0, reservation,
    });
    t.true(inBlock(bind.localPort));
    t.is(await connect(bind.localPort), bind.localPort);
    t.deepEqual(await host.result('bind.close', { id: bind.id }), { closed: true });
    await t.throwsAsync(connect(bind.localPort), { code: 'ECONNREFUSED' });
    t.deepEqual(await host.result('bind.close', { id: bind.id }), { closed: false });
  });
}

test.serial('a socket that does not listen refuses connections and says that it is bound', async (t) => {
  const { host } = await withReservation(t);
  const [bind] = await host.result<BindData[]>('bind.create', block);
  t.is(bind?.state, 'bound');
  await t.throwsAsync(connect(bind?.localPort ?? 0), { code: 'ECONNREFUSED' });
});

test.serial('a bind by token alone knows no reservation', async (t) => {
  const { host, reservation: { token } } = await withReservation(t);
  const [bind] = await host.result<BindData[]>('bind.create', { protocol: 'tcp', token });
  t.is(bind?.reservation, null);
  t.true(inBlock(bind?.localPort ?? 0));
});

test.serial('an explicit port of the block is bound, and is in use the second time', async (t) => {
  const { host } = await withReservation(t);
  t.like(await host.result('bind.create', { ...block, port: first + 2 }), { length: 1, 0: { localPort: first + 2 } });
  t.like((await host.error('bind.create', { ...block, port: first + 2 })).data, { reason: 'PortInUse', code: 'EADDRINUSE', syscall: 'bind', nativeName: 'WSAEADDRINUSE' });
});

test.serial('count binds that many different ports of the block', async (t) => {
  const { host } = await withReservation(t);
  const binds = await host.result<BindData[]>('bind.create', { ...block, count: size });
  t.deepEqual(binds.map(({ localPort }) => localPort).sort(), [first, first + 1, first + 2, first + 3]);
  t.is(new Set(binds.map(({ id }) => id)).size, size);
  t.like((await host.error('bind.create', block)).data, { reason: 'ReservationExhausted', nativeName: 'WSAEADDRINUSE', block });
});

test.serial('a count that the block cannot give binds nothing at all', async (t) => {
  const { host } = await withReservation(t);
  const [one] = await host.result<BindData[]>('bind.create', block);
  t.is((await host.error('bind.create', { ...block, count: size })).data?.reason, 'ReservationExhausted');
  t.like(await host.result('bind.create', { ...block, count: size - 1 }), { length: size - 1 });
  await host.result('bind.close', { id: one?.id });
  t.like(await host.result('bind.create', block), { length: 1, 0: { localPort: one?.localPort ?? 0 } });
});

test.serial('a closed port goes back to the block, not to everyone', async (t) => {
  const { host } = await withReservation(t);
  for (let round = 0; round < 3 * size; round += 1) {
    const [bind] = await host.result<BindData[]>('bind.create', block);
    t.true(inBlock(bind?.localPort ?? 0));
    await host.result('bind.close', { id: bind?.id });
  }
});

test.serial('udp, IPv6, dual stack and a local address are as asked for', async (t) => {
  const { host } = await withReservation(t, 'persistent', 'udp');
  const udp = { ...block, protocol: 'udp' };
  t.like(await host.result('bind.create', { ...udp, localAddress: '127.0.0.1' }), { 0: { protocol: 'udp', localAddress: '127.0.0.1', addressFamily: 'IPv4', state: 'bound' } });
  t.like(await host.result('bind.create', { ...udp, addressFamily: 'IPv6', localAddress: '0:0::1' }), { 0: { localAddress: '::1', addressFamily: 'IPv6' } });
  await host.result('reservation.create', { kind: 'persistent', protocols: ['tcp'], startPort: first, numberOfPorts: size });
  const [dual] = await host.result<BindData[]>('bind.create', { ...block, addressFamily: 'IPv6', dualStack: true, listen: true });
  t.is(dual?.localAddress, '::');
  t.is(await connect(dual?.localPort ?? 0, '127.0.0.1'), dual?.localPort);
  t.is(await connect(dual?.localPort ?? 0, '::1'), dual?.localPort);
});

test.serial('a block without a reservation, and a token nobody has, are told apart', async (t) => {
  const host = await HostProcess.open(t, simulator.args);
  t.is((await host.error('bind.create', block)).data?.reason, 'ReservationNotFound');
  t.like((await host.error('bind.create', { protocol: 'tcp', token: '18446744073709551615' })).data, {
    reason: 'TokenNotValid', nativeName: 'WSAEINVAL', syscall: 'SIO_ASSOCIATE_PORT_RESERVATION',
  });
});

test.serial('the runtime token of another process is not valid', async (t) => {
  const { reservation: { token } } = await withReservation(t, 'runtime');
  const other = await HostProcess.open(t, simulator.args);
  t.is((await other.error('bind.create', { protocol: 'tcp', token })).data?.reason, 'TokenNotValid');
});

test.serial('a persistent block needs an administrator to bind, a runtime block does not', async (t) => {
  const { host } = await withReservation(t);
  simulator.knob('portsim_set_elevated', 0);
  t.like((await host.error('bind.create', block)).data, { reason: 'AccessDenied', code: 'EACCES', nativeName: 'WSAEACCES' });
  const [runtime] = await host.result<ReservationData[]>('reservation.create', { kind: 'runtime', protocols: ['tcp'], numberOfPorts: 1 });
  t.like(await host.result('bind.create', { protocol: 'tcp', startPort: runtime?.startPort, numberOfPorts: 1 }), { length: 1 });
});

test.serial('a Windows without the control codes is named NotSupported', async (t) => {
  const { host } = await withReservation(t);
  simulator.knob('portsim_set_unsupported', 1);
  t.like((await host.error('bind.create', block)).data, { reason: 'NotSupported', nativeName: 'WSAEOPNOTSUPP' });
});

test.serial('a socket outlives the reservation it was bound from', async (t) => {
  const { host } = await withReservation(t);
  const [bind] = await host.result<BindData[]>('bind.create', { ...block, listen: true });
  await host.result('reservation.remove', { kind: 'persistent', ...block });
  t.is(await connect(bind?.localPort ?? 0), bind?.localPort);
  t.deepEqual(await host.result('bind.close', { id: bind?.id }), { closed: true });
});

test.serial('a runtime block of nobody here is no persistent one, however alike', async (t) => {
  const { host } = await withReservation(t);
  const looked = await host.error('reservation.get', { kind: 'runtime', ...block });
  t.like(looked.data, { reason: 'ReservationNotFound', block });
  const bound = await host.error('bind.create', { kind: 'runtime', ...block });
  t.like(bound.data, { reason: 'TokenNotValid', block });
});

test.serial('the time-out of many sockets is one for all of them', async (t) => {
  const { host } = await withReservation(t);
  simulator.knob('portsim_set_delay', 150);
  const { data } = await host.error('bind.create', { ...block, count: size, timeout: 300 });
  t.like(data, { reason: 'OperationTimeout', message: `ETIMEDOUT: ${size} sockets were not bound within 300 ms` });
  simulator.knob('portsim_set_delay', 0);
  t.is((await host.result<BindData[]>('bind.create', { ...block, count: size })).length, size);
});
