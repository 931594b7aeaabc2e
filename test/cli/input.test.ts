import test from 'ava';
import type { ExecutionContext } from 'ava';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { readFileText } from '../../src/block-files/source.js';
import type { ReservationData } from '../../src/blocks.js';
import { CliProcess } from '../helpers/cli-process.js';
import { NOTE, openCli } from '../helpers/cli-simulator.js';
import { TCP, WINNAT } from '../helpers/knobs.js';
import { offWindows } from '../helpers/platform.js';
import { portsOf } from '../helpers/ports.js';

const { simulator, run, json: jsonOf } = await openCli(test);

const first = portsOf(import.meta.url);
const file = join(simulator.folder, 'ports.json');
const one = { protocol: 'tcp', startPort: first, numberOfPorts: 5, kind: 'persistent' };
const two = { protocol: 'udp', startPort: first, numberOfPorts: 3, kind: 'exclusion', store: 'active' };
const three = { protocol: 'tcp', startPort: first + 10, numberOfPorts: 1, kind: 'exclusion' };
const all = [one, two, three];

const write = (content: unknown) => writeFileSync(file, JSON.stringify(content));

const json = (t: ExecutionContext, ...args: string[]) => jsonOf<ReservationData[]>(t, ...args);
const list = async (t: ExecutionContext) => (await run(t, 'list', '--kind', 'persistent,exclusion', '--json')).stdout;
const withoutToken = (text: string) => (JSON.parse(text) as ReservationData[]).map((reservation) => ({ ...reservation, token: null }));

test.serial('what list --json prints is created again, on another machine, and twice', async (t) => {
  write(all);
  t.like(await json(t, 'create', '--input', file), { length: 3, 0: one, 1: two, 2: { ...three, store: 'persistent' } });
  const listed = await list(t);
  t.is(withoutToken(listed).length, 3);
  simulator.knob('portsim_reset');
  writeFileSync(file, listed);
  const made = await json(t, 'create', '--input', file, '--if-not-exists');
  const again = await json(t, 'create', '--input', file, '--if-not-exists');
  t.deepEqual(again, made.map((reservation) => ({ ...reservation, created: false })));
  t.deepEqual(withoutToken(await list(t)), withoutToken(listed));
});

test.serial('remove --input takes back what the file names, and --if-exists does not miss the rest', async (t) => {
  write(all);
  await json(t, 'create', '--input', file);
  await json(t, 'remove', String(first + 10), '--kind', 'exclusion');
  t.like(await json(t, 'remove', '--input', file, '--if-exists'), { length: 2, 0: one, 1: two });
  t.deepEqual(await json(t, 'remove', '--input', file, '--if-exists'), []);
  t.is(await list(t), '[]\n');
});

test.serial('- is stdin', async (t) => {
  const create = new CliProcess(t, ['create', '--input', '-', ...simulator.args]);
  create.child.stdin.write(JSON.stringify(all));
  const { status, stdout } = await create.end();
  t.is(status, 0);
  t.is(stdout.split('\n').length, 5, 'a head and three rows');
});

test.serial('the file may be as Windows PowerShell writes it', async (t) => {
  const wide = Buffer.from(`\uFEFF${JSON.stringify([one])}\r\n`, 'utf16le');
  for (const text of [wide, Buffer.from(wide).swap16(), Buffer.from(`\uFEFF${JSON.stringify([one])}`)]) {
    writeFileSync(file, text);
    t.like(await json(t, 'create', '--input', file, '--if-not-exists'), { length: 1, 0: one });
  }
});

test.serial('what the cmdlets and ConvertTo-Json write is read, and the last port is understood', async (t) => {
  const pascal = { Protocol: 'Tcp', StartPort: first, EndPort: first + 4, NumberOfPorts: 5, Kind: 'Persistent', Token: 12345, AddressFamily: null, OwningProcess: null, Store: 'Persistent' };
  const withEnd = { ...one, numberOfPorts: undefined, endPort: first + 4 };
  for (const content of [[pascal], pascal, { value: [pascal], Count: 1 }, [withEnd]]) {
    write(content);
    t.like(await json(t, 'create', '--input', file, '--if-not-exists'), { length: 1, 0: one }, JSON.stringify(content));
    t.like(await json(t, 'remove', '--input', file), { length: 1, 0: one });
  }
});

