import test from 'ava';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { basename } from 'node:path';
import type { CreateRequest, PortReservationError } from '../../src/index.js';
import { TCP, TCP_STATE, UDP, WINNAT } from '../helpers/knobs.js';
import { openLibrary } from '../helpers/library.js';
import { portsOf } from '../helpers/ports.js';

const { simulator, reservations } = await openLibrary(test);

const base = portsOf(import.meta.url);
const KINDS = ['persistent', 'runtime', 'exclusion'] as const;

function requestFor(kind: CreateRequest['kind'], startPort = base, numberOfPorts = 10): CreateRequest {
  return { kind, protocols: ['tcp'], startPort, numberOfPorts };
}

for (const kind of KINDS) {
  test.serial(`a refused ${kind} names the port, and the process that has it`, async (t) => {
    const server = createServer().listen(base + 3, '127.0.0.1');
    t.teardown(() => void server.close());
    await once(server, 'listening');
    const error = await t.throwsAsync(reservations.create(requestFor(kind)));
    t.like(error, { reason: 'PortInUse' });
    // Wine lists the ports in use without their processes.
    const owner = process.platform === 'win32' ? '.*' : `${basename(process.execPath)} \\(process ${process.pid}\\)`;
    t.regex(error?.message ?? '', new RegExp(`(: cannot exclude .*:|\\.) Port ${base + 3} is in use by ${owner}$`));
    t.like(error, { advice: `Take another block; explain('tcp', ${base + 3}) says what to do about port ${base + 3}.` });
  });

  test.serial(`a refused ${kind} says that it exists already, and doing as told finds it`, async (t) => {
    const [made] = await reservations.create(requestFor(kind));
    t.teardown(() => reservations.remove(kind, { protocol: 'tcp', startPort: base, numberOfPorts: 10 }));
    const error = await t.throwsAsync(reservations.create(requestFor(kind)));
    t.like(error, { reason: 'PortInUse', advice: 'It exists already: ifNotExists returns it instead of an error.' });
    t.regex(error?.message ?? '', new RegExp(`Ports ${base}-${base + 9} are in .*${kind}.* tcp ${base}-${base + 9}$`));
    t.deepEqual(await reservations.create({ ...requestFor(kind), ifNotExists: true }), [made]);
  });
}

test.serial('a client whose connection has a port is named, and a listener before it', async (t) => {
  const server = createServer((socket) => void socket.on('error', () => {})).listen(base + 20, '127.0.0.1');
  t.teardown(() => void server.close());
  await once(server, 'listening');
  const client = connect({ host: '127.0.0.1', port: base + 20, localPort: base + 33 });
  // Reset, so that no closed connection keeps the port.
  t.teardown(() => void client.resetAndDestroy());
  await once(client, 'connect');
  // Wine lists the ports in use without their processes.
  const owner = process.platform === 'win32' ? '.*' : ` by ${basename(process.execPath)} \\(process ${process.pid}\\)`;
  for (const kind of KINDS) {
    const error = await t.throwsAsync(reservations.create(requestFor(kind, base + 30)));
    t.regex(error?.message ?? '', new RegExp(`Port ${base + 33} is in use${owner}$`), kind);
  }
  simulator.knob('portsim_set_process', 5000, 'C:\\a\\one.exe');
  simulator.knob('portsim_add_endpoint', TCP, '0.0.0.0', base + 35, TCP_STATE.listen, 5000);
  const error = await t.throwsAsync(reservations.create(requestFor('persistent', base + 30)));
  t.regex(error?.message ?? '', new RegExp(`\\. Port ${base + 35} is in use by one\\.exe \\(process 5000\\)${process.platform === 'win32' ? '' : `\\. Port ${base + 33} is in use${owner}`}$`));
});

test.serial('the services of the process are named, and every process', async (t) => {
  simulator.knob('portsim_set_process', 5000, 'C:\\Windows\\System32\\svchost.exe');
  simulator.knob('portsim_add_service', 'iphlpsvc', 5000);
  simulator.knob('portsim_add_service', 'Dnscache', 5000);
  simulator.knob('portsim_set_process', 5001, 'C:\\b\\two.exe');
  for (const port of [base, base + 1, base + 2, base + 3, base + 4]) simulator.knob('portsim_add_endpoint', UDP, '0.0.0.0', port, 0, 5000);
  simulator.knob('portsim_add_endpoint', UDP, '::', base + 4, 0, 5001);
  const four = await t.throwsAsync(reservations.create({ ...requestFor('persistent'), protocols: ['udp'], numberOfPorts: 4 }));
  t.regex(four?.message ?? '', new RegExp(`Ports ${base}, ${base + 1}, ${base + 2} and ${base + 3} are in use by svchost`), 'never "1 more"');
  const error = await t.throwsAsync(reservations.create({ ...requestFor('persistent'), protocols: ['udp'] }));
  t.regex(error?.message ?? '', new RegExp(`Ports ${base}, ${base + 1}, ${base + 2} and 2 more are in use by svchost\\.exe \\(process 5000, services Dnscache, iphlpsvc\\)\\. `
    + `Port ${base + 4} is in use by two\\.exe \\(process 5001\\)$`));
});

