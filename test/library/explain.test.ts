import test from 'ava';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { basename } from 'node:path';
import { listenOn } from '../../src/index.js';
import type { PortExplanation } from '../../src/index.js';
import { Code } from '../../src/win32/codes.js';
import { within } from '../helpers/deadline.js';
import { TCP, TCP_STATE, UDP, WINNAT } from '../helpers/knobs.js';
import { openLibrary } from '../helpers/library.js';
import { portsOf } from '../helpers/ports.js';

const { simulator, reservations } = await openLibrary(test);

const base = portsOf(import.meta.url);
const nobody = { owningProcess: null, processName: null, processStartTime: null } as const;

/** Wine lists the ports in use without their processes. */
const isOwnerUntold = ({ owningProcess }: PortExplanation) => process.platform === 'win32' && owningProcess === null;

test.serial('a free port is free', async (t) => {
  t.like(await reservations.explain('tcp', base),
    { protocol: 'tcp', port: base, canBind: true, reason: 'Free', block: null, inDynamicRange: false, bindError: null, disagreement: null, ...nobody });
});

test.serial('a free port in the dynamic range is free with a warning (N8)', async (t) => {
  simulator.knob('portsim_set_dynamic_range', TCP, base, 100);
  const { canBind, inDynamicRange, advice } = await reservations.explain('tcp', base + 5);
  t.true(canBind && inDynamicRange);
  t.regex(advice, /dynamic range/);
  t.false((await reservations.explain('tcp', base + 100)).inDynamicRange);
  t.false((await reservations.explain('udp', base + 5)).inDynamicRange);
});

test.serial('a dynamic range that the caller knows is taken', async (t) => {
  const dynamicRange = { startPort: base, numberOfPorts: 10 };
  t.true((await reservations.explain('tcp', base + 9, { dynamicRange })).inDynamicRange);
  t.false((await reservations.explain('tcp', base + 10, { dynamicRange })).inDynamicRange);
});

test.serial('many ports are explained one by one, in their order', async (t) => {
  reservations.createPersistent({ protocol: 'tcp', startPort: base + 1, numberOfPorts: 1 });
  const found = [];
  for await (const { port, reason } of reservations.explainEach('tcp', [base + 2, base + 1, base])) found.push([port - base, reason]);
  t.deepEqual(found, [[2, 'Free'], [1, 'PersistentReservation'], [0, 'Free']]);
  const bad = reservations.explainEach('tcp', [base, 0]);
  t.like(await t.throwsAsync(bad.next()), { reason: 'InvalidParameter' });
});

for (const host of ['127.0.0.1', '::1', '0.0.0.0', '::']) {
  test.serial(`a listener on ${host} is named with its process and start time`, async (t) => {
    const server = createServer().listen(0, host);
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const explanation = await reservations.explain('tcp', port);
    server.close();
    await once(server, 'close');
    t.like(explanation, { canBind: false, reason: 'InUse', bindError: 'WSAEADDRINUSE', disagreement: null });
    if (isOwnerUntold(explanation)) return t.regex(explanation.advice, /^Another process has the port: take another/);
    t.is(explanation.owningProcess, process.pid);
    t.is(explanation.processName, basename(process.execPath));
    const age = Date.now() - Date.parse(explanation.processStartTime ?? '');
    t.true(Math.abs(age - process.uptime() * 1000) < 60_000, explanation.processStartTime ?? 'no start time');
    t.regex(explanation.advice, new RegExp(`process ${process.pid}`));
  });
}

test.serial('a listener of another process is named', async (t) => {
  const child = spawn(process.execPath, ['-e', 'const s = require("net").createServer().listen(0, () => console.log(s.address().port)); process.stdin.resume().on("end", () => process.exit())'],
    { stdio: ['pipe', 'pipe', 'inherit'] });
  t.teardown(() => child.kill());
  const [output] = await within(once(child.stdout, 'data'), 'the port');
  const explanation = await reservations.explain('tcp', Number(String(output)));
  t.like(explanation, { reason: 'InUse', canBind: false });
  if (!isOwnerUntold(explanation)) t.is(explanation.owningProcess, child.pid ?? null);
  child.stdin.end();
  await within(once(child, 'exit'), 'the end of the process');
});

