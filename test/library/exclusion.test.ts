import test from 'ava';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { isPortReservationError, openPortReservations } from '../../src/index.js';
import type { PortReservationError } from '../../src/index.js';
import { addExcludedPortRange } from '../../src/netsh/netsh.js';
import { breakNetsh } from '../helpers/broken-netsh.js';
import { countCalls } from '../helpers/counted-calls.js';
import { until } from '../helpers/deadline.js';
import { TCP, UDP } from '../helpers/knobs.js';
import { openLibrary } from '../helpers/library.js';
import { offWindows } from '../helpers/platform.js';
import { portsOf } from '../helpers/ports.js';

const { simulator, reservations } = await openLibrary(test);

const base = portsOf(import.meta.url);
const block = { protocol: 'tcp', startPort: base, numberOfPorts: 5 } as const;
const request = { protocols: ['tcp'], startPort: base, numberOfPorts: 5 } as const;

test.serial('an exclusion is made, listed and removed (N3)', async (t) => {
  const [made] = await reservations.create({ kind: 'exclusion', ...request });
  t.like(made, { ...block, kind: 'exclusion', token: null });
  t.deepEqual(await reservations.list(), [made]);
  t.deepEqual(await reservations.remove('exclusion', block), made);
  t.deepEqual(await reservations.list(), []);
});

test.serial('a persistent exclusion survives a restart, an active one does not', async (t) => {
  await reservations.create({ kind: 'exclusion', ...request });
  await reservations.create({ kind: 'exclusion', ...request, protocols: ['udp'], store: 'active' });
  simulator.knob('portsim_restart');
  t.deepEqual((await reservations.list()).map(({ protocol }) => protocol), ['tcp']);
});

test.serial('an exclusion tells whether it survives a restart, and is removed for good or until then', async (t) => {
  const [kept] = await reservations.create({ kind: 'exclusion', ...request });
  const [passing] = await reservations.create({ kind: 'exclusion', ...request, protocols: ['udp'], store: 'active' });
  t.is(kept?.store, 'persistent');
  t.is(passing?.store, 'active');
  t.deepEqual(await reservations.list(), [kept, passing]);

  t.deepEqual(await reservations.remove('exclusion', { ...block, protocol: 'udp' }), passing);
  t.deepEqual(await reservations.remove('exclusion', block, { store: 'active' }), kept);
  t.deepEqual(await reservations.list(), []);
  t.deepEqual(await reservations.list({ store: 'persistent' }), [kept]);
  t.like(await t.throwsAsync(reservations.remove('exclusion', block, { store: 'active' })), { reason: 'ReservationNotFound' });
  const refused = await t.throwsAsync<PortReservationError>(reservations.create({ kind: 'exclusion', ...request, ifNotExists: true }));
  t.is(refused?.reason, 'PortInUse', refused?.message);
  t.regex(refused?.message ?? '', /after a restart/);

  simulator.knob('portsim_restart');
  t.deepEqual(await reservations.list(), [kept]);
  await reservations.remove('exclusion', block);
  t.deepEqual(await reservations.list({ store: 'persistent' }), []);
});

test.serial('one that ends with the next restart is not what persistent with ifNotExists asks for, and the error says what to do', async (t) => {
  const [passing] = await reservations.create({ kind: 'exclusion', ...request, store: 'active' });
  t.deepEqual(await reservations.create({ kind: 'exclusion', ...request, ifNotExists: true }), [passing], 'without a store any is fine');
  const error = await t.throwsAsync<PortReservationError>(reservations.create({ kind: 'exclusion', ...request, store: 'persistent', ifNotExists: true }));
  t.is(error?.reason, 'PortInUse');
  t.regex(error?.message ?? '', /excluded already, but only until the next restart$/);
  t.regex(error?.advice ?? '', /Remove this exclusion first/);
});

test.serial('a store is for exclusions alone', async (t) => {
  t.like(await t.throwsAsync(reservations.create({ kind: 'persistent', ...request, store: 'active' })), { reason: 'InvalidParameter' });
  reservations.createPersistent(block);
  t.like(await t.throwsAsync(reservations.remove('persistent', block, { store: 'active' })), { reason: 'InvalidParameter' });
  t.is((await reservations.list()).length, 1);
});

