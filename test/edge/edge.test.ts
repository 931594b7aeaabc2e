import test from 'ava';
import { once } from 'node:events';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { removeFolder } from '../../scripts/remove-folder.mjs';
import { clrFunction, handOver, useCoreClr } from '../../src/edge.js';
import type { EdgeJs } from '../../src/edge.js';
import type { AddressFamily, Protocol } from '../../src/index.js';
import { findClr, loadEdgeJs } from '../helpers/clr.js';
import { clrTest } from '../helpers/clr-test.js';
import { openLibrary } from '../helpers/library.js';
import { portsOf } from '../helpers/ports.js';

const { reservations } = await openLibrary(test);
const base = portsOf(import.meta.url);
const clr = findClr('Oracle');
const withClr = clrTest(clr);
/** Under Wine a process never returns from its second exception in .NET. */
const exceptionTest: typeof withClr = process.platform === 'win32' ? (title) => test.skip(title, (t) => t.fail()) : withClr;
let edge: EdgeJs;
const method = <Input, Output>(methodName: string, typeName = 'Probe') => {
  if (typeof clr === 'string') throw new Error(clr);
  edge ??= loadEdgeJs(clr);
  return clrFunction<Input, Output>(edge, { assemblyFile: clr.assemblyFile, typeName, methodName });
};

test.serial('a folder from which .NET cannot be started is refused before the environment is touched', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'port-reservation-edge-'));
  t.teardown(() => removeFolder(folder));
  const refused = (path: string, message: RegExp) => t.like(t.throws(() => useCoreClr(path), { message }), { reason: 'InvalidParameter' });
  refused('clr', /^folder "clr" .*absolute path/);
  refused(5 as never, /^folder 5 .*absolute path/);
  refused(join(folder, 'missing'), /exactly one \*\.deps\.json, and has 0$/);
  for (const name of ['A.deps.json', 'A.runtimeconfig.json']) writeFileSync(join(folder, name), '{}');
  refused(folder, /EdgeJs\.dll/);
  writeFileSync(join(folder, 'B.deps.json'), '{}');
  refused(folder, /exactly one \*\.deps\.json, and has 2$/);
  t.is(process.env.EDGE_APP_ROOT, undefined);
});

test.serial('what is no method, function or socket is refused before anything is loaded or given away', async (t) => {
  const none = { func: () => t.fail() };
  const refused = (message: RegExp) => ({ message });
  t.throws(() => clrFunction(none, null as never), refused(/^method null .*object/));
  t.throws(() => clrFunction(none, { assemblyFile: 5 } as never), refused(/^assemblyFile 5 .*absolute path/));
  t.throws(() => clrFunction(none, { assemblyFile: process.execPath, typeName: Symbol('A') } as never), refused(/^typeName Symbol\(A\) .*text/));
  await t.throwsAsync(handOver({ protocol: 'tcp' } as never, async () => t.fail(), {}), refused(/^socket object .*bind\(\)/));
  const reservation = await reservations.acquireRuntime({ protocol: 'tcp', numberOfPorts: 1 });
  const socket = await reservations.bind({ protocol: 'tcp', token: reservation.token });
  await t.throwsAsync(handOver(socket, null as never, {}), refused(/^func null .*function/));
  await t.throwsAsync(handOver(socket, async () => t.fail(), null as never), refused(/^input null .*object/));
  t.is(socket.state, 'bound');
  socket.close();
  await reservation.release();
});

test.serial('a worker thread is refused, where edge-js would end the process', async (t) => {
  const source = `
    const { useCoreClr, clrFunction } = await import(${JSON.stringify(new URL('../../dist/edge.js', import.meta.url).href)});
    const { parentPort } = await import('node:worker_threads');
    for (const call of [() => useCoreClr('/'), () => clrFunction({ func() {} }, { assemblyFile: '/a.dll', typeName: 'A' })]) {
      try { call(); parentPort.postMessage('called'); } catch ({ reason, message }) { parentPort.postMessage(reason + ' ' + message); }
    }`;
  const worker = new Worker(new URL(`data:text/javascript,${encodeURIComponent(source)}`), { execArgv: [] });
  const said: string[] = [];
  worker.on('message', (text: string) => said.push(text));
  await once(worker, 'exit');
  t.is(said.length, 2);
  for (const text of said) t.regex(text, /^NotSupported .*worker thread/);
});

withClr('values arrive in .NET as they should', async (t) => {
  const describe = method<unknown, string>('Describe');
  t.is(await describe(5), 'Int32 5');
  t.is(await describe(2 ** 40), 'Double 1099511627776');
  t.is(await describe('18446744073709551615'), 'String 18446744073709551615');
  t.is(await describe(Buffer.from([1, 255])), 'byte[] 01FF');
  t.is(await describe({ a: 1, b: { c: [2] } }), 'object a, b');
  t.is(await describe(null), 'null');
});

withClr('after edge-js is loaded it is too late to choose the .NET', (t) => {
  method('Describe');
  if (typeof clr === 'string') return t.fail();
  t.like(t.throws(() => useCoreClr(clr.folder), { message: /loaded already/ }), { reason: 'NotSupported' });
});

withClr('a bigint and a cycle are refused, wherever they are, and nothing is called', async (t) => {
  const fail = method<unknown, never>('Throw');
  t.like(await t.throwsAsync(fail(5n), { message: /^input 5 is not valid: .*bigint.*text/ }), { reason: 'InvalidParameter' });
  t.like(await t.throwsAsync(fail({ a: [{ token: 2n ** 63n }] }), { message: /^input\.a\.0\.token / }), { reason: 'InvalidParameter' });
  const cycle: Record<string, unknown> = { name: 'x' };
  cycle.self = { cycle };
  t.like(await t.throwsAsync(fail(cycle), { message: /^input\.self\.cycle .*cycle/ }), { reason: 'InvalidParameter' });
});

