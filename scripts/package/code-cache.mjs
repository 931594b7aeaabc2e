// V8's code caches of the bundles, with which they start in three quarters of the instructions. Only the Node.js that will read
// them can make them, and two runs do not give the same bytes.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { removeFolder } from '../remove-folder.mjs';
import { missingPackages, windowsPath, WinePrefix } from '../wine/prefix.mjs';

const RECORDER = fileURLToPath(new URL('record-code-cache.mjs', import.meta.url));
const REQUESTS = [
  { jsonrpc: '2.0', id: 1, method: 'initialize', params: { protocolVersion: 1 } },
  { jsonrpc: '2.0', id: 2, method: 'reservation.create', params: { kind: 'persistent', protocols: ['tcp'], startPort: 65_535, numberOfPorts: 2 } },
].map((request) => `${JSON.stringify(request)}\n`).join('');
/** What each bundle does meanwhile: both end by themselves, and change nothing. */
const RUNS = { 'port-reservation': ['list', '--json'], 'port-reservation-host': [] };

/**
 * NAME.cache beside each bundle in the folder, by the Node.js that runs this, or another for this system.
 *
 * @param options of both bundles, such as a simulator: off Windows they come to the end of what is recorded only with one
 */
export function recordCodeCaches(folder, node = process.execPath, options = []) {
  for (const [name, args] of Object.entries(RUNS)) {
    const { status, error, stderr } = spawnSync(node, [RECORDER, join(folder, `${name}.main.cjs`), ...args, ...options], { input: REQUESTS, encoding: 'utf8' });
    if (error || status !== 0) throw new Error(`no code cache of ${name}: ${error?.message ?? stderr}`);
  }
}

/** The same by the node.exe in the folder, under Wine. */
export async function recordCodeCachesByWine(folder, wine) {
  const temporary = mkdtempSync(join(tmpdir(), 'port-reservation-code-cache-'));
  const [stdin, stderr] = ['stdin.txt', 'stderr.txt'].map((name) => join(temporary, name));
  try {
    writeFileSync(stdin, REQUESTS);
    for (const [name, args] of Object.entries(RUNS)) {
      const code = await wine.run([join(folder, 'node.exe'), windowsPath(RECORDER), windowsPath(join(folder, `${name}.main.cjs`)), ...args], { stdin, stderr });
      if (code !== 0) throw new Error(`no code cache of ${name}: ${readFileSync(stderr, 'utf8')}`);
    }
  } finally {
    await removeFolder(temporary);
  }
}

/** The same on any system that can run a node.exe. */
export async function recordWindowsCodeCaches(folder) {
  if (process.platform === 'win32') return recordCodeCaches(folder, join(folder, 'node.exe'));
  const missing = missingPackages();
  if (missing.length > 0) throw new Error(`--code-cache needs Windows or Wine: install the Debian packages ${missing.join(' ')}`);
  const temporary = mkdtempSync(join(tmpdir(), 'port-reservation-wine-'));
  const wine = new WinePrefix(temporary);
  try {
    await wine.open();
    await recordCodeCachesByWine(folder, wine);
  } finally {
    wine.close();
    await removeFolder(temporary);
  }
}
