import { fuzzStores } from '../simulator/fuzz-store.mjs';
import { sendFrames } from './frames.js';
import { playModel } from './play.js';
import { race } from './races.js';
import type { Figures, Runs } from './runs.js';
import { stopCmdlets } from './stops.js';
import { playTold } from './told.js';

/** What the soak plays, by name; `runs` is one round. */
export const ATTACKS: Record<string, { readonly play: (runs: Runs) => Promise<Figures>; readonly runs: number }> = {
  model: { play: playModel, runs: 100 },
  told: { play: playTold, runs: 200 },
  frames: { play: sendFrames, runs: 500 },
  stops: { play: stopCmdlets, runs: 50 },
  races: { play: (runs) => race({ processes: 8, operations: 1_000 }, runs), runs: 1 },
  stores: { play: fuzzStores, runs: 10_000 },
};