test.serial('a port of a persistent reservation says how to use it (P13)', async (t) => {
  const made = reservations.createPersistent({ protocol: 'udp', startPort: base, numberOfPorts: 5 });
  const explanation = await reservations.explain('udp', base + 2);
  t.like(explanation, { canBind: false, reason: 'PersistentReservation', bindError: 'WSAEACCES', ...nobody });
  t.deepEqual(explanation.block, made);
  t.regex(explanation.advice, /associated/);
  t.is((await reservations.explain('tcp', base + 2)).reason, 'Free');
});

test.serial('a runtime reservation of this session is told from another program\'s block (N2)', async (t) => {
  using own = await reservations.acquireRuntime({ protocol: 'tcp', startPort: base, numberOfPorts: 5 });
  simulator.knob('portsim_add_system_block', TCP, base + 10, 5, 1);
  const mine = await reservations.explain('tcp', base);
  t.like(mine, { canBind: false, reason: 'RuntimeReservation', bindError: 'WSAEACCES' });
  t.is(mine.block?.token, own.token);
  const other = await reservations.explain('tcp', base + 11);
  t.like(other, { canBind: false, reason: 'RuntimeReservation', block: { kind: 'system', startPort: base + 10, endPort: base + 14 } });
  t.regex(other.advice, /WinNAT/);
  t.notRegex(mine.advice, /WinNAT/);
});

test.serial('an exclusion can be bound, and is told all the same (N3)', async (t) => {
  simulator.knob('portsim_add_exclusion', TCP, base, 5, 1);
  t.like(await reservations.explain('tcp', base + 1), { canBind: true, reason: 'Exclusion', block: { kind: 'exclusion' }, disagreement: null });
});

test.serial('a hidden holder that Hyper-V\'s networking tells of is a block, and one that nobody tells of is a disagreement (N7)', async (t) => {
  simulator.knob('portsim_add_hidden_holder', TCP, base, 10);
  const told = await reservations.explain('tcp', base + 3);
  t.like(told, { canBind: false, reason: 'HiddenHolder', bindError: 'WSAEADDRINUSE', disagreement: null, block: { kind: 'system', startPort: base, endPort: base + 9 } });
  t.deepEqual((await reservations.list({ protocols: ['tcp'] })).map(({ kind, numberOfPorts }) => [kind, numberOfPorts]), [['system', 10]]);
  t.deepEqual(await reservations.list({ protocols: ['udp'] }), []);
  simulator.knob('portsim_set_hcn', 0);
  const untold = await reservations.explain('tcp', base + 3);
  t.like(untold, { canBind: false, reason: 'HiddenHolder', block: null });
  t.regex(untold.disagreement ?? '', /No list shows/);
  t.deepEqual(await reservations.list({ protocols: ['tcp'] }), []);
});

test.serial('a bind of the host itself that Hyper-V\'s networking tells of is no block (N7)', async (t) => {
  const HCN_WITH_HOST = 2;
  simulator.knob('portsim_add_hidden_holder', UDP, base, 2);
  simulator.knob('portsim_set_hcn', HCN_WITH_HOST);
  t.deepEqual((await reservations.list()).map(({ startPort, endPort }) => [startPort, endPort]), [[base, base + 1]]);
});

test.serial('whether Hyper-V\'s networking counts entries, as the page says, or bytes, as the header does, nothing behind them is read (N7)', async (t) => {
  const HCN_IN_BYTES = 3;
  simulator.knob('portsim_set_hcn', HCN_IN_BYTES);
  t.deepEqual(await reservations.list(), []);
  for (const at of [0, 4, 8]) simulator.knob('portsim_add_hidden_holder', UDP, base + at, 2);
  t.deepEqual((await reservations.list()).map(({ startPort }) => startPort), [base, base + 4, base + 8]);
});

