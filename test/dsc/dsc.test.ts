import test from 'ava';
import type { ExecutionContext } from 'ava';
import { Ajv2020 } from 'ajv/dist/2020.js';
import type { ValidateFunction } from 'ajv/dist/2020.js';
import { readFileSync } from 'node:fs';
import { EXIT_CODES } from '../../src/cli/exit-codes.js';
import { RESOURCE_NAMES } from '../../src/dsc/schema.js';
import type { ResourceName } from '../../src/dsc/schema.js';
import { VERSION } from '../../src/version.js';
import { CliProcess, runCli } from '../helpers/cli-process.js';
import { NOTE, openCli } from '../helpers/cli-simulator.js';
import { LONG, TCP, WINNAT } from '../helpers/knobs.js';
import { offWindows } from '../helpers/platform.js';
import { portsOf } from '../helpers/ports.js';
import { MANIFEST_SCHEMA } from './manifest-schema.js';

type Operation = 'get' | 'set' | 'whatIf' | 'test' | 'export';

interface Command {
  readonly executable: string;
  readonly args: string[];
  readonly input?: 'stdin';
  readonly return?: 'state' | 'stateAndDiff';
}

type Manifest = Readonly<Record<Operation, Command>> & {
  readonly type: string; readonly version: string; readonly exitCodes: Readonly<Record<string, string>>; readonly schema: { readonly command: Command };
};

const { simulator } = await openCli(test);
const ajv = new Ajv2020({ strict: true, allowUnionTypes: true, strictTypes: false });
const isManifest = ajv.compile(MANIFEST_SCHEMA);
const first = portsOf(import.meta.url);

const manifestOf = (resource: ResourceName) =>
  JSON.parse(readFileSync(new URL(`../../dsc/PortReservation.${resource}.dsc.resource.json`, import.meta.url), 'utf8')) as Manifest;

/**
 * The arguments that the command line of the package gets. dsc looks for a program without a full path in the folder where dsc itself is
 * run, which may be anybody's, and starts what it found in the folder of the manifest.
 */
function argumentsIn(t: ExecutionContext, { executable, args: [noAutoRun, once, program, ...args] }: Command): string[] {
  t.deepEqual([executable, noAutoRun, once, program], [String.raw`C:\Windows\System32\cmd.exe`, '/d', '/c', String.raw`.\port-reservation.cmd`]);
  return args;
}

/** Starts what a manifest names, as dsc does, with the program of this clone in place of that of the package. */
async function start(t: ExecutionContext, command: Command, instance?: unknown) {
  const program = new CliProcess(t, [...argumentsIn(t, command), ...simulator.args]);
  if (command.input === 'stdin' && instance !== undefined) program.child.stdin.write(JSON.stringify(instance));
  const { status, stdout, stderr } = await program.end();
  return { status, lines: stdout.split('\n').slice(0, -1).map((line) => JSON.parse(line) as unknown), stderr: stderr.replace(NOTE, '') };
}

const schemas = new Map<ResourceName, ValidateFunction>();
async function schemaOf(t: ExecutionContext, resource: ResourceName): Promise<ValidateFunction> {
  const { lines } = await start(t, manifestOf(resource).schema.command);
  t.is(lines.length, 1);
  const validate = schemas.get(resource) ?? ajv.compile(lines[0] as object);
  schemas.set(resource, validate);
  return validate;
}

/** One call of dsc: validates the instance and each state, and gives the state and the properties that differ. */
async function invoke(t: ExecutionContext, resource: ResourceName, operation: Operation, instance?: unknown, status = 0) {
  const validate = schemas.get(resource) ?? await schemaOf(t, resource);
  const command = manifestOf(resource)[operation];
  if (instance !== undefined) t.true(validate(instance), ajv.errorsText(validate.errors));
  const done = await start(t, command, instance);
  t.is(done.status, status, done.stderr);
  const [diff, states] = command.return === 'stateAndDiff' ? [done.lines.at(-1), done.lines.slice(0, -1)] : [undefined, done.lines];
  for (const state of states) t.true(validate(state), `${JSON.stringify(state)}: ${ajv.errorsText(validate.errors)}`);
  return { states: states as Record<string, unknown>[], diff: diff as string[] | undefined, stderr: done.stderr };
}

