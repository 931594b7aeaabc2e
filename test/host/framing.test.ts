import test from 'ava';
import { HostProcess } from '../helpers/host-process.js';
import type { Answer } from '../helpers/host-process.js';
import { createSimulator } from '../helpers/simulator.js';

const LIMIT = 1 << 20;
const simulator = await createSimulator();
test.after.always(() => simulator.dispose());

const json = (id: unknown, method = 'host.get', params?: unknown) => JSON.stringify({ jsonrpc: '2.0', id, method, params });
const INITIALIZE = json('first', 'initialize', { protocolVersion: 1 });

for (const [what, before, after] of [
  ['a byte order mark', '\uFEFF', '\n'], ['CRLF', '', '\r\n'], ['empty lines and blanks', '\n\r\n  \n', '\n\n'],
  ['a byte order mark and CRLF', '\uFEFF', '\r\n'],
] as const) {
  test.serial(`the host reads a first line with ${what}`, async (t) => {
    const host = HostProcess.start(t, simulator.args);
    host.write(`${before}${INITIALIZE}${after}${json('second')}${after}`);
    t.truthy((await host.answer('first')).result);
    t.truthy((await host.answer('second')).result);
    await host.end();
    t.is(host.stdout.trimEnd().split('\n').length, 2);
  });
}

test.serial('a last line without a line end is answered', async (t) => {
  const host = HostProcess.start(t, simulator.args);
  host.write(INITIALIZE);
  t.deepEqual(await host.end(), { code: 0, signal: null });
  t.is((JSON.parse(host.stdout) as Answer).id, 'first');
});

for (const junk of ['junk', '{', '{"jsonrpc":"2.0"', '\u0000', 'initialize', '\'1\'', '[1,']) {
  test.serial(`the line ${JSON.stringify(junk)} is a parse error, and the host lives on`, async (t) => {
    const host = await HostProcess.open(t, simulator.args);
    t.like(await host.raw(junk), { jsonrpc: '2.0', id: null, error: { code: -32700 } });
    t.truthy(await host.result('host.get'));
  });
}

for (const value of ['null', '1', '"initialize"', 'true', '{}', '{"jsonrpc":"1.0","id":5,"method":"host.get"}', '{"jsonrpc":"2.0","id":5,"method":7}',
  '{"jsonrpc":"2.0","id":{},"method":"host.get"}', '{"jsonrpc":"2.0","id":true,"method":"host.get"}', '{"jsonrpc":"2.0","id":5}']) {
  test.serial(`the JSON value ${value} is an invalid request, and the host lives on`, async (t) => {
    const host = await HostProcess.open(t, simulator.args);
    const { error } = await host.raw(value) as Answer;
    t.is(error?.code, -32600);
    t.truthy(await host.result('host.get'));
  });
}

test.serial('bytes that are not UTF-8 do not stop the host', async (t) => {
  const host = await HostProcess.open(t, simulator.args);
  t.like(await host.raw(Buffer.from([0xff, 0xfe, 0x00, 0xc3])), { id: null, error: { code: -32700 } });
  t.truthy(await host.result('host.get'));
});

test.serial('a character that is split between two chunks stays whole', async (t) => {
  const host = await HostProcess.open(t, simulator.args);
  const id = 'né€😀';
  for (const lost of [1, 2, 3]) {
    const line = Buffer.from(`${json(id)}\n`);
    const cut = line.indexOf(Buffer.from('😀')) + lost;
    // The host has read the first half when it has answered the line before it.
    host.write(Buffer.concat([Buffer.from(`${json(lost)}\n`), line.subarray(0, cut)]));
    await host.answer(lost);
    host.write(line.subarray(cut));
    t.truthy((await host.answer(id)).result);
  }
});

test.serial('an unknown method is named by its code, at any depth of name', async (t) => {
  const host = await HostProcess.open(t, simulator.args);
  for (const method of ['no.such', '', 'constructor', '__proto__', 'toString', 'reservation.create ']) {
    t.is((await host.error(method)).code, -32601, method);
  }
});

test.serial('a line of exactly the limit is read, also with CRLF and in parts, and one character more is refused', async (t) => {
  const host = await HostProcess.open(t, simulator.args);
  const line = json('fits').padEnd(LIMIT);
  for (const parts of [[`${line}\n`], [`${line}\r\n`], [`${json(1)}\n${line}\r`, '\n']]) {
    for (const [index, part] of parts.entries()) {
      host.write(part);
      // The host has read the first part when it has answered the line before it.
      if (index < parts.length - 1) await host.answer(1);
    }
    t.truthy((await host.answer('fits')).result);
  }
  t.like(await host.raw(`${json('fits not').padEnd(LIMIT + 1)}\r`), { id: null, error: { code: -32600 } });
  const refused = await host.raw(json('fits not').padEnd(LIMIT + 1)) as Answer;
  t.like(refused, { id: null, error: { code: -32600 } });
  t.regex(refused.error?.message ?? '', /1048576/);
  t.truthy(await host.result('host.get'));
});

test.serial('a line that never seems to end is refused once, thrown away as it comes, and followed by good lines', async (t) => {
  const host = await HostProcess.open(t, simulator.args);
  const refused = host.nextLine();
  for (let i = 0; i < 5; i += 1) host.write('x'.repeat(LIMIT));
  t.like(await refused, { id: null, error: { code: -32600 } });
  host.write(`${'y'.repeat(100)}\n${json('after')}\n`);
  t.truthy((await host.answer('after')).result);
  await host.end();
  t.is(host.stdout.split('\n').filter((line) => line.includes('"error"')).length, 1);
});

test.serial('a notification has no answer, be it good, unknown or wrong', async (t) => {
  const host = await HostProcess.open(t, simulator.args);
  host.notify('host.get');
  host.notify('no.such.method');
  host.notify('reservation.create', { kind: 'nonsense' });
  host.notify('$/cancelRequest', { id: 'nobody' });
  host.notify('$/cancelRequest', null);
  host.notify('$/cancelRequest');
  await host.result('host.get');
  await host.end();
  t.is(host.stdout.trimEnd().split('\n').length, 2, 'the answers to initialize and host.get');
});

test.serial('an answer keeps the type and the value of its id', async (t) => {
  const host = await HostProcess.open(t, simulator.args);
  for (const id of [0, -1, 1.5, '', '1', 'ü', Number.MAX_SAFE_INTEGER]) {
    t.is((await host.raw(json(id)) as Answer).id, id);
  }
});

test.serial('requests on several lines run side by side', async (t) => {
  const host = await HostProcess.open(t, simulator.args);
  host.write(`${json('slow', 'reservation.list')}\n${json('quick')}\n`);
  await Promise.all([host.answer('slow'), host.answer('quick')]);
  const ids = host.stdout.trimEnd().split('\n').map((line) => (JSON.parse(line) as Answer).id);
  t.deepEqual(ids.slice(1), ['quick', 'slow'], 'the list starts a process, host.get does not');
});
