import test from 'ava';
import type { ReservationData } from '../../src/blocks.js';
import { HostProcess } from '../helpers/host-process.js';
import { TCP, UDP } from '../helpers/knobs.js';
import { portsOf } from '../helpers/ports.js';
import { openSimulator } from '../helpers/simulator.js';
import { isFree, tokenOf } from '../helpers/system.js';

const simulator = await openSimulator(test);

const first = portsOf(import.meta.url);
const tcp = { protocol: 'tcp', startPort: first, numberOfPorts: 10 } as const;
const udp = { ...tcp, protocol: 'udp' } as const;
const both = { kind: 'persistent', protocols: ['tcp', 'udp'], startPort: first, numberOfPorts: 10 } as const;

type Reservations = ReservationData[];
const shape = { startPort: first, endPort: first + 9, numberOfPorts: 10, kind: 'persistent', addressFamily: null, owningProcess: null, store: 'persistent' };

test.serial('a persistent reservation is created, found, listed and removed with the token the store has', async (t) => {
  const host = await HostProcess.open(t, simulator.args);
  const made = await host.result<Reservations>('reservation.create', { ...both, protocols: ['tcp'] });
  const expected = { ...shape, protocol: 'tcp' as const, token: tokenOf(simulator, tcp) };
  t.regex(expected.token ?? '', /^[1-9]\d*$/);
  t.deepEqual<unknown, unknown>(made, [expected]);
  t.deepEqual<unknown, unknown>(await host.result('reservation.get', tcp), expected);
  t.deepEqual<unknown, unknown>(await host.result('reservation.list', { protocols: ['tcp'] }), [expected]);
  t.deepEqual<unknown, unknown>(await host.result('reservation.remove', { kind: 'persistent', ...tcp }), expected);
  t.is(tokenOf(simulator, tcp), null);
  t.deepEqual(await host.result('reservation.list'), []);
});

test.serial('tokens above 2^53 and above 2^63 arrive digit by digit', async (t) => {
  const host = await HostProcess.open(t, simulator.args);
  const seen = { exact: 0, above53: 0, above63: 0 };
  for (let port = first; port < first + 64; port += 1) {
    const block = { protocol: 'tcp', startPort: port, numberOfPorts: 1 } as const;
    const [made] = await host.result<Reservations>('reservation.create', { kind: 'persistent', protocols: ['tcp'], startPort: port, numberOfPorts: 1 });
    const token = made?.token ?? '0';
    t.is(token, tokenOf(simulator, block) ?? '');
    t.is((await host.result<ReservationData>('reservation.get', block)).token, token);
    if (Number(token).toFixed(0) === token) seen.exact += 1;
    if (BigInt(token) > 2n ** 53n) seen.above53 += 1;
    if (BigInt(token) > 2n ** 63n) seen.above63 += 1;
  }
  t.true(seen.above53 > 0 && seen.above63 > 0 && seen.exact < 64, JSON.stringify(seen));
});

test.serial('both protocols give two reservations with a token each', async (t) => {
  const host = await HostProcess.open(t, simulator.args);
  const made = await host.result<Reservations>('reservation.create', both);
  t.deepEqual(made.map(({ protocol }) => protocol), ['tcp', 'udp']);
  t.deepEqual(made.map(({ token }) => token), [tokenOf(simulator, tcp), tokenOf(simulator, udp)]);
});

for (const taken of ['udp', 'tcp'] as const) {
  test.serial(`with the ${taken} block taken, both protocols are refused and neither is left behind`, async (t) => {
    simulator.knob('portsim_add_system_block', taken === 'tcp' ? 6 : 17, first + 9, 1, 0);
    const host = await HostProcess.open(t, simulator.args);
    const { code, data } = await host.error('reservation.create', both);
    t.is(code, 1);
    t.like(data, { reason: 'PortInUse', code: 'EBUSY', nativeCode: 32, nativeName: 'ERROR_SHARING_VIOLATION', block: { ...tcp, protocol: taken } });
    t.is(data?.syscall, `CreatePersistent${taken === 'tcp' ? 'Tcp' : 'Udp'}PortReservation`);
    t.is(tokenOf(simulator, tcp), null);
    t.is(tokenOf(simulator, udp), null);
  });
}

