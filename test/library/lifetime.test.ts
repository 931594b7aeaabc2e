import test from 'ava';
import { connect, createServer } from 'node:net';
import { once } from 'node:events';
import { openPortReservations } from '../../src/index.js';
import { NEVER } from '../helpers/knobs.js';
import { openLibrary } from '../helpers/library.js';
import { portsOf } from '../helpers/ports.js';

const { simulator, reservations } = await openLibrary(test);

const base = portsOf(import.meta.url);

test.serial('a runtime reservation can be released and disposed of, twice as well', async (t) => {
  const reservation = await reservations.acquireRuntime({ protocol: 'tcp', startPort: base, numberOfPorts: 3 });
  t.deepEqual((await reservations.list()).map(({ kind, startPort, endPort }) => [kind, startPort, endPort]), [['runtime', base, base + 2]]);
  await reservation.release();
  await reservation.release();
  reservation[Symbol.dispose]();
  t.true(reservation.released);
  t.deepEqual(await reservations.list(), []);
});

test.serial('a socket can be closed twice, and its port is free again', async (t) => {
  using reservation = await reservations.acquireRuntime({ protocol: 'tcp', startPort: base, numberOfPorts: 1 });
  const request = { protocol: 'tcp', token: reservation.token } as const;
  const socket = await reservations.bind(request);
  t.is(socket.state, 'bound');
  socket.close();
  socket[Symbol.dispose]();
  t.is(socket.state, 'closed');
  using again = await reservations.bind(request);
  t.is(again.localPort, base);
  t.throws(() => socket.listen(), { message: /is closed/ });
});

test.serial('closing the object closes its sockets and runtime reservations, and keeps persistent ones', async (t) => {
  const inner = openPortReservations({ simulator: simulator.options });
  inner.createPersistent({ protocol: 'udp', startPort: base, numberOfPorts: 2 });
  const reservation = await inner.acquireRuntime({ protocol: 'tcp', startPort: base, numberOfPorts: 2 });
  const socket = await inner.bind({ protocol: 'tcp', token: reservation.token });
  inner.close();
  inner.close();
  t.is(socket.state, 'closed');
  t.true(reservation.released);
  t.deepEqual((await reservations.list()).map(({ kind }) => kind), ['persistent']);
});

test.serial('what would be made after closing is refused, for nobody would end it', async (t) => {
  const inner = openPortReservations({ simulator: simulator.options });
  const { token } = inner.createPersistent({ protocol: 'tcp', startPort: base, numberOfPorts: 2 });
  simulator.knob('portsim_set_delay', NEVER);
  const request = { protocol: 'udp', startPort: base, numberOfPorts: 2, timeout: 0 } as const;
  const underWay = [inner.acquireRuntime(request), inner.acquireRuntime({ ...request, signal: new AbortController().signal }), inner.bind({ protocol: 'tcp', token, timeout: 0 })];
  inner.close();
  const closed = { message: /is closed/, code: 'EBADF' };
  for (const work of underWay) await t.throwsAsync(work, closed);
  simulator.knob('portsim_set_delay', 0);
  await t.throwsAsync(inner.acquireRuntime({ protocol: 'udp', startPort: base, numberOfPorts: 2 }), closed);
  await t.throwsAsync(inner.bind({ protocol: 'tcp', token }), closed);
  t.deepEqual((await reservations.list()).map(({ kind }) => kind), ['persistent']);
});

for (const [addressFamily, localAddress] of [['IPv4', '127.0.0.1'], ['IPv6', '::1']] as const) {
  test.serial(`a listening ${addressFamily} socket is really connected to`, async (t) => {
    const { token } = reservations.createPersistent({ protocol: 'tcp', startPort: base, numberOfPorts: 5 });
    using socket = await reservations.bind({ protocol: 'tcp', token, addressFamily, localAddress, listen: true });
    t.like(socket, { state: 'listening', addressFamily, localAddress });
    t.true(socket.localPort >= base && socket.localPort < base + 5);
    const client = connect(socket.localPort, localAddress);
    await once(client, 'connect');
    t.is(client.remotePort, socket.localPort);
    client.destroy();
    await once(client, 'close');
  });
}