test.serial('each block in the way is named with its kind, the first three of many', async (t) => {
  reservations.createPersistent({ protocol: 'tcp', startPort: base + 8, numberOfPorts: 4 });
  using own = await reservations.acquireRuntime({ protocol: 'tcp', startPort: base, numberOfPorts: 1 });
  simulator.knob('portsim_add_exclusion', TCP, base + 2, 1, 1);
  simulator.knob('portsim_add_system_block', TCP, base + 4, 2, 0);
  const { message } = await t.throwsAsync(reservations.create(requestFor('persistent'))) ?? {};
  for (const text of [`port ${own.startPort} is in this session's runtime reservation tcp ${base}`, `port ${base + 2} is in the exclusion tcp ${base + 2}`,
    `ports ${base + 4}-${base + 5} are in the system block tcp ${base + 4}-${base + 5} of another program`]) {
    t.true(message?.toLowerCase().includes(text.toLowerCase()), `${text} in ${message}`);
  }
  t.regex(message ?? '', /More blocks are in the way: 1$/);
});

test.serial('what Hyper-V\'s networking holds for a guest is told, and so is a port of which no list tells (N7)', async (t) => {
  simulator.knob('portsim_add_hidden_holder', TCP, base + 4, 2);
  t.regex((await t.throwsAsync(reservations.create(requestFor('persistent'))))?.message ?? '',
    new RegExp(`Ports ${base + 4}-${base + 5} are held by Hyper-V's networking for a guest`));
  simulator.knob('portsim_set_hcn', 0);
  t.regex((await t.throwsAsync(reservations.create(requestFor('persistent'))))?.message ?? '', new RegExp(`Port ${base + 4} is in use, and no list shows by whom`));
});

test.serial('refusals in a row do not mix up: what was made between them is named', async (t) => {
  simulator.knob('portsim_add_system_block', TCP, base, 2, 0);
  t.regex((await t.throwsAsync(reservations.create(requestFor('persistent', base, 1))))?.message ?? '', /system block tcp .* of another program/);
  await reservations.create(requestFor('persistent', base + 5, 3));
  t.regex((await t.throwsAsync(reservations.create(requestFor('persistent', base + 6, 4))))?.message ?? '',
    new RegExp(`Ports ${base + 6}-${base + 7} are in the persistent reservation tcp ${base + 5}-${base + 7}$`));
});

test.serial('where the lists cannot be read, the refusal is told as it is', async (t) => {
  simulator.knob('portsim_add_system_block', TCP, base, 2, 0);
  simulator.knob('portsim_fail_next', 'GetExtendedTcpTable', 8);
  const error = await t.throwsAsync(reservations.create(requestFor('persistent')));
  t.like(error, { reason: 'PortInUse', nativeCode: 32 });
  t.regex(error?.message ?? '', /ERROR_SHARING_VIOLATION\)$/);
});

test.serial('where netsh cannot say whether WinNAT is in the way, winnat is not stopped, and the refusal stays one', async (t) => {
  simulator.knob('portsim_set_winnat', WINNAT.running);
  simulator.knob('portsim_add_system_block', TCP, base, 2, 1);
  for (const kind of ['persistent', 'runtime'] as const) {
    for (let times = 0; times < 6; times += 1) simulator.knob('portsim_fail_next', 'netsh', 5);
    const steps: string[] = [];
    const error = await t.throwsAsync(reservations.create({ ...requestFor(kind), restartWinNat: true, onStep: (step) => steps.push(step) }));
    t.like(error, { reason: 'PortInUse' });
    t.regex(error?.message ?? '', /\((ERROR_SHARING_VIOLATION|WSAEADDRINUSE)\); and EIO: .*netsh.* failed/);
    t.deepEqual(steps, []);
  }
});

test.serial('without netsh, the process in the way is named all the same, and nothing is made up', async (t) => {
  simulator.knob('portsim_set_process', 5000, 'C:\\a\\one.exe');
  simulator.knob('portsim_add_endpoint', TCP, '0.0.0.0', base, TCP_STATE.listen, 5000);
  simulator.knob('portsim_add_system_block', TCP, base + 5, 1, 0);
  for (const [startPort, said] of [[base, /Port \d+ is in use by one\.exe \(process 5000\)$/], [base + 5, /ERROR_SHARING_VIOLATION\)$/]] as const) {
    for (let times = 0; times < 12; times += 1) simulator.knob('portsim_fail_next', 'netsh', 5);
    t.regex((await t.throwsAsync(reservations.create(requestFor('persistent', startPort, 2))))?.message ?? '', said);
  }
});

