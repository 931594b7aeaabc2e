import test from 'ava';
import { Worker } from 'node:worker_threads';
import { openLibrary } from '../helpers/library.js';
import { portsOf } from '../helpers/ports.js';

const { simulator, reservations } = await openLibrary(test);
const library = new URL('../../dist/index.js', import.meta.url).href;

for (const [title, end] of [['at its end', ''], ['by process.exit', 'process.exit(0)'], ['by an error', 'setImmediate(() => { throw new Error("as it shall"); })']] as const) {
  test.serial(`a worker thread that ends ${title} leaves no runtime reservation and no socket`, async (t) => {
    const worker = new Worker(`import(${JSON.stringify(library)}).then(async ({ openPortReservations }) => {
      const own = openPortReservations({ simulator: ${JSON.stringify(simulator.options)} });
      for (let made = 0; made < 12; made += 1) {
        const { token } = await openPortReservations({ simulator: ${JSON.stringify(simulator.options)} }).acquireRuntime({ protocol: 'tcp', numberOfPorts: 2 });
        require('node:worker_threads').parentPort.postMessage((await own.bind({ protocol: 'tcp', token, listen: true })).localPort);
      }
      ${end}
    })`, { eval: true });
    const ports: number[] = [];
    worker.on('message', (port: number) => ports.push(port));
    worker.on('error', (error: Error) => t.is(error.message, 'as it shall'));
    await new Promise((resolve) => worker.once('exit', resolve));
    t.is(ports.length, 12);
    t.deepEqual(await reservations.list(), []);
    t.is((await reservations.explain('tcp', ports[11] ?? 0)).reason, 'Free');
  });
}

test.serial('a worker thread that ends while Windows is about to reserve a block leaves none', async (t) => {
  const block = { protocol: 'tcp', startPort: portsOf(import.meta.url), numberOfPorts: 2 } as const;
  simulator.knob('portsim_set_delay', 300);
  const worker = new Worker(`import(${JSON.stringify(library)}).then(({ openPortReservations }) => {
    openPortReservations({ simulator: ${JSON.stringify(simulator.options)} }).acquireRuntime(${JSON.stringify(block)});
    process.exit(0);
  })`, { eval: true });
  await new Promise((resolve) => worker.once('exit', resolve));
  // It takes as long, and began later.
  using reservation = await reservations.acquireRuntime(block);
  t.like(reservation, block);
});
