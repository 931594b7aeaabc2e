// Answers as rows, and what is taken back: for the cmdlets.
import test from 'ava';
import { HostProcess } from '../helpers/host-process.js';
import { NEVER } from '../helpers/knobs.js';
import { PORTS } from '../helpers/ports.js';
import { createSimulator } from '../helpers/simulator.js';

const simulator = await createSimulator();
test.after.always(() => simulator.dispose());
test.beforeEach(() => simulator.knob('portsim_reset'));

const PORT = PORTS.host + 700;
const INITIALIZE = { jsonrpc: '2.0', id: 1, method: 'initialize', params: { protocolVersion: 1, answers: 'rows' } };

/** The fields of the answer to one line. */
async function fields(host: HostProcess, ...requests: { id: number; method: string; params?: unknown }[]): Promise<string[]> {
  const line: unknown = await host.raw(JSON.stringify(requests.length === 1 ? requests[0] : requests));
  if (typeof line !== 'string') throw new Error(`not a row: ${JSON.stringify(line)}`);
  return line.split('\t');
}

const request = (id: number, method: string, params: unknown = {}) => ({ jsonrpc: '2.0', id, method, params });

async function open(t: Parameters<typeof HostProcess.open>[0]): Promise<HostProcess> {
  const host = HostProcess.start(t, simulator.args);
  const [id, object] = await fields(host, INITIALIZE);
  if (id !== 'a1' || object?.[0] !== 'o') throw new Error(`initialize gave ${String(id)} ${String(object)}`);
  return host;
}

test.serial('a batch is one row: reservations without letters, and errors with their fields', async (t) => {
  const host = await open(t);
  const create = { kind: 'Persistent', protocols: ['Tcp'], startPort: PORT, numberOfPorts: 2 };
  const row = await fields(host, request(2, 'reservation.create', create), request(3, 'reservation.create', create));
  const token = row[7] ?? '';
  t.regex(token, /^\d+$/);
  t.deepEqual(row.slice(0, 12), ['a2', 'l1', 'r', 'Persistent', 'Tcp', `${PORT}`, '2', token, '', '', 'Persistent', '']);
  t.deepEqual([row[12], row[13], row[16], row[17]], ['e3', 'PortInUse', '32', 'ERROR_SHARING_VIOLATION']);
});

test.serial('words are those of PowerShell in both directions, whatever their case', async (t) => {
  const host = await open(t);
  const row = await fields(host, request(2, 'reservation.create',
    { kind: 'runtime', protocols: ['UDP'], startPort: PORT, numberOfPorts: 1, addressFamily: 'InterNetworkV6', ifNotExists: true }));
  t.deepEqual([row[3], row[4], row[8], row[10], row[11]], ['Runtime', 'Udp', 'InterNetworkV6', 'Active', '1']);
  const [, object, type, ...members] = await fields(host, request(3, 'host.get'));
  t.deepEqual([object, type], ['o5', 'PortReservation.Host']);
  t.deepEqual(members.filter((_, index) => index % 2 === 0), ['ProcessId', 'NodeVersion', 'Backend', 'IsElevated', 'UptimeSeconds']);
});

test.serial('a map is given line by line, with its colors', async (t) => {
  const host = await open(t);
  const row = await fields(host, request(2, 'map.render', { protocols: ['Tcp'], format: 'text', width: 80, color: true }));
  t.is(row[3], 'Items');
  t.true(row.some((field) => field.includes('\u001B[')));
});

test.serial('a line that is no JSON is a row as well', async (t) => {
  const host = await open(t);
  const line: unknown = await host.raw('no JSON');
  t.is(line, ['enull', '', 'the line is not JSON', '', '', ''].join('\t'));
});

test.serial('find gives exactly this block of any kind, and says in which protocols it is missing', async (t) => {
  const host = await HostProcess.open(t, simulator.args);
  await host.result('reservation.create', { kind: 'exclusion', protocols: ['tcp'], startPort: PORT, numberOfPorts: 2 });
  await host.result('reservation.create', { kind: 'persistent', protocols: ['udp'], startPort: PORT, numberOfPorts: 2 });
  const block = { protocols: ['tcp', 'udp'], startPort: PORT, numberOfPorts: 2 };
  t.like(await host.result('reservation.find', block), { reservations: [{ kind: 'exclusion' }, { kind: 'persistent' }], missing: [], notRead: [] });
  t.like(await host.result('reservation.find', { ...block, numberOfPorts: 1 }),
    { reservations: [], missing: [{ protocol: 'tcp', error: { nativeCode: 1168 } }, { protocol: 'udp' }] });
  t.like(await host.result('reservation.find', { ...block, kinds: ['exclusion'] }), { reservations: [{ protocol: 'tcp' }], missing: [{ protocol: 'udp', error: null }] });
});

test.serial('what requests made is taken back but for what was given, and only once', async (t) => {
  const host = await HostProcess.open(t, simulator.args);
  const create = { kind: 'persistent', protocols: ['tcp', 'udp'], numberOfPorts: 1 };
  await host.raw(JSON.stringify([
    request(11, 'reservation.create', { ...create, startPort: PORT }), request(12, 'reservation.create', { ...create, startPort: PORT + 1, kind: 'exclusion' }),
    request(13, 'bind.create', { protocol: 'tcp', startPort: PORT, numberOfPorts: 1 }),
  ]));
  t.deepEqual(await host.result('request.undo', { ids: [11, 12, 13], given: 1 }), { left: [] });
  t.like(await host.result('reservation.list'), [{ protocol: 'tcp', startPort: PORT }]);
  t.is((await host.result<unknown[]>('reservation.list')).length, 1);
  t.like(await host.result('bind.create', { protocol: 'tcp', startPort: PORT, numberOfPorts: 1 }), { length: 1 }, 'the socket is closed');
  t.deepEqual(await host.result('request.undo', { ids: [11, 12, 13] }), { left: [] });
  t.is((await host.result<unknown[]>('reservation.list')).length, 1);
});

test.serial('what cannot be taken back is named, and what was there before is not taken back', async (t) => {
  const host = await HostProcess.open(t, simulator.args);
  const create = { kind: 'persistent', protocols: ['tcp'], startPort: PORT, numberOfPorts: 2 };
  host.send('reservation.create', create, 21);
  await host.answer(21);
  host.send('reservation.create', { ...create, ifNotExists: true }, 22);
  await host.answer(22);
  t.deepEqual(await host.result('request.undo', { ids: [22] }), { left: [] });
  simulator.knob('portsim_set_elevated', 0);
  const { left } = await host.result<{ left: { name: string; message: string }[] }>('request.undo', { ids: [21] });
  t.is(left[0]?.name, `Tcp ${PORT}-${PORT + 1} (Persistent)`);
  t.regex(left[0]?.message ?? '', /EACCES|access/i);
});

test.serial('an undo of what is under way cancels it and waits for its end', async (t) => {
  const host = await HostProcess.open(t, simulator.args);
  await host.result('reservation.create', { kind: 'persistent', protocols: ['tcp'], startPort: PORT, numberOfPorts: 2 });
  simulator.knob('portsim_set_delay', NEVER);
  host.send('bind.create', { protocol: 'tcp', startPort: PORT, numberOfPorts: 2, timeout: 0 }, 31);
  t.deepEqual(await host.result('request.undo', { ids: [31] }), { left: [] });
  t.is((await host.answer(31)).error?.code, -32800);
});
