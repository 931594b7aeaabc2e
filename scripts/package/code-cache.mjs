// V8's code caches of the bundles: they start in two thirds of the instructions. Only the node.exe that will read them can make them.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const RECORDER = fileURLToPath(new URL('record-code-cache.cjs', import.meta.url));
/** What each bundle does meanwhile: both end by themselves, and change nothing. */
const RUNS = { 'port-reservation': ['list', '--json'], 'port-reservation-host': [] };
const REQUESTS = [
  { jsonrpc: '2.0', id: 1, method: 'initialize', params: { protocolVersion: 1 } },
  { jsonrpc: '2.0', id: 2, method: 'reservation.create', params: { kind: 'persistent', protocols: ['tcp'], startPort: 65_535, numberOfPorts: 2 } },
];

/**
 * NAME.cache beside each bundle in the folder.
 *
 * @param node the program that will read them; by default the one that runs this
 */
export function recordCodeCaches(folder, node = process.execPath) {
  for (const [name, args] of Object.entries(RUNS)) {
    const { status, error, stderr } = spawnSync(node, [RECORDER, join(folder, `${name}.main.cjs`), ...args],
      { input: REQUESTS.map((request) => `${JSON.stringify(request)}\n`).join(''), encoding: 'utf8' });
    if (error || status !== 0) throw new Error(`no code cache of ${name}: ${error?.message ?? stderr}`);
  }
}