test('the manifests are valid, of this version, and name every exit code', (t) => {
  for (const resource of RESOURCE_NAMES) {
    const manifest = manifestOf(resource);
    t.true(isManifest(manifest), ajv.errorsText(isManifest.errors));
    t.is(manifest.type, `PortReservation/${resource}`);
    t.is(manifest.version, VERSION);
    t.deepEqual(Object.keys(manifest.exitCodes), ['0', ...Object.values(EXIT_CODES).map(String).sort((a, b) => Number(a) - Number(b))]);
    t.deepEqual(argumentsIn(t, manifest.schema.command), ['dsc', resource, 'schema']);
    for (const operation of ['get', 'set', 'whatIf', 'test', 'export'] as const) t.deepEqual(argumentsIn(t, manifest[operation]), ['dsc', resource, operation]);
  }
});

test.serial('a single block: get, test, whatIf, set, and gone again', async (t) => {
  const wanted = { protocol: 'tcp', startPort: first, numberOfPorts: 5 };
  const actual = { ...wanted, kind: 'persistent' };
  t.deepEqual((await invoke(t, 'Reservation', 'get', wanted)).states, [{ ...actual, _exist: false }]);
  t.like(await invoke(t, 'Reservation', 'test', wanted), { states: [{ _exist: false, _inDesiredState: false }], diff: ['_exist'] });
  t.like(await invoke(t, 'Reservation', 'whatIf', wanted), { states: [{ ...actual, _exist: true }], diff: ['_exist'] });
  t.deepEqual((await invoke(t, 'Reservation', 'get', wanted)).states, [{ ...actual, _exist: false }], 'whatIf changes nothing');
  t.like(await invoke(t, 'Reservation', 'set', wanted), { states: [{ ...actual, _exist: true }], diff: ['_exist'] });
  t.like(await invoke(t, 'Reservation', 'set', wanted), { states: [{ ...actual, _exist: true }], diff: [] });
  t.like(await invoke(t, 'Reservation', 'test', { ...wanted, numberOfPorts: 6 }), { states: [{ numberOfPorts: 5, _inDesiredState: false }], diff: ['numberOfPorts'] });
  t.deepEqual((await invoke(t, 'Reservation', 'export')).states, [{ ...actual, _exist: true }]);
  const gone = { ...wanted, _exist: false };
  t.like(await invoke(t, 'Reservation', 'test', gone), { states: [{ _exist: true, _inDesiredState: false }], diff: ['_exist'] });
  t.like(await invoke(t, 'Reservation', 'set', gone), { states: [{ ...actual, _exist: false }], diff: ['_exist'] });
  t.like(await invoke(t, 'Reservation', 'test', gone), { states: [{ _exist: false, _inDesiredState: true }], diff: [] });
});