withClr('the same object twice is no cycle', async (t) => {
  const shared = { x: 1 };
  t.is(await method('Describe')({ a: shared, b: shared }), 'object a, b');
});

withClr('an answer of 64 bits that was rounded is an error, one that was not is an answer', async (t) => {
  const uint64 = method<string, number>('UInt64');
  t.is(await uint64(String(Number.MAX_SAFE_INTEGER)), Number.MAX_SAFE_INTEGER);
  for (const value of [2n ** 53n + 1n, 2n ** 64n - 1n]) {
    t.like(await t.throwsAsync(uint64(String(value)), { message: /Probe\.UInt64 is an integer that was rounded/ }), { reason: 'NotSupported' });
  }
  t.like(await t.throwsAsync(method('Nested')(String(2n ** 62n)), { message: /Probe\.Nested\.list\.1 / }), { reason: 'NotSupported' });
  t.is(await method('Real')(null), 1e300);
});

exceptionTest('an exception of .NET is one error with its name, text and stack', async (t) => {
  for (const name of ['Throw', 'ThrowLater']) {
    const error = await t.throwsAsync(method<string, never>(name)('out of order'),
      { name: 'PortReservationError', message: `UNKNOWN: Probe.${name} threw System.InvalidOperationException: out of order` });
    t.like(error, { reason: 'NativeError', syscall: `Probe.${name}` });
    t.regex((error?.cause as Error).stack ?? '', /at Probe\.Throw/);
  }
});

withClr('an assembly that is not there is refused and named', (t) => {
  if (typeof clr === 'string') return t.fail();
  method('Describe');
  const refused = (assemblyFile: string, message: RegExp) => t.like(
    t.throws(() => clrFunction(edge, { assemblyFile, typeName: 'Probe', methodName: 'Describe' }), { message }), { reason: 'InvalidParameter' });
  refused('Oracle.dll', /^assemblyFile "Oracle\.dll" .*absolute/);
  refused(join(clr.folder, 'None.dll'), /^assemblyFile .* must be the path of an assembly/);
});

exceptionTest('a class or method that is not there is refused and named', (t) => {
  const refused = (typeName: string, methodName: string, message: RegExp) => t.like(
    t.throws(() => method(methodName, typeName), { message }), { reason: 'InvalidParameter' });
  refused('None', 'Describe', /^method "None\.Describe" .*Could not load type 'None'/);
  refused('Probe', 'None', /^method "Probe\.None" .*public/);
});

for (const [protocol, addressFamily, listen] of [
  ['tcp', 'IPv4', true], ['tcp', 'IPv4', false], ['tcp', 'IPv6', true], ['udp', 'IPv4', false], ['udp', 'IPv6', false],
] as [Protocol, AddressFamily, boolean][]) {
  withClr(`.NET takes a ${addressFamily} ${protocol} socket over, ${listen ? 'listening' : 'bound'}, and its port comes back when .NET closes it`, async (t) => {
    const block = reservations.createPersistent({ protocol, startPort: base, numberOfPorts: 1 });
    const request = { protocol, token: block.token, addressFamily } as const;
    const socket = await reservations.bind({ ...request, listen });
    const taken = await handOver(socket, method<{ note: string; socket: unknown }, object>('Take'), { note: 'n' });
    t.deepEqual(taken, {
      endPoint: `${addressFamily === 'IPv4' ? '0.0.0.0' : '[::]'}:${base}`, protocol: protocol === 'tcp' ? 'Tcp' : 'Udp', note: 'n',
    });
    t.is(socket.state, 'closed');
    await t.throwsAsync(reservations.bind(request), { message: /WSAEADDRINUSE/ });
    if (listen) {
      const client = connect(base, addressFamily === 'IPv4' ? '127.0.0.1' : '::1');
      await once(client, 'connect');
      client.resetAndDestroy();
    }
    await method('Close')(null);
    using again = await reservations.bind(request);
    t.is(again.localPort, base);
  });
}

withClr('a socket whose function fails stays as it was on Windows, and belongs to .NET elsewhere', async (t) => {
  // A port of its own: off Windows nobody closes the descriptor.
  const block = reservations.createPersistent({ protocol: 'tcp', startPort: base + 1, numberOfPorts: 1 });
  using socket = await reservations.bind({ protocol: 'tcp', token: block.token, listen: true });
  await t.throwsAsync(handOver(socket, method('FailWithSocket'), {}));
  t.is(socket.state, process.platform === 'win32' ? 'listening' : 'closed');
});

withClr('a closed socket, and an input with a socket of its own, are refused before any call', async (t) => {
  const block = reservations.createPersistent({ protocol: 'tcp', startPort: base, numberOfPorts: 1 });
  const socket = await reservations.bind({ protocol: 'tcp', token: block.token });
  const take = method<{ note: string; socket: unknown }, object>('Take');
  t.like(await t.throwsAsync(handOver(socket, take, { note: 'n', socket: 1 }), { message: /^input\.socket / }), { reason: 'InvalidParameter' });
  t.is(socket.state, 'bound');
  socket.close();
  t.like(await t.throwsAsync(handOver(socket, take, { note: 'n' }), { message: /is closed/ }), { reason: 'TokenNotValid' });
});
