import test from 'ava';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createConnection } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ReservationData } from '../../src/blocks.js';
import type { BindData } from '../../src/host/data.js';
import { until, within } from '../helpers/deadline.js';
import { gateNetsh } from '../helpers/gated-netsh.js';
import { CLEAN, ENDINGS } from '../helpers/host-endings.js';
import { HOST_PROGRAM, HostProcess } from '../helpers/host-process.js';
import { NEVER } from '../helpers/knobs.js';
import { offWindows } from '../helpers/platform.js';
import { portsOf } from '../helpers/ports.js';
import { signalAtOpen } from '../helpers/signal-at-open.js';
import { openSimulator } from '../helpers/simulator.js';
import { isFree, tokenOf } from '../helpers/system.js';

const GO_BETWEEN = fileURLToPath(new URL('../fixtures/processes/go-between.mjs', import.meta.url));
const simulator = await openSimulator(test);

const block = { protocol: 'tcp', startPort: portsOf(import.meta.url), numberOfPorts: 3 } as const;

/** Takes a runtime block and a listening socket of it; gives the socket's port. */
async function hold(host: HostProcess): Promise<number> {
  await host.result('reservation.create', { kind: 'runtime', protocols: ['tcp'], startPort: block.startPort, numberOfPorts: 3 });
  const [bind] = await host.result<BindData[]>('bind.create', { ...block, listen: true });
  return bind?.localPort ?? 0;
}

for (const [when, end, expected] of ENDINGS) {
  offWindows(`when ${when}, its runtime reservation and socket are gone with it`, async (t) => {
    const host = await HostProcess.open(t, simulator.args);
    const port = await hold(host);
    t.false(await isFree(simulator, block));
    t.deepEqual(await end(host), expected);
    t.true(await isFree(simulator, block));
    await t.throwsAsync(once(createConnection(port, '127.0.0.1'), 'connect'), { code: 'ECONNREFUSED' });
    t.is(host.stderr, '');
  });
}

for (const [index, [when, end, expected]] of ENDINGS.filter(([, , exit]) => exit === CLEAN).entries()) {
  offWindows(`when ${when} between the exclusions of two protocols, neither is left`, async (t) => {
    const netsh = gateNetsh(simulator, `gated-${index}`, '*add*protocol=udp*');
    const host = await HostProcess.open(t, netsh.args);
    await hold(host);
    host.send('reservation.create', { kind: 'exclusion', protocols: ['tcp', 'udp'], startPort: block.startPort + 10, numberOfPorts: 1 });
    const release = await netsh.waits();
    const ended = end(host);
    await until(() => isFree(simulator, block), 'the end of what the host held');
    await release();
    t.deepEqual(await ended, expected);
    const next = await HostProcess.open(t, simulator.args);
    t.deepEqual(await next.result('reservation.list', { kinds: ['exclusion'] }), []);
  });
}

for (const method of ['reservation.remove', 'request.undo']) {
  offWindows(`a ${method} of two protocols is finished before it ends, and no other request begins`, async (t) => {
    const netsh = gateNetsh(simulator, `gated-${method}`, '*delete*');
    const host = await HostProcess.open(t, netsh.args);
    await hold(host);
    const exclusion = { kind: 'exclusion', protocols: ['tcp', 'udp'], startPort: block.startPort + 10, numberOfPorts: 1 };
    await host.result('reservation.create', exclusion);
    const made = host.send('reservation.create', { ...exclusion, startPort: block.startPort + 20 });
    await host.answer(made);
    if (method === 'request.undo') host.send(method, { ids: [made] });
    else host.send(method, { ...exclusion, startPort: block.startPort + 20 });
    const release = await netsh.waits();
    host.child.kill('SIGTERM');
    await until(() => isFree(simulator, block), 'the end of what the host held');
    t.is((await host.error('reservation.create', { ...exclusion, startPort: block.startPort + 30 })).code, -32800);
    await release();
    t.deepEqual(await host.untilExit(), CLEAN);
    const next = await HostProcess.open(t, simulator.args);
    const left = await next.result<ReservationData[]>('reservation.list', { kinds: ['exclusion'] });
    t.deepEqual(left.map(({ protocol, startPort }) => [protocol, startPort]), [['tcp', block.startPort + 10], ['udp', block.startPort + 10]]);
  });
}

