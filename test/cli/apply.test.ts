import test from 'ava';
import type { ExecutionContext } from 'ava';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readDesired } from '../../src/block-files/desired.js';
import type { ChangeData } from '../../src/index.js';
import { CliProcess } from '../helpers/cli-process.js';
import { NOTE, openCli } from '../helpers/cli-simulator.js';
import { TCP, WINNAT } from '../helpers/knobs.js';
import { portsOf } from '../helpers/ports.js';

const { simulator, run, fails } = await openCli(test);

const first = portsOf(import.meta.url);
const file = join(simulator.folder, 'blocks.json');
const table = join(simulator.folder, 'blocks.csv');
const CHANGED = 12;

const one = { protocol: 'tcp', startPort: first, numberOfPorts: 5, kind: 'persistent' };
const two = { protocol: 'udp', startPort: first, numberOfPorts: 3, kind: 'exclusion', store: 'active' };
const three = { startPort: first + 10 };
const all = [one, two, three];

const isBlocks = new Ajv2020({ strict: true, strictTypes: false }).compile(
  JSON.parse(readFileSync(new URL('../../schemas/blocks.schema.json', import.meta.url), 'utf8')) as object);

const write = (content: unknown) => writeFileSync(file, JSON.stringify(content, null, 2));
const inWords = (changes: readonly ChangeData[]) => changes.map(({ change, changed, startPort }) => `${change}${changed ? '!' : ''} ${startPort - first}`);

/** Runs apply, which must end with this code; gives what it tells of each block, and its stderr. */
async function apply(t: ExecutionContext, status: number, ...args: string[]): Promise<[string[], string]> {
  const finished = await run(t, 'apply', ...args, '--json');
  t.is(finished.status, status, finished.stderr);
  return [inWords(JSON.parse(finished.stdout) as ChangeData[]), finished.stderr.replace(NOTE, '')];
}

test.serial('a file is applied, then there is nothing to do, then a drift is mended; each has its exit code', async (t) => {
  write({ $schema: '../schemas/blocks.schema.json', blocks: all });
  t.deepEqual(await apply(t, CHANGED, file, '--dry-run'), [['create 0', 'create 0', 'create 10'], '']);
  t.deepEqual(await apply(t, CHANGED, file), [['create! 0', 'create! 0', 'create! 10'], '']);
  t.deepEqual(await apply(t, 0, file), [['none 0', 'none 0', 'none 10'], '']);
  t.deepEqual(await apply(t, 0, file, '--dry-run'), [['none 0', 'none 0', 'none 10'], '']);
  await run(t, 'remove', String(first + 10));
  const shown = await run(t, 'apply', file);
  t.is(shown.status, CHANGED);
  t.is(shown.stderr, NOTE);
  t.deepEqual(shown.stdout.trimEnd().split('\n').map((line) => line.split(/ +/).slice(0, 4)),
    [['CHANGE', 'CHANGED', 'PROTOCOL', 'START'], ['none', 'no', 'tcp', String(first)], ['none', 'no', 'udp', String(first)], ['create', 'yes', 'tcp', String(first + 10)]]);
});

test.serial('export writes what apply reads, for another machine', async (t) => {
  write(all);
  await apply(t, CHANGED, file);
  const copy = join(simulator.folder, 'copy.json');
  t.is((await run(t, 'export', copy)).status, 0);
  const text = readFileSync(copy, 'utf8');
  t.true(isBlocks(JSON.parse(text)), JSON.stringify(isBlocks.errors));
  t.is((await run(t, 'export')).stdout, text);
  t.is((await run(t, 'export', '--json')).stdout, `${JSON.stringify(JSON.parse(text))}\n`);
  await fails(t, 2, 'export', copy);
  simulator.knob('portsim_reset');
  t.deepEqual((await apply(t, CHANGED, copy))[0].length, 3);
  await apply(t, 0, file);
});

