import test from 'ava';
import { connect, createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import { openPortReservations } from '../../src/index.js';
import type { AppliedChange, DesiredBlock, PlanOptions } from '../../src/index.js';
import { TCP, TCP_STATE, WINNAT } from '../helpers/knobs.js';
import { openLibrary } from '../helpers/library.js';
import { portsOf } from '../helpers/ports.js';

const { simulator, reservations } = await openLibrary(test);

const base = portsOf(import.meta.url);

const persistent = (startPort: number, numberOfPorts = 1): DesiredBlock => ({ protocol: 'tcp', startPort, numberOfPorts, kind: 'persistent' });
const exclusion = (startPort: number, numberOfPorts = 1, store?: 'persistent' | 'active'): DesiredBlock =>
  ({ protocol: 'tcp', startPort, numberOfPorts, kind: 'exclusion', ...store ? { store } : {} });
const sync = async (desired: readonly DesiredBlock[], options?: PlanOptions) => reservations.apply(await reservations.plan(desired, options));
const words = (changes: readonly AppliedChange[]) => changes.map(({ change, changed }) => `${change}${changed ? '!' : ''}`);
const planned = async (desired: readonly DesiredBlock[], options?: PlanOptions) => (await reservations.plan(desired, options)).changes.map(({ change }) => change);
const blocks = async () => (await reservations.list({ kinds: ['persistent', 'exclusion'] }))
  .map(({ kind, startPort, numberOfPorts, store }) => `${kind} ${startPort - base}+${numberOfPorts}${kind === 'exclusion' ? ` ${store}` : ''}`);

test.serial('what is missing is made, and the second time there is nothing to do', async (t) => {
  const desired = [persistent(base, 5), exclusion(base + 10, 2), exclusion(base + 20, 1, 'active'), { ...persistent(base, 5), protocol: 'udp' as const }];
  t.deepEqual(await planned(desired), ['create', 'create', 'create', 'create']);
  t.deepEqual(await blocks(), [], 'a plan changes nothing');
  const made = await sync(desired);
  t.deepEqual(words(made), ['create!', 'create!', 'create!', 'create!']);
  t.true(typeof made[0]?.reservation?.token === 'bigint');
  t.deepEqual(await blocks(), ['persistent 0+5', 'exclusion 10+2 persistent', 'exclusion 20+1 active', 'persistent 0+5']);
  const plan = await reservations.plan(desired);
  t.true(plan.inDesiredState);
  t.deepEqual(words(await reservations.apply(plan)), ['none', 'none', 'none', 'none']);
});

test.serial('the wrong kind, store or size is replaced', async (t) => {
  await sync([persistent(base, 5), exclusion(base + 10, 2), exclusion(base + 20, 1, 'active'), persistent(base + 30, 2), persistent(base + 32, 2), exclusion(base + 40, 4)]);
  const desired = [exclusion(base, 5), persistent(base + 10, 2), exclusion(base + 20), persistent(base + 30, 4), exclusion(base + 40, 4, 'active')];
  const made = await sync(desired);
  t.deepEqual(words(made), ['replace!', 'replace!', 'replace!', 'replace!', 'replace!']);
  t.regex(made[3]?.reason ?? '', new RegExp(`tcp ${base + 30}-${base + 31} \\(persistent reservation\\) and tcp ${base + 32}-${base + 33}`));
  t.deepEqual(await blocks(), ['exclusion 0+5 persistent', 'persistent 10+2', 'exclusion 20+1 persistent', 'persistent 30+4', 'exclusion 40+4 active']);
  t.deepEqual(words(await sync(desired)), ['none', 'none', 'none', 'none', 'none']);
  t.deepEqual(words(await sync([persistent(base + 30, 2)])), ['replace!'], 'smaller, of the same first port');
  await sync([persistent(base + 30, 5)]);
  t.deepEqual(words(await sync([persistent(base + 33), persistent(base + 30)])), ['replace!', 'replace!'], 'where the other one had more ports');
});

test.serial('where a connection would keep a block from being made again, it stays, and the process is named', async (t) => {
  await sync([exclusion(base, 5), persistent(base + 10, 5)]);
  simulator.knob('portsim_set_process', 5000, 'C:\\a\\client.exe');
  for (const port of [base + 2, base + 13]) simulator.knob('portsim_add_endpoint', TCP, '127.0.0.1', port, TCP_STATE.established, 5000);
  const results = await sync([exclusion(base, 8), persistent(base + 10, 3)]);
  t.deepEqual(words(results), ['conflict', 'replace!'], 'a port that is given up is in no way');
  t.is(results[0]?.reason, `Port ${base + 2} is in use by client.exe (process 5000)`);
  t.deepEqual(await blocks(), ['exclusion 0+5 persistent', 'persistent 10+3']);
});

test.serial('a block stays where a connection keeps its successor from being made, and another one would keep itself from coming back', async (t) => {
  await sync([exclusion(base, 5)]);
  const server = createServer((socket) => socket.on('error', () => {})).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const clients = [base, base + 6].map((localPort) => connect({ host: '127.0.0.1', port: (server.address() as AddressInfo).port, localPort }));
  t.teardown(() => {
    // By a reset, which leaves no port behind.
    for (const client of clients) client.resetAndDestroy();
    server.close();
  });
  await Promise.all(clients.map((client) => once(client, 'connect')));
  const [moved] = await sync([exclusion(base + 4, 4)], { purge: true, within: [{ startPort: base, endPort: base + 5 }] });
  t.like(moved, { change: 'conflict', changed: false });
  t.deepEqual(await blocks(), ['exclusion 0+5 persistent']);
});

test.serial('what list() gives is a list of blocks, and is made again where it is gone', async (t) => {
  await sync([persistent(base, 5), exclusion(base + 10, 2), exclusion(base + 20, 1, 'active')]);
  const [before, listed] = [await blocks(), await reservations.list({ kinds: ['persistent', 'exclusion'] }) as DesiredBlock[]];
  t.true((await reservations.plan(listed)).inDesiredState);
  simulator.knob('portsim_reset');
  t.deepEqual(words(await sync(listed)), ['create!', 'create!', 'create!']);
  t.deepEqual(await blocks(), before);
});

test.serial('an exclusion in a larger one is there, and the larger one is not touched', async (t) => {
  await sync([exclusion(base, 60)]);
  const [inside] = await sync([exclusion(base + 5, 3)]);
  t.like(inside, { change: 'none', changed: false, reason: `It is in the exclusion tcp ${base}-${base + 59}` });
  const [taken] = await sync([persistent(base, 3)]);
  t.like(taken, { change: 'conflict', changed: false });
  t.regex(taken?.reason ?? '', /exclusion tcp .* purge and within/);
  t.deepEqual(await blocks(), ['exclusion 0+60 persistent']);
  t.deepEqual(words(await sync([exclusion(base, 3), exclusion(base + 10, 3)], { purge: true, within: [{ startPort: base, endPort: base + 59 }] })), ['replace!', 'replace!']);
  t.deepEqual(await blocks(), ['exclusion 0+3 persistent', 'exclusion 10+3 persistent']);
});

test.serial('a conflict names its holder, is left alone, and does not stop the rest', async (t) => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => server.close());
  const { port } = server.address() as AddressInfo;
  simulator.knob('portsim_add_system_block', TCP, base + 3, 2, 0);
  await sync([persistent(base + 12, 6)]);
  const results = await sync([persistent(base, 5), persistent(base + 10, 5), persistent(port), persistent(base + 30)]);
  t.deepEqual(words(results), ['conflict', 'conflict', 'conflict', 'create!']);
  t.regex(results[0]?.reason ?? '', new RegExp(`^Ports ${base + 3}-${base + 4} are in the system block tcp ${base + 3}-${base + 4} of another program`));
  t.regex(results[1]?.reason ?? '', new RegExp(`^Ports ${base + 12}-${base + 14} are in the persistent reservation tcp ${base + 12}-${base + 17}`));
  // Wine does not name the owner of a port.
  const owner = process.platform === 'win32' ? '.*' : `.*${process.pid}`;
  t.regex(results[2]?.reason ?? '', new RegExp(`^Port ${port} is in use by ${owner}`));
  t.deepEqual(await blocks(), ['persistent 12+6', 'persistent 30+1']);
});

