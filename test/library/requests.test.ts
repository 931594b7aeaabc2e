import test from 'ava';
import type { DesiredBlock, Plan, PlanOptions } from '../../src/index.js';
import { openLibrary } from '../helpers/library.js';
import { portsOf } from '../helpers/ports.js';

const { reservations } = await openLibrary(test);

const base = portsOf(import.meta.url);
const block = { protocol: 'tcp', startPort: base, numberOfPorts: 5 } as const;
const persistent = (startPort: number): DesiredBlock => ({ ...block, startPort, kind: 'persistent' });

/** Makes something else of all that was given, as one who uses it again for another call. */
function spoil(given: object): void {
  for (const [name, value] of Object.entries(given) as [string, unknown][]) {
    if (typeof value === 'object' && value !== null) spoil(value);
    Object.assign(given, { [name]: 'spoilt' });
  }
  if (Array.isArray(given)) given.length = 0;
}

const calls: [name: string, call: (given: never) => Promise<unknown>, given: () => object][] = [
  ['plan', (given: PlanOptions & { readonly desired: readonly DesiredBlock[] }) => reservations.plan(given.desired, given), () => ({
    desired: [persistent(base), { ...persistent(base + 10), kind: 'exclusion', store: 'active' }], purge: true, restartWinNat: false,
    previous: [persistent(base + 20)], within: [{ startPort: base + 30, endPort: base + 40, protocol: 'tcp' }],
  })],
  ['setDynamicPortRange', reservations.setDynamicPortRange.bind(reservations), () => ({ protocols: ['tcp'], addressFamilies: ['IPv4'], startPort: 40_000, numberOfPorts: 1000 })],
  ['getDynamicPortRanges', reservations.getDynamicPortRanges.bind(reservations), () => ['udp']],
  ['list', reservations.list.bind(reservations), () => ({ protocols: ['tcp'], kinds: ['persistent', 'exclusion'], port: [base, base + 20] })],
  ['lookup', reservations.lookup.bind(reservations), () => ({ ...block, protocols: ['tcp', 'udp'], kinds: ['persistent', 'exclusion'] })],
  ['findFree', reservations.findFree.bind(reservations), () => ({ protocols: ['tcp', 'udp'], numberOfPorts: 3, from: base })],
  ['renderMap', reservations.renderMap.bind(reservations), () => ({ protocols: ['udp'], format: 'json' })],
  ['explain', (given: object) => reservations.explain('tcp', base, given), () => ({ dynamicRange: { startPort: base, numberOfPorts: 10 } })],
];
for (const [name, call, given] of calls) {
  test.serial(`what is changed after the call is not heeded: ${name}`, async (t) => {
    for (const startPort of [base, base + 20, base + 32]) reservations.createPersistent({ ...block, startPort });
    const expected = await call(given() as never);
    const request = given();
    const answer = call(request as never);
    spoil(request);
    t.deepEqual(await answer, expected);
  });
}

test.serial('a plan that is changed while it waits for its turn is applied as it was given', async (t) => {
  reservations.createPersistent({ ...block, numberOfPorts: 2 });
  const plan = await reservations.plan([persistent(base), persistent(base + 20)]);
  t.deepEqual(plan.changes.map(({ change }) => change), ['replace', 'create']);
  const options: { signal?: AbortSignal } = {};
  const applied = reservations.apply(plan, options);
  spoil(plan);
  options.signal = AbortSignal.abort();
  t.deepEqual((await applied).map(({ change, changed, block: { startPort } }) => [change, changed, startPort]), [['replace', true, base], ['create', true, base + 20]]);
});

test.serial('a protocol that is named twice is one', async (t) => {
  const told = async (...protocols: ('tcp' | 'udp')[]) => (await t.throwsAsync(reservations.findFree({ protocols, numberOfPorts: 65_535 }))).message;
  t.is(await told('tcp', 'tcp'), await told('tcp'));
  t.is(await told('tcp', 'udp', 'tcp'), await told('tcp', 'udp'));
});

// The range of one request, and the protocol of the next.
test.serial('a request for a dynamic range that is used again for the next one is two requests', async (t) => {
  const request = { protocols: ['tcp'] as ('tcp' | 'udp')[], startPort: 40_000, numberOfPorts: 1000 };
  const first = reservations.setDynamicPortRange(request);
  Object.assign(request, { protocols: ['udp'], startPort: 41_000 });
  await Promise.all([first, reservations.setDynamicPortRange(request)]);
  t.deepEqual((await reservations.getDynamicPortRanges()).map(({ protocol, startPort }) => [protocol, startPort]),
    [['tcp', 40_000], ['tcp', 40_000], ['udp', 41_000], ['udp', 41_000]]);
});

test.serial('a bind that waits is one from the block that was given', async (t) => {
  const { token } = await reservations.acquireRuntime(block);
  const request = { protocol: 'tcp', token, port: base, block: { ...block } } as const;
  using socket = await reservations.bind(request);
  const bound = reservations.bind(request);
  spoil(request.block);
  t.like(await t.throwsAsync(bound), { reason: 'PortInUse', block });
  t.is(socket.localPort, base);
});

test.serial('a plan refuses a text in the place of a boolean, which would stop winnat', async (t) => {
  const { changes: [change] } = await reservations.plan([persistent(base)]);
  const needsWinNat = { changes: [{ ...change, needsWinNat: 'false' }], inDesiredState: false } as unknown as Plan;
  t.like(await t.throwsAsync(reservations.apply(needsWinNat)), { reason: 'InvalidParameter', message: 'needsWinNat "false" is not valid: it must be true or false' });
  const inForce = { changes: [{ ...change, change: 'replace', replaces: [{ ...persistent(base), inForce: 0 }] }], inDesiredState: false } as unknown as Plan;
  t.like(await t.throwsAsync(reservations.apply(inForce)), { reason: 'InvalidParameter', message: 'inForce 0 is not valid: it must be true or false' });
});
