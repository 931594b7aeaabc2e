import test from 'ava';
import type { Kind } from '../../src/index.js';
import { countCalls } from '../helpers/counted-calls.js';
import { TCP, UDP } from '../helpers/knobs.js';
import { openLibrary } from '../helpers/library.js';
import { portsOf } from '../helpers/ports.js';

const { simulator, reservations } = await openLibrary(test);
const calls = countCalls(reservations.native);
const startPort = portsOf(import.meta.url);
const block = { startPort, numberOfPorts: 2 };
const tcp = { protocol: 'tcp', ...block } as const;
const udp = { protocol: 'udp', ...block } as const;

/** What was found, and how many runs of netsh it took. */
async function lookUp(request: Partial<Parameters<typeof reservations.lookup>[0]> = {}) {
  calls.reset();
  const found = await reservations.lookup({ ...block, ...request });
  return { found: found.map(({ protocol, kind }) => `${protocol} ${kind}`), netsh: calls.counts.get('netsh') ?? 0 };
}

test.serial('a reservation is found without netsh, with the token that it has', async (t) => {
  const made = reservations.createPersistent(tcp);
  t.deepEqual(await reservations.lookup(block), [made]);
  t.deepEqual(await lookUp(), { found: ['tcp persistent'], netsh: 0 });
  t.deepEqual(await lookUp({ protocols: ['tcp'], kinds: ['persistent'] }), { found: ['tcp persistent'], netsh: 0 });
});

test.serial('a runtime reservation of this session is found without netsh', async (t) => {
  using reservation = await reservations.acquireRuntime(tcp);
  t.deepEqual(await reservations.lookup({ ...block, protocols: ['tcp'] }), [reservation]);
  t.deepEqual(await lookUp(), { found: ['tcp runtime'], netsh: 0 });
});

test.serial('netsh is asked for a named protocol that Windows does not look up, and for a block that nobody else knows', async (t) => {
  reservations.createPersistent(tcp);
  simulator.knob('portsim_add_exclusion', UDP, startPort, 2, 1);
  const both = await lookUp({ protocols: ['udp', 'tcp'] });
  t.deepEqual(both.found, ['tcp persistent', 'udp exclusion']);
  t.true(both.netsh > 0);
  reservations.deletePersistent(tcp);
  t.deepEqual((await lookUp()).found, ['udp exclusion']);
});

test.serial('the kinds that are not wanted are left out, and netsh is not asked for those that have a token', async (t) => {
  simulator.knob('portsim_add_exclusion', TCP, startPort, 2, 1);
  simulator.knob('portsim_add_system_block', UDP, startPort, 2, 1);
  const of = async (...kinds: Kind[]) => (await lookUp({ kinds })).found;
  t.deepEqual(await of('exclusion'), ['tcp exclusion']);
  t.deepEqual(await of('system'), ['udp system']);
  t.deepEqual(await of('exclusion', 'system'), ['tcp exclusion', 'udp system']);
  t.deepEqual(await lookUp({ kinds: ['persistent', 'runtime'] }), { found: [], netsh: 0 });
});

test.serial('a block that contains the ports, or is a part of them, is another one', async (t) => {
  reservations.createPersistent({ ...tcp, numberOfPorts: 3 });
  simulator.knob('portsim_add_exclusion', UDP, startPort, 1, 1);
  t.deepEqual((await lookUp()).found, []);
});

test.serial('a bad argument is refused', async (t) => {
  await t.throwsAsync(reservations.lookup({ startPort: 0, numberOfPorts: 1 }), { message: /startPort 0 .*P3/ });
  await t.throwsAsync(reservations.lookup({ startPort: 65_535, numberOfPorts: 2 }), { message: /numberOfPorts 2 .*P4/ });
  await t.throwsAsync(reservations.lookup({ ...block, kinds: ['x' as Kind] }), { message: /kind "x"/ });
  await t.throwsAsync(reservations.lookup({ ...block, protocols: [] }), { message: /protocols/ });
  t.deepEqual(await reservations.lookup({ ...udp, protocols: ['udp'] }), []);
});
