import test from 'ava';
import { HostProcess } from '../helpers/host-process.js';
import { PORTS } from '../helpers/ports.js';
import { createSimulator } from '../helpers/simulator.js';

const simulator = await createSimulator();
// First the host, which has the state file open.
const teardowns: (() => unknown)[] = [() => simulator.dispose()];
test.after.always(async () => {
  for (const end of teardowns.reverse()) await end();
});

const create = { kind: 'persistent', protocols: ['tcp'], startPort: PORTS.host + 20, numberOfPorts: 1 };
const block = { protocol: 'tcp', startPort: PORTS.host + 20, numberOfPorts: 1 };
const bind = { protocol: 'tcp', token: '1' };

/** Method, parameters, and what the message must name. */
type Violation = [string, unknown, ...string[]];

/** What the schema of the parameters refuses. */
const malformed: Violation[] = [
  ['initialize', undefined, 'params'],
  ['initialize', {}, 'protocolVersion'],
  ['initialize', { protocolVersion: '1' }, 'protocolVersion'],
  ['initialize', { protocolVersion: 1, processId: 0 }, 'processId'],
  ['initialize', { protocolVersion: 1, processId: -5 }, 'processId'],
  ['initialize', { protocolVersion: 1, processID: 5 }, 'processID'],
  ['initialize', { protocolVersion: 1, client: { name: 'x' } }, 'client.version'],
  ['host.get', { verbose: true }, 'verbose'],
  ['host.get', [1], '0'],
  ['shutdown', { now: true }, 'now'],
  ['reservation.create', undefined, 'params'],
  ['reservation.create', null, 'params'],
  ['reservation.create', 'tcp', 'params'],
  ['reservation.create', {}, 'kind', 'protocols', 'numberOfPorts'],
  ['reservation.create', { ...create, kind: 'system' }, 'kind'],
  ['reservation.create', { ...create, kind: 'Persistent' }, 'kind'],
  ['reservation.create', { ...create, protocols: 'tcp' }, 'protocols'],
  ['reservation.create', { ...create, protocols: [] }, 'protocols'],
  ['reservation.create', { ...create, protocols: ['tcp', 'udp', 'tcp'] }, 'protocols'],
  ['reservation.create', { ...create, protocols: ['tcp', 'sctp'] }, 'protocols.1'],
  ['reservation.create', { ...create, protocol: 'tcp' }, 'protocol'],
  ...[0, -1, 65536, 1.5, '5', null, true, ['5'], 1e300].flatMap((port): [string, unknown, string][] => [
    ['reservation.create', { ...create, startPort: port }, 'startPort'],
    ['reservation.create', { ...create, numberOfPorts: port }, 'numberOfPorts'],
    ['reservation.get', { ...block, startPort: port }, 'startPort'],
    ['reservation.list', { port }, 'port'],
  ]),
  ['reservation.create', { ...create, startport: 5 }, 'startport'],
  ['reservation.create', { ...create, ifNotExists: 'yes' }, 'ifNotExists'],
  ['reservation.create', { ...create, timeout: -1 }, 'timeout'],
  ['reservation.create', { ...create, timeout: 2 ** 31 }, 'timeout'],
  ['reservation.create', { ...create, addressFamily: 'ipv4' }, 'addressFamily'],
  ['reservation.get', { ...block, protocol: 'TCP' }, 'protocol'],
  ['reservation.list', { port: [] }, 'port'],
  ['reservation.list', { port: [5, 0] }, 'port'],
  ['reservation.list', { protocols: ['icmp'] }, 'protocols.0'],
  ['reservation.list', { kinds: ['mine'] }, 'kinds.0'],
  ['reservation.list', { kind: 'system' }, 'kind'],
  ['reservation.remove', block, 'kind'],
  ['reservation.remove', { ...block, kind: 'system' }, 'kind'],
  ...[1, '', '0', '01', '-1', '1.0', '0x10', ' 1', '1e3', '1'.repeat(21), 'x'].map((token): [string, unknown, string] =>
    ['bind.create', { ...bind, token }, 'token']),
  ...[-1, 65536, 0.5, '80'].map((port): [string, unknown, string] => ['bind.create', { ...bind, port }, 'port']),
  ...[0, 65536, '2'].map((count): [string, unknown, string] => ['bind.create', { ...bind, count }, 'count']),
  ['bind.create', { ...bind, localAddress: '1'.repeat(65) }, 'localAddress'],
  ['bind.create', { ...bind, listen: true, backlog: 0 }, 'backlog'],
  ['bind.close', {}, 'id'],
  ['bind.close', { id: 0 }, 'id'],
  ['bind.close', { id: '1' }, 'id'],
];

