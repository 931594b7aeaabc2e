import test from 'ava';
import { readFileSync } from 'node:fs';
import { HostProcess } from '../helpers/host-process.js';
import { offWindows } from '../helpers/platform.js';
import { createSimulator } from '../helpers/simulator.js';

interface HostInfo {
  readonly protocolVersion: number; readonly version: string; readonly processId: number; readonly nodeVersion: string;
  readonly backend: string; readonly isElevated: boolean; readonly uptimeSeconds: number;
}

const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { version: string };
const simulator = await createSimulator();
test.after.always(() => simulator.dispose());

test.serial('initialize tells the versions, the process and the backend', async (t) => {
  const host = HostProcess.start(t, simulator.args);
  const info = await host.result<HostInfo>('initialize', { protocolVersion: 1, processId: process.pid, client: { name: 'test', version: '1.0' } });
  t.deepEqual({ ...info, uptimeSeconds: 0 }, {
    protocolVersion: 1, version, processId: host.child.pid ?? 0, nodeVersion: process.versions.node,
    backend: 'simulator', isElevated: true, uptimeSeconds: 0,
  });
  t.true(Number.isInteger(info.uptimeSeconds) && info.uptimeSeconds >= 0);
});

test.serial('host.get gives the same as initialize', async (t) => {
  const host = HostProcess.start(t, simulator.args);
  const first = await host.result<HostInfo>('initialize', { protocolVersion: 1 });
  const second = await host.result<HostInfo>('host.get');
  t.deepEqual({ ...second, uptimeSeconds: 0 }, { ...first, uptimeSeconds: 0 });
});

test.serial('initialize may be sent again and keeps what the host holds', async (t) => {
  const host = await HostProcess.open(t, simulator.args);
  const [reservation] = await host.result<unknown[]>('reservation.create', { kind: 'runtime', protocols: ['udp'], numberOfPorts: 2 });
  await host.result('initialize', { protocolVersion: 1 });
  t.deepEqual(await host.result('reservation.list', { kinds: ['runtime'] }), [reservation]);
});

for (const [method, params] of [
  ['host.get', undefined], ['reservation.list', {}], ['shutdown', undefined], ['bind.close', { id: 1 }],
] as const) {
  test.serial(`${method} before initialize is refused and does nothing`, async (t) => {
    const host = HostProcess.start(t, simulator.args);
    t.is((await host.error(method, params)).code, -32002);
    t.is((await host.result<HostInfo>('initialize', { protocolVersion: 1 })).protocolVersion, 1);
  });
}

for (const protocolVersion of [0, 2, 1.5]) {
  test.serial(`a client of protocol version ${protocolVersion} is refused, and told which one the host has`, async (t) => {
    const host = HostProcess.start(t, simulator.args);
    const error = await host.error('initialize', { protocolVersion });
    t.is(error.code, -32600);
    t.regex(error.message, new RegExp(`protocol version ${protocolVersion} and the host 1:`));
    t.is((await host.error('host.get')).code, -32002);
  });
}

test.serial('initialize and a request in one write are both answered', async (t) => {
  const host = HostProcess.start(t, simulator.args);
  host.write('{"jsonrpc":"2.0","id":"a","method":"initialize","params":{"protocolVersion":1}}\n{"jsonrpc":"2.0","id":"b","method":"host.get"}\n');
  const [first, second] = [await host.answer<HostInfo>('a'), await host.answer<HostInfo>('b')];
  t.is(first.result?.backend, 'simulator');
  t.is(second.result?.backend, 'simulator');
});

test.serial('a session has a quiet stderr and nothing but answers on stdout', async (t) => {
  const host = await HostProcess.open(t, simulator.args);
  await host.result('reservation.list');
  await host.error('no.such.method');
  t.deepEqual(await host.end(), { code: 0, signal: null });
  t.is(host.stderr, '');
  const ids = host.stdout.trimEnd().split('\n').map((line) => (JSON.parse(line) as { jsonrpc: string; id: number }).id);
  t.deepEqual(ids, [1, 2, 3]);
});

offWindows('off Windows and without a simulator initialize is answered with PlatformNotSupported', async (t) => {
  const host = HostProcess.start(t);
  const error = await host.error('initialize', { protocolVersion: 1 });
  t.is(error.code, 1);
  t.like(error.data, { reason: 'PlatformNotSupported', code: 'ENOTSUP', nativeCode: null, syscall: null });
  t.is((await host.error('host.get')).code, -32002);
  t.deepEqual(await host.end(), { code: 0, signal: null });
  t.is(host.stderr, '');
});

test.serial('a simulator that is not there is an error of initialize, not a crash', async (t) => {
  const host = HostProcess.start(t, ['--simulator', '/no/such/library', '--simulator-state', simulator.options.state]);
  const error = await host.error('initialize', { protocolVersion: 1 });
  t.is(error.code, 1);
  t.is(error.data?.reason, 'NotSupported');
  t.regex(error.message, /no\/such\/library/);
  t.is((await host.error('host.get')).code, -32002);
});

test.serial('a simulator without a state file, or an unknown option, ends the host before its first answer', async (t) => {
  for (const args of [['--simulator', simulator.options.library], ['--no-such-option']]) {
    const host = HostProcess.start(t, args);
    const { code } = await host.untilExit();
    t.not(code, 0);
    t.is(host.stdout, '');
    t.not(host.stderr, '');
  }
});