test.serial('a port that only exclusive access is refused for can be bound', async (t) => {
  // So it is with a connection that waits to end (TIME_WAIT): the first try is exclusive.
  simulator.knob('portsim_fail_next', 'bind', Code.WSAEADDRINUSE);
  t.like(await reservations.explain('tcp', base), { canBind: true, reason: 'Free', bindError: null, disagreement: null });
});

test.serial('a port that is listened to on one address is in use on all', async (t) => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => server.close());
  const { port } = server.address() as AddressInfo;
  t.like(await reservations.explain('tcp', port), { canBind: false, reason: 'InUse' });
});

test.serial('a listener in a block of another program is named, and so is the block', async (t) => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => server.close());
  const { port } = server.address() as AddressInfo;
  simulator.knob('portsim_add_system_block', TCP, port, 1, 1);
  const { reason, advice } = await reservations.explain('tcp', port);
  t.is(reason, 'InUse');
  t.regex(advice, new RegExp(`; the port is also in tcp ${port} \\(system block of another program\\), which refuses other binds\\.$`));
});

test.serial('a restart of winnat is advised only where the service runs', async (t) => {
  simulator.knob('portsim_add_system_block', TCP, base, 5, 0);
  t.regex((await reservations.explain('tcp', base)).advice, /restartWinNat: true/);
  for (const state of [WINNAT.stopped, WINNAT.absent]) {
    simulator.knob('portsim_set_winnat', state);
    t.notRegex((await reservations.explain('tcp', base)).advice, /winnat/i);
  }
});

test.serial('trying a port leaves nothing behind', async (t) => {
  await reservations.explain('tcp', base);
  await reservations.explain('tcp', base);
  reservations.createPersistent({ protocol: 'tcp', startPort: base, numberOfPorts: 1 });
  t.is((await reservations.list()).length, 1);
});

test.serial('a table that cannot be read is an error, not a free port', async (t) => {
  simulator.knob('portsim_fail_next', 'GetExtendedTcpTable', 8);
  t.like(await t.throwsAsync(reservations.explain('tcp', base)), { name: 'PortReservationError', syscall: 'GetExtendedTcpTable', nativeCode: 8 });
});

test.serial('a family of which Windows has no table has no ports in use, and the other one is told', async (t) => {
  simulator.knob('portsim_add_endpoint', TCP, '::', base, TCP_STATE.listen, 4);
  const noData = 232;
  // That of IPv4, which is read first.
  simulator.knob('portsim_fail_next', 'GetExtendedTcpTable', noData);
  t.like(await reservations.explain('tcp', base), { reason: 'InUse', owningProcess: 4 });
});

test.serial('a port out of range is refused', async (t) => {
  t.like(await t.throwsAsync(reservations.explain('tcp', 65_536)), { reason: 'InvalidParameter' });
});

test.serial('a port that a closed connection keeps is nobody\'s, and does not hide whose block it is in', async (t) => {
  // The system's choice: such a port stays taken for a while, and the tests may run again before.
  using own = await reservations.acquireRuntime({ protocol: 'tcp', numberOfPorts: 1 });
  const server = createServer((connection) => connection.end('bye'));
  await listenOn(server, await reservations.bind({ protocol: 'tcp', token: own.token, listen: true }));
  const client = connect(own.startPort, '127.0.0.1').resume();
  await once(client, 'close');
  server.close();
  await once(server, 'close');
  const explanation = await reservations.explain('tcp', own.startPort);
  t.like(explanation, { canBind: false, reason: 'RuntimeReservation', block: { kind: 'runtime', startPort: own.startPort }, ...nobody });
  t.regex(explanation.advice, /associated/);
});