test.serial('purge removes only within what is declared, and nothing that is listed', async (t) => {
  await sync([persistent(base), persistent(base + 10, 5), exclusion(base + 20, 2), persistent(base + 98, 4), { ...persistent(base + 10), protocol: 'udp' }]);
  simulator.knob('portsim_add_system_block', TCP, base + 50, 2, 0);
  const within = [{ protocol: 'tcp' as const, startPort: base + 10, endPort: base + 99 }];
  const results = await sync([persistent(base + 10, 5)], { purge: true, within });
  t.deepEqual(words(results), ['none', 'remove!']);
  t.deepEqual(await blocks(), ['persistent 0+1', 'persistent 10+5', 'persistent 98+4', 'persistent 10+1'], 'a block that is half outside stays');
  t.deepEqual(words(await sync([], { purge: true, previous: [persistent(base), persistent(base + 10, 4)] })), ['remove!'], 'exactly those of the list before');
  t.deepEqual(await blocks(), ['persistent 10+5', 'persistent 98+4', 'persistent 10+1']);
  t.deepEqual(words(await sync([], { purge: true, within: [{ startPort: base, endPort: base + 110 }] })), ['remove!', 'remove!', 'remove!']);
});

test.serial('a block whose successor cannot be made is there again', async (t) => {
  await sync([persistent(base, 2), persistent(base + 2, 2), exclusion(base + 10, 2)]);
  const plan = await reservations.plan([persistent(base, 8), exclusion(base + 10, 4, 'active')]);
  // After the plan was made.
  simulator.knob('portsim_add_system_block', TCP, base + 6, 2, 0);
  simulator.knob('portsim_add_system_block', TCP, base + 13, 1, 0);
  const results = await reservations.apply(plan);
  t.deepEqual(words(results), ['conflict', 'conflict']);
  t.regex(results[0]?.reason ?? '', /in the system block .* of another program/);
  t.is(results[0]?.error?.reason, 'PortInUse');
  t.deepEqual(await blocks(), ['persistent 0+2', 'persistent 2+2', 'exclusion 10+2 persistent']);
  simulator.knob('portsim_remove_system_block', TCP, base + 6, 2);
  simulator.knob('portsim_remove_system_block', TCP, base + 13, 1);
  t.deepEqual(words(await sync(plan.changes.map(({ block }) => block))), ['replace!', 'replace!'], 'a second run completes it');
});

