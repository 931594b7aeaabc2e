import test from 'ava';
import { countCalls } from '../helpers/counted-calls.js';
import { TCP } from '../helpers/knobs.js';
import { openLibrary } from '../helpers/library.js';
import { portsOf } from '../helpers/ports.js';

const { simulator, reservations } = await openLibrary(test);
const calls = countCalls(reservations.native);
const base = portsOf(import.meta.url);
const [FEW, MANY] = [20, 200];

const nth = (index: number) => ({ protocol: 'tcp', startPort: base + 4 * index, numberOfPorts: 2 } as const);

/** How many calls of Windows each operation takes on a system of so many reservations. */
async function measure(blocks: number): Promise<Record<string, number>> {
  simulator.knob('portsim_reset');
  for (let index = 0; index < blocks; index += 1) reservations.createPersistent(nth(index));
  const work: Record<string, () => unknown> = {
    create: () => reservations.create({ kind: 'persistent', ...nth(blocks), protocols: ['tcp'] }),
    createAgain: () => reservations.create({ kind: 'persistent', ...nth(blocks), protocols: ['tcp'], ifNotExists: true }),
    get: () => reservations.lookupPersistent(nth(blocks)),
    lookup: () => reservations.lookup(nth(blocks)),
    listPort: () => reservations.list({ port: nth(blocks).startPort }),
    explain: () => reservations.explain('tcp', nth(blocks).startPort),
    explainFree: () => reservations.explain('tcp', nth(blocks).startPort + 2),
    refusal: () => reservations.create({ kind: 'persistent', ...nth(blocks), numberOfPorts: 1, protocols: ['tcp'] }).catch(() => {}),
    remove: () => reservations.remove('persistent', nth(blocks)),
    exclude: () => reservations.create({ kind: 'exclusion', ...nth(blocks), protocols: ['tcp'] }),
    include: () => reservations.remove('exclusion', nth(blocks)),
    list: () => reservations.list({ protocols: ['tcp'] }),
    map: () => reservations.renderMap({ format: 'svg' }),
  };
  const counted: Record<string, number> = {};
  for (const [name, run] of Object.entries(work)) {
    calls.reset();
    await run();
    // Not those about processes: how many have ports open is not of this test's making.
    counted[name] = calls.total() - (calls.counts.get('get') ?? 0);
  }
  return counted;
}

test.serial('an operation on one block takes as many calls among many blocks as among few', async (t) => {
  const { list: listFew = 0, map: mapFew = 0, ...few } = await measure(FEW);
  const { list: listMany = 0, map: mapMany = 0, ...many } = await measure(MANY);
  t.deepEqual(many, few);
  for (const [name, count] of Object.entries(few)) t.true(count > 0, name);
  // Each asks for each row whose it is, once.
  t.is(listMany - listFew, MANY - FEW);
  t.is(mapMany - mapFew, MANY - FEW);
});

test.serial('many ports are explained with one reading of the tables, and a few calls for each port', async (t) => {
  const explain = async (blocks: number) => {
    simulator.knob('portsim_reset');
    for (let index = 0; index < blocks; index += 1) simulator.knob('portsim_add_system_block', TCP, base + 4 * index, 2, 1);
    calls.reset();
    let reasons = 0;
    const ports = Array.from({ length: 4 * blocks }, (_, index) => base + index);
    for await (const { reason } of reservations.explainEach('tcp', ports)) reasons += Number(reason === 'RuntimeReservation');
    t.is(reasons, 2 * blocks);
    return { read: calls.counts.get('read'), ports: (calls.total() - (calls.counts.get('netsh') ?? 0)) / blocks };
  };
  const few = await explain(FEW);
  const many = await explain(MANY);
  t.is(few.read, 2);
  t.is(many.read, few.read);
  t.true(many.ports <= few.ports, `${many.ports} calls for each block, and ${few.ports} among few`);
});

test.serial('a plan that replaces many reservations is carried out without a reading of netsh for each', async (t) => {
  simulator.knob('portsim_reset');
  for (let index = 0; index < FEW; index += 1) reservations.createPersistent(nth(index));
  const plan = await reservations.plan(Array.from({ length: FEW }, (_, index) => ({ ...nth(index), numberOfPorts: 3, kind: 'persistent' })));
  calls.reset();
  const done = await reservations.apply(plan);
  t.true(done.every(({ change, changed }) => change === 'replace' && changed));
  t.is(calls.counts.get('netsh'), undefined);
});

test.serial('runtime reservations that have ended are forgotten, and the others found, whatever their number', async (t) => {
  simulator.knob('portsim_reset');
  for (let index = 0; index < MANY; index += 1) {
    const reservation = await reservations.acquireRuntime(nth(index % FEW));
    t.is(reservations.findRuntime(nth(index % FEW)), reservation);
    if (index < MANY - FEW) await reservation.release();
  }
  t.is(reservations.runtimeReservations.length, FEW);
  t.is((await reservations.list()).filter(({ kind }) => kind === 'runtime').length, FEW);
});
