import test from 'ava';
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { Answers } from '../../src/host/answers.js';
import { Made } from '../../src/host/made.js';
import { say } from '../../src/texts/text.js';
import { until } from '../helpers/deadline.js';
import { HostProcess } from '../helpers/host-process.js';
import type { Answer } from '../helpers/host-process.js';
import { NEVER } from '../helpers/knobs.js';
import { portsOf } from '../helpers/ports.js';
import { openSimulator } from '../helpers/simulator.js';

const simulator = await openSimulator(test);

const call = (id: unknown, method = 'host.get', params?: unknown) => ({ jsonrpc: '2.0', id, method, params });
const lines = (requests: unknown[], width = 0) => requests.map((request) => `${JSON.stringify(request).padEnd(width)}\n`).join('');

/** Writes as fast as the host reads, and tells how many characters it has not taken yet. */
function feed(host: HostProcess, text: string): () => number {
  const size = 1 << 16;
  let taken = 0;
  void (async () => {
    for (let from = 0; from < text.length; from = taken) {
      const part = text.slice(from, from + size);
      await new Promise((resolve) => host.input.write(part, resolve));
      taken += part.length;
    }
  })();
  return () => text.length - taken;
}

/** Until the host has taken everything, or nothing for a while: nothing tells that a process has stopped reading. */
async function untilStill(left: () => number): Promise<void> {
  let last = -1;
  let times = 0;
  await until(() => {
    times = left() === last ? times + 1 : 0;
    last = left();
    return last === 0 || times > 100;
  }, 'the end of reading');
}

test.serial('a host whose client does not read stops reading too, and then answers everything', async (t) => {
  const host = await HostProcess.open(t, simulator.args);
  host.child.stdout.pause();
  // An answer of more than 2,000 characters to each.
  const wrong = { kind: 'persistent', protocols: Array<number>(20).fill(1), numberOfPorts: 1 };
  const requests = Array.from({ length: 4_000 }, (_, id) => call(id, 'reservation.create', wrong));
  const left = feed(host, lines(requests, 1_500));
  await untilStill(left);
  t.true(left() > 0, 'part of the requests is still here');
  host.child.stdout.resume();
  for (const { id } of requests) t.is((await host.answer(id as number)).error?.code, -32602);
  t.truthy(await host.result('host.get'));
  t.deepEqual(await host.end(), { code: 0, signal: null });
});

test.serial('lines that wait for a slow client are answered although stdin has ended', async (t) => {
  const host = await HostProcess.open(t, simulator.args);
  host.child.stdout.pause();
  const batch = Array.from({ length: 1000 }, (_, id) => call(id));
  const left = feed(host, lines([batch]).repeat(12));
  // A pipe of Windows holds less: there the rest follows when the answers are read.
  if (process.platform !== 'win32') await until(() => left() === 0, 'the host to read ahead');
  host.input.end();
  host.child.stdout.resume();
  for (let i = 0; i < 12; i += 1) t.like(await host.nextLine(), { length: 1000 });
  t.deepEqual(await host.untilExit(), { code: 0, signal: null });
});

test.serial('a client that takes its time to read gets all answers, also after its stdin has ended', async (t) => {
  const host = await HostProcess.open(t, simulator.args);
  const { stdout } = host.child;
  stdout.pause();
  host.write(lines([Array.from({ length: 1000 }, (_, id) => call(id))]).repeat(7));
  host.input.end();
  // Longer in all than it may read nothing, which is 5 seconds, and never nearly as long at once.
  const stop = () => void stdout.pause();
  stdout.on('data', stop);
  for (let reads = 0; reads < 9; reads += 1) {
    stdout.resume();
    await once(stdout, 'data');
    await pause(1_000);
  }
  stdout.off('data', stop).resume();
  for (let i = 0; i < 7; i += 1) t.like(await host.nextLine(), { length: 1000 });
  t.deepEqual(await host.untilExit(), { code: 0, signal: null });
});

/** A client that reads JSON, and all of it. */
const client = { ready: () => Promise.resolve(), form: () => 'json' as const, say };

/** Answers of a handler that needs no system: what is too long takes a system too long to make. */
function answersOf(result: (method: string) => unknown): Answers {
  return new Answers({
    ...client, respond: ({ id, method }) => Promise.resolve({ jsonrpc: '2.0' as const, id: id ?? null, result: result(method) }),
  });
}

test('results that make a line too long are errors to their requests, and what was made is told', async (t) => {
  const answers = answersOf((method) => 'x'.repeat(method === 'reservation.list' ? 1 << 21 : 1));
  const batch = [...Array.from({ length: 10 }, (_, id) => call(id, 'reservation.list')), call('made', 'reservation.create')];
  const given = JSON.parse(await answers.answer(JSON.stringify(batch)) ?? '') as Answer[];
  t.deepEqual(given.map(({ id, error }) => [id, error?.code]), batch.map(({ id }) => [id, typeof id === 'number' && id >= 7 ? -32001 : undefined]));
  t.regex(given[9]?.error?.message ?? '', /16777216 characters/);
});

test('a result that cannot be written is an error to its request', async (t) => {
  const given = await answersOf((method) => (method === 'host.get' ? 'good' : 1n)).answer(JSON.stringify(
    ['host.get', 'reservation.list', 'reservation.create'].map((method, id) => call(id, method))));
  t.deepEqual((JSON.parse(given ?? '') as Answer[]).map(({ error }) => error?.code), [undefined, -32603, -32603]);
});