test.serial('an exclusion that is there is given by ifNotExists, and is in use without it', async (t) => {
  const both = { kind: 'exclusion', ...request, protocols: ['tcp', 'udp'] } as const;
  const made = await reservations.create(both);
  t.deepEqual(await reservations.create({ ...both, ifNotExists: true }), made);
  t.like(await t.throwsAsync(reservations.create(both)), { reason: 'PortInUse', syscall: 'netsh', block });
  t.deepEqual(await reservations.list(), made);
});

test.serial('an exclusion over a block of someone else is refused', async (t) => {
  simulator.knob('portsim_add_system_block', TCP, base + 4, 10, 0);
  const error = await t.throwsAsync<PortReservationError>(reservations.create({ kind: 'exclusion', ...request }));
  t.is(error?.reason, 'PortInUse');
  t.regex(error?.message ?? '', new RegExp(`${base + 4}-${base + 13}`));
});

test.serial('without elevation an exclusion is AccessDenied, and nothing changes', async (t) => {
  await reservations.create({ kind: 'exclusion', ...request });
  simulator.knob('portsim_set_elevated', 0);
  t.like(await t.throwsAsync(reservations.remove('exclusion', block)), { reason: 'AccessDenied', code: 'EPERM' });
  t.like(await t.throwsAsync(reservations.create({ kind: 'exclusion', ...request, protocols: ['udp'] })), { reason: 'AccessDenied' });
  t.is((await reservations.list()).length, 1);
});

test.serial('another block than that of an exclusion removes nothing', async (t) => {
  await reservations.create({ kind: 'exclusion', ...request });
  t.like(await t.throwsAsync(reservations.remove('exclusion', { ...block, numberOfPorts: 4 })), { reason: 'ReservationNotFound' });
  t.is((await reservations.list()).length, 1);
});

test.serial('an exclusion whose signal aborts just before netsh is asked to add it is not made, and nothing is left unhandled', async (t) => {
  const reason = new Error('no longer wanted');
  const rejected = await t.throwsAsync(addExcludedPortRange(reservations.native, block, 'persistent', AbortSignal.abort(reason)));
  t.is(rejected, reason);
  t.deepEqual(await reservations.list(), []);
});

offWindows('the search for a port in use, when netsh refuses a large exclusion, ends with an abort', async (t) => {
  const { options } = breakNetsh(simulator, 'refusing', `#!/bin/sh
case "$*" in *add*) echo 'No.'; exit 1;; esac
exec '${join(dirname(simulator.options.library), 'netsh')}' "$@"
`);
  using refusing = openPortReservations({ simulator: options });
  const { counts } = countCalls(refusing.native);
  const controller = new AbortController();
  const refused = t.throwsAsync(refusing.create({ kind: 'exclusion', protocols: ['tcp'], startPort: base, numberOfPorts: 10_000, signal: controller.signal }),
    { message: /netsh says: "No"/ });
  await until(() => counts.has('bind'), 'the search');
  controller.abort();
  const before = counts.get('bind');
  t.like(await refused, { reason: 'NativeError' });
  t.is(counts.get('bind'), before);
});

test.serial('an exclusion over a port in use names the port, whatever netsh says', async (t) => {
  simulator.knob('portsim_fail_next', 'bind', 10048);
  const held = await reservations.acquireRuntime({ protocol: 'tcp', startPort: base + 100, numberOfPorts: 1 });
  const socket = await reservations.bind({ protocol: 'tcp', token: held.token }).catch((error: unknown) => error);
  t.true(isPortReservationError(socket));
  using bound = await reservations.bind({ protocol: 'tcp', token: held.token });
  await held.release();
  const error = await t.throwsAsync<PortReservationError>(
    reservations.create({ kind: 'exclusion', protocols: ['tcp'], startPort: bound.localPort, numberOfPorts: 1 }));
  t.is(error?.reason, 'PortInUse');
  t.regex(error?.message ?? '', new RegExp(`cannot exclude tcp ${bound.localPort}: Port ${bound.localPort} is in use`));
  const [found] = await reservations.create({ kind: 'exclusion', protocols: ['tcp'], numberOfPorts: 1, from: bound.localPort });
  t.is(found?.startPort, bound.localPort + 1);
});

