// node --expose-gc bench/edge.mjs: what .NET in the process costs, beside koffi, in one run on the simulator.
import { mkdtempSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openPortReservations } from 'port-reservation';
import { clrFunction, useCoreClr } from 'port-reservation/edge';
import { buildSimulator } from '../scripts/build-simulator.mjs';
import { publishAssembly } from '../scripts/edge/assemblies.mjs';
import { edgeJsVersion, installEdgeJs } from '../scripts/edge/edge-js.mjs';
import { removeFolder } from '../scripts/remove-folder.mjs';

const folder = mkdtempSync(join(tmpdir(), 'port-reservation-bench-'));
const { library } = await buildSimulator({ quiet: true });
const edgeJs = installEdgeJs();
const clr = publishAssembly('Oracle', edgeJs);
const reservations = openPortReservations({ simulator: { library, state: join(folder, 'state') } });
const block = { protocol: 'tcp', startPort: 26_000, numberOfPorts: 1 };
const rows = [];
const rss = () => {
  globalThis.gc?.();
  return process.memoryUsage().rss;
};

async function measure(what, unit, run) {
  const start = performance.now();
  const result = await run();
  rows.push({ what, value: (performance.now() - start).toFixed(1), unit });
  return result;
}

/** Microseconds of one of many calls; the smallest of several runs. */
function each(what, call) {
  const calls = 5_000;
  let best = Infinity;
  for (let run = 0; run < 6; run += 1) {
    const start = performance.now();
    for (let index = 0; index < calls; index += 1) call();
    if (run > 0) best = Math.min(best, (performance.now() - start) * 1_000 / calls);
  }
  rows.push({ what, value: best.toFixed(1), unit: 'us' });
}

try {
  reservations.createPersistent(block);
  reservations.lookupPersistent(block);
  const before = rss();
  const edge = await measure('edge-js loads, and .NET starts', 'ms', () => {
    useCoreClr(clr);
    return createRequire(import.meta.url)(edgeJs);
  });
  const oracle = (methodName) => edge.func({ assemblyFile: join(clr, 'Oracle.dll'), typeName: 'Oracle', methodName });
  await measure('the first call of a method', 'ms', () => clrFunction(edge, { assemblyFile: join(clr, 'Oracle.dll'), typeName: 'Probe', methodName: 'Describe' })('x'));
  rows.push({ what: 'memory of the process: more than before, with .NET', value: ((rss() - before) / 2 ** 20).toFixed(1), unit: 'MiB' });

  const { libraries } = reservations.native;
  oracle('Load')({ iphlpapi: libraries.iphlpapi, ws2_32: libraries.ws2_32 }, true);
  const lookup = oracle('Lookup');
  const describe = edge.func({ assemblyFile: join(clr, 'Oracle.dll'), typeName: 'Probe', methodName: 'Describe' });
  each('one lookup by koffi', () => reservations.lookupPersistent(block));
  each('one lookup by edge-js', () => lookup(block, true));

  const many = (calls, call) => {
    for (let index = 0; index < calls; index += 1) call();
    return rss();
  };
  const WARM = 200_000;
  const CALLS = 1_000_000;
  for (const [what, call] of [
    ['a text in and out', () => describe('x', true)], ['an object in and out', () => lookup(block, true)],
  ]) {
    const settled = many(WARM, call);
    rows.push({ what: `memory that stays after a call, of ${CALLS}: ${what}`, value: ((many(CALLS, call) - settled) / CALLS).toFixed(1), unit: 'bytes' });
  }
  console.log(`edge-js ${edgeJsVersion}, Node.js ${process.versions.node}, ${process.platform} on ${process.arch}, on the simulator`);
  console.table(rows);
} finally {
  reservations.close();
  await removeFolder(folder);
}