test.serial('with the udp block taken, a runtime reservation of both leaves tcp free', async (t) => {
  simulator.knob('portsim_add_system_block', UDP, first, 1, 0);
  const host = await HostProcess.open(t, simulator.args);
  t.is((await host.error('reservation.create', { ...both, kind: 'runtime' })).data?.reason, 'PortInUse');
  t.true(await isFree(simulator, tcp));
});

test.serial('when one protocol is there already, ifNotExists adds the other, and a failure takes back the new one alone', async (t) => {
  const host = await HostProcess.open(t, simulator.args);
  await host.result('reservation.create', { ...both, protocols: ['tcp'] });
  const token = tokenOf(simulator, tcp);
  simulator.knob('portsim_fail_next', 'CreatePersistentUdpPortReservation', 32);
  t.is((await host.error('reservation.create', { ...both, ifNotExists: true })).data?.reason, 'PortInUse');
  t.is(tokenOf(simulator, tcp), token);
  const made = await host.result<Reservations>('reservation.create', { ...both, ifNotExists: true });
  t.deepEqual(made.map((reservation) => reservation.token), [token, tokenOf(simulator, udp)]);
});

for (const kind of ['persistent', 'runtime'] as const) {
  test.serial(`a ${kind} block created twice is in use, and with ifNotExists the same one`, async (t) => {
    const host = await HostProcess.open(t, simulator.args);
    const request = { ...both, kind, ifNotExists: true };
    const made = await host.result<Reservations>('reservation.create', request);
    t.deepEqual<unknown, unknown>(await host.result('reservation.create', request), made.map((reservation) => ({ ...reservation, created: false })));
    t.is((await host.error('reservation.create', { ...request, ifNotExists: false })).data?.reason, 'PortInUse');
    t.is((await host.error('reservation.create', { ...request, numberOfPorts: 9 })).data?.reason, 'PortInUse');
    t.is((await host.result<Reservations>('reservation.list')).length, 2);
  });
}

test.serial('a runtime reservation names its process and family, and is gone after its removal', async (t) => {
  const host = await HostProcess.open(t, simulator.args);
  const [made] = await host.result<Reservations>('reservation.create', { ...both, kind: 'runtime', protocols: ['tcp'], addressFamily: 'IPv6' });
  t.like(made, { ...shape, protocol: 'tcp', kind: 'runtime', store: 'active', addressFamily: 'IPv6', owningProcess: host.child.pid ?? 0 });
  t.regex(made?.token ?? '', /^[1-9]\d*$/);
  t.false(await isFree(simulator, tcp));
  t.deepEqual(await host.result('reservation.get', { ...tcp, kind: 'runtime' }), made);
  t.deepEqual(await host.result('reservation.list', { kinds: ['runtime'] }), [made]);
  t.deepEqual(await host.result('reservation.remove', { kind: 'runtime', ...tcp }), made);
  t.true(await isFree(simulator, tcp));
  t.is((await host.error('reservation.remove', { kind: 'runtime', ...tcp })).data?.reason, 'TokenNotValid');
});

test.serial('a runtime reservation without a start port is a block of the system\'s choice', async (t) => {
  const host = await HostProcess.open(t, simulator.args);
  const made = await host.result<Reservations>('reservation.create', { kind: 'runtime', protocols: ['tcp', 'udp'], numberOfPorts: 5 });
  for (const { startPort, endPort, numberOfPorts } of made) {
    t.true(startPort > 0);
    t.is(endPort - startPort, 4);
    t.is(numberOfPorts, 5);
  }
});

test.serial('the runtime reservation of another session cannot be removed, and is listed as a block of the system', async (t) => {
  const [owner, other] = await Promise.all([HostProcess.open(t, simulator.args), HostProcess.open(t, simulator.args)]);
  await owner.result('reservation.create', { ...both, kind: 'runtime', protocols: ['tcp'] });
  t.is((await other.error('reservation.remove', { kind: 'runtime', ...tcp })).data?.reason, 'TokenNotValid');
  t.like(await other.result('reservation.list', { protocols: ['tcp'] }), { length: 1, 0: { startPort: first, kind: 'system', token: null, owningProcess: null } });
});