test.serial('a block that fails has its line and does not stop the others; the exit code is of the first', async (t) => {
  simulator.knob('portsim_add_system_block', TCP, first, 1, 0);
  write(all);
  const plain = await run(t, 'create', '--input', file);
  t.is(plain.status, 4);
  t.regex(plain.stderr, new RegExp(`^${NOTE}port-reservation: EBUSY: cannot reserve tcp ${first}-${first + 4}[^\n]+\n$`));
  t.deepEqual(plain.stdout.trimEnd().split('\n').slice(1).map((line) => line.split(/ +/).slice(0, 2)), [['udp', String(first)], ['tcp', String(first + 10)]]);

  write([three, { ...three, startPort: first + 20 }, one]);
  const { status, stdout, stderr } = await run(t, 'remove', '--input', file, '--json');
  t.is(status, 5);
  t.like(JSON.parse(stdout), { length: 1, 0: three });
  const errors = stderr.replace(NOTE, '').trimEnd().split('\n').map((line) => (JSON.parse(line) as { error: { block: object } }).error.block);
  t.deepEqual(errors, [{ protocol: 'tcp', startPort: first + 20, numberOfPorts: 1 }, { protocol: 'tcp', startPort: first, numberOfPorts: 5 }]);
});

test.serial('create --input --restart-winnat wins blocks back from WinNAT', async (t) => {
  simulator.knob('portsim_set_winnat', WINNAT.running);
  simulator.knob('portsim_add_system_block', TCP, first, 5, 1);
  write([three, one]);
  t.is((await run(t, 'create', '--input', file, '--if-not-exists')).status, 4);
  t.like(await json(t, 'create', '--input', file, '--if-not-exists', '--restart-winnat'), { length: 2, 1: one });
  t.is(simulator.knobValue('portsim_winnat_state'), WINNAT.running);
});

const bad: [what: string, content: unknown, mentions: RegExp][] = [
  ['an object that is no block', { block: one }, /--input\[0\]\.(startPort is missing|block )/],
  ['more than blocks', { blocks: [one], purge: true }, /--input, purge .*beside blocks/],
  ['null', null, /--input null .*array of blocks/],
  ['a number as an element', [one, 5], /--input\[1\] 5 .*must be an object/],
  ['a missing member', [one, { ...one, startPort: undefined }], /--input\[1\]\.startPort is missing/],
  ['a misspelt member', [one, two, { ...one, stor: 'active' }], /--input\[2\]\.stor "active" .*no such member/],
  ['a protocol', [{ ...one, protocol: 'sctp' }], /--input\[0\]\.protocol "sctp" .*'tcp' or 'udp' \(rule P7\)/],
  ['another last port', [three, { ...one, endPort: first + 5 }], /--input\[1\]\.endPort \d+ .*the block begins at port \d+ and has \d+ ports/],
  ['a last port before the first', [three, { ...one, numberOfPorts: undefined, endPort: first - 1 }], /--input\[1\]\.endPort \d+ .*must not be below/],
  ['a last port as text', [three, { ...one, numberOfPorts: undefined, endPort: '5010' }], /--input\[1\]\.endPort "5010" .*rule P3/],
  ['half a last port', [three, { ...one, numberOfPorts: undefined, endPort: first + 0.5 }], /--input\[1\]\.endPort [\d.]+ .*rule P3/],
  ['a last port past the last', [three, { ...one, numberOfPorts: undefined, startPort: 1, endPort: 70_000 }], /--input\[1\]\.endPort 70000 .*rule P3/],
  ['a number with a group separator', [three, { ...one, startPort: '25.000' }], /--input\[1\]\.startPort "25\.000" .*rule P3/],
  ['a member without its s', [three, { ...one, numberOfPort: 5 }], /--input\[1\]\.numberOfPort 5 .*no such member/],
  ['port 0', [one, { ...one, startPort: 0 }], /--input\[1\]\.startPort 0 .*1 to 65535 \(rule P3\)/],
  ['a port as text', [{ ...one, startPort: '5000' }], /--input\[0\]\.startPort "5000" .*rule P3/],
  ['half a port', [{ ...one, numberOfPorts: 1.5 }], /--input\[0\]\.numberOfPorts 1\.5 .*rule P3/],
  ['a block past the last port', [one, { ...one, startPort: 65535, numberOfPorts: 2 }], /--input\[1\]\.numberOfPorts 2 .*at most 1 .*the first port 65535.*rule P4/],
  ['the kind system', [one, { ...one, kind: 'system' }], /--input\[1\]\.kind "system" .*another program/],
  ['the kind runtime', [one, { ...one, kind: 'runtime' }], /--input\[1\]\.kind "runtime" .*process that made it/],
  ['a store', [{ ...two, store: 'mine' }], /--input\[0\]\.store "mine" .*persistent, active/],
  ['a persistent reservation that ends', [{ ...one, store: 'active' }], /--input\[0\]\.store "active" .*persistent/],
  ['too many blocks', Array.from({ length: 100_001 }, () => 0), /at most 100000 blocks/],
];

