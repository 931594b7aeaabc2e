import test from 'ava';
import { createServer } from 'node:net';
import { isPortReservationError, listenOn, openPortReservations, parseDynamicPortRange, parseExcludedPortRanges } from '../../src/index.js';
import type { PortReservations, Protocol } from '../../src/index.js';
import { offWindows } from '../helpers/platform.js';
import { createSimulator } from '../helpers/simulator.js';

const simulator = await createSimulator();
const reservations = openPortReservations({ simulator: simulator.options });
test.after.always(async () => {
  reservations.close();
  await simulator.dispose();
});

type Call = (reservations: PortReservations) => unknown;

/** A bad argument is refused before any native call: with the value, its name and the rule, and nothing is left. */
const refuses = test.macro(async (t, call: Call, name: string, value: string, rule: RegExp) => {
  const error = await t.throwsAsync(async () => call(reservations));
  t.true(isPortReservationError(error));
  t.like(error, { reason: 'InvalidParameter', code: 'EINVAL', nativeCode: null, syscall: null });
  t.true(error?.message.startsWith(`${name} ${value === 'undefined' ? 'is missing' : value === 'true' ? 'is not valid' : `${value} is not valid`}: it `), error?.message);
  t.regex(error?.message ?? '', rule);
  t.deepEqual(await reservations.list(), []);
});

const tcp = 'tcp';
const block = (startPort: unknown, numberOfPorts: unknown, protocol: unknown = tcp) =>
  ({ protocol, startPort, numberOfPorts }) as { protocol: Protocol; startPort: number; numberOfPorts: number };

test('a protocol in capitals', refuses, (r: PortReservations) => r.createPersistent(block(5000, 1, 'TCP')), 'protocol', '"TCP"', /P7/);
test('a persistent block without a start port', refuses, (r: PortReservations) => r.createPersistent(block(undefined, 1)), 'startPort', 'undefined', /P3/);
test('start port 0 for a persistent block', refuses, (r: PortReservations) => r.createPersistent(block(0, 1)), 'startPort', '0', /P3/);
test('a start port past the last', refuses, (r: PortReservations) => r.lookupPersistent(block(65536, 1)), 'startPort', '65536', /P3/);
test('a fraction as a port', refuses, (r: PortReservations) => r.deletePersistent(block(5000.5, 1)), 'startPort', '5000.5', /P3/);
test('a port as text', refuses, (r: PortReservations) => r.createPersistent(block('5000', 1)), 'startPort', '"5000"', /P3/);
const long = () => 'the source of a function may be a page, of which an error shows the beginning';
test('a function as a port', refuses, (r: PortReservations) => r.createPersistent(block(long, 1)), 'startPort', `${String(long).slice(0, 60)}...`, /P3/);
test('no ports at all', refuses, (r: PortReservations) => r.createPersistent(block(5000, 0)), 'numberOfPorts', '0', /P3/);
test('a block past the last port', refuses, (r: PortReservations) => r.createPersistent(block(65530, 10)), 'numberOfPorts', '10', /at most 6 .*startPort 65530.*P4/);
test('a runtime block past the last port', refuses, (r: PortReservations) => r.acquireRuntime(block(65535, 2)), 'numberOfPorts', '2', /P4/);
test('a negative count', refuses, (r: PortReservations) => r.acquireRuntime({ protocol: tcp, numberOfPorts: -1 }), 'numberOfPorts', '-1', /P3/);
test('an address family of another naming', refuses,
  (r: PortReservations) => r.acquireRuntime({ protocol: tcp, numberOfPorts: 1, addressFamily: 'ipv4' as 'IPv4' }), 'addressFamily', '"ipv4"', /A9/);
test('a token that went through a double', refuses,
  (r: PortReservations) => r.bind({ protocol: tcp, token: 5 as unknown as bigint }), 'token', '5', /bigint/);
test('a token of more than 64 bits', refuses, (r: PortReservations) => r.bind({ protocol: tcp, token: 1n << 64n }), 'token', `${1n << 64n}`, /18446744073709551615/);
test('a port outside the block', refuses,
  (r: PortReservations) => r.bind({ protocol: tcp, token: 1n, block: block(5000, 10), port: 5010 }), 'port', '5010', /5000-5009.*A2a/);
