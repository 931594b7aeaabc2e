// Runs every ring of tests, two at a time, because under Wine a processor waits much of the time, and ends with one table and one line
// of counts. Each ring is a program that takes `--summary <file>` and writes there what it did:
// { ring, on, passed, failed, skipped: [{ title, reason }] }, with failures and retried: [{ title, message }] if there are some, or an array of these.
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createInterface } from 'node:readline';
import pLimit from 'p-limit';
import { formatCounts, SKIPPED, sumOf } from '../scripts/counts.mjs';
import { installNode, testedVersions } from '../scripts/install-node.mjs';
import { OwnNetwork } from '../scripts/own-network.mjs';
import { formatRings } from './table.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'port-reservation-rings-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));

// In the time that there is: under Wine what differs by the system most. `npm run test:wine` runs all.
const ON_NODE = 'contract,library,host,cli';
const [ownMajor] = process.versions.node.split('.');
// The longest ones first.
const rings = [
  { name: 'Wine', node: process.execPath, args: ['scripts/test-wine.mjs', '--quick'] },
  { name: 'npm test', node: process.execPath, args: ['scripts/test.mjs'] },
  ...testedVersions.filter((version) => version.split('.')[0] !== ownMajor).map((version) => (
    { name: `Node.js ${version}`, node: () => installNode(version), args: ['scripts/test.mjs', '--only', ON_NODE], ownNetwork: true })),
  { name: 'Windows headers', node: process.execPath, args: ['scripts/test-headers.mjs'] },
  { name: '.NET Framework', node: process.execPath, args: ['scripts/test-framework.mjs'] },
];

// Each ends what it has started.
const running = new Set();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.once(signal, () => {
    for (const child of running) child.kill(signal);
    process.exit(1);
  });
}

const results = (await pLimit(2).map(rings, timed)).flat();
console.log(`\n${formatRings(results)}`);
const total = sumOf(results);
console.log(`\n${formatCounts(total)}`);
process.exitCode = total.failed > 0 ? 1 : 0;

/** The rows of a ring, the first with its seconds. */
async function timed(ring) {
  console.log(`\n==== ${ring.name}`);
  const started = performance.now();
  const rows = await runRing(ring, join(folder, `${ring.name}.json`));
  const seconds = (performance.now() - started) / 1000;
  return rows.map((row, place) => ({ ...row, seconds: place === 0 ? seconds : null }));
}

/** The rows of a ring. One that cannot be run here is skipped with the reason; one that tells nothing has failed. */
async function runRing({ name, node, args, ownNetwork = false }, summary) {
  const row = { ring: name, on: `${process.platform} on ${process.arch}`, passed: 0, failed: 0, skipped: [] };
  let program;
  try {
    program = typeof node === 'function' ? node() : node;
  } catch (error) {
    return [{ ...row, skipped: [{ title: 'all of it', reason: error.message }] }];
  }
  const network = ownNetwork ? await OwnNetwork.open() : null;
  const [first, ...rest] = [...network?.prefix ?? [], program, ...args, '--summary', summary];
  const child = spawn(first, rest, {
    cwd: root, stdio: ['ignore', 'pipe', 'pipe'],
    // Its own folder first on PATH: npm, where a test calls it, is that of this Node.js.
    env: { ...process.env, PATH: `${dirname(program)}:${process.env.PATH}` },
  });
  running.add(child);
  // What two say at the same time can be told apart.
  for (const input of [child.stdout, child.stderr]) createInterface({ input }).on('line', (line) => console.log(`${name} | ${line}`));
  const status = await new Promise((resolve) => {
    child.on('error', (error) => resolve(error.message));
    child.on('close', (code, signal) => resolve(signal ?? code));
  });
  running.delete(child);
  network?.close();
  const rows = existsSync(summary) ? [JSON.parse(readFileSync(summary, 'utf8'))].flat() : [];
  const { failed, skipped, passed } = sumOf(rows);
  if (passed + failed + skipped === 0) return [{ ...row, failed: 1, note: `ended with ${status} and counted nothing` }];
  if (![0, SKIPPED].includes(status) && failed === 0) rows.push({ ...row, failed: 1, note: `ended with ${status} although no test failed` });
  return rows;
}
