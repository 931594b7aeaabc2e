import test from 'ava';
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { openPortReservations, parseDynamicPortRange, parseExcludedPortRanges, toData } from '../../src/index.js';
import { TCP, UDP } from '../helpers/knobs.js';
import { openLibrary } from '../helpers/library.js';
import { offWindows } from '../helpers/platform.js';
import { portsOf } from '../helpers/ports.js';

const { simulator, reservations } = await openLibrary(test);
const base = portsOf(import.meta.url);

const fixtures = new URL('../fixtures/netsh/', import.meta.url);
const expected = JSON.parse(readFileSync(new URL('expected.json', fixtures), 'utf8')) as
  Record<string, { ranges?: { start: number; end: number; administered: boolean }[]; dynamic?: { start: number; count: number } }>;

for (const [name, { ranges, dynamic }] of Object.entries(expected)) {
  const text = readFileSync(new URL(name, fixtures), 'latin1');
  if (ranges) {
    const rows = ranges.map(({ start, end, administered }) => ({ startPort: start, endPort: end, administered }));
    test.serial(`${name} is read as it is`, (t) => t.deepEqual(parseExcludedPortRanges(text), rows));
    test.serial(`${name} is read with CRLF, and with netsh's doubled CR`, (t) => {
      t.deepEqual(parseExcludedPortRanges(text.replaceAll('\n', '\r\n')), rows);
      t.deepEqual(parseExcludedPortRanges(text.replaceAll('\n', '\r\r\n')), rows);
    });
    if (rows.length > 0) {
      test.serial(`${name} is read by its rows alone, without title and footer`, (t) => {
        const only = text.split('\n').filter((line) => /^\s*\d/.test(line)).join('\n');
        t.deepEqual(parseExcludedPortRanges(only), rows);
      });
    }
  } else {
    test.serial(`${name}, which is another table, is an error`, (t) => {
      t.throws(() => parseExcludedPortRanges(text), { name: 'PortReservationError', message: /N5/ });
    });
    test.serial(`${name} is read as the dynamic range it is (N8)`, (t) => {
      const range = { startPort: dynamic?.start, numberOfPorts: dynamic?.count };
      t.deepEqual(parseDynamicPortRange(text) as typeof range, range);
      t.deepEqual(parseDynamicPortRange(text.replaceAll('\n', '\r\r\n')) as typeof range, range);
    });
  }
}

for (const [title, text] of Object.entries({
  'an empty text': '',
  'an error of netsh': 'The following command was not found: interface ipv4 show excludedportrange.\r\n',
  'a refusal': 'The requested operation requires elevation (Run as administrator).\r\n',
  'a row that ends before it begins': '----------    --------\n      5000        4999\n',
  'a row past the last port': '----------    --------\n      5000       65536\n',
  'a row with a null character': '----------    --------\n      5000\0       5019\n',
  'a row that cannot be decoded behind an empty line': '----------    --------\n        80          80\n\n      50\uFFFD0        5019\n',
  'a row that cannot be decoded': '----------    --------\n        80          80\n      50\uFFFD0        5019\n',
  'rows without a line end': '----------    --------\n        80          80      5000        5019     *\n',
  'digits of another script': '----------    --------\n      \u0665\u0660\u0660\u0660        \u0665\u0660\u0661\u0669\n',
  'a row with another sign than *': '----------    --------\n        80          80\n      5000        5019     +\n',
  'a row of one number': '----------    --------\n        80          80\n      5000\n',
  'a number below 0': '----------    --------\n     -5000        5019\n',
  'numbers in circles': '----------    --------\n        80          80\n      \u2460          \u2461\n',
  'a row with a million blanks': `----------    --------\n        80${' '.repeat(1_000_000)}80${' '.repeat(1_000_000)}+\n`,
  'a range with a damaged number': 'Start Port : 4\uFFFD152\nNumber of Ports : 16384\n',
  'a range with a number that begins damaged': 'Start Port : \uFFFD9152\nNumber of Ports : 16384\n',
  'a range with a number in groups': 'Start Port : 49,152\nNumber of Ports : 16,384\n',
  'a range with a number below 0': 'Start Port : -1024\nNumber of Ports : 255\n',
})) {
  test.serial(`${title} is an error, never an empty list (N5)`, (t) => {
    t.like(t.throws(() => parseExcludedPortRanges(text)), { name: 'PortReservationError', code: 'EPROTO' });
    t.like(t.throws(() => parseDynamicPortRange(text)), { name: 'PortReservationError', code: 'EPROTO' });
  });
}

