import test from 'ava';
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { ReservationData } from '../../src/blocks.js';
import { openCli } from '../helpers/cli-simulator.js';
import { TCP, WINNAT } from '../helpers/knobs.js';
import { portsOf } from '../helpers/ports.js';

const { simulator, run, json, fails } = await openCli(test);

/** What create prints. */
type CreatedData = ReservationData & { created: boolean };

const base = portsOf(import.meta.url);

test.serial('find gives the first free block, and create takes it', async (t) => {
  simulator.knob('portsim_add_system_block', TCP, base + 2, 5, 0);
  const search = ['--count', '4', '--from', String(base)];
  t.is((await run(t, 'find', ...search)).stdout, `${base + 7}\n`);
  t.deepEqual(await json(t, 'find', ...search, '--protocol', 'udp'), { protocols: ['udp'], startPort: base, endPort: base + 3, numberOfPorts: 4, notRead: [] });
  const [made] = await json<ReservationData[]>(t, 'create', ...search);
  t.like(made, { startPort: base + 7, endPort: base + 10, kind: 'persistent' });
  t.is((await run(t, 'find', ...search)).stdout, `${base + 11}\n`);
  t.regex(await fails(t, 6, 'find', '--count', '30', '--from', '65530'), /no free block of 30 ports \(tcp\)/);
});

test.serial('an exclusion is created, listed and removed, twice as well', async (t) => {
  const exclusion = ['--kind', 'exclusion', '--protocol', 'tcp,udp'];
  const made = await json<CreatedData[]>(t, 'create', `${base}-${base + 1}`, ...exclusion, '--if-not-exists');
  t.deepEqual(made.map(({ created }) => created), [true, true]);
  const again = await json<CreatedData[]>(t, 'create', `${base}-${base + 1}`, ...exclusion, '--if-not-exists');
  t.deepEqual(again, made.map((row) => ({ ...row, created: false })));
  const listed = made.map((row) => Object.fromEntries(Object.entries(row).filter(([name]) => name !== 'created')));
  t.deepEqual(await json(t, 'list', '--kind', 'exclusion'), listed);
  t.regex(await fails(t, 4, 'create', String(base), ...exclusion), new RegExp(`in the exclusion tcp ${base}-${base + 1}`));
  t.regex(await fails(t, 5, 'remove', `${base}-${base + 1}`), /An exclusion is of another kind \(--kind\)\./);
  t.deepEqual(await json(t, 'remove', `${base}-${base + 1}`, ...exclusion), listed);
  t.regex(await fails(t, 5, 'remove', `${base}-${base + 1}`, ...exclusion), /no exclusion of exactly this block.* A reservation is of another kind \(--kind\)\./);
  t.deepEqual(await json(t, 'remove', `${base}-${base + 1}`, ...exclusion, '--if-exists'), []);
});

test.serial('an active exclusion is gone after a restart', async (t) => {
  await json(t, 'create', String(base), '--kind', 'exclusion', '--store', 'active');
  simulator.knob('portsim_restart');
  t.deepEqual(await json(t, 'list'), []);
});

test.serial('list --store persistent shows what will be in force after a restart', async (t) => {
  const stores = async (...args: string[]) => (await json<ReservationData[]>(t, 'list', ...args)).map(({ startPort, store }) => [startPort, store]);
  for (const [port, store] of [[base, 'persistent'], [base + 10, 'active']] as const) {
    await json(t, 'create', String(port), '--kind', 'exclusion', '--store', store);
  }
  t.deepEqual(await stores(), [[base, 'persistent'], [base + 10, 'active']]);
  t.deepEqual(await stores('--store', 'Active'), [[base, 'persistent'], [base + 10, 'active']]);
  t.deepEqual(await stores('--store', 'persistent'), [[base, 'persistent']]);

  await json(t, 'remove', String(base), '--kind', 'exclusion', '--store', 'active');
  t.deepEqual(await stores(), [[base + 10, 'active']], 'out of force until the next restart');
  t.deepEqual(await stores('--store', 'persistent'), [[base, 'persistent']]);
  simulator.knob('portsim_restart');
  t.deepEqual(await stores(), [[base, 'persistent']]);
});

test.serial('explain tells why, and what to do, in words and in JSON', async (t) => {
  simulator.knob('portsim_add_system_block', TCP, base, 5, 1);
  const { stdout, status } = await run(t, 'explain', String(base + 1));
  t.is(status, 4, 'it cannot be bound');
  t.regex(stdout, new RegExp(`^tcp ${base + 1}: cannot be bound \\(WSAEACCES\\), RuntimeReservation\nblock: +tcp ${base}-${base + 4} \\(system block of another program\\)\nadvice: .*winnat`));
  const [tcp, udp] = await json<{ reason: string; canBind: boolean; block: unknown }[]>(t, 'explain', String(base + 1), '--protocol', 'tcp,udp');
  t.like(tcp, { reason: 'RuntimeReservation', canBind: false });
  t.like(udp, { reason: 'Free', canBind: true, block: null });
  t.regex(await fails(t, 2, 'explain', '65536'), /65536/);
});

