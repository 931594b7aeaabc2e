import test from 'ava';
import type { ReservationData } from '../../src/blocks.js';
import type { NotRead } from '../../src/index.js';
import { breakNetsh } from '../helpers/broken-netsh.js';
import { HostProcess } from '../helpers/host-process.js';
import { portsOf } from '../helpers/ports.js';
import { openSimulator } from '../helpers/simulator.js';

const simulator = await openSimulator(test);

const base = portsOf(import.meta.url);
const { args } = breakNetsh(simulator, 'missing');

test.serial('without netsh, the list has the runtime reservations of the session, and what it lacks if that is wanted', async (t) => {
  const host = await HostProcess.open(t, args);
  const [made] = await host.result<ReservationData[]>('reservation.create', { kind: 'runtime', protocols: ['tcp'], startPort: base, numberOfPorts: 3 });
  t.like((await host.error('reservation.list', { protocols: ['tcp'] })).data, { reason: 'NotSupported', code: 'ENOENT', syscall: 'netsh' });
  const listed = await host.result<{ reservations: ReservationData[]; notRead: NotRead[] }>('reservation.list', { protocols: ['tcp'], partial: true });
  t.deepEqual(listed.reservations, made ? [made] : []);
  t.like(listed.notRead, { length: 1, 0: { list: 'excludedPortRanges', protocol: 'tcp', reason: 'NotSupported', code: 'ENOENT' } });
  const [explanation] = await host.result<Record<string, unknown>[]>('port.explain', { protocol: 'tcp', ports: [base + 1] });
  t.like(explanation, { canBind: false, reason: 'RuntimeReservation', block: made, inDynamicRange: null, disagreement: null, notRead: { length: 2 } });
});

test.serial('a whole list is partial too, with nothing missing', async (t) => {
  const host = await HostProcess.open(t, simulator.args);
  const [made] = await host.result<ReservationData[]>('reservation.create', { kind: 'persistent', protocols: ['tcp'], startPort: base, numberOfPorts: 3 });
  t.deepEqual<unknown, unknown>(await host.result('reservation.list', { partial: true }), { reservations: [made], notRead: [] });
});

test.serial('without netsh, the search and the map name what they lack', async (t) => {
  const host = await HostProcess.open(t, args);
  t.like(await host.result('block.find', { protocols: ['tcp'], numberOfPorts: 2, from: base }), { startPort: base, notRead: { length: 2 } });
  t.like(await host.result('map.render', { protocols: ['udp'], format: 'text' }), { notRead: { length: 2 } });
});
