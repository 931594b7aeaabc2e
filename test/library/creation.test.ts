import test from 'ava';
import { Code } from '../../src/win32/codes.js';
import { TCP, UDP } from '../helpers/knobs.js';
import { openLibrary } from '../helpers/library.js';
import { portsOf } from '../helpers/ports.js';

const { simulator, reservations } = await openLibrary(test);

const base = portsOf(import.meta.url);
const request = { kind: 'persistent', protocols: ['tcp', 'udp'], startPort: base, numberOfPorts: 5 } as const;
const starts = async () => (await reservations.list({ kinds: ['persistent'] })).map(({ protocol, startPort }) => [protocol, startPort]);

test.serial('when the second protocol fails, the first is taken back', async (t) => {
  simulator.knob('portsim_add_system_block', UDP, base, 1, 0);
  t.like(await t.throwsAsync(reservations.create(request)), { reason: 'PortInUse' });
  t.deepEqual(await starts(), []);
});

test.serial('when the system has no block for the second protocol, the one that it chose for the first is taken back', async (t) => {
  const runtime = { kind: 'runtime', protocols: ['tcp', 'udp'], numberOfPorts: 5 } as const;
  const made = await reservations.createOrFind(runtime);
  t.deepEqual(made.map(({ created, reservation }) => [created, reservation.protocol]), [[true, 'tcp'], [true, 'udp']]);
  for (const { reservation } of made) await reservations.remove('runtime', reservation);
  simulator.knob('portsim_add_system_block', UDP, 1, 65535, 0);
  t.like(await t.throwsAsync(reservations.create(runtime)), { reason: 'ReservationExhausted' });
  t.deepEqual(await reservations.list({ kinds: ['runtime'] }), []);
});

test.serial('what cannot be taken back is told, and not hidden by the next try: of a search, or after a stop of winnat', async (t) => {
  for (const [name, more] of [['a search', { startPort: undefined, from: base }], ['a stop', { restartWinNat: true }], ['neither', {}]] as const) {
    simulator.knob('portsim_reset');
    // In the way of a search only when it is tried.
    simulator.knob('portsim_set_hcn', 0);
    if (name === 'a search') simulator.knob('portsim_add_hidden_holder', UDP, base, 1);
    else simulator.knob('portsim_add_system_block', UDP, base, 1, 1);
    simulator.knob('portsim_fail_next', 'DeletePersistentTcpPortReservation', Code.ERROR_ACCESS_DENIED);
    const error = await t.throwsAsync(reservations.create({ ...request, ...more }), undefined, name);
    t.regex(error.message, new RegExp(`and tcp ${base}-${base + 4}, reserved before, could not be removed again: `), name);
    t.like(error, { reason: 'PortInUse', advice: `Remove tcp ${base}-${base + 4} yourself.` }, name);
    t.deepEqual(await starts(), [['tcp', base]], name);
  }
});

test.serial('what was there before, or another script was quicker to create, is not taken back', async (t) => {
  reservations.createPersistent({ protocol: 'tcp', startPort: base, numberOfPorts: 5 });
  simulator.knob('portsim_add_system_block', UDP, base, 1, 0);
  t.like(await t.throwsAsync(reservations.create({ ...request, ifNotExists: true })), { reason: 'PortInUse' });
  t.deepEqual(await starts(), [['tcp', base]]);
  // Not there at the first look, and there when it is to be created.
  simulator.knob('portsim_fail_next', 'LookupPersistentTcpPortReservation', Code.ERROR_NOT_FOUND);
  t.like(await t.throwsAsync(reservations.create({ ...request, ifNotExists: true })), { reason: 'PortInUse' });
  t.deepEqual(await starts(), [['tcp', base]]);
});

