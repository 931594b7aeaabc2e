import test from 'ava';
import type { ExecutionContext } from 'ava';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import type { ReservationData } from '../../src/blocks.js';
import type { BindData } from '../../src/host/data.js';
import { openPortReservations } from '../../src/index.js';
import { openNative } from '../../src/native.js';
import { within } from '../helpers/deadline.js';
import { HostProcess } from '../helpers/host-process.js';
import { portsOf } from '../helpers/ports.js';
import { openSimulator } from '../helpers/simulator.js';

const simulator = await openSimulator(test);

const block = { protocol: 'tcp', startPort: portsOf(import.meta.url), numberOfPorts: 2 } as const;
const program = fileURLToPath(new URL('programs/take-over.mjs', import.meta.url));

/** A process without the simulator, which takes a socket over by the genuine Winsock. */
async function startTaker(t: ExecutionContext) {
  const child = spawn(process.execPath, [program, openNative().libraries.ws2_32], { stdio: ['pipe', 'pipe', 'inherit'] });
  const exited = once(child, 'exit');
  t.teardown(async () => {
    child.kill('SIGKILL');
    await exited;
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const line = async () => (await within(lines.next(), 'a line of the other process')).value as string;
  t.is(await line(), 'ready');
  return { processId: child.pid ?? 0, take: async (protocolInfo: string) => (child.stdin.write(`${protocolInfo}\n`), line()) };
}

async function hostWithBind(t: ExecutionContext) {
  const host = await HostProcess.open(t, simulator.args);
  await host.result<ReservationData[]>('reservation.create', { kind: 'runtime', protocols: ['tcp'], startPort: block.startPort, numberOfPorts: 2 });
  const [bind] = await host.result<BindData[]>('bind.create', { ...block, kind: 'runtime' });
  if (!bind) throw new Error('one bind was asked for');
  return { host, bind };
}

test.serial('another process takes a bound socket over, and goes on after the host is killed', async (t) => {
  const { host, bind } = await hostWithBind(t);
  const taker = await startTaker(t);
  const answer = await host.result<{ protocolInfo: string }>('bind.duplicate', { id: bind.id, processId: taker.processId });
  t.like(answer, { id: bind.id, processId: taker.processId });
  t.is(Buffer.from(answer.protocolInfo, 'base64').length, 628);
  t.is(await taker.take(answer.protocolInfo), 'listening');

  const said = `taken over by ${taker.processId}`;
  t.is(await text(connect(bind.localPort, '127.0.0.1')), said);
  t.deepEqual(await host.result('bind.close', { id: bind.id }), { closed: true });
  t.is(await text(connect(bind.localPort, '127.0.0.1')), said);
  await host.kill();
  t.is(await text(connect(bind.localPort, '127.0.0.1')), said);
});

test.serial('a process that is not there, and a bind that is not there, are named in the error', async (t) => {
  const { host, bind } = await hostWithBind(t);
  const nobody = await host.error('bind.duplicate', { id: bind.id, processId: 0x7fff_fff0 });
  t.like(nobody.data, { reason: 'InvalidParameter', nativeName: 'WSAEINVAL', syscall: 'WSADuplicateSocketW' });
  t.regex(nobody.message, /process 2147483632/);
  const unknown = await host.error('bind.duplicate', { id: bind.id + 1, processId: process.pid });
  t.regex(unknown.message, new RegExp(`^id ${bind.id + 1} is not valid`));
});

test.serial('WSAPROTOCOL_INFOW has 628 bytes and names family, type and protocol of the socket', async (t) => {
  using reservations = openPortReservations({ simulator: simulator.options });
  const { token } = reservations.createPersistent(block);
  using socket = await reservations.bind({ protocol: 'tcp', token, addressFamily: 'IPv6' });
  const info = Buffer.alloc(640, 0xa5);
  t.is(reservations.native.ws2_32.WSADuplicateSocketW(socket.handle, process.pid, info), 0);
  t.true(info.subarray(628).every((byte) => byte === 0xa5));
  // iAddressFamily, iSocketType and iProtocol (winsock2.h): AF_INET6, SOCK_STREAM, IPPROTO_TCP.
  t.deepEqual([info.readInt32LE(76), info.readInt32LE(88), info.readInt32LE(92)], [23, 1, 6]);
});
