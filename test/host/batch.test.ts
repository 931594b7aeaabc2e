import test from 'ava';
import { HostProcess } from '../helpers/host-process.js';
import type { Answer } from '../helpers/host-process.js';
import { portsOf } from '../helpers/ports.js';
import { createSimulator } from '../helpers/simulator.js';

const simulator = await createSimulator();
test.after.always(() => simulator.dispose());

const base = portsOf(import.meta.url);

const call = (id: unknown, method = 'host.get', params?: unknown) => ({ jsonrpc: '2.0', id, method, params });

test.serial('a batch is answered by one line, in the order of its requests', async (t) => {
  const host = await HostProcess.open(t, simulator.args);
  // The list runs netsh, so the second answer is ready long before the first.
  const answers = await host.raw(JSON.stringify([call(3, 'reservation.list'), call('two'), call(1, 'no.such.method')])) as Answer[];
  t.deepEqual(answers.map(({ id }) => id), [3, 'two', 1]);
  t.deepEqual(answers.map(({ error }) => error?.code), [undefined, undefined, -32601]);
});

test.serial('the answer to a batch of one is an array of one', async (t) => {
  const host = await HostProcess.open(t, simulator.args);
  t.like(await host.raw(JSON.stringify([call(7)])), { length: 1, 0: { id: 7, result: { protocolVersion: 1 } } });
});

test.serial('junk inside a batch is answered in its place and spoils nothing', async (t) => {
  const host = await HostProcess.open(t, simulator.args);
  const answers = await host.raw(JSON.stringify([null, call(1), 1, [], 'x', {}, [call(9)], call(2)])) as Answer[];
  t.deepEqual(answers.map(({ id }) => id), [null, 1, null, null, null, null, null, 2]);
  t.deepEqual(answers.map(({ error }) => error?.code ?? 0), [-32600, 0, -32600, -32600, -32600, -32600, -32600, 0]);
});

test.serial('an empty batch is one invalid request', async (t) => {
  const host = await HostProcess.open(t, simulator.args);
  t.like(await host.raw('[]'), { id: null, error: { code: -32600 } });
});

test.serial('a batch of notifications alone has no answer', async (t) => {
  const host = await HostProcess.open(t, simulator.args);
  host.write(`${JSON.stringify([call(undefined), call(undefined, 'no.such.method')])}\n`);
  await host.result('host.get');
  await host.end();
  t.is(host.stdout.trimEnd().split('\n').length, 2, 'the answers to initialize and host.get');
});

test.serial('a batch may begin with initialize', async (t) => {
  const host = HostProcess.start(t, simulator.args);
  const answers = await host.raw(JSON.stringify([call(1, 'initialize', { protocolVersion: 1 }), call(2)])) as Answer[];
  t.deepEqual(answers.map(({ error }) => error?.code), [undefined, undefined]);
});

test.serial('a batch of 1,000 is answered, one of 1,001 is refused as a whole', async (t) => {
  const host = await HostProcess.open(t, simulator.args);
  const batch = Array.from({ length: 1000 }, (_, index) => call(index));
  const answers = await host.raw(JSON.stringify(batch)) as Answer[];
  t.deepEqual(answers.map(({ id }) => id), batch.map(({ id }) => id));

  const block = { protocol: 'tcp', startPort: base, numberOfPorts: 1 };
  const tooMany = [...batch, call(1000, 'reservation.create', { kind: 'persistent', protocols: ['tcp'], startPort: base, numberOfPorts: 1 })];
  t.like(await host.raw(JSON.stringify(tooMany)), { id: null, error: { code: -32600 } });
  t.is((await host.error('reservation.get', block)).data?.reason, 'ReservationNotFound');
});

test.serial('answers larger than a pipe arrive whole although stdin has ended and the reader is slow', async (t) => {
  const host = await HostProcess.open(t, simulator.args);
  host.child.stdout.pause();
  const batch = `${JSON.stringify(Array.from({ length: 1000 }, (_, index) => call(index)))}\n`;
  host.write(batch.repeat(5));
  host.input.end();
  // Nothing tells when a pipe is full: a host that does not wait for its reader has gone by then.
  setTimeout(() => host.child.stdout.resume(), 300);
  for (let i = 0; i < 5; i += 1) t.like(await host.nextLine(), { length: 1000 });
  t.deepEqual(await host.untilExit(), { code: 0, signal: null });
});