test.serial('explain of several ports is a table of one try each, by protocol and port', async (t) => {
  simulator.knob('portsim_add_system_block', TCP, base + 1, 2, 0);
  const { stdout, status } = await run(t, 'explain', `${base}-${base + 1}`, '--protocol', 'tcp,udp');
  t.is(status, 4);
  t.is(stdout, [
    'PROTOCOL   PORT  BIND       REASON              BLOCK        PROCESS',
    `tcp       ${base}  ok         Free`,
    `tcp       ${base + 1}  WSAEACCES  RuntimeReservation  ${base + 1}-${base + 2}`,
    `udp       ${base}  ok         Free`,
    `udp       ${base + 1}  ok         Free`,
    '',
  ].join('\n'));
  const explanations = await json<{ protocol: string; port: number; canBind: boolean }[]>(t, 'explain', String(base), '-c', '2', '-p', 'udp,tcp');
  t.deepEqual(explanations.map(({ protocol, port, canBind }) => [protocol, port, canBind]),
    [['udp', base, true], ['udp', base + 1, true], ['tcp', base, true], ['tcp', base + 1, false]]);
  const [one] = await json<object[]>(t, 'explain', `${base + 1}-${base + 1}`);
  t.deepEqual(one, explanations.at(-1), 'one of many is explained as one alone');
});

test.serial('explain of several ports names the process that listens', async (t) => {
  const server = createServer().listen(base + 20, '127.0.0.1');
  t.teardown(() => void server.close());
  await once(server, 'listening');
  const { stdout } = await run(t, 'explain', String(base + 20), '--count', '2');
  // Wine lists the ports in use without their processes.
  const owner = process.platform === 'win32' ? '' : `.*\\S \\(${process.pid}\\)`;
  t.regex(stdout, new RegExp(`\ntcp +${base + 20} +WSA\\w+ +InUse${owner}`));
});

test.serial('--restart-winnat wins a block back from WinNAT', async (t) => {
  simulator.knob('portsim_set_winnat', WINNAT.running);
  simulator.knob('portsim_add_system_block', TCP, base, 5, 1);
  await fails(t, 4, 'create', String(base));
  const [made] = await json<ReservationData[]>(t, 'create', String(base), '--restart-winnat');
  t.like(made, { startPort: base, kind: 'persistent' });
  t.is(simulator.knobValue('portsim_winnat_state'), WINNAT.running);
});

test.serial('explain takes several ports and ranges, each once, in their order', async (t) => {
  const ports = async (...args: string[]) => (await json<{ port: number }[]>(t, 'explain', ...args)).map(({ port }) => port);
  t.deepEqual(await ports(String(base + 9), String(base)), [base + 9, base]);
  t.deepEqual(await ports(`${base + 9},${base}`, `${base}-${base + 2}`), [base + 9, base, base + 1, base + 2]);
  t.deepEqual(await ports(String(base), String(base + 5), '--count', '2'), [base, base + 1, base + 5, base + 6]);
  t.regex((await run(t, 'explain', String(base), String(base + 9))).stdout, /^PROTOCOL +PORT/);
});

test.serial('the exit code of explain tells whether every port can be bound, with --quiet without a word', async (t) => {
  simulator.knob('portsim_add_system_block', TCP, base, 1, 0);
  for (const [expected, ...args] of [[4, `${base}`], [0, `${base + 1}`], [4, `${base + 1}`, `${base}`], [0, `${base}`, '-p', 'udp'], [4, `${base}`, '-p', 'udp,tcp']] as const) {
    const { status, stdout } = await run(t, 'explain', ...args, '--quiet');
    t.is(status, expected, args.join(' '));
    t.is(stdout, '');
    t.is((await run(t, 'explain', ...args)).status, expected);
  }
  t.regex(await fails(t, 2, 'explain', '--quiet', '0'), /the first port 0/);
});

test.serial('several blocks are created, looked up, listed and removed in one command', async (t) => {
  const starts = (rows: ReservationData[]) => rows.map(({ protocol, startPort, numberOfPorts }) => `${protocol} ${startPort} ${numberOfPorts}`);
  const all = [`tcp ${base} 1`, `tcp ${base + 2} 3`, `tcp ${base + 9} 1`];
  const given = [String(base), `${base + 2}-${base + 4},${base + 9}`];
  t.deepEqual(starts(await json(t, 'create', ...given)), all);
  t.deepEqual(starts(await json(t, 'get', ...given)), all);
  t.deepEqual(starts(await json(t, 'list', '--port', `${base},${base + 3}`)), all.slice(0, 2));
  t.deepEqual(starts(await json(t, 'list', '--port', String(base + 9), '--port', String(base))), [all[0], all[2]]);
  t.deepEqual(starts(await json(t, 'create', ...given, '--if-not-exists')), all);
  t.deepEqual(starts(await json(t, 'remove', ...given)), all);
  t.deepEqual(await json(t, 'list'), []);
});

test.serial('of several blocks, one that fails does not stop the rest, and a mistake in one stops all', async (t) => {
  simulator.knob('portsim_add_system_block', TCP, base + 1, 1, 0);
  const { status, stdout, stderr } = await run(t, 'create', String(base), String(base + 1), String(base + 2), '--json');
  t.is(status, 4);
  t.deepEqual((JSON.parse(stdout) as ReservationData[]).map(({ startPort }) => startPort), [base, base + 2]);
  t.regex(stderr, /PortInUse/);
  await fails(t, 2, 'create', String(base + 5), '65535-65536');
  t.deepEqual(await json(t, 'list', '--port', String(base + 5)), []);
  t.is((await run(t, 'remove', String(base), String(base + 1), String(base + 2))).status, 5);
  t.deepEqual(await json(t, 'list', '--kind', 'persistent'), []);
});