test('a block of the other protocol', refuses,
  (r: PortReservations) => r.bind({ protocol: tcp, token: 1n, block: { ...block(5000, 10), protocol: 'udp' } }), 'protocol', '"tcp"', /udp 5000-5009/);
test('a block to bind from without its number of ports', refuses,
  (r: PortReservations) => r.bind({ protocol: tcp, token: 1n, block: block(5000, NaN) }), 'numberOfPorts', 'NaN', /P3/);
test('an IPv6 address for an IPv4 socket', refuses,
  (r: PortReservations) => r.bind({ protocol: tcp, token: 1n, localAddress: '::1' }), 'localAddress', '"::1"', /IPv4.*A9/);
test('a host name as an address', refuses,
  (r: PortReservations) => r.bind({ protocol: tcp, token: 1n, localAddress: 'localhost' }), 'localAddress', '"localhost"', /numeric/);
test('listening on UDP', refuses, (r: PortReservations) => r.bind({ protocol: 'udp', token: 1n, listen: true }), 'listen', 'true', /tcp/);
test('a backlog of 0', refuses, (r: PortReservations) => r.bind({ protocol: tcp, token: 1n, listen: true, backlog: 0 }), 'backlog', '0', /1 to/);
test('dual stack on IPv4', refuses, (r: PortReservations) => r.bind({ protocol: tcp, token: 1n, dualStack: true }), 'dualStack', 'true', /IPv6/);
test('a search that begins at port 0', refuses,
  (r: PortReservations) => r.create({ kind: 'persistent', protocols: [tcp], numberOfPorts: 1, from: 0 }), 'from', '0', /P3/);
test('a search for a runtime block', refuses,
  (r: PortReservations) => r.create({ kind: 'runtime', protocols: [tcp], numberOfPorts: 1, from: 5000 }), 'from', '5000', /runtime/);
test('a search that would be content with any block', refuses,
  (r: PortReservations) => r.create({ kind: 'persistent', protocols: [tcp], numberOfPorts: 1, ifNotExists: true }), 'ifNotExists', 'true', /startPort/);

const one = { protocols: [tcp], startPort: 5000, numberOfPorts: 1 } as const;
test('a kind in capitals', refuses, (r: PortReservations) => r.create({ kind: 'Persistent' as 'persistent', ...one }), 'kind', '"Persistent"', /persistent, runtime/);
test('a kind that cannot be made', refuses, (r: PortReservations) => r.create({ kind: 'system' as 'persistent', ...one }), 'kind', '"system"', /persistent, runtime/);
test('a kind that cannot be removed', refuses, (r: PortReservations) => r.remove('system' as 'persistent', block(5000, 1)), 'kind', '"system"', /exclusion/);
test('a kind that cannot be listed', refuses, (r: PortReservations) => r.list({ kinds: ['x' as 'system'] }), 'kind', '"x"', /system/);
test('no protocol', refuses, (r: PortReservations) => r.create({ kind: 'persistent', ...one, protocols: [] }), 'protocols', 'array', /tcp/);
const holes = Array<'tcp'>(1);
test('a hole among the protocols', refuses, (r: PortReservations) => r.create({ kind: 'persistent', ...one, protocols: [tcp as Protocol].concat(holes) }), 'protocol', 'undefined', /P7/);
test('protocols that are all holes', refuses, (r: PortReservations) => r.create({ kind: 'persistent', ...one, protocols: holes }), 'protocol', 'undefined', /P7/);
test('a protocol that is no array', refuses, (r: PortReservations) => r.list({ protocols: 'tcp' as unknown as ['tcp'] }), 'protocols', '"tcp"', /array/);
test('a protocol without ports', refuses, (r: PortReservations) => r.list({ protocols: ['sctp' as 'tcp'] }), 'protocol', '"sctp"', /P7/);
test('kinds that are no array', refuses, (r: PortReservations) => r.list({ kinds: 'persistent' as never }), 'kinds', '"persistent"', /array/);
test('kinds to look up that are no array', refuses, (r: PortReservations) => r.lookup({ startPort: 1, numberOfPorts: 1, kinds: 'persistent' as never }), 'kinds', '"persistent"', /array/);
const capital = 'Persistent' as 'persistent';
test('a store to list in capitals', refuses, (r: PortReservations) => r.list({ store: capital }), 'store', '"Persistent"', /persistent, active/);
test('a store to create in, in capitals', refuses, (r: PortReservations) => r.create({ kind: 'exclusion', ...one, store: capital }), 'store', '"Persistent"', /persistent, active/);
test('a store to remove from, in capitals', refuses, (r: PortReservations) => r.remove('exclusion', block(5000, 1), { store: capital }), 'store', '"Persistent"', /persistent, active/);
test('no address family', refuses, (r: PortReservations) => r.setDynamicPortRange({ ...one, startPort: 5000, numberOfPorts: 1000, addressFamilies: [] }), 'addressFamilies', 'array', /1 to 2/);
test('a dynamic range of no ports', refuses, (r: PortReservations) => r.explain(tcp, 5, { dynamicRange: { startPort: 5000, numberOfPorts: 0 } }), 'numberOfPorts', '0', /P3/);
test('a port to list that is none', refuses, (r: PortReservations) => r.list({ port: 70_000 }), 'port', '70000', /65535/);
test('a picture of another format', refuses, (r: PortReservations) => r.renderMap({ format: 'png' as 'svg' }), 'format', '"png"', /svg/);
test('a picture of no width', refuses, (r: PortReservations) => r.renderMap({ format: 'text', width: NaN }), 'width', 'NaN', /1 to 10000/);
test('a picture of half a line', refuses, (r: PortReservations) => r.renderMap({ format: 'text', height: 12.5 }), 'height', '12.5', /1 to 10000/);
test('a time-out before now', refuses, (r: PortReservations) => r.acquireRuntime({ ...block(5000, 1), timeout: -5 }), 'timeout', '-5', /milliseconds/);
test('a time-out in words', refuses, (r: PortReservations) => r.acquireRuntime({ ...block(5000, 1), timeout: 'x' as unknown as number }), 'timeout', '"x"', /milliseconds/);
test('an address family for what is of both', refuses,
  (r: PortReservations) => r.create({ kind: 'persistent', ...one, addressFamily: 'IPv6' }), 'addressFamily', '"IPv6"', /N6/);