test.serial('a dual-stack socket takes IPv4 connections too (A2b)', async (t) => {
  const { token } = reservations.createPersistent({ protocol: 'tcp', startPort: base, numberOfPorts: 1 });
  using socket = await reservations.bind({ protocol: 'tcp', token, addressFamily: 'IPv6', dualStack: true, listen: true });
  const client = connect(socket.localPort, '127.0.0.1');
  await once(client, 'connect');
  client.destroy();
  await once(client, 'close');
  t.is(socket.localAddress, '::');
});

test.serial('a port of the reservation is closed to everybody else of this system', async (t) => {
  reservations.createPersistent({ protocol: 'tcp', startPort: base, numberOfPorts: 1 });
  using plain = await reservations.acquireRuntime({ protocol: 'tcp', startPort: base + 10, numberOfPorts: 1 });
  await t.throwsAsync(reservations.bind({ protocol: 'tcp', token: plain.token, port: base }), { message: /WSAEACCES/ });
});

test.serial('a bind that waits for the stack ends at its time-out, and nothing is left (A8)', async (t) => {
  const { token } = reservations.createPersistent({ protocol: 'tcp', startPort: base, numberOfPorts: 1 });
  simulator.knob('portsim_set_delay', NEVER);
  t.like(await t.throwsAsync(reservations.bind({ protocol: 'tcp', token, timeout: 20 })),
    { reason: 'OperationTimeout', code: 'ETIMEDOUT', syscall: 'SIO_ASSOCIATE_PORT_RESERVATION' });
  simulator.knob('portsim_set_delay', 0);
  t.is(reservations.sockets.length, 0);
  using socket = await reservations.bind({ protocol: 'tcp', token });
  t.is(socket.localPort, base);
});

test.serial('control codes that were cancelled leave no event behind', async (t) => {
  const { token } = reservations.createPersistent({ protocol: 'tcp', startPort: base, numberOfPorts: 1 });
  const { ws2_32 } = reservations.native;
  const nextHandle = () => {
    const event = ws2_32.WSACreateEvent();
    ws2_32.WSACloseEvent(event);
    return Number(event);
  };
  simulator.knob('portsim_set_delay', NEVER);
  const cancelled = () => t.throwsAsync(reservations.bind({ protocol: 'tcp', token, timeout: 1 }), { message: /ETIMEDOUT/ });
  await cancelled();
  // Handles that are given back are given again, here as on Windows.
  const before = nextHandle();
  for (let times = 0; times < 30; times += 1) await cancelled();
  t.true(nextHandle() - before < 30, `${before} became ${nextHandle()}`);
});

test.serial('a release that the stack does not answer is done by closing the socket (R3)', async (t) => {
  const reservation = await reservations.acquireRuntime({ protocol: 'tcp', startPort: base, numberOfPorts: 1 });
  simulator.knob('portsim_set_delay', NEVER);
  await reservation.release({ timeout: 1 });
  t.true(reservation.released);
  t.deepEqual(await reservations.list(), []);
});

test.serial('a bind that is under way when its object is closed says that, and not what Windows says of a token that is gone with it', async (t) => {
  for (let times = 0; times < 40; times += 1) {
    const own = openPortReservations({ simulator: simulator.options });
    simulator.knob('portsim_set_delay', 0);
    const { token } = await own.acquireRuntime({ protocol: 'tcp', startPort: base, numberOfPorts: 2 });
    simulator.knob('portsim_set_delay', 1);
    const bound = own.bind({ protocol: 'tcp', token });
    own.close();
    t.like(await t.throwsAsync(bound), { reason: 'InvalidParameter', code: 'EBADF' });
  }
});

