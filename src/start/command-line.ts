import { runBundle } from './run.js';

/** dist/port-reservation.cjs: what the command `port-reservation` starts. */
runBundle('port-reservation');