test.serial('conflicts and failures are told apart, one line each, and the rest is done', async (t) => {
  simulator.knob('portsim_set_winnat', WINNAT.running);
  simulator.knob('portsim_add_system_block', TCP, first, 2, 1);
  write(all);
  const [changes, stderr] = await apply(t, 4, file);
  t.deepEqual(changes, ['conflict 0', 'create! 0', 'create! 10']);
  t.like(JSON.parse(stderr), { error: { reason: 'PortInUse', block: { protocol: 'tcp', startPort: first, numberOfPorts: 5 } } });
  const dry = await run(t, 'apply', file, '--dry-run');
  t.is(dry.status, 4);
  t.regex(dry.stderr.replace(NOTE, ''), new RegExp(`^port-reservation: EBUSY: cannot reserve tcp ${first}-${first + 4}: Ports ${first}-${first + 1} are in the system block [^\n]+\n$`));
  t.deepEqual((await apply(t, CHANGED, file, '--restart-winnat'))[0], ['create! 0', 'none 0', 'none 10']);
  t.is(simulator.knobValue('portsim_winnat_state'), WINNAT.running);
  simulator.knob('portsim_set_elevated', 0);
  write([...all, { startPort: first + 20 }]);
  const [denied, why] = await apply(t, 3, file);
  t.deepEqual(denied, ['none 0', 'none 0', 'none 10', 'create 20']);
  t.like(JSON.parse(why), { error: { reason: 'AccessDenied' } });
});

test.serial('what stands in the way is said in the words of the command line, in both outputs', async (t) => {
  write([{ startPort: first, numberOfPorts: 5 }]);
  await apply(t, CHANGED, file);
  write([{ startPort: first + 1 }]);
  const { stdout, stderr, status } = await run(t, 'apply', file, '--json');
  t.is(status, 4);
  const { error } = JSON.parse(stderr.replace(NOTE, '')) as { error: { message: string } };
  t.regex(error.message, /declare its ports with --purge and --within, to have/);
  t.like(JSON.parse(stdout), [{ change: 'conflict', error }]);
  for (const args of [['--within', '9-8', '--purge'], ['--purge']]) t.regex(await fails(t, 2, 'apply', file, ...args), /--within "9-8"|--purge is not valid: it needs --within or --previous/);
});

test.serial('a purge reaches what is declared: a range, or the file before', async (t) => {
  write([{ startPort: first }, { startPort: first + 2 }, { startPort: first + 50 }]);
  await apply(t, CHANGED, file);
  const before = join(simulator.folder, 'before.json');
  writeFileSync(before, JSON.stringify([{ startPort: first + 2 }]));
  write([{ startPort: first }]);
  await fails(t, 2, 'apply', file, '--purge');
  await fails(t, 2, 'apply', file, '--purge', '--within', '9-x');
  await fails(t, 2, 'apply', file, '--within', '1-2');
  t.deepEqual((await apply(t, CHANGED, file, '--purge', '--previous', before))[0], ['none 0', 'remove! 2']);
  t.deepEqual((await apply(t, 0, file, '--purge', '--within', `udp:1-65535,${first}-${first + 49}`))[0], ['none 0']);
  t.deepEqual((await apply(t, CHANGED, file, '--purge', '--within', `tcp:${first}-${first + 99}`))[0], ['none 0', 'remove! 50']);
});

test.serial('a delimiter is of the files that are tables', async (t) => {
  writeFileSync(table, `StartPort|Kind\n${first}|exclusion\n`);
  write([{ startPort: first + 1 }]);
  const separated = ['--purge', '--delimiter', '|', '--previous'];
  t.deepEqual((await apply(t, CHANGED, table, ...separated, file))[0], ['create! 0']);
  t.deepEqual((await apply(t, CHANGED, file, ...separated, table))[0], ['create! 1', 'remove! 0']);
  t.regex(await fails(t, 2, 'apply', file, ...separated, file), /--delimiter "\|" .*is JSON/);
});

