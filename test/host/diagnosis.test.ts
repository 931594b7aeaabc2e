import test from 'ava';
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ReservationData } from '../../src/blocks.js';
import { removeFolder } from '../../scripts/remove-folder.mjs';
import { gateNetsh } from '../helpers/gated-netsh.js';
import { HostProcess } from '../helpers/host-process.js';
import { TCP, TCP_STATE, WINNAT } from '../helpers/knobs.js';
import { offWindows } from '../helpers/platform.js';
import { portsOf } from '../helpers/ports.js';
import { openSimulator } from '../helpers/simulator.js';

const simulator = await openSimulator(test);

const base = portsOf(import.meta.url);

test.serial('a map is written to a file, completely or not at all, and over another only if that is said', async (t) => {
  const host = await HostProcess.open(t, simulator.args);
  const folder = await mkdtemp(join(tmpdir(), 'port-reservation-map-'));
  t.teardown(() => removeFolder(folder));
  const path = join(folder, 'ports.svg');
  t.like(await host.result('map.render', { format: 'svg', path }), { text: path, notRead: [] });
  t.regex(await readFile(path, 'utf8'), /^<svg[^]*\n$/);
  await writeFile(path, 'mine');
  t.like((await host.error('map.render', { format: 'svg', path })).data, { reason: 'InvalidParameter' });
  t.is(await readFile(path, 'utf8'), 'mine');
  await host.result('map.render', { format: 'svg', path, force: true });
  t.regex(await readFile(path, 'utf8'), /^<svg/);
  for (const [wrong, reason, code] of [
    ['ports.svg', 'InvalidParameter', 'EINVAL'], [folder, 'InvalidParameter', 'EINVAL'], [join(folder, 'ports.txt'), 'InvalidParameter', 'EINVAL'],
    [join(folder, 'none', 'ports.svg'), 'NativeError', 'ENOENT'],
  ] as const) {
    t.like((await host.error('map.render', { format: 'svg', path: wrong, force: true })).data, { reason, code }, wrong);
  }
  t.deepEqual(await readdir(folder), ['ports.svg']);
});

offWindows('a map that is cancelled while netsh is asked is not written to its file', async (t) => {
  const netsh = gateNetsh(simulator, 'gated-map');
  const host = await HostProcess.open(t, netsh.args);
  const path = join(simulator.folder, 'cancelled.svg');
  const id = host.send('map.render', { format: 'svg', path });
  const letThrough = await netsh.waits();
  host.notify('$/cancelRequest', { id });
  t.like(await host.answer(id), { error: { code: -32800 } });
  await letThrough();
  // Takes longer than what is left of the other.
  await host.result('map.render', { format: 'svg' });
  t.false(existsSync(path));
});

offWindows('a map does not take the place of a pipe', async (t) => {
  const host = await HostProcess.open(t, simulator.args);
  const path = join(simulator.folder, 'pipe.svg');
  t.is(spawnSync('mkfifo', [path]).status, 0);
  const { message } = await host.error('map.render', { format: 'svg', path, force: true });
  t.regex(message, /path ".*pipe\.svg" is not valid: it must be a file, not a device or a pipe/);
});

test.serial('a port is explained, with the block as plain data', async (t) => {
  const host = await HostProcess.open(t, simulator.args);
  const [made] = await host.result<ReservationData[]>('reservation.create', { kind: 'persistent', protocols: ['tcp'], startPort: base, numberOfPorts: 3 });
  const [explanation] = await host.result<Record<string, unknown>[]>('port.explain', { protocol: 'tcp', ports: [base + 1] });
  t.like(explanation, { canBind: false, reason: 'PersistentReservation', block: made, owningProcess: null, processStartTime: null });
  t.like((await host.error('port.explain', { protocol: 'tcp', ports: [0] })).data, { reason: 'InvalidParameter' });
});

test.serial('the owners of a port are plain data', async (t) => {
  const host = await HostProcess.open(t, simulator.args);
  simulator.knob('portsim_set_process', 5000, 'C:\\Windows\\System32\\spoolsv.exe');
  simulator.knob('portsim_add_service', 'Spooler', 5000);
  for (const address of ['0.0.0.0', '::']) simulator.knob('portsim_add_endpoint', TCP, address, base, TCP_STATE.listen, 5000);
  const [explanation] = await host.result<{ owners: object[] }[]>('port.explain', { protocol: 'tcp', ports: [base] });
  const owner = {
    protocol: 'tcp', state: 'Listen', processId: 5000, processName: 'spoolsv.exe', path: 'C:\\Windows\\System32\\spoolsv.exe',
    startTime: '2025-01-01T00:00:00.000Z', services: ['Spooler'],
  };
  t.deepEqual(explanation?.owners, [
    { ...owner, addressFamily: 'IPv4', localAddress: '0.0.0.0' }, { ...owner, addressFamily: 'IPv6', localAddress: '::' },
  ]);
});

