import test from 'ava';
import type { ReservationData } from '../../src/blocks.js';
import type { BindData } from '../../src/host/data.js';
import { HostProcess } from '../helpers/host-process.js';
import type { Answer } from '../helpers/host-process.js';
import { portsOf } from '../helpers/ports.js';
import { openSimulator } from '../helpers/simulator.js';

const simulator = await openSimulator(test);

const first = portsOf(import.meta.url);
const ROUNDS = 100;

const openTwo = async (t: Parameters<typeof HostProcess.open>[0]) =>
  Promise.all([HostProcess.open(t, simulator.args), HostProcess.open(t, simulator.args)]);

const outcomes = (answers: Answer[]) => answers.map(({ error }) => (error ? error.data?.reason : 'got it')).sort();

for (const kind of ['persistent', 'runtime'] as const) {
  test.serial(`two hosts that race for one ${kind} block never both get it, and one of them always does`, async (t) => {
    const hosts = await openTwo(t);
    for (let round = 0; round < ROUNDS; round += 1) {
      const startPort = first + round % 10;
      const request = { kind, protocols: ['tcp'], startPort, numberOfPorts: 1 + round % 5 };
      const answers = await Promise.all(hosts.map((host) => host.request('reservation.create', request)));
      t.deepEqual(outcomes(answers), ['PortInUse', 'got it'], `round ${round}`);
      const winner = hosts[answers.findIndex(({ error }) => !error)];
      await winner?.result('reservation.remove', { kind, protocol: 'tcp', startPort, numberOfPorts: request.numberOfPorts });
    }
  });
}

test.serial('two hosts that race for one exclusion never both get it, also with ifNotExists', async (t) => {
  const hosts = await openTwo(t);
  for (let round = 0; round < 10; round += 1) {
    const ifNotExists = round % 2 === 1;
    const request = { kind: 'exclusion', protocols: ['tcp'], startPort: first + 60 + round, numberOfPorts: 1, ifNotExists };
    const answers = await Promise.all(hosts.map((host) => host.request<{ created: boolean }[]>('reservation.create', request)));
    if (ifNotExists) t.deepEqual(answers.map(({ result }) => result?.[0]?.created).sort(), [false, true], `round ${round}`);
    else t.deepEqual(outcomes(answers), ['PortInUse', 'got it'], `round ${round}`);
  }
  t.is((await hosts[0].result<unknown[]>('reservation.list')).length, 10);
});

test.serial('two hosts that race with ifNotExists get the same persistent reservation', async (t) => {
  const hosts = await openTwo(t);
  for (let round = 0; round < ROUNDS; round += 1) {
    const block = { startPort: first + 20 + round % 10, numberOfPorts: 2 };
    const answers = await Promise.all(hosts.map((host) => host.result<(ReservationData & { created: boolean })[]>('reservation.create',
      { kind: 'persistent', protocols: ['tcp'], ...block, ifNotExists: true })));
    const [[one], [other]] = answers as [typeof answers[0], typeof answers[0]];
    t.deepEqual({ ...one, created: null }, { ...other, created: null }, `round ${round}`);
    t.is([one, other].filter((made) => made?.created).length, 1, 'one of the two has made it');
    await hosts[round % 2]?.result('reservation.remove', { kind: 'persistent', protocol: 'tcp', ...block });
  }
});

test.serial('two hosts that race with overlapping blocks of both protocols leave whole pairs or nothing', async (t) => {
  const hosts = await openTwo(t);
  for (let round = 0; round < 30; round += 1) {
    const requests = [0, 2].map((offset) => ({ kind: 'persistent', protocols: ['tcp', 'udp'], startPort: first + 40 + offset, numberOfPorts: 4 }));
    const answers = await Promise.all(hosts.map((host, index) => host.request<ReservationData[]>('reservation.create', requests[index])));
    const made = answers.flatMap(({ result }) => result ?? []);
    t.deepEqual(await hosts[0].result('reservation.list'), made.sort((a, b) => a.protocol.localeCompare(b.protocol)), `round ${round}`);
    for (const { protocol, startPort, numberOfPorts } of made) {
      await hosts[1].result('reservation.remove', { kind: 'persistent', protocol, startPort, numberOfPorts });
    }
  }
});

test.serial('two hosts that bind any port of one persistent block never share a port, and use the whole block', async (t) => {
  const hosts = await openTwo(t);
  const size = 40;
  const block = { protocol: 'tcp', startPort: first + 100, numberOfPorts: size };
  const [reservation] = await hosts[0].result<ReservationData[]>('reservation.create', { kind: 'persistent', protocols: ['tcp'], startPort: first + 100, numberOfPorts: size });
  for (let round = 0; round < 5; round += 1) {
    const request = { protocol: 'tcp', token: reservation?.token, listen: round % 2 === 0 };
    // More than half of the block each, all under way at once.
    const answers = await Promise.all(hosts.flatMap((host) => Array.from({ length: size / 2 + 5 }, async () =>
      ({ host, ...await host.request<BindData[]>('bind.create', request) }))));
    const ports = answers.flatMap(({ result }) => result ?? []).map(({ localPort }) => localPort);
    t.is(ports.length, size);
    t.deepEqual(ports.sort((a, b) => a - b), Array.from({ length: size }, (_, index) => block.startPort + index));
    t.true(answers.every(({ error }) => !error || error.data?.reason === 'ReservationExhausted'));
    await Promise.all(answers.flatMap(({ host, result }) => (result ?? []).map(async ({ id }) => host.result('bind.close', { id }))));
  }
});

test.serial('wildcard runtime reservations of two hosts never overlap', async (t) => {
  const hosts = await openTwo(t);
  const answers = await Promise.all(hosts.flatMap((host) => Array.from({ length: 20 }, async () =>
    host.result<ReservationData[]>('reservation.create', { kind: 'runtime', protocols: ['tcp'], numberOfPorts: 3 }))));
  const ports = answers.flat().flatMap(({ startPort }) => [startPort, startPort + 1, startPort + 2]);
  t.is(new Set(ports).size, 2 * 20 * 3);
});
