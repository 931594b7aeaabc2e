import { runBundle } from './run.js';

/** dist/port-reservation-host.cjs: what PowerShell starts. */
runBundle('port-reservation-host');