test.serial('a part of a block is not found, and not removed', async (t) => {
  const host = await HostProcess.open(t, simulator.args);
  await host.result('reservation.create', both);
  for (const part of [{ ...tcp, numberOfPorts: 9 }, { ...tcp, startPort: first + 1 }, { ...tcp, startPort: first + 1, numberOfPorts: 9 }]) {
    t.like((await host.error('reservation.get', part)).data, { reason: 'ReservationNotFound', nativeCode: 1168 });
    t.like((await host.error('reservation.remove', { kind: 'persistent', ...part })).data, { reason: 'ReservationNotFound', nativeCode: 1168 });
  }
  t.truthy(tokenOf(simulator, tcp));
});

test.serial('a protocol that is named twice counts once', async (t) => {
  const host = await HostProcess.open(t, simulator.args);
  const twice = { protocols: ['tcp', 'tcp'], startPort: first, numberOfPorts: 10 };
  const made = await host.result<Reservations>('reservation.create', { ...twice, kind: 'persistent' });
  t.is(made.length, 1);
  t.deepEqual(await host.result('reservation.find', twice), { reservations: made, missing: [], notRead: [] });
  t.deepEqual(await host.result('reservation.remove', { ...twice, kind: 'persistent' }), made[0]);
});

test.serial('the list filters by protocol, kind and port', async (t) => {
  const host = await HostProcess.open(t, simulator.args);
  simulator.knob('portsim_add_system_block', TCP, first + 20, 5, 0);
  simulator.knob('portsim_add_exclusion', UDP, first + 30, 5, 0);
  await host.result('reservation.create', both);
  const list = async (filter: object) =>
    (await host.result<Reservations>('reservation.list', filter)).map(({ protocol, kind, startPort }) => `${protocol} ${kind} ${startPort - first}`);
  t.deepEqual(await list({}), ['tcp persistent 0', 'tcp system 20', 'udp persistent 0', 'udp exclusion 30']);
  t.deepEqual(await list({ protocols: ['udp'] }), ['udp persistent 0', 'udp exclusion 30']);
  t.deepEqual(await list({ kinds: ['system', 'exclusion'] }), ['tcp system 20', 'udp exclusion 30']);
  t.deepEqual(await list({ port: first + 9 }), ['tcp persistent 0', 'udp persistent 0']);
  t.deepEqual(await list({ port: first + 10 }), []);
  t.deepEqual(await list({ port: first + 24, kinds: ['system'], protocols: ['tcp'] }), ['tcp system 20']);
});

test.serial('without an elevated administrator creation is refused and the look-up works', async (t) => {
  const host = await HostProcess.open(t, simulator.args);
  await host.result('reservation.create', { ...both, protocols: ['tcp'] });
  simulator.knob('portsim_set_elevated', 0);
  t.like(await host.result('host.get'), { isElevated: false });
  t.like((await host.error('reservation.create', { ...both, protocols: ['udp'] })).data, { reason: 'AccessDenied', code: 'EPERM', nativeCode: 5, nativeName: 'ERROR_ACCESS_DENIED' });
  t.is((await host.error('reservation.remove', { kind: 'persistent', ...tcp })).data?.reason, 'AccessDenied');
  t.like(await host.result('reservation.get', tcp), { startPort: first });
  t.like(await host.result('reservation.create', { kind: 'runtime', protocols: ['udp'], numberOfPorts: 1 }), { length: 1 });
});

test.serial('a release that the system refuses is an answer, and the reservation ends with its socket', async (t) => {
  const host = await HostProcess.open(t, simulator.args);
  await host.result('reservation.create', { ...both, kind: 'runtime', protocols: ['tcp'] });
  simulator.knob('portsim_fail_next', 'WSAIoctl', 10055);
  const { code, data } = await host.error('reservation.remove', { kind: 'runtime', ...tcp });
  t.is(code, 1);
  t.like(data, { reason: 'NativeError', nativeName: 'WSAENOBUFS', syscall: 'SIO_RELEASE_PORT_RESERVATION' });
  t.deepEqual(data?.block, tcp);
  t.true(await isFree(simulator, tcp));
  t.truthy(await host.result('host.get'));
});
