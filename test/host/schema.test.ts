import test from 'ava';
import { HostProcess } from '../helpers/host-process.js';
import { portsOf } from '../helpers/ports.js';
import { createSimulator } from '../helpers/simulator.js';

const simulator = await createSimulator();
// First the host, which has the state file open.
const teardowns: (() => unknown)[] = [() => simulator.dispose()];
test.after.always(async () => {
  for (const end of teardowns.reverse()) await end();
});

const base = portsOf(import.meta.url);
const create = { kind: 'persistent', protocols: ['tcp'], startPort: base, numberOfPorts: 1 };
const block = { protocol: 'tcp', startPort: base, numberOfPorts: 1 };
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
  ['reservation.create', { ...create, protocols: ['tcp', 'sctp'] }, 'protocols[1]'],
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
  ['reservation.list', { protocols: ['icmp'] }, 'protocols[0]'],
  ['reservation.list', { kinds: ['mine'] }, 'kinds[0]'],
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
  ['bind.create', { ...bind, startPort: base, numberOfPorts: 5, port: base + 5 }, 'port'],
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
  t.is(message, [
    `kind "x" is not valid: it must be one of persistent, runtime, exclusion`,
    `protocols[0] 5 is not valid: it must be 'tcp' or 'udp' (rule P7)`,
    'startPort 0 is not valid: it must be an integer from 1 to 65535 (rule P3)',
    'numberOfPorts "y" is not valid: it must be an integer from 1 to 65535 (rule P3)',
    'junk 1 is not valid: it must be left out: there is no such parameter',
  ].join('; '));
  // A value that breaks two of its rules, once.
  t.is((await host.error('reservation.create', { ...create, startPort: 70_000.5 })).message, 'startPort 70000.5 is not valid: it must be an integer from 1 to 65535 (rule P3)');
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

/** Language, method, parameters, message and advice: as a session of PowerShell reads them. */
const SPOKEN: [string, string, unknown, string, string][] = [
  ['de', 'port.explain', { protocol: 'Tcp', ports: [80], localAddress: '1'.repeat(65) },
    `-LocalAddress "${'1'.repeat(60)}..." ist ungültig: darf höchstens 64 Zeichen haben`, '-LocalAddress berichtigen.'],
  ['de', 'reservation.create', { kind: 'Foo', protocols: ['Tcp'], numberOfPorts: 0 },
    '-Kind "Foo" ist ungültig: muss einer der Werte persistent, runtime, exclusion sein; -NumberOfPorts 0 ist ungültig: muss eine ganze Zahl von 1 bis 65535 sein (Regel P3)',
    'Berichtigen, was die Meldung nennt.'],
  ['fr', 'desiredState.plan', { blocks: [], within: Array.from({ length: 1001 }, () => '1-2') },
    "-Within tableau n'est pas valide : doit être un tableau de 0 à 1000 éléments", 'Corrigez -Within.'],
  ['fr', 'bind.create', { protocol: 'Tcp', token: 'x', timeout: -1 },
    '-Token "x" n\'est pas valide : doit être un entier de 1 à 18446744073709551615, en texte ; '
      + "-TimeoutSec -1 n'est pas valide : doit être un nombre de millisecondes, 0 pour aucune limite", 'Corrigez ce que le message nomme.'],
  ['en', 'reservation.list', { protocols: ['Tcp', 'Sctp'], portt: 5 },
    `-Protocol[1] "Sctp" is not valid: it must be 'tcp' or 'udp' (rule P7); portt 5 is not valid: it must be left out: there is no such parameter`, 'Correct what the message names.'],
];

for (const [language, method, params, message, advice] of SPOKEN) {
  test(`${method} of ${short(params)} is refused in ${language}, in the words of the cmdlets`, async (t) => {
    const host = HostProcess.start(t, simulator.args);
    const greeting = { protocolVersion: 1, language, surface: 'powershell', answers: 'rows' };
    t.regex(await host.raw(JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'initialize', params: greeting })) as unknown as string, /^a1\t/);
    const row = await host.raw(JSON.stringify({ jsonrpc: '2.0', id: 2, method, params })) as unknown as string;
    t.deepEqual(row.split('\t').slice(0, 4), ['e2', 'InvalidParameter', message, advice]);
  });
}

test('what is no request is refused in the language of the client, once that is known', async (t) => {
  const host = HostProcess.start(t, simulator.args);
  t.like(await host.error('initialize', { protocolVersion: 2, language: 'fr' }), { message: "le module parle la version 2 du protocole et l'hôte la 1 : ils sont de versions différentes" });
  t.like(await host.error('host.get'), { code: -32002, message: 'the first request must be initialize' });
  await host.result('initialize', { protocolVersion: 1, language: 'de' });
  t.like(await host.raw('no JSON'), { error: { code: -32700, message: 'die Zeile ist kein JSON' } });
  t.like(await host.raw(`{"jsonrpc":"2.0","id":"${'x'.repeat(300)}","method":"host.get"}`), { error: { message: 'eine id darf höchstens 256 Zeichen haben' } });
  t.like(await host.raw(JSON.stringify(Array.from({ length: 1001 }, () => 1))), { error: { message: 'ein Stapel darf höchstens 1000 Anfragen haben' } });
  t.like(await host.error('no.such'), { code: -32601, message: 'es gibt keine Methode "no.such"' });
  t.like(await host.raw('{"jsonrpc":"2.0","id":5}'), { id: 5, error: { code: -32600, message: 'eine Anfrage ist ein Objekt mit jsonrpc "2.0", einer method und, außer bei einer Benachrichtigung, einer id' } });
});