test.serial('tables, UTF-16 and stdin are read', async (t) => {
  writeFileSync(table, `Protocol;StartPort;EndPort;Kind\r\ntcp;${first};${first + 4};Persistent\r\n;${first + 10};;exclusion\r\n`);
  t.deepEqual((await apply(t, CHANGED, table))[0], ['create! 0', 'create! 10']);
  writeFileSync(file, Buffer.from(`\uFEFF${JSON.stringify([one])}\r\n`, 'utf16le'));
  t.deepEqual((await apply(t, 0, file))[0], ['none 0']);
  const piped = new CliProcess(t, ['apply', '-', '--json', ...simulator.args]);
  piped.child.stdin.write(JSON.stringify({ Blocks: [{ StartPort: first + 30 }] }));
  const { status, stdout } = await piped.end();
  t.is(status, CHANGED);
  t.deepEqual(inWords(JSON.parse(stdout) as ChangeData[]), ['create! 30']);
});

test.serial('ten thousand blocks are one file', async (t) => {
  write(Array.from({ length: 10_000 }, (_, index) => ({ startPort: 1_025 + index })));
  const { stdout } = await run(t, 'apply', file, '--dry-run', '--json');
  t.is((JSON.parse(stdout) as ChangeData[]).length, 10_000);
});

