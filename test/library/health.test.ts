import test from 'ava';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import type { PortHealth } from '../../src/index.js';
import { TCP, TCP_STATE, UDP, WINNAT } from '../helpers/knobs.js';
import { openLibrary } from '../helpers/library.js';
import { portsOf } from '../helpers/ports.js';

const { simulator, reservations } = await openLibrary(test);

/** Dynamic ranges of their own: the machine's sockets are among the ports of the usual one. */
const base = portsOf(import.meta.url);
const SIZE = 255;
const { listen, established, timeWait } = TCP_STATE;

const range = ({ dynamicRanges }: PortHealth, protocol = 'tcp') => dynamicRanges.find((each) => each.protocol === protocol);
const names = ({ findings }: PortHealth) => findings.map(({ severity, name, protocol }) => `${severity} ${name}${protocol ? ` ${protocol}` : ''}`);
/** The one finding of this name. */
const finding = ({ findings }: PortHealth, name: string) => {
  const found = findings.filter((each) => each.name === name);
  if (found.length !== 1 || !found[0]) throw new Error(`there are ${found.length} findings ${name}`);
  return found[0];
};

test.serial('on a Windows where nothing is wrong, there is nothing to say', async (t) => {
  const health = await reservations.measure();
  t.deepEqual(health.findings, []);
  t.like(health, { heldPorts: [], winNat: 'running', guestPorts: 0, notRead: [] });
  for (const protocol of ['tcp', 'udp']) {
    const use = range(health, protocol);
    t.like(use, { startPort: 49_152, endPort: 65_535, numberOfPorts: 16_384, isDefault: true, portsHeld: 0 });
    t.is((use?.portsInUse ?? 0) + (use?.portsFree ?? 0), 16_384);
    t.is(use?.ranges.length, 2);
  }
});

test.serial('ports and connections are counted, also closed ones, each with its process and services', async (t) => {
  simulator.knob('portsim_set_dynamic_range', TCP, base, SIZE);
  simulator.knob('portsim_set_dynamic_range', UDP, base, SIZE);
  simulator.knob('portsim_set_process', 5000, 'C:\\a\\client.exe');
  simulator.knob('portsim_set_process', 5001, 'C:\\Windows\\System32\\svchost.exe');
  simulator.knob('portsim_add_service', 'EventLog', 5001);
  // Two connections of one port, to different servers.
  for (const port of [0, 1, 2, 2]) simulator.knob('portsim_add_endpoint', TCP, '10.0.0.1', base + port, established, 5000);
  simulator.knob('portsim_add_endpoint', TCP, '10.0.0.1', base + 3, timeWait, 0);
  simulator.knob('portsim_add_endpoint', TCP, '10.0.0.1', base + 4, timeWait, 0);
  for (const address of ['0.0.0.0', '::']) simulator.knob('portsim_add_endpoint', TCP, address, base + 5, listen, 5001);
  // Outside of the range.
  simulator.knob('portsim_add_endpoint', TCP, '10.0.0.1', base + SIZE, established, 5000);
  simulator.knob('portsim_add_endpoint', UDP, '0.0.0.0', base, 0, 5000);
  simulator.knob('portsim_add_system_block', TCP, base + 2, 10, 0);
  const health = await reservations.measure();
  t.like(range(health), { portsInUse: 6, portsHeld: 6, portsFree: SIZE - 12, percentUsed: 4, connections: 6, timeWait: 2, isDefault: false });
  t.deepEqual(range(health)?.processes, [
    { processId: 5000, processName: 'client.exe', services: [], ports: 3, connections: 4 },
    { processId: null, processName: null, services: [], ports: 2, connections: 2 },
    { processId: 5001, processName: 'svchost.exe', services: ['EventLog'], ports: 1, connections: 0 },
  ]);
  t.like(range(health, 'udp'), { portsInUse: 1, portsHeld: 0, connections: 0, timeWait: 0 });
  t.deepEqual(range(health, 'udp')?.processes, [{ processId: 5000, processName: 'client.exe', services: [], ports: 1, connections: 0 }]);
});