test.serial('a list: set, test, a drift, and a purge within what is declared', async (t) => {
  const reservations = [{ protocol: 'tcp', startPort: first, numberOfPorts: 5 }, { protocol: 'udp', startPort: first, kind: 'exclusion', store: 'active' }];
  t.like(await invoke(t, 'ReservationList', 'set', { reservations: [...reservations, { protocol: 'tcp', startPort: first + 50 }] }), { diff: ['reservations'] });
  const list = { reservations: [...reservations, { protocol: 'tcp', startPort: first + 10, _exist: false }], _purge: true, within: [`${first}-${first + 99}`] };
  const before = await invoke(t, 'ReservationList', 'test', list);
  t.like(before, { states: [{ _inDesiredState: false, within: list.within }], diff: ['reservations'] });
  t.deepEqual((before.states[0]?.['reservations'] as { startPort: number; _exist: boolean }[]).map(({ startPort, _exist }) => [startPort - first, _exist]),
    [[0, true], [0, true], [50, true], [10, false]]);
  const told = await invoke(t, 'ReservationList', 'whatIf', list);
  t.like(told.states[0], { _metadata: { whatIf: [`remove tcp ${first + 50}: It is not listed`] } });
  const after = await invoke(t, 'ReservationList', 'set', list);
  t.deepEqual((after.states[0]?.['reservations'] as { startPort: number }[]).map(({ startPort }) => startPort - first), [0, 0, 10]);
  t.like(await invoke(t, 'ReservationList', 'test', list), { states: [{ _inDesiredState: true }], diff: [] });
  t.like(await start(t, manifestOf('Reservation').export, { protocol: 'udp' }), { status: 0, lines: [{ protocol: 'udp', kind: 'exclusion' }] });
  for (const [filter, found] of [[undefined, 2], [{}, 2], [{ reservations: [] }, 0], [{ reservations: [{ kind: 'exclusion' }, { startPort: first + 1 }] }, 1]] as const) {
    t.like(await start(t, manifestOf('ReservationList').export, filter), { status: 0, lines: [{ reservations: { length: found } }] }, JSON.stringify(filter));
  }
});

test.serial('what only comes back after a restart is not there, and what several blocks are in the place of is there once', async (t) => {
  const wanted = { protocol: 'tcp', startPort: first, numberOfPorts: 4, kind: 'exclusion' };
  await invoke(t, 'Reservation', 'set', wanted);
  const { status } = await runCli(t, ['remove', `${first}-${first + 3}`, '--kind', 'exclusion', '--store', 'active', ...simulator.args]);
  t.is(status, 0);
  t.deepEqual((await invoke(t, 'Reservation', 'get', wanted)).states, [{ ...wanted, store: 'persistent', _exist: false }]);
  t.like(await invoke(t, 'Reservation', 'test', wanted), { states: [{ _exist: false, _inDesiredState: false }], diff: ['_exist'] });
  t.like(await invoke(t, 'Reservation', 'set', wanted), { states: [{ _exist: true }], diff: ['_exist'] });
  const halves = [0, 2].map((offset) => ({ protocol: 'tcp', startPort: first + offset, numberOfPorts: 2 }));
  const before = await invoke(t, 'ReservationList', 'get', { reservations: halves });
  t.deepEqual(before.states, [{ reservations: [{ ...wanted, store: 'persistent', _exist: true }] }]);
  t.like(await invoke(t, 'ReservationList', 'set', { reservations: halves }), { states: [{ reservations: halves }] });
  t.like(await invoke(t, 'ReservationList', 'set', before.states[0]), { states: before.states });
});

test.serial('blocks that shall be gone may overlap, and an error counts all blocks', async (t) => {
  const gone = [{ startPort: first, kind: 'persistent' }, { startPort: first, kind: 'exclusion' }, { startPort: first, numberOfPorts: 5, kind: 'persistent' }]
    .map((block) => ({ protocol: 'tcp', ...block, _exist: false }));
  await invoke(t, 'Reservation', 'set', { protocol: 'tcp', startPort: first, kind: 'exclusion' });
  t.like(await invoke(t, 'ReservationList', 'test', { reservations: gone }), { states: [{ _inDesiredState: false }], diff: ['reservations'] });
  const after = await invoke(t, 'ReservationList', 'set', { reservations: gone });
  t.like(after, { states: [{ reservations: { length: 3 } }], diff: ['reservations'] });
  t.like(await invoke(t, 'ReservationList', 'test', after.states[0]), { states: [{ _inDesiredState: true }], diff: [] });
  const twice = { protocol: 'udp', startPort: first };
  const { status, stderr } = await start(t, manifestOf('ReservationList').test, { reservations: [gone[0], twice, gone[1], twice] });
  t.is(status, 2);
  t.regex(stderr, /reservations\[3\]\.startPort .* of reservations\[1\]\./);
});