test.serial('blocks that share what they replace are made together or not at all', async (t) => {
  const declared = { purge: true, within: [{ startPort: base, endPort: base + 50 }] };
  await sync([persistent(base, 10)]);
  const plan = await reservations.plan([persistent(base, 4), persistent(base + 4, 4)], declared);
  t.deepEqual(plan.changes.map(({ change }) => change), ['replace', 'replace']);
  simulator.knob('portsim_fail_next', 'CreatePersistentTcpPortReservation', 1450);
  t.deepEqual(words(await reservations.apply(plan)), ['replace', 'replace']);
  t.deepEqual(await blocks(), ['persistent 0+10']);
  simulator.knob('portsim_add_system_block', TCP, base + 12, 1, 0);
  t.deepEqual(await planned([persistent(base, 4), persistent(base + 8, 6)], declared), ['conflict', 'conflict'], 'what one cannot replace stays in the way of the other');
  t.deepEqual(words(await sync([persistent(base, 4), persistent(base + 4, 4)], declared)), ['replace!', 'replace!']);
});

test.serial('an exclusion that is not in force comes back as it was, where its successor cannot be made', async (t) => {
  await sync([exclusion(base, 4)]);
  await reservations.remove('exclusion', exclusion(base, 4), { store: 'active' });
  const stored = await reservations.list({ store: 'persistent' });
  const plan = await reservations.plan([exclusion(base, 8)]);
  simulator.knob('portsim_add_system_block', TCP, base + 6, 2, 0);
  t.deepEqual(words(await reservations.apply(plan)), ['conflict']);
  t.deepEqual(await reservations.list({ kinds: ['exclusion'] }), []);
  t.deepEqual(await reservations.list({ store: 'persistent' }), stored);
});

