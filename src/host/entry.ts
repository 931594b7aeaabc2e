import { parseArgs } from 'node:util';
import { runHost } from './main.js';

/** The entry of the host's bundle, which src/start/host.ts runs. Only arguments name a simulator. src/start/run.ts reads the language. */
const { values: { simulator: library, 'simulator-state': state } } = parseArgs({
  options: { simulator: { type: 'string' }, 'simulator-state': { type: 'string' }, language: { type: 'string' } },
});
if ((library === undefined) !== (state === undefined)) {
  throw Object.assign(new Error('--simulator and --simulator-state belong together'), { code: 'ERR_PARSE_ARGS_INVALID_OPTION_VALUE' });
}
runHost(library !== undefined && state !== undefined ? { simulator: { library, state } } : {});
