import test from 'ava';
import { fileURLToPath } from 'node:url';
import { openNative } from '../../src/native.js';
import { portsOf } from '../helpers/ports.js';
import { createSimulator } from '../helpers/simulator.js';
import { cases, titleOf } from './cases.js';
import { playElsewhere } from './elsewhere.js';
import { play } from './play.js';
import type { Stage } from './play.js';

const simulator = await createSimulator();
test.after.always(() => simulator.dispose());

const base = portsOf(import.meta.url);
const stage: Stage = {
  native: openNative(simulator.options),
  base,
  knob: (name, args) => simulator.knob(name, ...args),
  elsewhere: playElsewhere({
    args: ['--import=./test/register.mjs', fileURLToPath(new URL('other-process.ts', import.meta.url))],
    simulator: simulator.options,
    base,
  }),
};

for (const contract of cases) {
  test.serial(titleOf(contract), async (t) => {
    simulator.knob('portsim_reset');
    await t.notThrowsAsync(play(contract.steps, stage));
  });
}
