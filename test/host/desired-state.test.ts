import test from 'ava';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ChangeData } from '../../src/index.js';
import { HostProcess } from '../helpers/host-process.js';
import type { Answer } from '../helpers/host-process.js';
import { portsOf } from '../helpers/ports.js';
import { createSimulator } from '../helpers/simulator.js';

const simulator = await createSimulator();
test.beforeEach(() => simulator.knob('portsim_reset'));
// First the host, which has the state file open.
const teardowns: (() => unknown)[] = [() => simulator.dispose()];
test.after.always(async () => {
  for (const end of teardowns.reverse()) await end();
});
const host = HostProcess.start({ teardown: (end) => void teardowns.push(end) }, simulator.args);
test.before(() => host.result('initialize', { protocolVersion: 1 }));

interface Planned {
  readonly id: number;
  readonly changes: ChangeData[];
}

const base = portsOf(import.meta.url);
const inWords = ({ changes }: { changes: ChangeData[] }) => changes.map(({ change, changed }) => `${change}${changed ? '!' : ''}`);

test.serial('a plan is carried out once, without what was skipped', async (t) => {
  const plan = await host.result<Planned>('desiredState.plan', { blocks: [{ StartPort: base, NumberOfPorts: 2 }, { startPort: base + 5, kind: 'Exclusion' }, { startPort: base + 9 }] });
  t.deepEqual(inWords(plan), ['create', 'create', 'create']);
  t.like(plan.changes[1], { protocol: 'tcp', startPort: base + 5, endPort: base + 5, numberOfPorts: 1, kind: 'exclusion', store: 'persistent', token: null, changed: false, reason: null, error: null });
  const done = await host.result<Planned>('desiredState.apply', { id: plan.id, skip: [1] });
  t.deepEqual(inWords(done), ['create!', 'create!']);
  t.regex(done.changes[0]?.token ?? '', /^\d+$/);
  t.like(await host.error('desiredState.apply', { id: plan.id }), { code: 1, data: { reason: 'InvalidParameter' } });
});

test.serial('a plan of another host is not carried out: of one that has ended, what was agreed to would be another plan', async (t) => {
  const [first, next] = [HostProcess.start(t, simulator.args), HostProcess.start(t, simulator.args)];
  const plans: Planned[] = [];
  for (const [index, each] of [first, next].entries()) {
    await each.result('initialize', { protocolVersion: 1 });
    plans.push(await each.result<Planned>('desiredState.plan', { blocks: [{ startPort: base + index }] }));
  }
  t.like(await next.error('desiredState.apply', { id: plans[0]?.id }), { data: { reason: 'InvalidParameter' } });
});

test.serial('what was not begun when its request is cancelled says so, in the language of the client', async (t) => {
  const french = HostProcess.start(t, simulator.args);
  await french.result('initialize', { protocolVersion: 1, language: 'fr' });
  const { id } = await french.result<Planned>('desiredState.plan', { blocks: [{ startPort: base + 20 }, { startPort: base + 22 }] });
  const answers = await french.raw(JSON.stringify([
    { jsonrpc: '2.0', id: 'pending', method: 'desiredState.apply', params: { id } },
    { jsonrpc: '2.0', method: '$/cancelRequest', params: { id: 'pending' } },
  ]));
  const [answer] = answers as Answer<Planned>[];
  const result = answer?.result ?? { changes: [] };
  t.deepEqual(inWords(result), ['create', 'create']);
  for (const { error } of result.changes) t.like(error, { message: 'la requête a été annulée', reason: 'NativeError', code: 'ECANCELED' });
});

test.serial('a plan reads files by full path, and purges what is declared', async (t) => {
  const path = join(simulator.folder, 'blocks.json');
  writeFileSync(path, `[\n{ "startPort": ${base} },\n{ "startPort": ${base + 1} }]`);
  const { id } = await host.result<Planned>('desiredState.plan', { path });
  t.deepEqual(inWords(await host.result<Planned>('desiredState.apply', { id })), ['create!', 'create!']);
  const limits: object[] = [{ within: [`tcp:${base + 1}`] }, { previousPath: path }, { previousBlocks: [{ startPort: base + 1 }] }];
  for (const limit of limits) t.deepEqual(inWords(await host.result<Planned>('desiredState.plan', { blocks: [{ startPort: base }], purge: true, ...limit })), ['none', 'remove']);
  const refused: [object, RegExp][] = [
    [{}, /path is missing/], [{ path, blocks: [] }, /blocks .*left out/], [{ path: 'blocks.json' }, /absolute path/], [{ path: '-' }, /absolute path/],
    [{ blocks: [{ startPort: base, stor: 'active' }] }, /^blocks\[0\]\.stor/], [{ blocks: [{ startPort: base }, { startPort: base }] }, /^blocks\[1\]\.startPort .*overlaps.*blocks\[0\]/],
    [{ blocks: [], purge: true }, /within or previous/],
  ];
  for (const [params, mentions] of refused) {
    const { code, message } = await host.error('desiredState.plan', params);
    t.is(code, 1);
    t.regex(message, mentions);
  }
});
