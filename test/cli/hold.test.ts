import test from 'ava';
import { once } from 'node:events';
import { createConnection } from 'node:net';
import type { ReservationData } from '../../src/blocks.js';
import { CliProcess, runCli } from '../helpers/cli-process.js';
import { NOTE } from '../helpers/cli-simulator.js';
import { until, within } from '../helpers/deadline.js';
import { LONG, TCP, WINNAT } from '../helpers/knobs.js';
import { offWindows } from '../helpers/platform.js';
import { portsOf } from '../helpers/ports.js';
import { openSimulator } from '../helpers/simulator.js';
import { isFree, tokenOf } from '../helpers/system.js';

const simulator = await openSimulator(test);

const first = portsOf(import.meta.url);
const range = `${first}-${first + 2}`;
const block = { protocol: 'tcp', startPort: first, numberOfPorts: 3 } as const;
const inBlock = (port: number) => port >= first && port <= first + 2;

async function connect(port: number): Promise<void> {
  const socket = createConnection(port, '127.0.0.1');
  try {
    await within(once(socket, 'connect'), `a connection to port ${port}`);
  } finally {
    socket.destroy();
  }
}

const refused = { code: 'ECONNREFUSED' };

test.serial('bind prints its port alone, holds it while stdin is open, and frees it when stdin ends', async (t) => {
  await runCli(t, ['create', range, ...simulator.args]);
  const bind = new CliProcess(t, ['bind', range, '--listen', ...simulator.args]);
  const output = await bind.output();
  t.regex(output, /^\d+\n$/);
  const port = Number(output);
  t.true(inBlock(port));
  await connect(port);
  t.is((await bind.end()).status, 0);
  await t.throwsAsync(connect(port), refused);
  t.is(bind.stdout, output, 'nothing more on stdout');
});

test.serial('bind --json prints one line with all about the socket', async (t) => {
  await runCli(t, ['create', range, '-p', 'udp', ...simulator.args]);
  const bind = new CliProcess(t, ['bind', range, '-p', 'Udp', '--port', `${first + 1}`, '--local-address', '127.0.0.1', '--json', ...simulator.args]);
  t.deepEqual(JSON.parse(await bind.output()), {
    protocol: 'udp', addressFamily: 'IPv4', localAddress: '127.0.0.1', localPort: first + 1, state: 'bound',
    token: tokenOf(simulator, { ...block, protocol: 'udp' }),
  });
  t.is((await bind.end()).status, 0);
});

test.serial('bind by token takes a port of the block, and another one while the first is held', async (t) => {
  await runCli(t, ['create', range, ...simulator.args]);
  const token = tokenOf(simulator, block) ?? '';
  const binds = [1, 2, 3].map(() => new CliProcess(t, ['bind', '--token', token, '--listen', ...simulator.args]));
  const ports = (await Promise.all(binds.map((bind) => bind.output()))).map(Number);
  t.deepEqual(ports.sort(), [first, first + 1, first + 2]);
  const { status, stderr } = await runCli(t, ['bind', range, ...simulator.args]);
  t.is(status, 6);
  t.regex(stderr, /WSAEADDRINUSE/);
  await Promise.all(binds.map((bind) => bind.end()));
});

test.serial('bind --kind runtime needs neither an administrator nor a block', async (t) => {
  simulator.knob('portsim_set_elevated', 0);
  const bind = new CliProcess(t, ['bind', '--kind', 'runtime', '--count', '3', '--family', 'IPv6', '--dual-stack', '--backlog', '5', '--json', ...simulator.args]);
  const { localPort, ...rest } = JSON.parse(await bind.output()) as { localPort: number; addressFamily: string; state: string };
  t.like(rest, { addressFamily: 'IPv6', state: 'listening' });
  const client = createConnection(localPort, '127.0.0.1');
  await once(client, 'connect');
  client.destroy();
  t.is((await bind.end()).status, 0);
});

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  for (const command of ['bind', 'create']) {
    offWindows(`${signal} ends ${command} of a runtime block with 0 and frees it`, async (t) => {
      const held = new CliProcess(t, [command, range, '--kind', 'runtime', ...simulator.args]);
      await held.output();
      t.false(await isFree(simulator, block));
      held.child.kill(signal);
      t.is((await held.untilExit()).status, 0);
      t.true(await isFree(simulator, block));
    });
  }
}

offWindows('a killed holder leaves nothing behind', async (t) => {
  const held = new CliProcess(t, ['bind', range, '--kind', 'runtime', '--listen', ...simulator.args]);
  const port = Number(await held.output());
  held.child.kill('SIGKILL');
  await held.untilExit();
  t.true(await isFree(simulator, block));
  await t.throwsAsync(connect(port), refused);
});