/** What only the rules of the library refuse. */
const contradictory: Violation[] = [
  ['reservation.create', { ...create, startPort: 65535, numberOfPorts: 2 }, 'numberOfPorts'],
  ['bind.create', { protocol: 'tcp' }, 'token', 'startPort'],
  ['bind.create', { protocol: 'tcp', startPort: 5000 }, 'token', 'numberOfPorts'],
  ['bind.create', { ...bind, token: '18446744073709551616' }, 'token'],
  ['bind.create', { ...bind, port: 5000, count: 2 }, 'count'],
  ['bind.create', { ...bind, localAddress: 'localhost' }, 'localAddress'],
  ['bind.create', { ...bind, localAddress: '::1' }, 'localAddress'],
  ['bind.create', { ...bind, dualStack: true }, 'dualStack'],
  ['bind.create', { ...bind, protocol: 'udp', listen: true }, 'listen'],
  ['bind.create', { ...bind, startPort: PORTS.host, numberOfPorts: 5, port: PORTS.host + 5 }, 'port'],
];

const violations = [...malformed.map((violation) => [-32602, ...violation] as const), ...contradictory.map((violation) => [1, ...violation] as const)];
for (const [code, method, params, ...names] of violations) {
  test.serial(`${method} of ${short(params)} names ${names.join(', ')}`, async (t) => {
    const host = await sharedHost;
    const error = await host.error(method, params);
    t.is(error.code, code);
    t.like(error.data, { reason: 'InvalidParameter', code: 'EINVAL', nativeCode: null, message: error.message });
    for (const name of names) t.true(error.message.includes(name), `${error.message} names ${name}`);
    t.false(error.message.includes('\n'));
    t.true(error.message.length < 600);
  });
}

// One host for all: a violation changes nothing in it.
const sharedHost = (async () => {
  const host = HostProcess.start({ teardown: (end: () => unknown) => teardowns.push(end) }, simulator.args);
  await host.result('initialize', { protocolVersion: 1 });
  return host;
})();

test.serial('every violation at once is named', async (t) => {
  const host = await sharedHost;
  const { message } = await host.error('reservation.create', { kind: 'x', protocols: [5], startPort: 0, numberOfPorts: 'y', junk: 1 });
  for (const name of ['kind', 'protocols.0', 'startPort', 'numberOfPorts', 'junk']) t.true(message.includes(`${name}:`), message);
});

test.serial('a very long name or value does not make a very long message', async (t) => {
  const host = await sharedHost;
  for (const params of [{ ...create, kind: 'k'.repeat(100_000) }, { ...create, ['n'.repeat(100_000)]: 1 }, { ...create, startPort: '5'.repeat(100_000) }]) {
    const { code, message } = await host.error('reservation.create', params);
    t.is(code, -32602);
    t.true(message.length < 1000, `${message.length} characters`);
  }
});

test.serial('a parameter named __proto__ or constructor is refused like any other', async (t) => {
  const host = await sharedHost;
  for (const name of ['__proto__', 'constructor', 'toString']) {
    host.write(`{"jsonrpc":"2.0","id":"${name}","method":"reservation.get","params":{"protocol":"tcp","startPort":5,"numberOfPorts":1,"${name}":{}}}\n`);
    const { error } = await host.answer(name);
    t.is(error?.code, -32602, name);
  }
});

test.serial('no violation has changed anything', async (t) => {
  const host = await sharedHost;
  t.deepEqual(await host.result('reservation.list'), []);
  t.deepEqual(await host.result('bind.close', { id: 1 }), { closed: false }, 'the first socket would have this number');
});

function short(params: unknown): string {
  const text = JSON.stringify(params) ?? 'nothing';
  return text.length > 100 ? `${text.slice(0, 97)}...` : text;
}