test.serial('without rights, each block has its error and nothing is changed', async (t) => {
  await sync([persistent(base, 4)]);
  simulator.knob('portsim_set_elevated', 0);
  const results = await sync([exclusion(base, 4), persistent(base + 10)], { purge: true, within: [{ startPort: base, endPort: base + 20 }] });
  t.deepEqual(words(results), ['replace', 'create']);
  t.deepEqual(results.map(({ error }) => error?.reason), ['AccessDenied', 'AccessDenied']);
  simulator.knob('portsim_set_elevated', 1);
  t.deepEqual(await blocks(), ['persistent 0+4']);
});

test.serial('two who apply the same at the same time end with the same machine', async (t) => {
  await sync([persistent(base, 4), exclusion(base + 10, 2, 'active'), persistent(base + 20)]);
  const desired = [exclusion(base, 4), exclusion(base + 10, 2), persistent(base + 30, 3)];
  const options = { purge: true, within: [{ startPort: base, endPort: base + 50 }] };
  using other = openPortReservations({ simulator: simulator.options });
  const [one, two] = await Promise.all([reservations.plan(desired, options), other.plan(desired, options)]);
  const results = await Promise.all([reservations.apply(one), other.apply(two)]);
  t.true(results.flat().every(({ error }) => error === null), JSON.stringify(results.flat().map(({ error }) => error?.message)));
  t.deepEqual(await blocks(), ['exclusion 0+4 persistent', 'exclusion 10+2 persistent', 'persistent 30+3']);
  t.true((await reservations.plan(desired, options)).inDesiredState);
});

test.serial('blocks of WinNAT share one stop of the service; without the option they are conflicts', async (t) => {
  simulator.knob('portsim_set_winnat', WINNAT.running);
  simulator.knob('portsim_add_system_block', TCP, base, 30, 1);
  await sync([persistent(base + 40, 2)]);
  const desired = [persistent(base, 2), exclusion(base + 5, 2), persistent(base + 29, 2), persistent(base + 40, 2)];
  t.deepEqual(await planned(desired), ['conflict', 'conflict', 'conflict', 'none']);
  const plan = await reservations.plan(desired, { restartWinNat: true });
  t.deepEqual(plan.changes.map(({ change, needsWinNat }) => [change, needsWinNat]), [['create', true], ['create', true], ['create', true], ['none', false]]);
  const steps: string[] = [];
  t.deepEqual(words(await reservations.apply(plan, { onStep: (step) => steps.push(step) })), ['create!', 'create!', 'create!', 'none']);
  t.deepEqual([...new Set(steps)], ['stopping', 'creating', 'starting'], 'one stop for all');
  t.is(steps.filter((step) => step === 'stopping').length, 3, 'each is told');
  t.is(simulator.knobValue('portsim_winnat_state'), WINNAT.running);
});

test.serial('a service that cannot be stopped is the failure of each block that waits for it, and nothing is rejected unseen', async (t) => {
  simulator.knob('portsim_set_winnat', WINNAT.running);
  simulator.knob('portsim_add_system_block', TCP, base, 30, 1);
  const plan = await reservations.plan([exclusion(base, 2), exclusion(base + 5, 2), persistent(base + 10), persistent(base + 40)], { restartWinNat: true });
  simulator.knob('portsim_fail_next', 'ControlService', 5);
  // AVA forgets what is handled later; Node.js ends the process.
  const unseen = (error: unknown) => t.fail(`rejected unseen: ${String(error)}`);
  process.on('unhandledRejection', unseen);
  t.teardown(() => process.off('unhandledRejection', unseen));
  const results = await reservations.apply(plan);
  t.deepEqual(results.map(({ changed, error }) => [changed, error?.reason]), [...Array.from({ length: 3 }, () => [false, 'AccessDenied']), [true, undefined]]);
});

test.serial('a block that was replaced while winnat stopped and does not start again is told as it is', async (t) => {
  simulator.knob('portsim_set_winnat', WINNAT.running);
  simulator.knob('portsim_add_system_block', TCP, base + 4, 4, 1);
  await sync([persistent(base, 4)]);
  const plan = await reservations.plan([persistent(base, 8)], { restartWinNat: true });
  for (let times = 0; times < 8; times += 1) simulator.knob('portsim_fail_next', 'StartServiceW', 1053);
  const [replaced] = await reservations.apply(plan);
  t.like(replaced, { change: 'replace', changed: true, needsWinNat: true, reservation: { startPort: base, numberOfPorts: 8 } });
  t.regex(replaced?.reason ?? '', /stays.*winnat is not running again/);
  t.notRegex(replaced?.reason ?? '', /could not be made again/);
  t.deepEqual(await blocks(), ['persistent 0+8']);
});