for (const [what, content, mentions] of bad) {
  test.serial(`a file with ${what} is refused, and nothing is done`, async (t) => {
    write(content);
    for (const { status, stdout, stderr } of await Promise.all(['create', 'remove'].map((command) => run(t, command, '--input', file)))) {
      t.is(status, 2, stderr);
      t.is(stdout, '');
      t.regex(stderr, mentions);
      t.is(stderr.trimEnd().split('\n').length, 1, 'one line');
    }
    t.is(await list(t), '[]\n');
  });
}

const unreadable: [what: string, content: Buffer, mentions: RegExp][] = [
  ['is empty', Buffer.alloc(0), /must not be empty/],
  ['is the table of a console', Buffer.from('PROTOCOL  START\ntcp  5\n'), /only known columns .*"PROTOCOL {2}START"/],
  ['is cut in the middle', Buffer.from('[{"protocol":"tcp",'), /must be JSON/],
  ['has a member twice', Buffer.from('[{ "protocol": "tcp", "startPort": 5000,\n"startPort": 6000, "numberOfPorts": 1, "kind": "persistent" }]'), /^--input, line 2, startPort .*given once/],
  ['has a member in two ways', Buffer.from('[{ "protocol": "tcp", "startPort": 5000, "StartPort": 6000, "numberOfPorts": 1, "kind": "persistent" }]'), /^--input, line 1, StartPort .*startPort means the same/],
  ['nests deep', Buffer.from(`${'['.repeat(100_000)}${']'.repeat(100_000)}`), /more than 32 levels deep/],
  ['is neither UTF-8 nor UTF-16', Buffer.from([0x5b, 0x22, 0xff, 0x22, 0x5d]), /UTF-8/],
  ['has more values than blocks have', Buffer.from(`[{"a":[${'0,'.repeat(1_200_000)}0]}]`), /of at most 1200000 values/],
  ['has more than 16 MB', Buffer.alloc(16 * 1024 * 1024 + 1, ' '), /at most 16777216 bytes/],
];

for (const [what, content, mentions] of unreadable) {
  test.serial(`a file that ${what} is refused in one line`, async (t) => {
    writeFileSync(file, content);
    const { status, stderr } = await run(t, 'create', '--input', file, '--json');
    t.is(status, 2, stderr);
    t.regex((JSON.parse(stderr) as { error: { message: string } }).error.message, mentions);
    t.is(await list(t), '[]\n');
  });
}

const tables: [what: string, content: string | Buffer, args?: string[]][] = [
  ['with commas', `Protocol,StartPort,NumberOfPorts,Kind\ntcp,${first},5,persistent\n`],
  ['with semicolons and blanks, as Excel writes it', `\uFEFFsep=;\r\nProtocol;Start Port;End Port\r\nTcp;${first};${first + 4}\r\n`],
  ['with tabs', `StartPort\tCount\n${first}\t5\n`],
  ['of Windows PowerShell', Buffer.from(`\uFEFF#TYPE PortReservation.PersistentReservation\r\n"Protocol","StartPort","EndPort","NumberOfPorts","Kind","Token","AddressFamily","OwningProcess","Store"\r\n"Tcp","${first}","${first + 4}","5","Persistent","123",,,"Persistent"\r\n`, 'utf16le')],
  ['with the headings of the list', `PROTOCOL,START,END,PORTS,KIND\ntcp,${first},${first + 4},5,persistent\n\n`],
  ['with another delimiter', `start_port|ports\n${first}|5\n`, ['--delimiter', '|']],
];

for (const [what, content, args = []] of tables) {
  test.serial(`a table ${what} is read`, async (t) => {
    writeFileSync(file, content);
    t.like(await json(t, 'create', '--input', file, ...args), { length: 1, 0: one });
    t.like(await json(t, 'remove', '--input', file, ...args), { length: 1, 0: one });
  });
}

test.serial('a column that is empty or left out has its default, and quotes are understood', async (t) => {
  writeFileSync(file, `"StartPort","Kind","Store"\n${first},,\n"${first + 1}","exclusion","active"\n`);
  t.like(await json(t, 'create', '--input', file), { length: 2, 0: { protocol: 'tcp', numberOfPorts: 1, kind: 'persistent' }, 1: { kind: 'exclusion', store: 'active' } });
});

test.serial('lines of a table may end in different ways, as where two systems have written to it', async (t) => {
  writeFileSync(file, `StartPort,Count\r\n${first},2\n${first + 2},3\r\n`);
  t.like(await json(t, 'create', '--input', file), { length: 2, 0: { startPort: first, numberOfPorts: 2 }, 1: { startPort: first + 2, numberOfPorts: 3 } });
});

