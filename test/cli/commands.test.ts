import test from 'ava';
import type { ExecutionContext } from 'ava';
import type { ReservationData } from '../../src/blocks.js';
import { runCli } from '../helpers/cli-process.js';
import { openCli } from '../helpers/cli-simulator.js';
import { TCP, UDP } from '../helpers/knobs.js';
import { portsOf } from '../helpers/ports.js';
import { tokenOf } from '../helpers/system.js';

const { simulator, run, text, json } = await openCli(test);

const first = portsOf(import.meta.url);
const range = `${first}-${first + 9}`;
const block = { protocol: 'tcp', startPort: first, numberOfPorts: 10 } as const;
const reservation = { ...block, endPort: first + 9, kind: 'persistent', addressFamily: null, owningProcess: null, store: 'persistent' };

const data = (t: ExecutionContext, ...args: string[]) => json<ReservationData[]>(t, ...args);

test.serial('create, get, list and remove show one reservation as the same table', async (t) => {
  const created = await text(t, 'create', range);
  const token = tokenOf(simulator, block) ?? '';
  t.is(created, `PROTOCOL  START    END  PORTS  KIND        STORE       ${'TOKEN'.padStart(token.length)}\ntcp       ${first}  ${first + 9}     10  persistent  persistent  ${token}\n`);
  t.is(await text(t, 'get', range), created);
  t.is(await text(t, 'list'), created);
  t.is(await text(t, 'remove', range), created);
  t.is(await text(t, 'list'), 'PROTOCOL  START  END  PORTS  KIND  STORE  TOKEN\n');
});

test.serial('create, get, list and remove give one reservation as the same line of JSON', async (t) => {
  const made = await text(t, 'create', range, '--json');
  t.is(made.trimEnd().split('\n').length, 1);
  t.deepEqual(JSON.parse(made), [{ ...reservation, token: tokenOf(simulator, block), created: true }]);
  // Only create tells whether it was made now.
  const shown = made.replace(',"created":true', '');
  t.is(await text(t, 'get', range, '--json'), shown);
  t.is(await text(t, 'list', '--json'), shown);
  t.is(await text(t, 'remove', range, '--json'), shown);
  t.is(await text(t, 'list', '--json'), '[]\n');
});

test.serial('columns are as wide as their widest cell and no line ends in blanks', async (t) => {
  simulator.knob('portsim_add_system_block', TCP, 5, 1, 0);
  simulator.knob('portsim_add_exclusion', UDP, first, 1000, 1);
  const lines = (await text(t, 'list')).split('\n');
  t.deepEqual(lines, [
    'PROTOCOL  START    END  PORTS  KIND       STORE       TOKEN',
    'tcp           5      5      1  system     active',
    `udp       ${first}  ${first + 999}   1000  exclusion  persistent`,
    '',
  ]);
});

for (const args of [[range], [`${first}`, '--count', '10'], [`${first}`, '-c', '10'], [`${first}`, '-c10'], [`${first}`, '--number-of-ports=10'], [range, '--count', '10']]) {
  test.serial(`create ${args.join(' ')} takes ten ports`, async (t) => {
    t.like(await data(t, 'create', ...args), { length: 1, 0: reservation });
  });
}

for (const args of [['-p', 'tcp,udp'], ['-p', 'udp', '-p', 'TCP'], ['--protocol=Tcp,Udp', '--protocol', 'tcp']]) {
  test.serial(`create ${args.join(' ')} makes two reservations, and remove takes both back`, async (t) => {
    const made = await data(t, 'create', range, ...args);
    t.deepEqual(made.map(({ protocol }) => protocol).sort(), ['tcp', 'udp']);
    t.is(new Set(made.map(({ token }) => token)).size, 2);
    const known = (await data(t, 'get', range, ...args)).map((each) => ({ ...each, created: true }));
    t.deepEqual(known, made as typeof known);
    t.deepEqual((await data(t, 'remove', range, ...args)).map((each) => ({ ...each, created: true })), known);
    t.deepEqual(await data(t, 'list'), []);
  });
}

test.serial('create of both protocols leaves nothing when one is taken', async (t) => {
  simulator.knob('portsim_add_system_block', UDP, first + 5, 1, 0);
  const { status, stdout, stderr } = await run(t, 'create', range, '-p', 'tcp,udp');
  t.is(status, 4);
  t.is(stdout, '');
  t.regex(stderr, new RegExp(`cannot reserve udp ${range}: CreatePersistentUdpPortReservation failed with 32 \\(ERROR_SHARING_VIOLATION\\)`));
  t.is(tokenOf(simulator, block), null);
});

test.serial('create --if-not-exists can be run twice, and shows the same both times', async (t) => {
  const once = await text(t, 'create', range, '-p', 'tcp,udp', '--if-not-exists');
  t.is(await text(t, 'create', range, '-p', 'tcp,udp', '--if-not-exists'), once);
  t.is((await run(t, 'create', range)).status, 4);
  t.is((await run(t, 'create', `${first}-${first + 8}`, '--if-not-exists')).status, 4, 'another block is not this one');
});

test.serial('remove --if-exists can be run twice, and removes what there is', async (t) => {
  await text(t, 'create', range);
  t.deepEqual((await data(t, 'remove', range, '-p', 'udp,tcp', '--if-exists')).map(({ protocol }) => protocol), ['tcp']);
  t.deepEqual(await data(t, 'remove', range, '-p', 'udp,tcp', '--if-exists'), []);
  t.is((await run(t, 'remove', range)).status, 5);
});

test.serial('remove tells what it has removed before the protocol that fails', async (t) => {
  await text(t, 'create', range);
  const { status, stdout } = await run(t, 'remove', range, '-p', 'tcp,udp', '--json');
  t.is(status, 5);
  t.like(JSON.parse(stdout), { length: 1, 0: reservation });
});

test.serial('list filters by protocol, kind and port', async (t) => {
  await text(t, 'create', range, '-p', 'tcp,udp');
  simulator.knob('portsim_add_system_block', TCP, first + 20, 5, 0);
  simulator.knob('portsim_add_exclusion', UDP, first + 30, 5, 0);
  const list = async (...args: string[]) => (await data(t, 'list', ...args)).map(({ protocol, kind }) => `${protocol} ${kind}`);
  t.deepEqual(await list(), ['tcp persistent', 'tcp system', 'udp persistent', 'udp exclusion']);
  t.deepEqual(await list('-p', 'udp'), ['udp persistent', 'udp exclusion']);
  t.deepEqual(await list('--kind', 'system,exclusion'), ['tcp system', 'udp exclusion']);
  t.deepEqual(await list('-k', 'System', '-k', 'persistent', '--protocol', 'tcp'), ['tcp persistent', 'tcp system']);
  t.deepEqual(await list('--port', `${first + 9}`), ['tcp persistent', 'udp persistent']);
  t.deepEqual(await list('--port', `${first + 10}`), []);
});

test.serial('get needs no administrator', async (t) => {
  await text(t, 'create', range);
  simulator.knob('portsim_set_elevated', 0);
  t.like(await data(t, 'get', range), { length: 1, 0: reservation });
});

test.serial('options may come before the command, and the simulator by relative paths', async (t) => {
  const { status, stdout } = await runCli(t, ['--json', ...simulator.args, 'create', range]);
  t.is(status, 0);
  t.like(JSON.parse(stdout), { length: 1, 0: reservation });
});
