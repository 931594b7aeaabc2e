import test from 'ava';
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { openPortReservations } from '../../src/index.js';
import type { PortReservationError } from '../../src/index.js';
import { breakNetsh } from '../helpers/broken-netsh.js';
import { LONG, TCP, UDP, WINNAT } from '../helpers/knobs.js';
import { openLibrary } from '../helpers/library.js';
import { offWindows } from '../helpers/platform.js';
import { portsOf } from '../helpers/ports.js';

const { simulator, reservations } = await openLibrary(test);

const base = portsOf(import.meta.url);

/** As often as it is tried. */
function failStarts(): void {
  for (let times = 0; times < 8; times += 1) simulator.knob('portsim_fail_next', 'StartServiceW', 1053);
}

const request = { kind: 'persistent', protocols: ['tcp', 'udp'], startPort: base, numberOfPorts: 5 } as const;

test.serial('a block of WinNAT is won back: stopped, reserved, started again (N9)', async (t) => {
  simulator.knob('portsim_set_winnat', WINNAT.running);
  simulator.knob('portsim_add_system_block', TCP, base + 3, 10, 1);
  simulator.knob('portsim_add_system_block', UDP, base + 30, 10, 1);
  t.like(await t.throwsAsync(reservations.create(request)), { reason: 'PortInUse' });
  const made = await reservations.create({ ...request, restartWinNat: true });
  t.deepEqual(made.map(({ kind, startPort }) => [kind, startPort]), [['persistent', base], ['persistent', base]]);
  t.is(simulator.knobValue('portsim_winnat_state'), WINNAT.running, 'winnat runs again');
  const others = await reservations.list({ kinds: ['system'] });
  t.deepEqual(others.map(({ protocol, numberOfPorts }) => [protocol, numberOfPorts]), [['tcp', 10], ['udp', 10]], 'WinNAT took other ports');
});

test.serial('winnat is started again also when the block cannot be had', async (t) => {
  simulator.knob('portsim_set_winnat', WINNAT.running);
  simulator.knob('portsim_add_system_block', TCP, base, 2, 1);
  simulator.knob('portsim_add_system_block', TCP, base + 4, 2, 0);
  t.like(await t.throwsAsync(reservations.create({ ...request, restartWinNat: true })), { reason: 'PortInUse' });
  t.is(simulator.knobValue('portsim_winnat_state'), WINNAT.running);
  t.deepEqual((await reservations.list({ kinds: ['persistent'] })), []);
});

test.serial('winnat is left alone where it is not the holder, not running, or not there', async (t) => {
  simulator.knob('portsim_set_winnat', WINNAT.running);
  reservations.createPersistent({ protocol: 'tcp', startPort: base + 4, numberOfPorts: 1 });
  // A stop would fail, and tell so.
  simulator.knob('portsim_fail_next', 'ControlService', 5);
  t.like(await t.throwsAsync(reservations.create({ ...request, restartWinNat: true })), { reason: 'PortInUse' });
  simulator.knob('portsim_reset');
  for (const state of [WINNAT.absent, WINNAT.stopped]) {
    simulator.knob('portsim_set_winnat', state);
    simulator.knob('portsim_add_system_block', TCP, base, 2, 0);
    t.like(await t.throwsAsync(reservations.create({ ...request, restartWinNat: true })), { reason: 'PortInUse' });
    t.is(simulator.knobValue('portsim_winnat_state'), state);
    simulator.knob('portsim_remove_system_block', TCP, base, 2);
  }
});

test.serial('winnat is left alone where a guest of Hyper-V has the port, which is in no list of netsh (N7)', async (t) => {
  simulator.knob('portsim_add_hidden_holder', TCP, base, 2);
  // A stop would fail, and tell so.
  simulator.knob('portsim_fail_next', 'ControlService', 5);
  t.like(await t.throwsAsync(reservations.create({ ...request, restartWinNat: true })), { reason: 'PortInUse' });
});

test.serial('without elevation winnat is not touched, and the error says why', async (t) => {
  simulator.knob('portsim_set_winnat', WINNAT.running);
  simulator.knob('portsim_add_system_block', TCP, base, 2, 1);
  simulator.knob('portsim_set_elevated', 0);
  t.like(await t.throwsAsync(reservations.create({ ...request, restartWinNat: true })), { reason: 'AccessDenied' });
  t.is(simulator.knobValue('portsim_winnat_state'), WINNAT.running);
});

