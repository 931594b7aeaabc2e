import { runHost } from './main.js';

/** What PowerShell starts: bundled into one file, dist/port-reservation-host.js, which loads koffi and nothing else. */
runHost(process.argv.slice(2));