test.serial('an abort begins no further change', async (t) => {
  const controller = new AbortController();
  const reason = new Error('enough');
  const plan = await reservations.plan([persistent(base), persistent(base + 2), persistent(base + 4)]);
  const results = await reservations.apply(plan, { signal: controller.signal, onProgress: (done) => done === 1 && controller.abort(reason) });
  t.deepEqual(words(results), ['create!', 'create', 'create']);
  t.is(results[2]?.error?.message, 'enough');
  t.deepEqual(await blocks(), ['persistent 0+1']);
});

test.serial('an abort for a reason of which no text can be made is told of each block all the same', async (t) => {
  const plan = await reservations.plan([persistent(base), persistent(base + 2)]);
  for (const reason of [Object.create(null) as unknown, { toString: () => { throw new Error('no text'); } }]) {
    const results = await reservations.apply(plan, { signal: AbortSignal.abort(reason) });
    t.deepEqual(results.map(({ changed, error }) => [changed, error?.message]), [[false, 'object'], [false, 'object']]);
  }
});

test.serial('a listener that throws ends nothing', async (t) => {
  await sync([persistent(base, 2)]);
  const warned: Error[] = [];
  const listen = (warning: Error) => warned.push(warning);
  process.on('warning', listen);
  t.teardown(() => process.off('warning', listen));
  const failure = new Error('a listener threw');
  const results = await reservations.apply(await reservations.plan([exclusion(base, 3), persistent(base + 10)]), {
    onProgress: () => {
      throw failure;
    },
  });
  t.deepEqual(words(results), ['replace!', 'create!']);
  t.deepEqual(await blocks(), ['exclusion 0+3 persistent', 'persistent 10+1']);
  t.true(warned.includes(failure));
});

test.serial('ten thousand blocks are one plan', async (t) => {
  const desired = Array.from({ length: 10_000 }, (_, index) => persistent(1024 + 2 * index));
  const { changes } = await reservations.plan(desired);
  const some = changes.filter(({ change }) => change === 'create').slice(-200);
  t.true((await reservations.apply({ changes: some, inDesiredState: false })).every(({ changed }) => changed));
  t.is((await planned(desired)).filter((change) => change === 'none').length, some.length);
});

const bad: [what: string, desired: unknown, options: PlanOptions, mentions: RegExp][] = [
  ['no array', {}, {}, /^desired object .*array/],
  ['a port', [persistent(0)], {}, /startPort 0 .*rule P3/],
  ['the kind runtime', [{ ...persistent(base), kind: 'runtime' }], {}, /kind "runtime" .*persistent, exclusion/],
  ['a store', [exclusion(base, 1, 'mine' as 'active')], {}, /store "mine" .*persistent, active/],
  ['the store of a reservation', [{ ...persistent(base), store: 'active' }], {}, /store "active" .*persistent/],
  ['two that overlap', [persistent(base + 5, 5), persistent(base, 2), exclusion(base + 9)], {}, /^desired\[2\]\.startPort \d+ .*tcp \d+ overlaps tcp \d+-\d+ of desired\[0\]/],
  ['the same twice', [persistent(base), persistent(base)], {}, /^desired\[1\]\.startPort .*desired\[0\]/],
  ['a purge of everything', [], { purge: true }, /^purge is not valid.*within or previous/],
  ['within without purge', [], { within: [] }, /^within is not valid.*only with purge/],
  ['previous without purge', [], { previous: [] }, /^previous is not valid.*only with purge/],
  ['a range that ends before it begins', [], { purge: true, within: [{ startPort: 9, endPort: 8 }] }, /^within "9-8" .*first port/],
];
for (const [what, desired, options, mentions] of bad) {
  test.serial(`a plan refuses ${what}`, async (t) => {
    const error = await t.throwsAsync(reservations.plan(desired as DesiredBlock[], options));
    t.like(error, { reason: 'InvalidParameter' });
    t.regex(error.message, mentions);
  });
}