test.serial('an exclusion that contains the block does the job, as ifNotExists asks', async (t) => {
  simulator.knob('portsim_add_exclusion', TCP, base, 60, 1);
  const request = { ...requestFor('exclusion', base + 51, 1), ifNotExists: true };
  const [found] = await reservations.create(request);
  t.like(found, { kind: 'exclusion', startPort: base, endPort: base + 59, numberOfPorts: 60, store: 'persistent' });
  t.is((await reservations.list()).length, 1, 'nothing was made');
  t.deepEqual(await reservations.create({ ...requestFor('exclusion', base, 60), ifNotExists: true }), [found], 'all of it');
  t.like(await t.throwsAsync(reservations.create({ ...requestFor('exclusion', base + 51, 10), ifNotExists: true })), { reason: 'PortInUse' }, 'past its end');
  const [tcp, udp] = await reservations.create({ ...request, protocols: ['tcp', 'udp'] });
  t.deepEqual([tcp?.startPort, udp?.startPort], [base, base + 51], 'each protocol has its own');
});

test.serial('an exclusion that ends at the next restart does not do for one that is to survive it', async (t) => {
  const ACTIVE = 0;
  simulator.knob('portsim_add_exclusion', TCP, base, 60, ACTIVE);
  const request = { ...requestFor('exclusion', base + 5, 1), ifNotExists: true };
  t.is((await reservations.create(request))[0]?.endPort, base + 59);
  t.is((await reservations.create({ ...request, store: 'active' }))[0]?.endPort, base + 59);
  t.like(await t.throwsAsync(reservations.create({ ...request, store: 'persistent' })), { reason: 'PortInUse' });
});

test.serial('without ifNotExists, the error says that the exclusion does the job already, also to one who wants a reservation', async (t) => {
  simulator.knob('portsim_add_exclusion', TCP, base, 60, 1);
  t.like(await t.throwsAsync(reservations.create(requestFor('exclusion', base + 51, 1))), {
    message: `EBUSY: cannot exclude tcp ${base + 51}: Port ${base + 51} is in the exclusion tcp ${base}-${base + 59}`,
    advice: 'The exclusion already does the job: ifNotExists returns it instead of an error.',
  });
  for (const kind of ['persistent', 'runtime'] as const) {
    const error = await t.throwsAsync(reservations.create(requestFor(kind, base + 51, 1)));
    t.like(error, { advice: 'For a program that binds its port itself, the exclusion already does the job; for a reservation, remove it first.' });
  }
});

test.serial('a block of WinNAT is to be taken back, where it may be WinNAT\'s', async (t) => {
  simulator.knob('portsim_add_system_block', TCP, base, 5, 0);
  t.regex((await t.throwsAsync<PortReservationError>(reservations.create(requestFor('exclusion'))))?.advice ?? '', /take it back with restartWinNat\.$/);
  for (const kind of ['persistent', 'runtime'] as const) {
    const error = await t.throwsAsync<PortReservationError>(reservations.create(requestFor(kind)));
    t.regex(error?.advice ?? '', /for a program that binds its port itself as an exclusion \(create\({ kind: 'exclusion', .*restartWinNat: true }\)\), for one that associates its sockets with restartWinNat\.$/);
  }
  simulator.knob('portsim_set_winnat', WINNAT.stopped);
  t.notRegex((await t.throwsAsync<PortReservationError>(reservations.create(requestFor('exclusion'))))?.advice ?? '', /winnat/i);
});

test.serial('a restart of winnat in vain is told, with the holder, and is not to be repeated (N9)', async (t) => {
  simulator.knob('portsim_set_winnat', WINNAT.running);
  simulator.knob('portsim_add_system_block', TCP, base, 2, 1);
  simulator.knob('portsim_add_system_block', TCP, base + 4, 2, 0);
  for (const kind of KINDS) {
    const error = await t.throwsAsync<PortReservationError>(reservations.create({ ...requestFor(kind), restartWinNat: true }));
    t.is(error?.reason, 'PortInUse');
    t.regex(error?.message ?? '', new RegExp(`ports ${base + 4}-${base + 5} are in the system block tcp ${base + 4}-${base + 5} of another program\\. `
      + 'The service winnat was stopped and started again for it in vain: somebody else holds the block$', 'i'));
    t.notRegex(error?.message ?? '', new RegExp(`tcp ${base}-${base + 1}`), 'WinNAT\'s own block was not in the way');
    t.regex(error?.advice ?? '', /^Do not repeat it: /);
    t.notRegex(error?.advice ?? '', /restartWinNat/);
  }
  t.is(simulator.knobValue('portsim_winnat_state'), WINNAT.running);
});

for (const state of ['listen', 'established'] as const) {
  test.serial(`a port that a process has (${state}) is no reason to stop winnat, is told, and is not free`, async (t) => {
    simulator.knob('portsim_add_system_block', TCP, base, 2, 1);
    simulator.knob('portsim_set_process', 5000, 'C:\\a\\one.exe');
    simulator.knob('portsim_add_endpoint', TCP, '0.0.0.0', base + 7, TCP_STATE[state], 5000);
    simulator.knob('portsim_fail_next', 'ControlService', 5);
    const error = await t.throwsAsync(reservations.create({ ...requestFor('persistent'), restartWinNat: true }));
    t.regex(error?.message ?? '', /Port \d+ is in use by one\.exe \(process 5000\)\. Ports .* are in the system block .* of another program/);
    t.notRegex(error?.message ?? '', /in vain/);
    t.is(await reservations.findFree({ protocols: ['tcp'], numberOfPorts: 6, from: base }), base + 8);
  });
}
