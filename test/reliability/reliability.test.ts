import test from 'ava';
import { offWindows } from '../helpers/platform.js';
import { sendFrames } from './frames.js';
import { playModel } from './play.js';
import { race } from './races.js';
import { playTold } from './told.js';

/** Another one each time; a failure says which. */
const seed = Date.now() % 2 ** 31;

test.serial('random sequences of all operations go as the rules say', async (t) => {
  const { steps } = await playModel({ runs: 80, seed });
  t.log(`seed ${seed}, ${steps} steps`);
  t.true((steps ?? 0) >= 2_000);
});

test.serial('each frame, however broken, is answered as JSON-RPC says, and the host lives on', async (t) => {
  const { frames, answers } = await sendFrames({ runs: 150, seed });
  t.log(`seed ${seed}, ${frames} frames, ${answers} answers`);
  t.true((answers ?? 0) >= 500);
});

test.serial('processes that race for the same ports, and are killed, leave no port with two owners and none lost', async (t) => {
  const { operations, kills } = await race({ processes: 8, operations: 60 }, { runs: 1, seed });
  t.log(`seed ${seed}, ${operations} operations, ${kills} kills`);
  t.true((operations ?? 0) > 8);
});

offWindows('what goes wrong in a change loses nothing untold, and leaves nothing', async (t) => {
  // The same cases each time: each starts dozens of processes, so that more of them are for the soak.
  const figures = await playTold({ runs: 20, seed: 1 });
  t.log(figures);
  t.true((figures['with errors'] ?? 0) >= 5);
});