test('no request at all', refuses, (r: PortReservations) => r.create(undefined as never), 'request', 'undefined', /must be an object/);
/** What takes an argument, the argument's name, and whether it may be left out. */
const TAKERS: readonly (readonly [method: string, name: string, isOptional: boolean, call: (r: PortReservations, given: never) => unknown])[] = [
  ['acquireRuntime', 'request', false, (r, given) => r.acquireRuntime(given)],
  ['bind', 'request', false, (r, given) => r.bind(given)],
  ['findRuntime', 'block', false, (r, given) => r.findRuntime(given)],
  ['createOrFind', 'request', false, (r, given) => r.createOrFind(given)],
  ['plan', 'options', true, (r, given) => r.plan([], given)],
  ['apply', 'plan', false, (r, given) => r.apply(given)],
  ['explain', 'options', true, (r, given) => r.explain('tcp', 5, given)],
  ['explainEach', 'ports', false, (r, given) => r.explainEach('tcp', given).next()],
  ['renderMap', 'request', false, (r, given) => r.renderMap(given)],
  ['findFree', 'request', false, (r, given) => r.findFree(given)],
  ['list', 'filter', true, (r, given) => r.list(given)],
  ['lookup', 'request', false, (r, given) => r.lookup(given)],
  ['setDynamicPortRange', 'request', false, (r, given) => r.setDynamicPortRange(given)],
  ['remove', 'options', true, (r, given) => r.remove('persistent', block(5000, 1), given)],
];
for (const [method, name, isOptional, call] of TAKERS) {
  for (const given of isOptional ? [null, 5] : [undefined, null, 5]) {
    test(`${given} as the ${name} of ${method}`, refuses, (r: PortReservations) => call(r, given as never), name, String(given), /must be an object/);
  }
}
/** A member that is a switch or a function, with the rest of a request that has it. */
const SWITCHES: readonly (readonly [member: string, call: (r: PortReservations, given: object) => unknown])[] = [
  ['ifNotExists', (r, given) => r.create({ kind: 'persistent', ...one, ...given })],
  ['restartWinNat', (r, given) => r.create({ kind: 'persistent', ...one, ...given })],
  ['purge', (r, given) => r.plan([], { within: [{ startPort: 1, endPort: 65535 }], ...given })],
  ['restartWinNat', (r, given) => r.plan([], given)],
  ['listen', (r, given) => r.bind({ protocol: tcp, token: 1n, ...given })],
  ['dualStack', (r, given) => r.bind({ protocol: tcp, token: 1n, addressFamily: 'IPv6', ...given })],
  ['color', (r, given) => r.renderMap({ format: 'text', ...given })],
];
for (const [member, call] of SWITCHES) {
  for (const given of ['false', 0, null]) {
    test(`${JSON.stringify(given)} as the ${member} of ${String(call)}`, refuses, (r: PortReservations) => call(r, { [member]: given }), member, JSON.stringify(given), /must be true or false/);
  }
}
const plan = { changes: [], inDesiredState: true };
const LISTENERS: typeof SWITCHES = [
  ['onStep', (r, given) => r.create({ kind: 'persistent', ...one, ...given })],
  ['onStep', (r, given) => r.apply(plan, given)],
  ['onProgress', (r, given) => r.apply(plan, given)],
  ['placeOf', (r, given) => r.plan([], given)],
  ['onNotRead', (r, given) => r.list(given)],
  ['onNotRead', (r, given) => r.renderMap({ format: 'svg', ...given })],
];
for (const [member, call] of LISTENERS) {
  test(`a text as the ${member} of ${String(call)}`, refuses, (r: PortReservations) => call(r, { [member]: 'log' }), member, '"log"', /must be a function/);
}
const change = { change: 'create', block: { ...block(5000, 1), kind: 'persistent' }, existing: null, replaces: [], reason: null, error: null, needsWinNat: false };
const makes = { ...change, block: { ...change.block, startPort: 6000 } };
/** The first of the two changes would be made. */
const applies = (wrong: unknown) => (r: PortReservations) => r.apply({ ...plan, changes: [makes, wrong] } as never);
test('no change in a plan', refuses, applies(null), 'plan', 'null', /must be an object/);
test('another change than there are in a plan', refuses, applies({ ...change, change: 'delete' }), 'change', '"delete"', /one of none, create/);
test('a change without a block in a plan', refuses, applies({ ...change, block: undefined }), 'block', 'undefined', /must be an object/);
test('a change of a block of another program in a plan', refuses, applies({ ...change, block: { ...change.block, kind: 'system' } }), 'kind', '"system"', /persistent/);
test('a change that does not say what it replaces in a plan', refuses, applies({ ...change, replaces: undefined }), 'replaces', 'undefined', /plan\(\)/);
test('a change that replaces no block in a plan', refuses, applies({ ...change, replaces: [5] }), 'block', '5', /must be an object/);
test('an earlier list that is none', refuses, (r: PortReservations) => r.plan([], { purge: true, within: [{ startPort: 1, endPort: 2 }], previous: 0 as never }), 'previous', '0', /array/);
test('ports to explain that are none', refuses, (r: PortReservations) => r.explainEach('tcp', {} as never).next(), 'ports', 'object', /array of numbers/);
function* ports() {
  for (;;) yield 5000;
}
test('ports to explain without an end', refuses, (r: PortReservations) => r.explainEach('tcp', ports()).next(), 'ports', 'object', /at most|65535/);
test('protocols to look up that are no array', refuses, (r: PortReservations) => r.lookup({ ...one, protocols: '' as never }), 'protocols', '""', /array/);
test('a runtime reservation of half a block', refuses, (r: PortReservations) => r.findRuntime({ protocol: tcp, startPort: 5000 } as never), 'numberOfPorts', 'undefined', /P3/);
test('a runtime reservation of a symbol', refuses, (r: PortReservations) => r.findRuntime(block(Symbol('port'), 1)), 'startPort', 'Symbol(port)', /P3/);
test('no block to bind from', refuses, (r: PortReservations) => r.bind({ protocol: tcp, token: 1n, block: r.findRuntime(block(5000, 1)) as never }), 'block', 'null', /startPort/);
test('a symbol as an address', refuses, (r: PortReservations) => r.bind({ protocol: tcp, token: 1n, addressFamily: 'IPv6', localAddress: Symbol('any') as never }), 'localAddress', 'Symbol(any)', /IPv6/);
test('a number as the words of netsh', refuses, () => parseExcludedPortRanges(5 as never), 'output', '5', /must be text/);
test('a number as the dynamic range of netsh', refuses, () => parseDynamicPortRange(5 as never), 'output', '5', /must be text/);
test('no socket for a server', refuses, () => listenOn(createServer(), null as never), 'socket', 'null', /bind\(\)/);
test('what no socket is for a server', refuses, () => listenOn(createServer(), { protocol: tcp } as never), 'socket', 'object', /bind\(\)/);

