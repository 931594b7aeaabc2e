import test from 'ava';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { NotRead } from '../../src/index.js';
import { breakNetsh } from '../helpers/broken-netsh.js';
import { runCli } from '../helpers/cli-process.js';
import { NOTE, openCli } from '../helpers/cli-simulator.js';
import { TCP } from '../helpers/knobs.js';
import { portsOf } from '../helpers/ports.js';

const { simulator } = await openCli(test);
const base = portsOf(import.meta.url);
const { args } = breakNetsh(simulator, 'missing');

test.beforeEach(() => simulator.knob('portsim_add_hidden_holder', TCP, base, 2));

/** One line for people for each list and protocol. */
const warnings = (stderr: string) => stderr.replace(NOTE, '').trimEnd().split('\n');
const BLOCKS = /^port-reservation: incomplete: tcp reservations, exclusions and system blocks of other programs could not be read: ENOENT: .*netsh(\.exe)? does not exist/;
const RANGE = /^port-reservation: incomplete: the dynamic range of tcp could not be read: ENOENT: /;

test.serial('without netsh, list has what other sources know, and says what it lacks', async (t) => {
  const people = await runCli(t, ['list', '--protocol', 'tcp', ...args]);
  t.is(people.status, 0);
  t.regex(people.stdout, new RegExp(`\ntcp +${base} +${base + 1} +2 +system`));
  const [first = '', ...rest] = warnings(people.stderr);
  t.regex(first, BLOCKS);
  t.deepEqual(rest, []);
  const { status, stdout, stderr } = await runCli(t, ['list', '--json', ...args]);
  t.is(status, 0);
  t.like(JSON.parse(stdout), { length: 1, 0: { startPort: base, kind: 'system' } });
  const said = warnings(stderr).map((line) => (JSON.parse(line) as { warning: NotRead }).warning);
  t.deepEqual(said.map(({ list, protocol, reason }) => `${list} ${protocol} ${reason}`), ['excludedPortRanges tcp NotSupported', 'excludedPortRanges udp NotSupported']);
});

test.serial('without netsh, explain tells what the bind tells, once for all ports', async (t) => {
  const people = await runCli(t, ['explain', `${base}-${base + 4}`, ...args]);
  t.is(people.status, 4);
  t.regex(people.stdout, new RegExp(`\ntcp +${base} +\\w+ +HiddenHolder`));
  const said = warnings(people.stderr);
  t.is(said.length, 2);
  t.true(said.some((line) => BLOCKS.test(line)) && said.some((line) => RANGE.test(line)), people.stderr);
  const { status, stdout, stderr } = await runCli(t, ['explain', String(base + 4), '--json', ...args]);
  t.is(status, 0);
  t.is(stderr, NOTE);
  t.like(JSON.parse(stdout), { length: 1, 0: { reason: 'Free', canBind: true, inDynamicRange: null, notRead: { length: 2, 0: { code: 'ENOENT' } } } });
});

test.serial('without netsh, find gives what no other source shows as taken', async (t) => {
  const people = await runCli(t, ['find', '--from', String(base), ...args]);
  t.is(people.status, 0);
  t.is(people.stdout, `${base + 2}\n`);
  t.is(warnings(people.stderr).length, 2);
  const { stdout } = await runCli(t, ['find', '--from', String(base), '--json', ...args]);
  t.like(JSON.parse(stdout), { startPort: base + 2, notRead: { length: 2 } });
});

test.serial('without netsh, map draws what there is, also in a report', async (t) => {
  const people = await runCli(t, ['map', '--protocol', 'tcp', ...args]);
  t.is(people.status, 0);
  t.regex(people.stdout, /S system: 2 /);
  t.is(warnings(people.stderr).length, 2);
  const { stdout } = await runCli(t, ['map', '--protocol', 'tcp', '--json', ...args]);
  t.like(JSON.parse(stdout), { 0: { counts: { system: 2, dynamic: 0 }, notRead: { length: 2 } } });
  const path = join(simulator.folder, 'partial.html');
  await runCli(t, ['map', '--path', path, ...args]);
  t.regex(readFileSync(path, 'utf8'), /Incomplete: tcp reservations, exclusions and system blocks of other programs could not be read/);
});

test.serial('without netsh, what changes or exports something is one clear error', async (t) => {
  for (const command of [['create', String(base + 10), '--kind', 'exclusion'], ['remove', String(base + 10), '--kind', 'exclusion'], ['create'], ['export']]) {
    const { status, stdout, stderr } = await runCli(t, [...command, ...args]);
    t.is(status, 9);
    t.is(stdout, '');
    t.regex(stderr.replace(NOTE, ''), /^port-reservation: ENOENT: .*netsh(\.exe)? does not exist.*This needs netsh, which this Windows does not have.*\n$/);
  }
});

test.serial('without netsh, doctor has no table of the ranges that it could not read', async (t) => {
  const { status, stdout } = await runCli(t, ['doctor', ...args]);
  t.is(status, 11);
  t.regex(stdout, /^Dynamic ranges: not read\n/);
  t.notRegex(stdout, /^DYNAMIC RANGE/m);
  t.regex(stdout, /^Warning NotRead: Incomplete: the dynamic range of tcp could not be read: /m);
});
