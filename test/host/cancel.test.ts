import test from 'ava';
import type { BindData } from '../../src/host/data.js';
import { gateNetsh } from '../helpers/gated-netsh.js';
import { HostProcess } from '../helpers/host-process.js';
import { NEVER, TCP, WINNAT } from '../helpers/knobs.js';
import { offWindows } from '../helpers/platform.js';
import { portsOf } from '../helpers/ports.js';
import { openSimulator } from '../helpers/simulator.js';
import { isFree } from '../helpers/system.js';

const simulator = await openSimulator(test);

const block = { protocol: 'tcp', startPort: portsOf(import.meta.url), numberOfPorts: 3 } as const;
const runtime = { kind: 'runtime', protocols: ['tcp', 'udp'], startPort: block.startPort, numberOfPorts: 3 } as const;

async function withReservation(t: Parameters<typeof HostProcess.open>[0]): Promise<HostProcess> {
  const host = await HostProcess.open(t, simulator.args);
  await host.result('reservation.create', { kind: 'persistent', protocols: ['tcp'], startPort: block.startPort, numberOfPorts: 3 });
  return host;
}

test.serial('a bind that never completes is cancelled, and nothing is bound', async (t) => {
  const host = await withReservation(t);
  simulator.knob('portsim_set_delay', NEVER);
  const id = host.send('bind.create', { ...block, count: 3, timeout: 0 });
  t.truthy(await host.result('host.get'), 'the host answers others meanwhile');
  host.notify('$/cancelRequest', { id });
  const { error } = await host.answer(id);
  t.is(error?.code, -32800);
  simulator.knob('portsim_set_delay', 0);
  t.like(await host.result('bind.create', { ...block, count: 3 }), { length: 3 }, 'every port of the block is free');
});

test.serial('only the request that is named is cancelled', async (t) => {
  const host = await withReservation(t);
  simulator.knob('portsim_set_delay', NEVER);
  for (const id of ['stays', 'goes']) host.send('bind.create', { ...block, timeout: 0 }, id);
  host.notify('$/cancelRequest', { id: 'goes' });
  t.is((await host.answer('goes')).error?.code, -32800);
  await host.result('host.get');
  t.false(host.stdout.includes('"stays"'), 'it has no answer yet');
  host.notify('$/cancelRequest', { id: 'stays' });
  t.is((await host.answer('stays')).error?.code, -32800);
});

test.serial('a runtime reservation that never completes is cancelled, and nothing is reserved', async (t) => {
  const host = await HostProcess.open(t, simulator.args);
  simulator.knob('portsim_set_delay', NEVER);
  const id = host.send('reservation.create', { ...runtime, timeout: 0 });
  host.notify('$/cancelRequest', { id });
  t.is((await host.answer(id)).error?.code, -32800);
  simulator.knob('portsim_set_delay', 0);
  t.true(await isFree(simulator, block));
  t.deepEqual(await host.result('reservation.list'), []);
});

offWindows('a query that netsh holds up is cancelled at once, and taken back: its client would end a host that is silent, with all that it holds', async (t) => {
  const netsh = gateNetsh(simulator, 'gated');
  const host = await HostProcess.open(t, netsh.args);
  const [cancelled, undone] = ['reservation.list', 'health.measure'].map((method) => host.send(method)) as [number, number];
  const letThrough = await netsh.waits();
  host.notify('$/cancelRequest', { id: cancelled });
  t.is((await host.answer(cancelled)).error?.code, -32800);
  t.deepEqual(await host.result('request.undo', { ids: [undone] }), { left: [] });
  t.is((await host.answer(undone)).error?.code, -32800);
  await letThrough();
  t.deepEqual(await host.result('reservation.list'), []);
});

offWindows('so is a creation that asks netsh why it was refused, or what is free', async (t) => {
  const netsh = gateNetsh(simulator, 'gated-creation');
  const host = await HostProcess.open(t, netsh.args);
  const create = { kind: 'persistent', protocols: ['tcp'] };
  await host.result('reservation.create', { ...create, startPort: block.startPort, numberOfPorts: 3 });
  const [refused, search] = [{ startPort: block.startPort }, {}].map((more) => host.send('reservation.create', { ...create, ...more, numberOfPorts: 1 }));
  const letThrough = await netsh.waits();
  for (const id of [refused, search]) host.notify('$/cancelRequest', { id });
  t.like(await host.answer(refused as number), { error: { code: 1, data: { reason: 'PortInUse' } } });
  t.is((await host.answer(search as number)).error?.code, -32800);
  await letThrough();
});

const exclusion = { kind: 'exclusion', protocols: ['tcp'], numberOfPorts: 1 } as const;