for (const [held, expected] of [[127, null], [128, 'Warning DynamicRangeHeld tcp'], [204, 'Warning DynamicRangeFilling tcp'], [243, 'Error DynamicRangeExhausted tcp']] as const) {
  test.serial(`with ${held} of ${SIZE} ports held, it is ${expected ?? 'nothing'}`, async (t) => {
    simulator.knob('portsim_set_dynamic_range', TCP, base, SIZE);
    simulator.knob('portsim_add_system_block', TCP, base, held, 0);
    const health = await reservations.measure();
    t.is(range(health)?.portsHeld, held);
    t.deepEqual(names(health).filter((name) => !/Small|WinNat/.test(name)), expected === null ? [] : [expected]);
    t.deepEqual(health.heldPorts, [{ protocol: 'tcp', kind: 'system', blocks: 1, ports: held }]);
    if (expected) t.regex(finding(health, expected.split(' ')[1] ?? '').advice, /setDynamicPortRange\({ protocols: \['tcp'\], startPort: 49152, numberOfPorts: 16384 }\)/);
  });
}

test.serial('a range that has no room to grow is not to be replaced by a smaller one', async (t) => {
  simulator.knob('portsim_set_dynamic_range', TCP, 1025, 64_511);
  simulator.knob('portsim_set_process', 5000, 'C:\\a\\client.exe');
  simulator.knob('portsim_add_endpoint', TCP, '10.0.0.1', 65_000, established, 5000);
  for (const [ports, name] of [[33_000, 'DynamicRangeHeld'], [20_000, 'DynamicRangeFilling'], [9_000, 'DynamicRangeExhausted']] as const) {
    const { heldPorts } = await reservations.measure();
    simulator.knob('portsim_add_system_block', TCP, 1025 + (heldPorts[0]?.ports ?? 0), ports, 0);
    const { advice } = finding(await reservations.measure(), name);
    t.regex(advice, /remove what is not needed/);
    t.notRegex(advice, /larger|setDynamicPortRange/);
  }
});

test.serial('what fills a range is named, and told from connections that are closed', async (t) => {
  simulator.knob('portsim_set_dynamic_range', TCP, base, 10);
  simulator.knob('portsim_set_process', 5000, 'C:\\a\\leak.exe');
  for (let port = 0; port < 6; port += 1) simulator.knob('portsim_add_endpoint', TCP, '10.0.0.1', base + port, established, 5000);
  for (let port = 6; port < 9; port += 1) simulator.knob('portsim_add_endpoint', TCP, '10.0.0.1', base + port, timeWait, 0);
  const filling = finding(await reservations.measure(), 'DynamicRangeFilling');
  t.regex(filling.text, /^The tcp dynamic range has 10 ports: 9 in use \(6 by leak\.exe \(5000\)\), 0 held by blocks, 1 free\./);
  t.regex(filling.advice, /^Look at leak\.exe \(5000\)/);
  t.notRegex(filling.advice, /TIME_WAIT/);
  simulator.knob('portsim_set_dynamic_range', TCP, base + 5, 5);
  t.regex(finding(await reservations.measure(), 'DynamicRangeFilling').advice, /\bClosed connections .*TIME_WAIT; now 3\)/);
});

for (const [start, count, ...expected] of [
  [49_152, 16_384], [1024, 13_977, 'Warning DynamicRangeLow'], [1025, 300, 'Warning DynamicRangeLow', 'Warning DynamicRangeSmall'],
  [49_152, 4_095, 'Warning DynamicRangeSmall'], [10_000, 55_536, 'Information DynamicRangeChanged'], [32_768, 32_768, 'Information DynamicRangeChanged'],
] as const) {
  test.serial(`the dynamic range ${start} + ${count} is judged`, async (t) => {
    simulator.knob('portsim_set_dynamic_range', UDP, start, count);
    const health = await reservations.measure();
    t.deepEqual(names(health), expected.map((name) => `${name} udp`));
    t.is(range(health, 'udp')?.isDefault, expected.length === 0);
    for (const { advice } of health.findings) t.regex(advice, /setDynamicPortRange\({ protocols: \['udp'\], startPort: 49152, numberOfPorts: 16384 }\)/);
  });
}