test.serial('each step is told, and one who throws at it, whatever it is and however late, changes nothing', async (t) => {
  const listeners: ((thrown: unknown) => unknown)[] = [(thrown) => { throw thrown; }, async (thrown) => { throw thrown; }];
  for (const thrown of [new Error('a bad listener'), 'a text', 5, null, undefined, Object.create(null) as object]) {
    for (const listener of listeners) {
      simulator.knob('portsim_reset');
      simulator.knob('portsim_add_system_block', TCP, base, 2, 1);
      const steps: string[] = [];
      const onStep = (step: string) => {
        steps.push(step);
        return listener(thrown);
      };
      await reservations.create({ ...request, restartWinNat: true, onStep });
      t.deepEqual(steps, ['stopping', 'creating', 'starting']);
      t.is(simulator.knobValue('portsim_winnat_state'), WINNAT.running);
    }
  }
});

test.serial('requests at once share one stop, each has its own outcome, and what WinNAT does not hold does not wait for it', async (t) => {
  simulator.knob('portsim_add_system_block', TCP, base, 20, 1);
  simulator.knob('portsim_add_system_block', TCP, base + 30, 1, 0);
  simulator.knob('portsim_set_winnat_delay', 50);
  const steps: string[] = [];
  const create = (name: string, startPort: number, kind: 'persistent' | 'exclusion' = 'persistent') => reservations.create({
    kind, protocols: ['tcp'], startPort, numberOfPorts: 2, restartWinNat: true, onStep: (step) => steps.push(`${name}: ${step}`),
  }).then(([made]) => {
    steps.push(`${name}: reserved`);
    return made?.kind;
  });
  const outcomes = await Promise.allSettled([
    create('first', base), create('free', base + 40), create('second', base + 2, 'exclusion'), create('other', base + 29), create('third', base + 1),
  ]);
  t.deepEqual(outcomes.map((outcome) => (outcome.status === 'fulfilled' ? outcome.value : (outcome.reason as PortReservationError).reason)),
    ['persistent', 'persistent', 'exclusion', 'PortInUse', 'PortInUse']);
  const together = (step: string) => ['first', 'second', 'other', 'third'].map((name) => `${name}: ${step}`);
  t.deepEqual(steps, [
    'free: reserved', ...together('stopping'), ...together('creating'), ...together('starting'), 'first: reserved', 'second: reserved',
  ]);
  t.is(simulator.knobValue('portsim_winnat_state'), WINNAT.running);
});

test.serial('a request waits for an earlier one that wants the same ports, and does not take them first', async (t) => {
  simulator.knob('portsim_add_system_block', TCP, base, 10, 1);
  const create = (startPort: number, numberOfPorts: number) =>
    reservations.create({ kind: 'persistent', protocols: ['tcp'], startPort, numberOfPorts, restartWinNat: true });
  const [first, second] = await Promise.allSettled([create(base + 5, 10), create(base + 12, 5)]);
  t.is(first.status, 'fulfilled');
  t.like(second, { status: 'rejected', reason: { reason: 'PortInUse' } });
});

test.serial('a stop that would be in vain is not made: something else is there as well', async (t) => {
  simulator.knob('portsim_add_system_block', TCP, base, 10, 1);
  const create = (startPort: number, numberOfPorts: number) =>
    reservations.create({ kind: 'persistent', protocols: ['tcp'], startPort, numberOfPorts, restartWinNat: true });
  reservations.createPersistent({ protocol: 'tcp', startPort: base + 10, numberOfPorts: 2 });
  // A stop would fail, and tell so.
  simulator.knob('portsim_fail_next', 'ControlService', 5);
  t.like(await t.throwsAsync(create(base + 5, 10)), { reason: 'PortInUse' });
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => server.close());
  const { port } = server.address() as AddressInfo;
  simulator.knob('portsim_add_system_block', TCP, port, 1, 1);
  t.like(await t.throwsAsync(create(port, 1)), { reason: 'PortInUse' });
});

test.serial('sessions at once all have their blocks, and winnat runs afterwards', async (t) => {
  simulator.knob('portsim_set_winnat_delay', 100);
  for (const place of [0, 20, 40]) simulator.knob('portsim_add_system_block', TCP, base + place, 10, 1);
  using other = openPortReservations({ simulator: simulator.options });
  using third = openPortReservations({ simulator: simulator.options });
  const made = await Promise.all([reservations, other, third].map((session, index) => session.create({
    kind: 'persistent', protocols: ['tcp'], startPort: base + index * 20, numberOfPorts: 10, restartWinNat: true,
  })));
  t.deepEqual(made.flat().map(({ startPort }) => startPort), [base, base + 20, base + 40]);
  t.is(simulator.knobValue('portsim_winnat_state'), WINNAT.running);
});