offWindows('when the process it serves is gone and another one keeps its pipes open, it ends by itself', async (t) => {
  const host = HostProcess.start(t, simulator.args, GO_BETWEEN);
  // The go-between is our child; the host's own number comes with its answer.
  const { processId } = await host.result<{ processId: number }>('initialize', { protocolVersion: 1, processId: host.child.pid });
  t.teardown(() => killIfThere(processId));
  t.not(processId, host.child.pid);
  await hold(host);
  host.child.kill('SIGKILL');
  // 'close' of the go-between comes when the host too has let go of stdout.
  t.deepEqual(await host.untilExit(), { code: null, signal: 'SIGKILL' });
  t.true(await isFree(simulator, block));
});

offWindows('without a process to watch it outlives the one that started it, until its stdin ends', async (t) => {
  const host = HostProcess.start(t, simulator.args, GO_BETWEEN);
  const { processId } = await host.result<{ processId: number }>('initialize', { protocolVersion: 1 });
  t.teardown(() => killIfThere(processId));
  const gone = once(host.child, 'exit');
  host.child.kill('SIGKILL');
  await within(gone, 'the end of the go-between');
  t.like(await host.result('host.get'), { processId });
  await host.end();
});

offWindows('Ctrl+C in the console of its client is not its business', async (t) => {
  const host = await HostProcess.open(t, simulator.args);
  await hold(host);
  for (let i = 0; i < 3; i += 1) {
    host.child.kill('SIGINT');
    t.like(await host.result('host.get'), { backend: 'simulator' });
  }
  t.false(await isFree(simulator, block));
  t.deepEqual(await host.end(), CLEAN);
});