test('more than 10,000 requests under way are refused, and those are still cancelled', async (t) => {
  const answers = new Answers({
    ...client,
    respond: async ({ id, method, params }, signal) => {
      if (method === '$/cancelRequest') answers.cancel((params as { id: number }).id);
      else await once(signal, 'abort');
      return id === undefined ? null : { jsonrpc: '2.0', id, result: 'cancelled' };
    },
  });
  const pending = Array.from({ length: 10_000 }, (_, id) => answers.answer(JSON.stringify(call(id))));
  const given = await answers.answer(JSON.stringify([call('more'), call(undefined)]));
  t.deepEqual((JSON.parse(given ?? '') as Answer[]).map(({ id, error }) => [id, error?.code]), [['more', -32000]]);
  t.is(await answers.answer(JSON.stringify(call(undefined, '$/cancelRequest', { id: 7 }))), null);
  t.like(JSON.parse(await pending[7] ?? ''), { id: 7, result: 'cancelled' });
  const again = answers.answer(JSON.stringify(call('more')));
  await answers.close();
  for (const line of await Promise.all([...pending, again])) t.like(JSON.parse(line ?? ''), { result: 'cancelled' });
});

test('as many requests are taken back as may be under way', async (t) => {
  const made = new Made(String);
  const undone: number[] = [];
  for (let id = 0; id <= 10_000; id += 1) made.add(id, [{ name: `${id}`, undo: () => undone.push(id) }]);
  t.deepEqual(await made.undo([1, 2], 1), []);
  t.deepEqual(undone, [2]);
  t.deepEqual(await made.undo([0], 0), [], 'one more is forgotten');
  t.deepEqual(undone, [2]);
});

test('a host whose client reads nothing ends although it takes back queries that wait for the client', async (t) => {
  const answers = new Answers({
    respond: async ({ id, method }) => {
      if (method === 'request.undo') await answers.end(['query']);
      return { jsonrpc: '2.0' as const, id: id ?? null, result: 'done' };
    },
    ...client, ready: () => new Promise(() => {}),
  });
  const pending = [call('query', 'reservation.list'), call('undo', 'request.undo')].map((request) => answers.answer(JSON.stringify(request)));
  await answers.close();
  t.like((await Promise.all(pending)).map((line) => JSON.parse(line ?? '') as Answer), [{ id: 'query', error: { code: -32800 } }, { id: 'undo', result: 'done' }]);
});

test('queries that were cancelled and have not ended are bounded as those under way are', async (t) => {
  const answers = new Answers({ ...client, respond: () => new Promise(() => {}) });
  // As many are at work as may be.
  for (let id = 0; id < 64 + 10_000; id += 1) {
    const answer = answers.answer(JSON.stringify(call(id, 'reservation.list')));
    answers.cancel(id);
    t.is((JSON.parse(await answer ?? '') as Answer).error?.code, -32800);
  }
  t.is((JSON.parse(await answers.answer(JSON.stringify(call('more'))) ?? '') as Answer).error?.code, -32000);
});

test.serial('an id that is in use is refused, and the request that has it is not disturbed', async (t) => {
  const host = await HostProcess.open(t, simulator.args);
  simulator.knob('portsim_set_delay', NEVER);
  const pending = { kind: 'runtime', protocols: ['tcp'], numberOfPorts: 1, timeout: 0 };
  for (const id of ['same', 0]) {
    host.send('reservation.create', pending, id);
    for (const method of ['host.get', 'reservation.create', 'no.such']) {
      const refused = await host.raw(JSON.stringify(call(id, method, method === 'host.get' ? undefined : pending))) as Answer;
      t.like(refused, { id: null, error: { code: -32600 } });
      t.true(refused.error?.message.includes(JSON.stringify(id)));
    }
    host.notify('$/cancelRequest', { id });
    t.is((await host.answer(id)).error?.code, -32800);
    t.truthy((await host.raw(JSON.stringify(call(id))) as Answer).result, 'the id is free again');
  }
  t.is((await host.raw(JSON.stringify([call(1, 'reservation.list'), call(1)])) as Answer[]).filter(({ error }) => error?.code === -32600).length, 1);
});

test.serial('an id may have 256 characters', async (t) => {
  const host = await HostProcess.open(t, simulator.args);
  t.is((await host.raw(JSON.stringify(call('x'.repeat(256)))) as Answer).error, undefined);
  t.like(await host.raw(JSON.stringify(call('x'.repeat(257)))), { id: null, error: { code: -32600 } });
});

test.serial('an id that would not come back as it was is refused, and its request does nothing', async (t) => {
  const host = await HostProcess.open(t, simulator.args);
  const params = { kind: 'persistent', protocols: ['tcp'], startPort: portsOf(import.meta.url), numberOfPorts: 1 };
  for (const id of ['1e999', '-1e999', '9007199254740993', '18446744073709551615']) {
    const line = JSON.stringify(call(0, 'reservation.create', params)).replace('"id":0', `"id":${id}`);
    t.true(line.includes(id));
    t.like(await host.raw(line), { id: null, error: { code: -32600, message: `an id that is a number may be ${Number.MAX_SAFE_INTEGER} at most` } });
  }
  t.deepEqual(await host.result('reservation.list'), []);
  for (const id of [Number.MAX_SAFE_INTEGER, -Number.MAX_SAFE_INTEGER, 1.5]) t.like(await host.raw(JSON.stringify(call(id))), { id });
});