test.serial('what cannot be done is an exit code, and errors as DSC reads them', async (t) => {
  simulator.knob('portsim_add_system_block', TCP, first, 2, 0);
  const conflict = await invoke(t, 'ReservationList', 'set', { reservations: [{ protocol: 'tcp', startPort: first }, { protocol: 'tcp', startPort: first + 5 }] }, 4);
  t.like(conflict, { states: [{ reservations: [{ _exist: false }, { _exist: true }] }], diff: ['reservations'] });
  t.regex((JSON.parse(conflict.stderr) as { error: string }).error, /in the system block .* of another program/);
  simulator.knob('portsim_set_elevated', 0);
  t.like(await invoke(t, 'Reservation', 'set', { protocol: 'udp', startPort: first }, 3), { states: [{ _exist: false }], diff: [] });
  for (const [resource, instance, said] of [
    ['ReservationList', { reservations: [{ protocol: 'tcp', startPort: first }, { protocol: 'tcp', startPort: first }] }, /^reservations\[1\].* is not valid/],
    ['ReservationList', { reservations: [], _purge: true }, /^within is missing/],
    // What shall be there, and shall not.
    ['ReservationList', { reservations: [{ protocol: 'tcp', startPort: first, _exist: false }, { protocol: 'tcp', startPort: first }] }, /_exist false is not valid/],
    ['ReservationList', {}, /^reservations is missing: it must be given\./],
    ['ReservationList', { reservations: [], purge: true }, /^purge .*it must be left out: the resource has no such property\./],
    ['ReservationList', null, /^input .*it must be an object/],
    ['ReservationList', { reservations: [{ protocol: 'tcp', startPort: first }, { protocol: 'tcp', startPort: 0 }] }, /^reservations\[1\]\.startPort 0 is not valid/],
    ['Reservation', { protocol: 'tcp', startPort: 65_535, numberOfPorts: 2 }, /^numberOfPorts 2 is not valid.*65535/],
    ['Reservation', { protocol: 'tcp' }, /^startPort is missing/],
  ] as const) {
    const { status, lines, stderr } = await start(t, manifestOf(resource).set, instance);
    t.deepEqual([status, lines], [2, []]);
    t.regex((JSON.parse(stderr) as { error: string }).error, said);
  }
  for (const [resource, filter, said] of [
    ['Reservation', { Kind: 'exclusion' }, /^Kind .*the resource has no such property\./],
    ['Reservation', [], /^input .*it must be an object\./],
    ['ReservationList', { reservations: [{ port: 5000 }] }, /^reservations\.0\.port .*the resource has no such property\./],
  ] as const) {
    const { status, lines, stderr } = await start(t, manifestOf(resource).export, filter);
    t.deepEqual([status, lines], [2, []]);
    t.regex((JSON.parse(stderr) as { error: string }).error, said);
  }
  t.like(await start(t, manifestOf('Reservation').get), { status: 2, lines: [], stderr: '{"error":"input is missing: it must be an object. Correct input."}\n' });
  const twice = new CliProcess(t, [...argumentsIn(t, manifestOf('Reservation').set), ...simulator.args]);
  twice.child.stdin.write(`{ "protocol": "udp", "startPort": ${first}, "startPort": ${first + 1} }`);
  const { status, stdout, stderr } = await twice.end();
  t.deepEqual([status, stdout], [2, '']);
  t.regex(stderr, /startPort .*given once/);
});

offWindows('set that is interrupted while winnat is away ends when the service runs again', async (t) => {
  simulator.knob('portsim_set_winnat', WINNAT.running);
  simulator.knob('portsim_add_system_block', TCP, first, 1, 1);
  simulator.knob('portsim_set_winnat_delay', LONG);
  const program = new CliProcess(t, [...argumentsIn(t, manifestOf('Reservation').set), ...simulator.args]);
  program.child.stdin.end(JSON.stringify({ protocol: 'tcp', startPort: first, restartWinNat: true }));
  await simulator.winNatStops();
  program.child.kill('SIGINT');
  program.child.kill('SIGTERM');
  simulator.knob('portsim_set_winnat_delay', 0);
  await program.untilExit();
  t.is(simulator.knobValue('portsim_winnat_state'), WINNAT.running);
});