offWindows('a block that WinNAT held when it was asked for, and not when the list was read, is tried again: another process stops and starts it', async (t) => {
  simulator.knob('portsim_add_system_block', TCP, base, 2, 1);
  simulator.knob('portsim_add_system_block', TCP, base + 20, 2, 1);
  const netsh = join(dirname(simulator.options.library), 'netsh');
  const places = Object.fromEntries(['added', 'add', 'asked', 'list', 'listed', 'go'].map((name) => [name, join(simulator.folder, name)]));
  for (const name of ['asked', 'listed']) mkdirSync(places[name] as string);
  const wait = (place: string) => `until [ -e '${places[place]}' ]; do sleep 0.01; done`;
  using first = openPortReservations({ simulator: breakNetsh(simulator, 'adds-late', `#!/bin/sh
case "$*" in *add*) : > '${places['added']}'; ${wait('add')};; esac
exec '${netsh}' "$@"\n`).options });
  using second = openPortReservations({ simulator: breakNetsh(simulator, 'lists-late', `#!/bin/sh
: > '${places['asked']}'/$$; ${wait('list')}; '${netsh}' "$@"; : > '${places['listed']}'/$$; ${wait('go')}\n`).options });
  const until = async (isSo: () => boolean) => { while (!isSo()) await setTimeout(5); };
  const all = (place: string) => () => readdirSync(places[place] as string).length === 3;

  const made = second.create({ ...request, protocols: ['tcp'], restartWinNat: true });
  await until(all('asked'));
  const exclusion = first.create({ kind: 'exclusion', protocols: ['tcp'], startPort: base + 20, numberOfPorts: 2, restartWinNat: true });
  await until(() => existsSync(places['added'] as string));
  writeFileSync(places['list'] as string, '');
  await until(all('listed'));
  simulator.knob('portsim_set_winnat_delay', LONG);
  writeFileSync(places['add'] as string, '');
  await until(() => simulator.knobValue('portsim_winnat_state') === WINNAT.starting);
  writeFileSync(places['go'] as string, '');
  t.like(await made, { length: 1, 0: { startPort: base } });
  simulator.knob('portsim_set_winnat_delay', 0);
  t.is((await exclusion).length, 1);
});

test.serial('a start that another process undoes is not one that failed', async (t) => {
  simulator.knob('portsim_add_system_block', TCP, base, 2, 1);
  const creation = reservations.create({ ...request, restartWinNat: true, onStep: (step) => {
    if (step === 'starting') simulator.knob('portsim_set_winnat_delay', LONG);
  } });
  const ended = creation.then(() => true, () => true);
  for (let times = 0; times < 9; times += 1) {
    while (simulator.knobValue('portsim_winnat_state') !== WINNAT.starting && !await Promise.race([ended, setTimeout(5, false)]));
    // So that it is seen once.
    await setTimeout(20);
    simulator.knob('portsim_set_winnat', WINNAT.stopped);
  }
  simulator.knob('portsim_set_winnat_delay', 0);
  t.is((await creation).length, 2);
  t.is(simulator.knobValue('portsim_winnat_state'), WINNAT.running);
});

test.serial('a block that is free needs no service: that its state cannot be read is nothing', async (t) => {
  for (const name of ['OpenSCManagerW', 'OpenServiceW', 'QueryServiceStatus']) {
    simulator.knob('portsim_fail_next', name, 5);
    t.is((await reservations.create({ ...request, protocols: ['tcp'], restartWinNat: true })).length, 1, name);
    reservations.deletePersistent({ protocol: 'tcp', startPort: base, numberOfPorts: request.numberOfPorts });
  }
});

test.serial('a start that fails is tried again for a while, and not eight times at once', async (t) => {
  simulator.knob('portsim_add_system_block', TCP, base, 2, 1);
  for (let times = 0; times < 7; times += 1) simulator.knob('portsim_fail_next', 'StartServiceW', 1055);
  const began = process.hrtime.bigint();
  t.is((await reservations.create({ ...request, restartWinNat: true })).length, 2);
  t.is(simulator.knobValue('portsim_winnat_state'), WINNAT.running);
  // A wait has a least length on a slow machine too.
  t.true(process.hrtime.bigint() - began > 500_000_000n);
});

test.serial('an abort skips its own request, and not those that share the stop', async (t) => {
  simulator.knob('portsim_add_system_block', TCP, base, 20, 1);
  const controller = new AbortController();
  const reason = new Error('enough');
  const create = (startPort: number, signal?: AbortSignal) => reservations.create({
    kind: 'persistent', protocols: ['tcp'], startPort, numberOfPorts: 1, restartWinNat: true, signal, onStep: () => controller.abort(reason),
  });
  const [skipped, made] = await Promise.allSettled([create(base, controller.signal), create(base + 1)]);
  t.like(skipped, { status: 'rejected', reason });
  t.is(made.status, 'fulfilled');
  t.deepEqual((await reservations.list({ kinds: ['persistent'] })).map(({ startPort }) => startPort), [base + 1]);
});