test.serial('create --kind runtime shows the block and holds it until stdin ends', async (t) => {
  const held = new CliProcess(t, ['create', '-c', '3', '-p', 'tcp,udp', '--kind', 'runtime', '--json', ...simulator.args]);
  const made = JSON.parse(await held.output()) as ReservationData[];
  t.deepEqual(made.map(({ protocol, kind, numberOfPorts, owningProcess }) => ({ protocol, kind, numberOfPorts, owningProcess })), [
    { protocol: 'tcp', kind: 'runtime', numberOfPorts: 3, owningProcess: held.child.pid ?? 0 },
    { protocol: 'udp', kind: 'runtime', numberOfPorts: 3, owningProcess: held.child.pid ?? 0 },
  ]);
  for (const reservation of made) t.false(await isFree(simulator, reservation));
  const { stdout } = await runCli(t, ['list', '--json', ...simulator.args]);
  t.deepEqual((JSON.parse(stdout) as ReservationData[]).map(({ kind, startPort }) => [kind, startPort]),
    made.map(({ startPort }) => ['system', startPort]), 'another process sees them as a block of the system');
  t.is((await held.end()).status, 0);
  for (const reservation of made) t.true(await isFree(simulator, reservation));
});

offWindows('a reader that goes away after the first line does not end the hold', async (t) => {
  const held = new CliProcess(t, ['bind', range, '--kind', 'runtime', '--listen', ...simulator.args]);
  const port = Number(await held.output());
  held.child.stdout.destroy();
  await connect(port);
  t.is((await held.end()).status, 0);
});

test.serial('create of a persistent block does not wait for stdin', async (t) => {
  const created = new CliProcess(t, ['create', range, ...simulator.args]);
  t.is((await created.untilExit()).status, 0);
});

for (const args of [['bind', '--kind', 'runtime', '--listen'], ['create', '--kind', 'runtime']]) {
  test.serial(`${args.join(' ')} without stdin ends at once and says why; with --until-signal it holds`, async (t) => {
    const ends = await runCli(t, [...args, ...simulator.args]);
    t.is(ends.status, 0);
    t.regex(ends.stderr, /stdin has ended.*--until-signal/);
    t.is((await runCli(t, [...args, '--json', ...simulator.args])).stderr, NOTE, 'no line that is no JSON');

    const holds = new CliProcess(t, [...args, '--until-signal', ...simulator.args]);
    holds.child.stdin.end();
    await holds.output();
    const { stdout } = await runCli(t, ['list', '--json', ...simulator.args]);
    t.like(JSON.parse(stdout), { length: 1 });
    if (process.platform === 'win32') return;
    holds.child.kill('SIGTERM');
    const ended = await holds.untilExit();
    t.is(ended.status, 0);
    t.notRegex(ended.stderr, /stdin/);
  });
}

test.serial('several runtime blocks are held together', async (t) => {
  const create = new CliProcess(t, ['create', `${first}`, `${first + 5}-${first + 6}`, '--kind', 'runtime', '--json', ...simulator.args]);
  const made = JSON.parse(await create.output()) as ReservationData[];
  t.deepEqual(made.map(({ startPort, numberOfPorts, kind }) => [startPort, numberOfPorts, kind]), [[first, 1, 'runtime'], [first + 5, 2, 'runtime']]);
  t.is((await create.end()).status, 0);
});

offWindows('a signal while several runtime blocks are made is the end: what was made is not held until a second one', async (t) => {
  simulator.knob('portsim_set_delay', 20);
  const blocks = Array.from({ length: 1_000 }, (_, index) => String(first + index));
  const create = new CliProcess(t, ['create', ...blocks, '--kind', 'runtime', '--until-signal', ...simulator.args]);
  const listed = async () => (await runCli(t, ['list', '--json', ...simulator.args])).stdout;
  await until(async () => await listed() !== '[]\n', 'the first block');
  create.child.kill('SIGTERM');
  const { status, stderr } = await create.untilExit();
  t.is(status, 1);
  t.regex(stderr, /interrupted before the end/);
  t.is(await listed(), '[]\n');
});

offWindows('a signal while winnat is started again is the end of a runtime reservation too', async (t) => {
  simulator.knob('portsim_set_winnat', WINNAT.running);
  simulator.knob('portsim_add_system_block', TCP, first, 3, 1);
  simulator.knob('portsim_set_winnat_delay', LONG);
  const create = new CliProcess(t, ['create', range, '--kind', 'runtime', '--restart-winnat', '--until-signal', ...simulator.args]);
  const comesTo = (state: number) => until(() => simulator.knobValue('portsim_winnat_state') === state, `state ${state} of winnat`);
  await comesTo(WINNAT.stopping);
  simulator.knob('portsim_set_winnat', WINNAT.stopped);
  await comesTo(WINNAT.starting);
  create.child.kill('SIGTERM');
  await create.says(/interrupted/);
  simulator.knob('portsim_set_winnat_delay', 0);
  const { status, stdout, stderr } = await create.untilExit();
  t.deepEqual([status, stdout], [1, '']);
  t.regex(stderr, /interrupted before the end/);
});