test.serial('a search takes the first block that no list shows and the dynamic range leaves', async (t) => {
  simulator.knob('portsim_set_dynamic_range', TCP, base, 10);
  simulator.knob('portsim_add_system_block', TCP, base + 12, 3, 0);
  simulator.knob('portsim_add_exclusion', UDP, base + 20, 1, 1);
  reservations.createPersistent({ protocol: 'udp', startPort: base + 30, numberOfPorts: 1 });
  const search = { numberOfPorts: 4, from: base } as const;
  t.is(await reservations.findFree({ protocols: ['tcp'], ...search }), base + 15);
  t.is(await reservations.findFree({ protocols: ['udp'], ...search }), base);
  t.is(await reservations.findFree({ protocols: ['tcp', 'udp'], ...search }), base + 15);
  t.is(await reservations.findFree({ protocols: ['tcp', 'udp'], numberOfPorts: 6, from: base + 15 }), base + 21);
  const [first] = await reservations.create({ kind: 'persistent', protocols: ['tcp', 'udp'], ...search });
  t.is(first?.startPort, base + 15);
});

test.serial('a search passes by what no list shows: listeners and hidden holders (N7)', async (t) => {
  simulator.knob('portsim_add_hidden_holder', TCP, base, 3);
  using held = await reservations.acquireRuntime({ protocol: 'tcp', startPort: base + 5, numberOfPorts: 1 });
  using listener = await reservations.bind({ protocol: 'tcp', token: held.token, listen: true });
  await held.release();
  const [found] = await reservations.create({ kind: 'persistent', protocols: ['tcp'], numberOfPorts: 4, from: base });
  t.is(found?.startPort, base + 6);
  t.is(listener.state, 'listening');
});

test.serial('a search passes by ports in use, before anything is tried', async (t) => {
  const server = createServer().listen(base + 1, '127.0.0.1');
  await once(server, 'listening');
  t.is(await reservations.findFree({ protocols: ['tcp'], numberOfPorts: 3, from: base }), base + 2);
  t.is(await reservations.findFree({ protocols: ['udp'], numberOfPorts: 3, from: base }), base);
  server.close();
  await once(server, 'close');
});

test.serial('a search that only the dynamic range leaves nothing says so, and what is free in it', async (t) => {
  simulator.knob('portsim_set_dynamic_range', TCP, 1024, 64_512);
  simulator.knob('portsim_add_system_block', TCP, base, 5, 0);
  const error = await t.throwsAsync<PortReservationError>(reservations.create({ kind: 'persistent', protocols: ['tcp'], numberOfPorts: 3, from: base }));
  t.is(error?.reason, 'ReservationExhausted');
  t.regex(error?.message ?? '', /outside the dynamic range 1024-65535/);
  // For both families, unlike "netsh interface ipv4 set dynamicport".
  t.regex(error?.advice ?? '', /make that range smaller \(setDynamicPortRange\(\)\)/);
  t.regex(error?.advice ?? '', new RegExp(`: ${base + 5} is the first`));
});

test.serial('a search that finds nothing says so', async (t) => {
  t.like(await t.throwsAsync(reservations.findFree({ protocols: ['tcp'], numberOfPorts: 10, from: 65_530 })),
    { reason: 'ReservationExhausted', message: 'no free block of 10 ports (tcp) from 65530 upwards' });
  using last = await reservations.acquireRuntime({ protocol: 'udp', startPort: 65_535, numberOfPorts: 1 });
  t.like(await t.throwsAsync(reservations.findFree({ protocols: ['udp'], numberOfPorts: 1, from: last.startPort })),
    { message: 'no free block of 1 port (udp) from 65535 upwards' });
});