test.serial('an abort while the service stops skips the creation, and waits until it runs again', async (t) => {
  simulator.knob('portsim_add_system_block', TCP, base, 2, 1);
  simulator.knob('portsim_set_winnat_delay', 200);
  const controller = new AbortController();
  const reason = new Error('enough');
  const creation = reservations.create({ ...request, restartWinNat: true, signal: controller.signal, onStep: () => controller.abort(reason) });
  t.is(await t.throwsAsync(creation), reason);
  t.is(simulator.knobValue('portsim_winnat_state'), WINNAT.running);
  t.deepEqual((await reservations.list({ kinds: ['persistent'] })), []);
});

test.serial('settled waits for the service, and for nothing else', async (t) => {
  await reservations.settled();
  simulator.knob('portsim_add_system_block', TCP, base, 2, 1);
  simulator.knob('portsim_set_winnat_delay', 200);
  const controller = new AbortController();
  await new Promise((stopping) => {
    void reservations.create({ ...request, restartWinNat: true, signal: controller.signal, onStep: stopping }).catch(() => {});
  });
  controller.abort();
  await reservations.settled();
  t.is(simulator.knobValue('portsim_winnat_state'), WINNAT.running);
});

test.serial('winnat that is disabled and still runs is not stopped: it would not start again', async (t) => {
  simulator.knob('portsim_add_system_block', TCP, base, 2, 1);
  simulator.knob('portsim_set_winnat_disabled', 1);
  const steps: string[] = [];
  const error = await t.throwsAsync<PortReservationError>(reservations.create({ ...request, restartWinNat: true, onStep: (step) => steps.push(step) }));
  t.like(error, { reason: 'NativeError', code: 'EACCES', syscall: 'QueryServiceConfigW' });
  t.regex(error?.message ?? '', /^the service winnat is disabled: it is not stopped/);
  t.regex(error?.advice ?? '', /enable it/);
  t.deepEqual(steps, []);
  t.is(simulator.knobValue('portsim_winnat_state'), WINNAT.running);
});

for (const kind of ['persistent', 'runtime'] as const) {
  test.serial(`a ${kind} block that was reserved while winnat does not start again stays, and the error says both`, async (t) => {
    simulator.knob('portsim_add_system_block', TCP, base, 2, 1);
    failStarts();
    const error = await t.throwsAsync<PortReservationError>(reservations.create({ ...request, kind, protocols: ['tcp'], restartWinNat: true }));
    t.like(error, { nativeCode: 1053, syscall: 'StartServiceW', block: { protocol: 'tcp', startPort: base } });
    t.regex(error?.message ?? '', new RegExp(`^the reservation of tcp ${base}-${base + 4} stays.*winnat is not running again`));
    t.regex(error?.advice ?? '', /net start winnat/);
    t.deepEqual((await reservations.list()).map((block) => [block.kind, block.startPort]), [[kind, base]]);
    await reservations.remove(kind, { protocol: 'tcp', startPort: base, numberOfPorts: request.numberOfPorts });
  });
}

test.serial('a block that was not reserved while winnat does not start again is one error with both faults', async (t) => {
  simulator.knob('portsim_add_system_block', TCP, base, 2, 1);
  simulator.knob('portsim_add_system_block', TCP, base + 4, 2, 0);
  failStarts();
  const error = await t.throwsAsync<PortReservationError>(reservations.create({ ...request, restartWinNat: true }));
  t.regex(error?.message ?? '', /CreatePersistentTcpPortReservation.*winnat is not running again/);
  t.like(error?.cause, { reason: 'PortInUse' });
});

for (const [what, syscall, code] of [
  ['a start that fails once', 'StartServiceW', 1053], ['a state that is not told', 'QueryServiceStatus', 5], ['a stop that is late', 'ControlService', 1053],
] as const) {
  test.serial(`${what} leaves winnat running`, async (t) => {
    simulator.knob('portsim_add_system_block', TCP, base, 2, 1);
    simulator.knob('portsim_set_winnat_delay', 100);
    const creation = reservations.create({ ...request, restartWinNat: true, onStep: (step) => {
      if (step === (syscall === 'StartServiceW' ? 'creating' : 'stopping')) simulator.knob('portsim_fail_next', syscall, code);
    } });
    // What the failure means for the block depends on when it comes.
    await creation.catch(() => {});
    t.is(simulator.knobValue('portsim_winnat_state'), WINNAT.running);
  });
}
