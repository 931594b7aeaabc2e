import test from 'ava';
import { spawnSync } from 'node:child_process';
import { openLibrary } from '../helpers/library.js';
import { NEVER } from '../helpers/knobs.js';

const { simulator } = await openLibrary(test);
const library = new URL('../../dist/index.js', import.meta.url).href;
const koffi = import.meta.resolve('koffi');

/** A heap that is written to after it was freed ends the process at some later moment. */
test.serial('the memory of an operation that cannot be asked about is not freed while it may still be written to (A8)', (t) => {
  const source = `
    import koffi from ${JSON.stringify(koffi)};
    import { openPortReservations } from ${JSON.stringify(library)};
    const options = ${JSON.stringify(simulator.options)};
    const reservations = openPortReservations({ simulator: options });
    const portsim = koffi.load(options.library);
    portsim.func('uint32_t portsim_set_delay(uint32_t)')(${NEVER});
    const fail = portsim.func('uint32_t portsim_fail_next(str, uint32_t)');
    const failed = [];
    for (let times = 0; times < 200; times += 1) {
      fail('WSAGetOverlappedResult', 10050);
      await reservations.acquireRuntime({ protocol: 'tcp', numberOfPorts: 1 }).catch(({ nativeCode }) => failed.push(nativeCode));
    }
    console.log(failed.length, new Set(failed).size, failed[0]);`;
  const { status, signal, stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '--eval', source], { encoding: 'utf8' });
  t.is(signal, null, stderr);
  t.is(status, 0, stderr);
  t.is(stdout, '200 1 10050\n');
});