const lines = (...parts: string[]) => parts.join('\n');
/** What is wrong, the file, what the error says, and whether the schema sees it too. */
const bad: [what: string, text: string | Buffer, mentions: RegExp, schema: 'too' | 'not'][] = [
  ['an empty file', '', /must not be empty: a list without blocks is \[\]/, 'not'],
  ['JSON that is cut', lines('[', '  { "startPort": 5000 },', '  { "startP'), /must be JSON; the mistake is in line 3, column \d+/, 'not'],
  ['a table that is cut', 'StartPort,Count\n5000,20\n5100,2', /must end with a line break/, 'not'],
  ['UTF-16 without its mark', Buffer.from('[{"startPort":5000}]', 'utf16le'), /must be text in UTF-8/, 'not'],
  ['a member that is not known', lines('[', '  { "startPort": 5000 },', '  { "startPort": 5001,', '    "numberOfPort": 5 }', ']'), /^file, line 4, numberOfPort 5 is not valid/, 'too'],
  ['a member of the whole', '{ "blocks": [], "purge": true }', /file, purge is not valid.*only \$schema/, 'too'],
  ['a member given twice', lines('[{ "startPort": 5000,', '"startPort": 6000 }]'), /^file, line 2, startPort .*given once/, 'not'],
  ['a member given in two ways', lines('[{ "startPort": 5000,', '"StartPort": 6000 }]'), /^file, line 2, StartPort .*given once: startPort means the same/, 'too'],
  ['a list given twice', '{ "blocks": [{ "startPort": 5000 }], "Blocks": [] }', /^file, Blocks "Blocks" is not valid: it must be given once: blocks means the same/, 'too'],
  ['a member with a name as long as its file', JSON.stringify([{ startPort: 5000, ['x'.repeat(100_000)]: 1 }]), /^file\[0\]\.x{60}\.\.\. 1 is not valid.{1,100}$/, 'too'],
  ['a column with a long name', `StartPort,${'x'.repeat(1000)}\n5000,1\n`, /"x{60}\.\.\."/, 'not'],
  ['a member of another name', lines('[', '{ "port": 5000 }', ']'), /^file, line 2, port 5000 is not valid: it must be left out/, 'too'],
  ['a contradiction', lines('[', '{ "startPort": 5000, "numberOfPorts": 5,', ' "endPort": 5005 }]'), /^file, line 3, endPort 5005 .*must be 5004: the block begins at port 5000 and has 5 ports/, 'not'],
  ['a contradiction of one port', '[{ "startPort": 5000, "numberOfPorts": 1, "endPort": 5005 }]', /endPort 5005 .*must be 5000: the block begins at port 5000 and has 1 port\b/, 'not'],
  ['an overlap', lines('[', '{ "startPort": 5000, "numberOfPorts": 5 },', '{ "startPort": 5004 }]'), /^file, line 3, startPort 5004 .*tcp 5004 overlaps tcp 5000-5004 of file, line 2/, 'not'],
  ['an overlap in a table', 'StartPort,Count\n5004,1\n\n5000,5\n', /^file, line 4, startPort 5000 .*overlaps tcp 5004 of file, line 2/, 'not'],
  ['a block that is no object', lines('[', '{ "startPort": 5000 },', '7]'), /^file, line 3 7 is not valid: it must be an object/, 'too'],
  ['one block of many in a line', '[{ "startPort": 5000 }, { "startPort": 5001, "kind": "system" }]', /^file\[1\]\.kind "system" is not valid/, 'too'],
  ['a block that is a list', '[[{ "startPort": 5000 }]]', /^file\[0\] array is not valid: it must be an object/, 'too'],
  ['JSON that is no list', 'null', /must be an array of blocks/, 'too'],
  ['JSON with a comment', '[\n  // mine\n]', /mistake is in line 2, column 3/, 'not'],
  ['a comma too many', lines('[', '{ "startPort": 5000 },', ']'), /mistake is in line 3/, 'not'],
  ['JSON that nests without end', '['.repeat(100_000), /must be JSON/, 'not'],
  ['JSON that nests deep', `${'['.repeat(100_000)}${']'.repeat(100_000)}`, /more than 32 levels deep/, 'not'],
  ['a table without rows', 'StartPort,Count\n', /must have a row .*a list without blocks is \[\]/, 'not'],
  ['a row too long', 'StartPort\n5000,5\n', /in line 2, there are not as many values/, 'not'],
  ['a negative count', 'StartPort,Count\n5000,-1\n', /^file, line 2, numberOfPorts "-1"/, 'not'],
  ['a number too large', '[{ "startPort": 1e400 }]', /^file\[0\]\.startPort Infinity .*rule P3/, 'too'],
  ['a last port before the first', '[{ "startPort": 5000, "endPort": 4000 }]', /^file\[0\]\.endPort 4000 .*must not be below 5000/, 'not'],
  ['a port', '[{ "startPort": 0 }]', /^file\[0\]\.startPort 0 .*rule P3/, 'too'],
  ['a block past the last port', '[{ "startPort": 65535, "numberOfPorts": 2 }]', /^file\[0\]\.numberOfPorts 2 .*rule P4/, 'not'],
  ['the kind runtime', '[{ "startPort": 5000, "kind": "runtime" }]', /^file\[0\]\.kind "runtime"/, 'too'],
  ['the store of a reservation', '[{ "startPort": 5000, "kind": "persistent", "store": "active" }]', /^file\[0\]\.store "active"/, 'too'],
];
test.serial('what is no file of blocks is refused by what it is', async (t) => {
  const data = join(simulator.folder, 'ports.psd1');
  writeFileSync(data, '@{ Blocks = @( ) }');
  for (const [path, mentions] of [[data, /only Sync-PortReservation reads a \.psd1/], [simulator.folder, /must be a file, not a folder/], [join(simulator.folder, 'none'), /none/]] as const) {
    t.regex(await fails(t, 2, 'apply', path), mentions);
  }
});

test.serial('a bad file is one line, and changes nothing', async (t) => {
  writeFileSync(file, bad[5]?.[1] ?? '');
  const stderr = (await fails(t, 2, 'apply', file)).replace(NOTE, '');
  t.regex(stderr, /^port-reservation: the file, purge [^\n]+\n$/);
});

for (const [what, text, mentions, schema] of bad) {
  test.serial(`a file of blocks is refused: ${what}`, async (t) => {
    const path = String(text).startsWith('StartPort') ? table : file;
    writeFileSync(path, text);
    const error = await t.throwsAsync(readDesired('file', path));
    t.like(error, { reason: 'InvalidParameter' });
    t.regex(error.message, mentions);
    if (schema === 'too') t.false(isBlocks(JSON.parse(String(text))));
  });
}

test('the schema knows what apply reads', (t) => {
  for (const content of [[], all, { blocks: all }, [{ ...one, token: '1', addressFamily: null, owningProcess: null, endPort: first + 4 }]]) t.true(isBlocks(content), JSON.stringify(isBlocks.errors));
});