test.serial('a release that waits for the stack does not keep the reservation from the end of its object (R3)', async (t) => {
  const own = openPortReservations({ simulator: simulator.options });
  const reservation = await own.acquireRuntime({ protocol: 'tcp', startPort: base, numberOfPorts: 1 });
  simulator.knob('portsim_set_delay', NEVER);
  const removed = own.remove('runtime', reservation, { timeout: 0 });
  own.close();
  t.deepEqual(await reservations.list(), []);
  t.is(await removed, reservation);
});

test.serial('an AbortSignal ends a waiting acquire with its own reason, and nothing is reserved (A8)', async (t) => {
  simulator.knob('portsim_set_delay', NEVER);
  const controller = new AbortController();
  const acquiring = reservations.acquireRuntime({ protocol: 'tcp', startPort: base, numberOfPorts: 1, timeout: 0, signal: controller.signal });
  const reason = new Error('changed my mind');
  setImmediate(() => controller.abort(reason));
  t.is(await t.throwsAsync(acquiring), reason);
  t.deepEqual(await reservations.list(), []);
});

test.serial('a signal that is aborted already stops the call before it begins', async (t) => {
  const signal = AbortSignal.abort(new Error('too late'));
  await t.throwsAsync(reservations.acquireRuntime({ protocol: 'tcp', numberOfPorts: 1, signal }), { message: 'too late' });
  await t.throwsAsync(reservations.bind({ protocol: 'tcp', token: 1n, signal }), { message: 'too late' });
});

test.serial('a control code that takes its time completes (A8)', async (t) => {
  simulator.knob('portsim_set_delay', 30);
  using reservation = await reservations.acquireRuntime({ protocol: 'udp', startPort: base, numberOfPorts: 2 });
  using socket = await reservations.bind({ protocol: 'udp', token: reservation.token, block: reservation });
  t.like(reservation, { protocol: 'udp', startPort: base, endPort: base + 1, owningProcess: process.pid, addressFamily: 'IPv4' });
  t.true(socket.localPort === base || socket.localPort === base + 1);
});

test.serial('the loop stays free while control codes wait', async (t) => {
  const { token } = reservations.createPersistent({ protocol: 'tcp', startPort: base, numberOfPorts: 8 });
  simulator.knob('portsim_set_delay', NEVER);
  const controller = new AbortController();
  const waiting = Promise.allSettled(Array.from({ length: 8 }, () =>
    reservations.bind({ protocol: 'tcp', token, timeout: 0, signal: controller.signal })));
  // A server needs the loop, and its look-up of a name a thread of the pool.
  const server = createServer().listen(0, 'localhost');
  await once(server, 'listening');
  server.close();
  await once(server, 'close');
  controller.abort();
  t.true((await waiting).every(({ status }) => status === 'rejected'));
});

test.serial('ifNotExists gives what is there, for both kinds', async (t) => {
  const request = { protocols: ['tcp', 'udp'], startPort: base, numberOfPorts: 2, ifNotExists: true } as const;
  const first = await reservations.create({ kind: 'persistent', ...request });
  t.deepEqual(await reservations.create({ kind: 'persistent', ...request }), first);
  simulator.knob('portsim_set_elevated', 0);
  t.deepEqual(await reservations.create({ kind: 'persistent', ...request }), first);
  const runtime = { kind: 'runtime', ...request, startPort: base + 10 } as const;
  const [tcp] = await reservations.create(runtime);
  t.is((await reservations.create(runtime))[0], tcp);
  await reservations.remove('runtime', { protocol: 'tcp', startPort: base + 10, numberOfPorts: 2 });
  await reservations.remove('runtime', { protocol: 'udp', startPort: base + 10, numberOfPorts: 2 });
});

test.serial('a runtime reservation that is not of this session cannot be removed (R4)', async (t) => {
  t.like(await t.throwsAsync(reservations.remove('runtime', { protocol: 'tcp', startPort: base, numberOfPorts: 2 })),
    { reason: 'TokenNotValid', syscall: 'SIO_RELEASE_PORT_RESERVATION' });
});