offWindows('a host that is ended while it writes a map leaves it whole, and nothing beside it', async (t) => {
  const folder = mkdtempSync(join(simulator.folder, 'ended-'));
  const path = join(folder, 'ports.svg');
  writeFileSync(path, 'old');
  const child = spawn(process.execPath, ['--import', signalAtOpen(folder, 'SIGTERM'), HOST_PROGRAM, ...simulator.args], { stdio: ['pipe', 'ignore', 'ignore'] });
  t.teardown(() => child.kill('SIGKILL'));
  child.stdin.write('{"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":1}}\n');
  child.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'map.render', params: { format: 'svg', path, force: true } })}\n`);
  t.deepEqual(await within(once(child, 'exit'), 'its end'), [0, null]);
  t.deepEqual(readdirSync(folder), ['ports.svg']);
  t.regex(readFileSync(path, 'utf8'), /^<svg[^]*<\/svg>\s*$/);
});

offWindows('diagnostics that its client does not read do not end it', async (t) => {
  const talking = 'data:text/javascript,setInterval(() => process.stderr.write("diagnostics"), 1)';
  const child = spawn(process.execPath, ['--import', talking, HOST_PROGRAM, ...simulator.args], { stdio: ['pipe', 'pipe', 'pipe'] });
  t.teardown(() => child.kill('SIGKILL'));
  await within(once(child.stderr, 'data'), 'the first of its diagnostics');
  child.stderr.destroy();
  const answers = child.stdout.setEncoding('utf8').iterator();
  child.stdin.write('{"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":1}}\n');
  for (let id = 1; id <= 50; id += 1) {
    child.stdin.write(`{"jsonrpc":"2.0","id":${id},"method":"host.get"}\n`);
    t.false((await within(answers.next(), 'an answer') as IteratorResult<string>).done, 'it has not ended');
  }
  child.stdin.end();
  t.deepEqual(await within(once(child, 'exit'), 'its end'), [0, null]);
});

test.serial('answers under way come before the end', async (t) => {
  const host = await HostProcess.open(t, simulator.args);
  const ids = [host.send('host.get'), host.send('reservation.create', { kind: 'persistent', protocols: ['tcp'], startPort: block.startPort, numberOfPorts: 3 }), host.send('shutdown')];
  host.input.end();
  for (const id of ids) t.is((await host.answer(id)).error, undefined);
  t.deepEqual(await host.untilExit(), CLEAN);
  t.truthy(tokenOf(simulator, block), 'a persistent reservation stays');
});

test.serial('a request that never completes does not hold the host when its stdin ends', async (t) => {
  const host = await HostProcess.open(t, simulator.args);
  await hold(host);
  simulator.knob('portsim_set_delay', NEVER);
  host.send('bind.create', { ...block, timeout: 0 });
  t.deepEqual(await host.end(), CLEAN);
  simulator.knob('portsim_set_delay', 0);
  t.true(await isFree(simulator, block));
});

test.serial('what a batch has made is told although another request of it never completes, also when the host ends', async (t) => {
  const host = await HostProcess.open(t, simulator.args);
  const { startPort } = block;
  simulator.knob('portsim_set_delay', NEVER);
  const answers = host.raw(JSON.stringify([
    { jsonrpc: '2.0', id: 1, method: 'reservation.create', params: { kind: 'persistent', protocols: ['tcp'], startPort, numberOfPorts: 1 } },
    { jsonrpc: '2.0', id: 2, method: 'bind.create', params: { protocol: 'tcp', token: '1', timeout: 0 } },
  ]));
  host.input.end();
  t.like(await answers, [{ id: 1, result: [{ startPort }] }, { id: 2, error: { code: -32800 } }]);
  t.deepEqual(await host.untilExit(), CLEAN);
});

offWindows('a query that netsh does not answer does not keep the answer of its batch when the host ends', async (t) => {
  const netsh = gateNetsh(simulator, 'gated-query');
  const host = await HostProcess.open(t, netsh.args);
  const answers = host.raw(JSON.stringify([
    { jsonrpc: '2.0', id: 1, method: 'reservation.create', params: { kind: 'persistent', protocols: ['tcp'], startPort: block.startPort, numberOfPorts: 1 } },
    { jsonrpc: '2.0', id: 2, method: 'health.measure' },
  ]));
  const letThrough = await netsh.waits();
  host.input.end();
  t.like(await answers, [{ id: 1, result: [{ startPort: block.startPort }] }, { id: 2, error: { code: -32800 } }]);
  await letThrough();
  t.deepEqual(await host.untilExit(), CLEAN);
});

test.serial('a request that never completes does not hold the host after shutdown', async (t) => {
  const host = await HostProcess.open(t, simulator.args);
  simulator.knob('portsim_set_delay', NEVER);
  host.send('reservation.create', { kind: 'runtime', protocols: ['tcp'], numberOfPorts: 1, timeout: 0 });
  t.is(await host.result('shutdown'), null);
  t.deepEqual(await host.untilExit(), CLEAN);
});

test.serial('a restart of Windows gives another token and ends runtime reservations', async (t) => {
  const before = await HostProcess.open(t, simulator.args);
  const request = { kind: 'persistent', protocols: ['tcp'], startPort: block.startPort, numberOfPorts: 3 };
  const [made] = await before.result<ReservationData[]>('reservation.create', request);
  await before.end();
  simulator.knob('portsim_restart');
  const after = await HostProcess.open(t, simulator.args);
  const found = await after.result<ReservationData>('reservation.get', block);
  t.not(found.token, made?.token);
  t.is((await after.error('bind.create', { protocol: 'tcp', token: made?.token })).data?.reason, 'TokenNotValid');
  t.like(await after.result('bind.create', block), { length: 1 });
});

function killIfThere(processId: number): void {
  try {
    process.kill(processId, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
}
