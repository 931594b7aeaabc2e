// One signal for every call of a program, such as that of its end.
import test from 'ava';
import { getEventListeners } from 'node:events';
import { openLibrary } from '../helpers/library.js';
import { NEVER } from '../helpers/knobs.js';
import { portsOf } from '../helpers/ports.js';

const { simulator, reservations } = await openLibrary(test);

const base = portsOf(import.meta.url);
/** How many things Node.js has noted in a signal: listeners, and the signals that AbortSignal.any has made of it. */
const notedIn = (signal: AbortSignal) => Reflect.ownKeys(signal).map((key) => (signal as unknown as Record<PropertyKey, { size?: number } | null>)[key]?.size ?? 0)
  .reduce((sum, size) => sum + size, 0);
const listenersOf = (signal: AbortSignal) => getEventListeners(signal, 'abort').length;

test.serial('a signal that outlives its calls keeps nothing of them', async (t) => {
  const { signal } = new AbortController();
  const { token } = reservations.createPersistent({ protocol: 'tcp', startPort: base, numberOfPorts: 2 });
  const refused = { kind: 'persistent', protocols: ['tcp'], startPort: base + 1, numberOfPorts: 2, signal } as const;
  for (let times = 0; times < 10; times += 1) {
    (await reservations.bind({ protocol: 'tcp', token, signal })).close();
    await t.throwsAsync(reservations.create(refused), { message: /is in the persistent reservation/ });
  }
  t.is(notedIn(signal), 0);
});

test.serial('many calls with one signal are all aborted by one listener, because Node.js warns of the eleventh', async (t) => {
  const controller = new AbortController();
  const { signal } = controller;
  simulator.knob('portsim_set_delay', NEVER);
  const calls = Array.from({ length: 20 }, (_, index) =>
    reservations.acquireRuntime({ protocol: 'tcp', startPort: base + index, numberOfPorts: 1, signal }));
  t.is(listenersOf(signal), 1);
  const reason = new Error('the program ends');
  controller.abort(reason);
  for (const outcome of await Promise.allSettled(calls)) t.is(outcome.status === 'rejected' && outcome.reason, reason);
  t.is(listenersOf(signal), 0);
});