for (const language of ['en', 'de', 'fr', 'es', 'ru', 'ko', 'zh-CN']) {
  test.serial(`the list shows every kind of both protocols, on a Windows that speaks ${language}`, async (t) => {
    simulator.knob('portsim_set_language', language);
    const { token } = reservations.createPersistent({ protocol: 'tcp', startPort: base, numberOfPorts: 10 });
    simulator.knob('portsim_add_exclusion', TCP, base + 10, 5, 1);
    simulator.knob('portsim_add_system_block', UDP, base, 100, 0);
    using runtime = await reservations.acquireRuntime({ protocol: 'tcp', startPort: base + 50, numberOfPorts: 2 });
    const none = { token: null, addressFamily: null, owningProcess: null };
    const all = await reservations.list();
    t.deepEqual(all.map(toData), [
      { protocol: 'tcp', startPort: base, endPort: base + 9, numberOfPorts: 10, kind: 'persistent', ...none, store: 'persistent', token: token.toString() },
      { protocol: 'tcp', startPort: base + 10, endPort: base + 14, numberOfPorts: 5, kind: 'exclusion', ...none, store: 'persistent' },
      {
        protocol: 'tcp', startPort: base + 50, endPort: base + 51, numberOfPorts: 2, kind: 'runtime', token: runtime.token.toString(),
        addressFamily: 'IPv4', owningProcess: process.pid, store: 'active',
      },
      { protocol: 'udp', startPort: base, endPort: base + 99, numberOfPorts: 100, kind: 'system', ...none, store: 'active' },
    ]);
    t.deepEqual(await reservations.list({ kinds: ['system'] }), all.filter(({ kind }) => kind === 'system'));
    t.deepEqual(await reservations.list({ protocols: ['tcp'], port: base + 12 }), [all[1]]);
    t.deepEqual(await reservations.list({ port: base + 20, protocols: ['tcp'] }), []);
  });
}

test.serial('the stores are told apart: what is in force now, and what will be after a restart (N4)', async (t) => {
  reservations.createPersistent({ protocol: 'tcp', startPort: base, numberOfPorts: 2 });
  simulator.knob('portsim_add_exclusion', TCP, base + 10, 2, 0);
  simulator.knob('portsim_add_exclusion', TCP, base + 20, 2, 1);
  simulator.knob('portsim_add_system_block', TCP, base + 30, 2, 1);
  // In force no more, and again after a restart.
  const stored = { protocol: 'tcp', startPort: base + 40, numberOfPorts: 2 } as const;
  await reservations.create({ kind: 'exclusion', ...stored, protocols: ['tcp'] });
  await reservations.remove('exclusion', stored, { store: 'active' });
  const starts = async (store?: 'active' | 'persistent') =>
    (await reservations.list({ protocols: ['tcp'], store })).map((block) => [block.startPort - base, block.kind, block.store]);
  const now = [[0, 'persistent', 'persistent'], [10, 'exclusion', 'active'], [20, 'exclusion', 'persistent'], [30, 'system', 'active']];
  t.deepEqual(await starts(), now);
  t.deepEqual(await starts('active'), now);
  const later = [[0, 'persistent', 'persistent'], [20, 'exclusion', 'persistent'], [40, 'exclusion', 'persistent']];
  t.deepEqual(await starts('persistent'), later);
  simulator.knob('portsim_restart');
  t.deepEqual((await starts()).filter(([, kind]) => kind !== 'system'), later);
});

test.serial('a netsh that fails is an error that quotes it', async (t) => {
  // As often as it is asked: both families, and both stores, each of them twice.
  for (let times = 0; times < 6; times += 1) simulator.knob('portsim_fail_next', 'netsh', 5);
  t.like(await t.throwsAsync(reservations.list({ protocols: ['tcp'] })), { name: 'PortReservationError', code: 'EIO', syscall: 'netsh' });
});

offWindows('a netsh that ends without a word is asked once more', async (t) => {
  const folder = join(simulator.folder, 'silent');
  const [netsh, once] = [join(dirname(simulator.options.library), 'netsh'), join(folder, 'once')];
  mkdirSync(folder);
  const library = join(folder, basename(simulator.options.library));
  copyFileSync(simulator.options.library, library);
  writeFileSync(join(folder, 'netsh'), `#!/bin/sh\nif [ -e '${once}' ]; then exec '${netsh}' "$@"; fi\n: > '${once}'\nexit 1\n`, { mode: 0o755 });
  using silent = openPortReservations({ simulator: { library, state: simulator.options.state } });
  simulator.knob('portsim_add_exclusion', TCP, base, 5, 1);
  t.deepEqual((await silent.list({ protocols: ['tcp'] })).map(({ startPort, store }) => [startPort, store]), [[base, 'persistent']]);
});