test.serial('aborted just as both protocols are reserved, both are taken back, and the error names each that cannot be', async (t) => {
  const isThere = () => {
    try {
      return reservations.lookupPersistent({ protocol: 'udp', startPort: base, numberOfPorts: 5 }).token > 0n;
    } catch {
      return false;
    }
  };
  for (const [failures, reason, said] of [
    [[], new Error('enough'), 'enough'], [['Tcp'], new Error('enough'), 'enough'], [['Tcp', 'Udp'], new Error('enough'), 'enough'],
    // Of which no text can be made.
    [['Tcp', 'Udp'], Object.create(null) as unknown, 'object'],
  ] as const) {
    for (const name of failures) simulator.knob('portsim_fail_next', `DeletePersistent${name}PortReservation`, Code.ERROR_ACCESS_DENIED);
    const controller = new AbortController();
    const creation = reservations.create({ ...request, signal: controller.signal });
    // Its steps are microtasks, and so are these.
    while (!isThere()) await Promise.resolve();
    controller.abort(reason);
    const error = await t.throwsAsync(creation);
    const left = failures.map((name) => [name.toLowerCase(), base]);
    t.deepEqual(await starts(), left);
    const named = failures.map((name) => `; and ${name.toLowerCase()} ${base}-${base + 4}, reserved before, could not be removed again: [^;]+`);
    t.regex(error.message, new RegExp(`^${said}${named.join('')}$`));
    simulator.knob('portsim_reset');
  }
});

test.serial('a block is read once: what a getter says the next time is not reserved', async (t) => {
  for (const name of ['startPort', 'numberOfPorts'] as const) {
    const values = [5, 70_000];
    const changing = Object.defineProperty({ protocol: 'tcp' as const, startPort: base, numberOfPorts: 5 }, name, { get: () => values.shift() });
    const { startPort, numberOfPorts } = reservations.createPersistent(changing);
    t.like((await reservations.list())[0], { startPort, numberOfPorts });
    reservations.deletePersistent({ protocol: 'tcp', startPort, numberOfPorts });
  }
});

test.serial('what a request has from another object holds: a store, a signal, an address', async (t) => {
  const inherits = <Own extends object, Given extends object>(given: Given, own: Own) => Object.assign(Object.create(given) as Given, own);
  const exclusion = { kind: 'exclusion', protocols: ['tcp'], startPort: base, numberOfPorts: 5 } as const;
  t.like(await reservations.create(inherits({ store: 'active' } as const, exclusion)), { length: 1, 0: { store: 'active' } });
  t.like(await reservations.createOrFind(inherits({ ifNotExists: true }, exclusion)), { length: 1, 0: { created: false } });
  const reason = new Error('no more');
  const signal = AbortSignal.abort(reason);
  t.is(await t.throwsAsync(reservations.create(inherits({ signal }, { ...exclusion, startPort: base + 10 }))), reason);

  const block = await reservations.acquireRuntime(inherits({ addressFamily: 'IPv6' } as const, { protocol: 'tcp', startPort: base + 20, numberOfPorts: 2 } as const));
  using socket = await reservations.bind(inherits({ localAddress: '::1', listen: true }, { protocol: 'tcp', token: block.token, addressFamily: 'IPv6' } as const));
  t.like(socket, { localAddress: '::1', state: 'listening' });
  t.is(await t.throwsAsync(reservations.bind(inherits({ signal }, { protocol: 'tcp', token: block.token } as const))), reason);
  await block.release();
});

test.serial('a search can be aborted between its tries', async (t) => {
  // Hidden holders are in no list, so that each port is a candidate that fails.
  for (let port = base; port < base + 20; port += 1) simulator.knob('portsim_add_hidden_holder', TCP, port, 1);
  const controller = new AbortController();
  const reason = new Error('enough');
  const search = reservations.create({ kind: 'persistent', protocols: ['tcp'], from: base, numberOfPorts: 1, signal: controller.signal });
  controller.abort(reason);
  t.is(await t.throwsAsync(search), reason);
  t.deepEqual(await starts(), []);
});