test('a list of changes as the plan of apply', refuses, (r: PortReservations) => r.apply([] as never), 'plan', 'array', /must be what plan\(\) resolves to/);
test('a text as a range of a purge', refuses, (r: PortReservations) => r.plan([], { purge: true, within: ['20000-39999' as never] }), 'within', '"20000-39999"', /must be an object/);
test('a text as the ranges of a purge', refuses, (r: PortReservations) => r.plan([], { purge: true, within: '20000-39999' as never }), 'within', '"20000-39999"', /must be an array of ranges/);
test('a signal that is none', refuses, (r: PortReservations) => r.acquireRuntime({ protocol: 'tcp', startPort: 0, numberOfPorts: 1, signal: 5 as never }), 'signal', '5', /AbortSignal/);
test('no block at all', refuses, (r: PortReservations) => r.createPersistent(undefined as never), 'block', 'undefined', /startPort/);

test('the simulator is taken by absolute path only, and a voice that there is', (t) => {
  t.throws(() => openPortReservations({ simulator: { library: 'portsim.so', state: '/tmp/x' } }), { message: /simulator\.library "portsim\.so"/ });
  t.throws(() => openPortReservations({ simulator: { library: simulator.options.library, state: 'x' } }), { message: /simulator\.state "x"/ });
  t.throws(() => openPortReservations({ simulator: {} as never }), { message: /simulator\.library is missing/ });
  // On Windows it would be Windows.
  for (const none of [null, '', false]) t.throws(() => openPortReservations({ simulator: none as never }), { message: /^simulator .*must be an object/ });
  // Node.js ends at once what has a longer time-out.
  for (const netshTimeout of [-1, 0, 1.5, 2 ** 31, '5']) t.throws(() => openPortReservations({ simulator: { ...simulator.options, netshTimeout: netshTimeout as number } }), { message: /^simulator\.netshTimeout .*from 1 to 2147483647/ });
  t.throws(() => openPortReservations(null as never), { message: /options null/ });
  t.throws(() => openPortReservations({ simulator: simulator.options, voice: { language: 'toString' as 'en' } }), { message: /voice\.language "toString" .*en, de, fr/ });
  t.throws(() => openPortReservations({ simulator: simulator.options, voice: { surface: 'web' as 'cli' } }), { message: /voice\.surface "web" .*library, powershell, cli/ });
});