test.serial('one address is tried alone', async (t) => {
  const host = await HostProcess.open(t, simulator.args);
  simulator.knob('portsim_add_endpoint', TCP, '127.0.0.1', base, TCP_STATE.listen, 5000);
  const explain = (localAddress?: unknown) => ({ protocol: 'tcp', ports: [base], ...localAddress === undefined ? {} : { localAddress } });
  const answers = await Promise.all([undefined, '127.0.0.1', '::1'].map(async (address) => host.result<object[]>('port.explain', explain(address))));
  t.like(answers.flat(), [{ canBind: false, localAddress: null }, { canBind: false, localAddress: '127.0.0.1' }, { canBind: true, localAddress: '::1' }]);
  for (const address of ['localhost', 5, 'x'.repeat(65)]) t.like((await host.error('port.explain', explain(address))).data, { reason: 'InvalidParameter' });
});

test.serial('a refused creation is an error that names what is in the way, of each request of a batch', async (t) => {
  const host = await HostProcess.open(t, simulator.args);
  simulator.knob('portsim_set_process', 5000, 'C:\\a\\one.exe');
  simulator.knob('portsim_add_endpoint', TCP, '0.0.0.0', base + 1, TCP_STATE.listen, 5000);
  simulator.knob('portsim_add_exclusion', TCP, base + 10, 10, 1);
  const create = (kind: string, startPort: number, ifNotExists = false) => ({ kind, protocols: ['tcp'], startPort, numberOfPorts: 2, ifNotExists });
  const said = await Promise.all([create('persistent', base), create('runtime', base + 1), create('exclusion', base + 15)]
    .map(async (params) => (await host.error('reservation.create', params)).data));
  t.regex(said[0]?.message ?? '', new RegExp(`Port ${base + 1} is in use by one\\.exe \\(process 5000\\)$`));
  t.regex(said[1]?.message ?? '', new RegExp(`Port ${base + 1} is in use by one\\.exe \\(process 5000\\)$`));
  t.regex(said[2]?.message ?? '', new RegExp(`in the exclusion tcp ${base + 10}-${base + 19}$`));
  t.regex(said[2]?.advice ?? '', /^The exclusion already does the job/);
  const [found] = await host.result<ReservationData[]>('reservation.create', create('exclusion', base + 15, true));
  t.like(found, { startPort: base + 10, endPort: base + 19, kind: 'exclusion' });
});

test.serial('a free block is found, and taken by a creation without a start port', async (t) => {
  const host = await HostProcess.open(t, simulator.args);
  simulator.knob('portsim_add_system_block', TCP, base, 5, 0);
  const search = { protocols: ['tcp', 'udp'], numberOfPorts: 3, from: base + 3 };
  t.deepEqual(await host.result('block.find', search), { startPort: base + 5, notRead: [] });
  for (const kind of ['persistent', 'exclusion']) {
    const made = await host.result<ReservationData[]>('reservation.create', { kind, ...search });
    t.deepEqual(made.map((block) => [block.kind, block.protocol]), [[kind, 'tcp'], [kind, 'udp']]);
  }
  t.deepEqual(await host.result('block.find', search), { startPort: base + 11, notRead: [] });
});

test.serial('the map comes as text, SVG or HTML, in one line of the protocol', async (t) => {
  const host = await HostProcess.open(t, simulator.args);
  const render = async (params: object) => (await host.result<{ text: string }>('map.render', params)).text;
  t.true((await render({ format: 'text', protocols: ['udp'], width: 80 })).startsWith('UDP ports'));
  t.true((await render({ format: 'svg' })).startsWith('<svg '));
  t.true((await render({ format: 'html' })).startsWith('<!doctype html>'));
  t.regex((await host.error('map.render', { format: 'png' })).message, /format/);
});

test.serial('WinNAT is stopped and started for a block of its, and for no other', async (t) => {
  const host = await HostProcess.open(t, simulator.args);
  simulator.knob('portsim_set_winnat', WINNAT.running);
  simulator.knob('portsim_add_system_block', TCP, base, 5, 1);
  const request = { kind: 'persistent', protocols: ['tcp'], startPort: base, numberOfPorts: 5 };
  t.like((await host.error('reservation.create', request)).data, { reason: 'PortInUse' });
  const [made] = await host.result<ReservationData[]>('reservation.create', { ...request, restartWinNat: true });
  t.like(made, { startPort: base, kind: 'persistent' });
  t.is(simulator.knobValue('portsim_winnat_state'), WINNAT.running);
});