test.serial('what is left out in JSON has the same defaults, and what export writes is read', async (t) => {
  write([{ startPort: first }, { startPort: first + 1, endPort: first + 2, kind: 'exclusion' }]);
  const made = await json(t, 'create', '--input', file);
  t.like(made, { length: 2, 0: { protocol: 'tcp', numberOfPorts: 1, kind: 'persistent' }, 1: { protocol: 'tcp', numberOfPorts: 2, store: 'persistent' } });
  const exported = join(simulator.folder, 'exported.json');
  t.is((await run(t, 'export', exported)).status, 0);
  t.is((await json(t, 'remove', '--input', exported)).length, 2);
  t.deepEqual((await json(t, 'create', '--input', exported)).map(({ startPort, kind }) => [startPort, kind]), made.map(({ startPort, kind }) => [startPort, kind]));
  await json(t, 'remove', '--input', exported);
});

const badTables: [what: string, content: string, mentions: RegExp, args?: string[]][] = [
  ['a misspelt column', 'StartPort,NumberOfPort\n5000,20\n', /only known columns .* "NumberOfPort"/],
  ['the column Type', 'StartPort,Type\n5000,Exclusion\n', /only known columns .* "Type"/],
  ['the column constructor', 'StartPort,constructor\n5000,1\n', /only known columns .* "constructor"/],
  ['no StartPort', 'Protocol,Count\ntcp,20\n', /column StartPort; its columns are Protocol, Count/],
  ['two columns for one', 'Port,StartPort\n5000,5001\n', /both Port and StartPort/],
  ['a group separator', 'StartPort\n5000\n25.000\n', /--input, line 3, startPort "25\.000"/],
  ['an exponent', 'StartPort,Count\n5000,1e1\n', /--input, line 2, numberOfPorts "1e1"/],
  ['a last port that is no number', 'StartPort,EndPort\n5000,0x10\n', /--input, line 2, endPort "0x10"/],
  ['a contradiction', 'StartPort,EndPort,Count\n5000,5019,10\n', /--input, line 2, endPort 5019/],
  ['a row that is too short', 'StartPort,Count\n5000,5\n5100\n', /line 3/],
  ['a row that is too long', 'StartPort;Count\n5000;5;1\n', /line 2/],
  ['an open quote', 'StartPort,Count\n"5000,5\n', /line \d, a quotation mark/],
  ['a last line that does not end', 'StartPort,Count\n5000,20\n5100,2', /must end with a line break/],
  ['column names that do not end', 'StartPort', /must end with a line break/],
  ['a line of a book', `StartPort\n${'5'.repeat(70_000)}\n`, /the mistake is in line 2/],
  ['nothing below the type', '#TYPE System.Object\n\n', /a table with a column StartPort/],
  ['a line of nothing but commas', `StartPort\n${','.repeat(70_000)}\n`, /the mistake is in line 2/],
  ['column names of nothing but commas', `${','.repeat(70_000)}\n5000\n`, /the mistake is in line 1/],
  ['too many columns', `StartPort${',Count'.repeat(10_000)}\n${'5000\n'.repeat(100)}`, /both Count and Count/],
  ['a column of a page', `StartPort,${'x'.repeat(5_000)}\n5000,1\n`, /and has "x{60}\.\.\."/],
  ['more rows than blocks', `StartPort\n${'5000\n'.repeat(300_000)}`, /at most 100000 blocks/],
  ['two characters as the delimiter', 'StartPort\n5000\n', /delimiter ";;"/, ['--delimiter', ';;']],
  ['a delimiter for JSON', '[]', /delimiter ";" .*is JSON/, ['--delimiter', ';']],
];

for (const [what, content, mentions, args = []] of badTables) {
  test.serial(`a table with ${what} is refused, and nothing is done`, async (t) => {
    writeFileSync(file, content);
    for (const command of ['create', 'remove']) {
      const { status, stdout, stderr } = await run(t, command, '--input', file, ...args);
      t.is(status, 2, stderr);
      t.is(stdout, '');
      t.regex(stderr, mentions);
    }
    t.is(await list(t), '[]\n');
  });
}

test('a file that is changed while it is read is refused: a table may be half of what is written', async (t) => {
  const growing = join(simulator.folder, 'growing.csv');
  writeFileSync(growing, `StartPort\n${`${first}\n`.repeat(500_000)}`);
  let isRead = false;
  const reading = t.throwsAsync(readFileText('input', growing), { message: /^input ".*growing\.csv" is not valid: it must not be changed while it is read$/ })
    .finally(() => (isRead = true));
  while (!isRead) {
    appendFileSync(growing, `${first}\n`);
    await setImmediate();
  }
  await reading;
});

offWindows('a pipe that nobody writes to, and a socket, are refused and not waited for', async (t) => {
  const pipe = join(simulator.folder, 'pipe');
  t.is(spawnSync('mkfifo', [pipe]).status, 0);
  const socket = join(simulator.folder, 'socket');
  const server = createServer().listen(socket);
  await once(server, 'listening');
  for (const path of [pipe, socket, '/dev/zero']) await t.throwsAsync(readFileText('input', path), { message: /it must be a file, not a device or a pipe/ });
  server.close();
});
