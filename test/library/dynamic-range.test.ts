import test from 'ava';
import { openPortReservations } from '../../src/index.js';
import type { DynamicPortRangeSetting } from '../../src/index.js';
import { TCP, UDP } from '../helpers/knobs.js';
import { openLibrary } from '../helpers/library.js';

const { simulator, reservations } = await openLibrary(test);

const pairs = [['tcp', 'IPv4'], ['tcp', 'IPv6'], ['udp', 'IPv4'], ['udp', 'IPv6']] as const;
const ranges = (start: number, count: number, of: readonly (readonly ['tcp' | 'udp', 'IPv4' | 'IPv6'])[] = pairs): DynamicPortRangeSetting[] =>
  of.map(([protocol, addressFamily]) => ({
    protocol, addressFamily, startPort: start, endPort: start + count - 1, numberOfPorts: count, isDefault: start === 49_152 && count === 16_384,
  }));
const standard = ranges(49_152, 16_384);
const wanted = { startPort: 40_000, numberOfPorts: 1_000 };

test.serial('the dynamic range is read for each protocol and family (N8)', async (t) => {
  t.deepEqual(await reservations.getDynamicPortRanges(), standard);
  t.deepEqual(await reservations.getDynamicPortRanges(['udp']), standard.slice(2));
  simulator.knob('portsim_set_dynamic_range', UDP, 1024, 13_977);
  t.deepEqual(await reservations.getDynamicPortRanges(['udp', 'tcp']), [...standard.slice(0, 2), ...ranges(1024, 13_977, pairs.slice(2))]);
});

test.serial('it is set for both families, and for one where only one is wanted', async (t) => {
  t.deepEqual(await reservations.setDynamicPortRange({ protocols: ['tcp'], ...wanted }), ranges(40_000, 1_000, pairs.slice(0, 2)));
  t.deepEqual(await reservations.setDynamicPortRange({ protocols: ['udp'], addressFamilies: ['IPv6'], startPort: 1025, numberOfPorts: 255 }),
    ranges(1025, 255, pairs.slice(3)));
  t.deepEqual(await reservations.getDynamicPortRanges(), [...ranges(40_000, 1_000, pairs.slice(0, 2)), ...standard.slice(2, 3), ...ranges(1025, 255, pairs.slice(3))]);
  t.deepEqual(await reservations.setDynamicPortRange({ protocols: ['udp', 'tcp'], startPort: 49_152, numberOfPorts: 16_384 }), standard);
  t.is(await reservations.findFree({ protocols: ['tcp'], numberOfPorts: 2, from: 40_000 }), 40_000, 'no longer in the dynamic range');
});

for (const [startPort, numberOfPorts, message] of [
  [1024, 16_384, /startPort 1024 .*1025.*N10/], [0, 300, /startPort 0 /], [65_536, 300, /startPort 65536 /], [49_152, 254, /numberOfPorts 254 .*255.*N10/],
  [49_152, 0, /numberOfPorts 0 /], [49_153, 16_384, /numberOfPorts 16384 .*at most 16383.*N10/], [65_300, 300, /65281 or lower.*N10/],
  [65_535, 255, /65281 or lower/], [49_152.5, 300, /startPort 49152\.5 /], [Number.NaN, 300, /startPort NaN /],
] as const) {
  test.serial(`${startPort} + ${numberOfPorts} is refused before anything changes (N10)`, async (t) => {
    const error = await t.throwsAsync(reservations.setDynamicPortRange({ protocols: ['tcp', 'udp'], startPort, numberOfPorts }), { message });
    t.like(error, { name: 'PortReservationError', reason: 'InvalidParameter' });
    t.deepEqual(await reservations.getDynamicPortRanges(), standard);
  });
}

test.serial('protocols and families that there are not are refused', async (t) => {
  for (const request of [{ protocols: [] }, { protocols: ['sctp' as 'tcp'] }, { protocols: ['tcp' as const], addressFamilies: ['IPv5' as 'IPv4'] }]) {
    t.like(await t.throwsAsync(reservations.setDynamicPortRange({ ...wanted, ...request })), { reason: 'InvalidParameter' });
  }
  t.deepEqual(await reservations.getDynamicPortRanges(), standard);
});

for (const family of ['ipv4', 'ipv6']) {
  test.serial(`where netsh refuses one of them, ${family}, none is changed`, async (t) => {
    simulator.knob('portsim_set_dynamic_range', TCP, 1024, 13_977);
    simulator.knob('portsim_fail_next', `netsh ${family} set`, 31);
    const before = await reservations.getDynamicPortRanges();
    const error = await t.throwsAsync(reservations.setDynamicPortRange({ protocols: ['udp'], ...wanted }), { message: /not functioning/ });
    t.like(error, { name: 'PortReservationError', reason: 'NativeError', code: 'EIO', syscall: 'netsh' });
    t.deepEqual(await reservations.getDynamicPortRanges(), before);
  });
}

test.serial('what could not be set back is named: Windows takes no start below 1025, not even one that was there', async (t) => {
  simulator.knob('portsim_set_dynamic_range', TCP, 1024, 13_977);
  simulator.knob('portsim_fail_next', 'netsh ipv6 set', 31);
  await t.throwsAsync(reservations.setDynamicPortRange({ protocols: ['tcp'], ...wanted }),
    { message: /tcp and IPv4 \(it was 1024-15000\) could not be set back/ });
});

test.serial('without elevation nothing is changed, and the error says so', async (t) => {
  simulator.knob('portsim_set_elevated', 0);
  const error = await t.throwsAsync(reservations.setDynamicPortRange({ protocols: ['tcp', 'udp'], ...wanted }));
  t.like(error, { reason: 'AccessDenied', code: 'EPERM', block: { protocol: 'tcp', ...wanted } });
  t.deepEqual(await reservations.getDynamicPortRanges(), standard);
  // Nothing is to be changed.
  t.deepEqual(await reservations.setDynamicPortRange({ protocols: ['tcp'], startPort: 49_152, numberOfPorts: 16_384 }), standard.slice(0, 2));
});

test.serial('changes made together come one after the other', async (t) => {
  const other = { startPort: 50_000, numberOfPorts: 2_000 };
  const [first, second] = await Promise.allSettled([
    reservations.setDynamicPortRange({ protocols: ['tcp'], ...wanted }), reservations.setDynamicPortRange({ protocols: ['tcp'], ...other }),
  ]);
  t.deepEqual(first.status === 'fulfilled' && first.value, ranges(40_000, 1_000, pairs.slice(0, 2)));
  t.deepEqual(second.status === 'fulfilled' && second.value, ranges(50_000, 2_000, pairs.slice(0, 2)));
});

test.serial('an abort that comes in time changes nothing', async (t) => {
  const reason = new Error('no');
  t.is(await t.throwsAsync(reservations.setDynamicPortRange({ protocols: ['tcp'], ...wanted, signal: AbortSignal.abort(reason) })), reason);
  t.deepEqual(await reservations.getDynamicPortRanges(), standard);
});

test.serial('settled waits for a change that is under way', async (t) => {
  using own = openPortReservations({ simulator: simulator.options });
  void own.setDynamicPortRange({ protocols: ['tcp', 'udp'], ...wanted });
  await own.settled();
  t.deepEqual(await reservations.getDynamicPortRanges(), ranges(40_000, 1_000));
});
