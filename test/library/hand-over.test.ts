import test from 'ava';
import { createHook } from 'node:async_hooks';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { Server } from 'node:net';
import { listenOn } from '../../src/index.js';
import { openLibrary } from '../helpers/library.js';
import { offWindows } from '../helpers/platform.js';
import { portsOf } from '../helpers/ports.js';

const { reservations } = await openLibrary(test);

const base = portsOf(import.meta.url);

/** The request for a socket of a new persistent reservation. */
function request(protocol: 'tcp' | 'udp' = 'tcp') {
  const { token } = reservations.createPersistent({ protocol, startPort: base, numberOfPorts: 1 });
  return { protocol, token } as const;
}

const greeter = () => createServer((connection) => connection.write('hello'));

/** What a server says first. The client closes first: the end that does so keeps its port busy for a while. */
async function greeting(host = '127.0.0.1'): Promise<string> {
  const client = connect(base, host);
  const [data] = await once(client, 'data') as [Buffer];
  client.end();
  await once(client, 'close');
  return data.toString();
}

async function stop(server: Server): Promise<void> {
  server.close();
  await once(server, 'close');
}

const serves = test.macro(async (t, addressFamily: 'IPv4' | 'IPv6', listen: boolean) => {
  const socket = await reservations.bind({ ...request(), addressFamily, listen });
  const server = greeter();
  await listenOn(server, socket);
  t.like(server.address(), { port: base, family: addressFamily });
  t.is(await greeting(addressFamily === 'IPv4' ? '127.0.0.1' : '::1'), 'hello');
  await stop(server);
});
test.serial('a Node.js server accepts the connections of an IPv4 socket from a reservation', serves, 'IPv4', false);
test.serial('a Node.js server accepts the connections of an IPv6 socket from a reservation', serves, 'IPv6', false);
test.serial('a socket that listens already can be taken over', serves, 'IPv4', true);

test.serial('a server takes over a socket without a connection to anywhere, and without a look-up', async (t) => {
  const begun: string[] = [];
  const hook = createHook({ init: (_, type) => begun.push(type) }).enable();
  t.teardown(() => hook.disable());
  const server = createServer();
  await listenOn(server, await reservations.bind(request()));
  await stop(server);
  t.true(begun.includes('TCPSERVERWRAP'), 'the hook sees what begins');
  t.deepEqual(begun.filter((type) => type === 'TCPCONNECTWRAP' || type === 'GETADDRINFOREQWRAP'), []);
});

test.serial('the server owns the socket: closing the old object leaves it, closing the server gives the port back', async (t) => {
  const asked = request();
  const socket = await reservations.bind(asked);
  const server = greeter();
  await listenOn(server, socket);
  t.is(socket.state, 'closed');
  t.deepEqual(reservations.sockets, []);
  socket.close();
  t.is(await greeting(), 'hello');
  await t.throwsAsync(reservations.bind({ ...asked, port: base }), { message: /WSAEADDRINUSE/ });
  await stop(server);
  using again = await reservations.bind({ ...asked, port: base });
  t.is(again.localPort, base);
});

test.serial('a server can be given one socket after another', async (t) => {
  const asked = request();
  const server = greeter();
  for (const round of [1, 2, 3]) {
    await listenOn(server, await reservations.bind(asked));
    t.is(await greeting(), 'hello', `round ${round}`);
    await stop(server);
  }
});

test.serial('a server that was closed just before is given the next socket', async (t) => {
  const { token } = reservations.createPersistent({ protocol: 'tcp', startPort: base, numberOfPorts: 2 });
  const bind = (port: number) => reservations.bind({ protocol: 'tcp', token, port });
  const next = await bind(base);
  const server = greeter();
  await listenOn(server, await bind(base + 1));
  server.close();
  await listenOn(server, next);
  t.is(await greeting(), 'hello');
  await stop(server);
});

test.serial('a udp socket, a closed one, a server that listens already and what is no server are refused, and nothing is closed', async (t) => {
  const server = createServer();
  t.teardown(() => void server.close());
  using udp = await reservations.bind(request('udp'));
  t.like(await t.throwsAsync(listenOn(server, udp), { message: /udp/ }), { reason: 'NotSupported', code: 'ENOTSUP' });
  t.is(udp.state, 'bound');

  const asked = request();
  const closed = await reservations.bind(asked);
  closed.close();
  t.like(await t.throwsAsync(listenOn(server, closed), { message: new RegExp(`${base} is closed`) }), { reason: 'TokenNotValid', code: 'ENOTSOCK' });

  using tcp = await reservations.bind(asked);
  await once(server.listen(0, '127.0.0.1'), 'listening');
  t.like(await t.throwsAsync(listenOn(server, tcp), { message: /server.*must not be listening yet/ }), { reason: 'InvalidParameter' });
  for (const none of [{}, null, 5]) {
    t.like(await t.throwsAsync(listenOn(none as unknown as typeof server, tcp), { message: /server.*must be a server of node:net/ }), { reason: 'InvalidParameter' });
  }
  t.is(tcp.state, 'bound');
  await stop(server);
});

test.serial('a server that is closed before it listens, or throws, does not keep the socket', async (t) => {
  const asked = request();
  const closed = createServer();
  const listening = listenOn(closed, await reservations.bind(asked));
  closed.close();
  t.like(await t.throwsAsync(listening, { message: new RegExp(`${base} is closed`) }), { reason: 'TokenNotValid', code: 'ENOTSOCK' });

  const throwing = Object.assign(createServer(), { listen: () => { throw new Error('as it shall'); } });
  await t.throwsAsync(listenOn(throwing, await reservations.bind(asked)), { message: 'as it shall' });
  for (const server of [closed, throwing]) t.deepEqual(['listening', 'close', 'error'].map((event) => server.listenerCount(event)), [0, 0, 0]);
  // The handle of a server is closed in the next turn.
  await new Promise((resolve) => setImmediate(resolve));
  using again = await reservations.bind({ ...asked, port: base });
  t.is(again.localPort, base);
});

test.serial('a process id that can be none, and a closed socket, are refused before any call', async (t) => {
  using socket = await reservations.bind(request());
  for (const processId of [0, -1, 1.5, 2 ** 32, NaN]) {
    t.like(t.throws(() => socket.duplicateFor(processId), { message: /processId/ }), { reason: 'InvalidParameter' });
  }
  socket.close();
  t.like(t.throws(() => socket.duplicateFor(process.pid)), { reason: 'TokenNotValid', code: 'ENOTSOCK' });
});

offWindows('off Windows a socket cannot be handed to another process', async (t) => {
  using socket = await reservations.bind(request());
  t.like(t.throws(() => socket.duplicateFor(process.pid), { message: /only on Windows/ }),
    { reason: 'NotSupported', code: 'ENOTSUP', syscall: 'WSADuplicateSocketW' });
});