test.serial('a low range names the ports of servers in it', async (t) => {
  simulator.knob('portsim_set_dynamic_range', TCP, 1024, 13_977);
  t.regex(finding(await reservations.measure(), 'DynamicRangeLow').text, /1024-15000.*1433 \(SQL Server\)/);
});

test.serial('ranges that differ between IPv4 and IPv6 are told', async (t) => {
  await reservations.setDynamicPortRange({ protocols: ['tcp'], addressFamilies: ['IPv6'], startPort: 40_000, numberOfPorts: 20_000 });
  const health = await reservations.measure();
  t.deepEqual(names(health), ['Warning DynamicRangeFamilies tcp']);
  t.regex(finding(health, 'DynamicRangeFamilies').text, /49152-65535 for IPv4, 40000-59999 for IPv6/);
});

const MONGO = 27_017;
for (const [title, arrange, advice] of [
  ['a block of WinNAT', () => simulator.knob('portsim_add_system_block', TCP, MONGO - 10, 20, 1), /WinNAT .*kind: 'exclusion', .*startPort: 27017, numberOfPorts: 1, restartWinNat: true/],
  ['a block of a program, without WinNAT', () => {
    simulator.knob('portsim_set_winnat', WINNAT.stopped);
    simulator.knob('portsim_add_system_block', TCP, MONGO - 10, 20, 0);
  }, /end the program that holds the block.*kind: 'exclusion', .*startPort: 27017, numberOfPorts: 1 }/],
  ['a persistent reservation', () => reservations.createPersistent({ protocol: 'tcp', startPort: MONGO - 10, numberOfPorts: 20 }), /remove the reservation.*kind: 'exclusion',/],
  ['a block for guests', () => simulator.knob('portsim_add_hidden_holder', TCP, MONGO - 10, 20), /guest's networking/],
  ['an exclusion', () => simulator.knob('portsim_add_exclusion', TCP, MONGO - 10, 20, 1), null],
  ['a block of that port alone', () => simulator.knob('portsim_add_system_block', TCP, MONGO, 1, 0), null],
  ['a block beside it', () => simulator.knob('portsim_add_system_block', TCP, MONGO + 1, 20, 0), null],
  ['a block of the other protocol', () => simulator.knob('portsim_add_system_block', UDP, MONGO - 10, 20, 0), null],
  ['a block in which its server listens', () => {
    simulator.knob('portsim_add_system_block', TCP, MONGO - 10, 20, 0);
    simulator.knob('portsim_add_endpoint', TCP, '127.0.0.1', MONGO, listen, 5000);
  }, null],
] as const) {
  test.serial(`a well-known port in ${title} is ${advice ? 'a warning' : 'none'}`, async (t) => {
    arrange();
    const health = await reservations.measure();
    const found = health.findings.filter(({ name }) => name === 'WellKnownPortHeld');
    t.is(found.length, advice ? 1 : 0);
    if (!advice) return;
    t.like(found[0], { severity: 'Warning', protocol: 'tcp' });
    t.regex(found[0]?.text ?? '', /^tcp 27017 \(MongoDB\): a server cannot bind it, because tcp 27007-27026 is a /);
    t.regex(found[0]?.advice ?? '', advice);
  });
}