const READING_FIRST: readonly (readonly [name: string, method: string, params: object])[] = [
  ['an exclusion', 'reservation.create', { ...exclusion, startPort: block.startPort }],
  ['an exclusion that may exist', 'reservation.create', { ...exclusion, startPort: block.startPort, ifNotExists: true }],
  ['a block that WinNAT may hold', 'reservation.create', { ...exclusion, kind: 'persistent', startPort: block.startPort + 9, restartWinNat: true }],
  ['a dynamic range', 'dynamicRange.set', { protocols: ['tcp'], startPort: 30_000, numberOfPorts: 1_000 }],
];

for (const [name, method, params] of READING_FIRST) {
  offWindows(`so is ${name}, as long as netsh only reads`, async (t) => {
    simulator.knob('portsim_add_system_block', TCP, block.startPort + 9, 1, 1);
    const netsh = gateNetsh(simulator, name.replaceAll(' ', '-'));
    const host = await HostProcess.open(t, netsh.args);
    const other = await HostProcess.open(t, simulator.args);
    const read = async () => [await other.result('reservation.list'), await other.result('dynamicRange.get')];
    const before = await read();
    const id = host.send(method, params);
    const letThrough = await netsh.waits();
    host.notify('$/cancelRequest', { id });
    t.is((await host.answer(id)).error?.code, -32800);
    await letThrough();
    t.deepEqual(await read(), before);
    t.is(simulator.knobValue('portsim_winnat_state'), WINNAT.running);
  });
}

offWindows('an exclusion is cancelled while it waits for others that netsh is making, and is not made', async (t) => {
  const netsh = gateNetsh(simulator, 'gated-change', '*add*');
  const host = await HostProcess.open(t, netsh.args);
  // More than netsh is started for at a time.
  const startPorts = Array.from({ length: 20 }, (_, index) => block.startPort + index);
  const ids = startPorts.map((startPort) => host.send('reservation.create', { ...exclusion, startPort }));
  const letThrough = await netsh.waits();
  const last = ids.at(-1) as number;
  host.notify('$/cancelRequest', { id: last });
  t.is((await host.answer(last)).error?.code, -32800);
  await letThrough();
  for (const id of ids.slice(0, -1)) t.is((await host.answer(id)).error, undefined);
  const listed = await host.result<{ startPort: number }[]>('reservation.list');
  t.deepEqual(listed.map(({ startPort }) => startPort), startPorts.slice(0, -1));
});

test.serial('a cancellation inside the batch of its request finds it', async (t) => {
  const host = await withReservation(t);
  simulator.knob('portsim_set_delay', NEVER);
  const answers = await host.raw(JSON.stringify([
    { jsonrpc: '2.0', id: 'pending', method: 'bind.create', params: { ...block, timeout: 0 } },
    { jsonrpc: '2.0', method: '$/cancelRequest', params: { id: 'pending' } },
  ]));
  t.like(answers, { length: 1, 0: { id: 'pending', error: { code: -32800 } } });
});

test.serial('a cancellation of a request that is answered, unknown or without an id changes nothing', async (t) => {
  const host = await withReservation(t);
  const id = host.send('bind.create', block);
  const { result } = await host.answer<BindData[]>(id);
  for (const params of [{ id }, { id: 'nobody' }, { id: null }, {}]) host.notify('$/cancelRequest', params);
  t.deepEqual(await host.result('bind.close', { id: result?.[0]?.id }), { closed: true });
});

test.serial('a bind and a reservation that take longer than their timeout end with OperationTimeout', async (t) => {
  const host = await withReservation(t);
  simulator.knob('portsim_set_delay', NEVER);
  const requests = [
    ['bind.create', { ...block, timeout: 30 }, 'SIO_ASSOCIATE_PORT_RESERVATION'],
    ['reservation.create', { kind: 'runtime', protocols: ['udp'], numberOfPorts: 1, timeout: 30 }, 'SIO_ACQUIRE_PORT_RESERVATION'],
  ] as const;
  for (const [method, params, syscall] of requests) {
    const { code, data } = await host.error(method, params);
    t.is(code, 1);
    t.like(data, { reason: 'OperationTimeout', code: 'ETIMEDOUT', syscall, nativeCode: null });
  }
  simulator.knob('portsim_set_delay', 0);
  t.like(await host.result('bind.create', { ...block, count: 3 }), { length: 3 });
});

test.serial('a delay shorter than the timeout is waited for', async (t) => {
  const host = await withReservation(t);
  simulator.knob('portsim_set_delay', 100);
  t.like(await host.result('bind.create', { ...block, count: 2, timeout: 100_000 }), { length: 2 });
});
