import { parseArgs } from 'node:util';
import { refuseOldNode } from '../node-version.js';
import { runHost } from './main.js';

refuseOldNode();

/**
 * What PowerShell starts: bundled into one file, dist/port-reservation-host.js, which loads only koffi.
 * Only arguments name the simulator.
 */
const { values: { simulator: library, 'simulator-state': state } } = parseArgs({
  options: { simulator: { type: 'string' }, 'simulator-state': { type: 'string' } },
});
if ((library === undefined) !== (state === undefined)) throw new Error('--simulator and --simulator-state belong together');
runHost(library !== undefined && state !== undefined ? { simulator: { library, state } } : {});