test.serial('who holds ports is told: WinNAT, guests, and the blocks by kind', async (t) => {
  simulator.knob('portsim_add_system_block', TCP, base, 100, 1);
  simulator.knob('portsim_add_system_block', UDP, base, 50, 0);
  simulator.knob('portsim_add_hidden_holder', TCP, base + 100, 1);
  simulator.knob('portsim_add_exclusion', TCP, base + 200, 5, 1);
  reservations.createPersistent({ protocol: 'tcp', startPort: base + 300, numberOfPorts: 3 });
  using runtime = await reservations.acquireRuntime({ protocol: 'udp', startPort: base + 300, numberOfPorts: 2 });
  t.is(runtime.numberOfPorts, 2);
  const health = await reservations.measure();
  t.deepEqual(health.heldPorts.map(({ protocol, kind, blocks, ports }) => [protocol, kind, blocks, ports]), [
    ['tcp', 'persistent', 1, 3], ['tcp', 'exclusion', 1, 5], ['tcp', 'system', 2, 101], ['udp', 'runtime', 1, 2], ['udp', 'system', 1, 50],
  ]);
  t.is(health.guestPorts, 1);
  t.deepEqual(names(health), ['Information WinNatHolds', 'Information GuestsHold']);
  t.regex(finding(health, 'WinNatHolds').text, /hold 100 tcp ports and 50 udp ports/);
  t.regex(finding(health, 'GuestsHold').text, /holds 1 tcp port for guests/);
  simulator.knob('portsim_set_winnat', WINNAT.absent);
  const without = await reservations.measure();
  t.is(without.winNat, null);
  t.deepEqual(names(without), ['Information GuestsHold']);
});

test.serial('who may not ask for the service winnat, as an ordinary user of a remote session, is told everything else', async (t) => {
  simulator.knob('portsim_add_system_block', TCP, 50_100, 3, 1);
  for (const call of ['OpenSCManagerW', 'OpenServiceW', 'QueryServiceStatus']) {
    simulator.knob('portsim_fail_next', call, 5);
    const { winNat, heldPorts, findings } = await reservations.measure();
    t.deepEqual([winNat, heldPorts, findings], ['unknown', [{ protocol: 'tcp', kind: 'system', blocks: 1, ports: 3 }], []], call);
    simulator.knob('portsim_fail_next', call, 5);
    const { reason, advice } = await reservations.explain('tcp', 50_101);
    t.deepEqual([reason, advice.includes('take this one back from WinNAT')], ['RuntimeReservation', true], call);
  }
});

test.serial('without netsh it tells what the other sources know, and what could not be read', async (t) => {
  simulator.knob('portsim_add_hidden_holder', TCP, base, 5);
  // Both families and stores of both protocols, and their dynamic ranges, each of them twice.
  for (let times = 0; times < 20; times += 1) simulator.knob('portsim_fail_next', 'netsh', 5);
  const health = await reservations.measure();
  t.deepEqual(health.notRead.map(({ list, protocol }) => `${list} ${protocol}`),
    ['excludedPortRanges tcp', 'dynamicPortRange tcp', 'excludedPortRanges udp', 'dynamicPortRange udp']);
  t.like(health, { dynamicRanges: [], guestPorts: 5, winNat: 'running' });
  t.deepEqual(names(health), ['NotRead tcp', 'NotRead tcp', 'NotRead udp', 'NotRead udp'].map((name) => `Warning ${name}`).concat('Information GuestsHold'));
});

test.serial('sixty connections of this process are counted as they are', async (t) => {
  const first = base + 500;
  simulator.knob('portsim_set_dynamic_range', TCP, first, SIZE);
  const server = createServer();
  let isOver = false;
  const accepted: Socket[] = [];
  server.on('connection', (socket) => {
    accepted.push(socket.on('error', () => {}));
    // A client may be connected before the server is told of it.
    if (isOver) socket.destroy();
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  const clients = Array.from({ length: 60 }, (_, index) => connect({ port, host: '127.0.0.1', localPort: first + index }));
  try {
    await Promise.all(clients.map((client) => once(client, 'connect')));
    const use = range(await reservations.measure());
    // A run before this one may have left some of the ports in TIME_WAIT.
    t.deepEqual([use?.portsInUse, (use?.connections ?? 0) - (use?.timeWait ?? 0)], [60, 60]);
  } finally {
    // The server closes first, so that the ports of the clients are free at once; also where one could not connect.
    isOver = true;
    const closed = clients.filter(({ closed: isClosed }) => !isClosed).map((client) => once(client.on('error', () => {}), 'close'));
    for (const socket of accepted) socket.destroy();
    for (const client of clients) if (client.connecting) client.destroy();
    await Promise.allSettled(closed);
    server.close();
  }
});