test.serial('a state file that is none of the simulator\'s is refused with its reason, and left as it is', async (t) => {
  const { writeFileSync, readFileSync } = await import('node:fs');
  const state = `${simulator.folder}/foreign`;
  writeFileSync(state, 'dear diary');
  simulator.knob('portsim_close');
  const error = t.throws(() => openPortReservations({ simulator: { ...simulator.options, state } }));
  simulator.knob('portsim_open', simulator.options.state);
  t.regex(error.message, /foreign: the file is not a portsim store/);
  t.is(readFileSync(state, 'utf8'), 'dear diary');
});

test.serial('a wait that is none is refused, and the reservation has ended all the same', async (t) => {
  const reservation = await reservations.acquireRuntime({ protocol: tcp, numberOfPorts: 1 });
  const error = await t.throwsAsync(reservation.release(null as never), { message: /^wait null .*must be an object/ });
  t.true(isPortReservationError(error));
  t.deepEqual(await reservations.list(), []);
});

test.serial('a second state in one process is refused, and the first stays open', (t) => {
  const made = reservations.createPersistent(block(5000, 1));
  const state = `${simulator.folder}/second`;
  const error = t.throws(() => openPortReservations({ simulator: { ...simulator.options, state } }));
  t.regex(error.message, /second: this process has another store open/);
  t.deepEqual(reservations.lookupPersistent(block(5000, 1)), made);
  reservations.deletePersistent(block(5000, 1));
});

test('a library that is not there is named', (t) => {
  const library = `${simulator.folder}/nothing.so`;
  t.throws(() => openPortReservations({ simulator: { ...simulator.options, library } }), { message: /nothing\.so/ });
});

offWindows('off Windows and without a simulator every system call is PlatformNotSupported', (t) => {
  const error = t.throws(() => openPortReservations());
  t.like(error, { reason: 'PlatformNotSupported', code: 'ENOTSUP' });
});
