// npm run test:wine [-- [--quick] [--only node|edge|cmdlets] [--filter <wildcard>] [--summary <file>] [test files]]
//
// The tests of the library, the contract, the host and the command line, by the Windows Node.js with koffi's Windows binary and the
// simulator's DLL, those of edge-js with .NET for Windows, and those of the cmdlets (--filter: with these names), by PowerShell for
// Windows with the packaged module; all under Wine. It installs nothing on the system.
//
// The last line counts the tests; --summary writes the counts to a file, for .ci/run. Exit codes: 0 all passed, 1 some failed, 77
// skipped because Wine or mingw-w64 is missing.
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { register } from 'node:module';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import pLimit from 'p-limit';
import { readArguments } from './arguments.mjs';
import { buildSimulator } from './build-simulator.mjs';
import { reportRows, skipRing } from './counts.mjs';
import { edgeJsVersion, NotInstalled } from './edge/edge-js.mjs';
import { isBuilt } from './is-built.mjs';
import { testCmdlets } from './wine/cmdlets.mjs';
import { edgeEnvironment, prepareEdge } from './wine/edge.mjs';
import { tryCommand } from './wine/command.mjs';
import { tryFleet } from './wine/fleet.mjs';
import { tryInstaller } from './wine/installer.mjs';
import { tryPackagedHost } from './wine/packaged-host.mjs';
import { missingPackages, WinePrefix } from './wine/prefix.mjs';
import { runNodeTests } from './wine/node-tests.mjs';
import { countTests, sumCounts } from './wine/second-try.mjs';
import { installWindowsPackages } from './windows-packages.mjs';
import { layOutTree } from './wine/tree.mjs';

/** Several AVAs with about as much to do: each test starts a node.exe or two, and that takes long under Wine. */
const SHARDS = [['test/cli/*.test.ts'], ['test/host/*.test.ts', 'test/wine/*.ts'], ['test/{contract,library,map}/*.test.ts']];
/** What differs by the system: calls of DLLs, structures, sockets, processes, files, the terminal. The rest is arithmetic and text, as on Linux. */
const QUICK_SHARDS = [
  ['test/cli/{commands,diagnosis,map}.test.ts', 'test/host/{handshake,binds,reservations}.test.ts', 'test/wine/*.ts'],
  ['test/{contract,map}/*.test.ts', 'test/library/{abi,exclusion,hand-over,koffi,lifetime,owners,windows-build}.test.ts'],
];
const PARTS = ['cmdlets', 'node', 'edge'];
const EDGE = ['test/edge/{edge,example,oracle}.test.ts'];
/** The cmdlets are one program after the other; beside them run the tests of Node.js. */
const atOnce = pLimit(availableParallelism());
/** Without the end of any test. How long all of them take depends on the machine. */
const LONGEST_SILENCE = 10 * 60_000;
const root = fileURLToPath(new URL('..', import.meta.url));
const { values: { quick = false, only, filter, summary }, positionals: args } = readArguments(import.meta.url, {
  options: { quick: { type: 'boolean' }, only: { type: 'string' }, filter: { type: 'string' }, summary: { type: 'string' } }, allowPositionals: true,
}, ({ values }) => (values.only === undefined || PARTS.includes(values.only) ? undefined : `There is no part ${values.only}. Parts: ${PARTS.join(', ')}`));

register('ts-node/esm/transpile-only', import.meta.url);
const { cases } = await import('../test/contract/cases.ts');

const missing = missingPackages();
if (process.platform !== 'linux' || process.arch !== 'x64') skip(`they need Linux on x64, and this is ${process.platform} on ${process.arch}`);
if (missing.length > 0) skip(`install the Debian packages ${missing.join(' ')}`);

const folder = mkdtempSync(join(tmpdir(), 'port-reservation-wine-'));
const wine = new WinePrefix(folder);
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, () => stop(`stopped by ${signal}`));
const silence = setTimeout(() => stop(`no test ended for ${LONGEST_SILENCE / 60_000} minutes`), LONGEST_SILENCE).unref();
const onTested = () => silence.refresh();
try {
  process.exitCode = await test();
} finally {
  cleanUp();
}

/** One row of counts for each part. */
async function test() {
  const [packages, simulator] = await Promise.all([prepare(), buildSimulator({ target: 'win32-x64', quiet: true }), wine.open()]);
  const tree = join(folder, 'tree');
  mkdirSync(tree);
  layOutTree(root, tree, packages, simulator);
  const wanted = args.length > 0 ? ['node'] : only === undefined ? PARTS : [only];
  // The cmdlets first: they are one program, and take longest.
  const parts = {
    cmdlets: () => atOnce(() => testModule(simulator)),
    node: () => testNode(packages, tree),
    edge: () => atOnce(() => testEdge(packages, tree)),
  };
  const rows = await Promise.all(Object.keys(parts).filter((part) => wanted.includes(part)).map((part) => parts[part]()));
  return reportRows(rows, summary) === 0 ? 0 : 1;
}

/** The package, and the cmdlets of its module. */
async function testModule(simulator) {
  const onFailure = (name, message) => console.log(`not ok - ${name}\n    ${message.split('\n').slice(0, 20).join('\n    ')}`);
  const packaged = await testPackage(simulator, onFailure);
  const { on, ...counts } = await testCmdlets(root, folder, wine, simulator, { onFailure, onTested, filter });
  return { ring: 'Wine, cmdlets', on, ...sumCounts([packaged, counts]) };
}

/** The package alone, as a folder and as it is installed. */
async function testPackage(simulator, onFailure) {
  const tries = {
    'the packaged host with its own node.exe': tryPackagedHost, 'the packaged command for cmd.exe': tryCommand,
    'the package alone on a machine of a fleet': tryFleet, 'the package for Windows Installer': tryInstaller,
  };
  const attempt = async (title) => {
    const found = await tries[title](root, mkdtempSync(join(folder, 'package-')), wine, simulator);
    onTested();
    if (found?.skipped) console.log(`*** SKIPPED: ${title}: ${found.skipped} ***`);
    if (typeof found === 'string') onFailure(title, found);
    return { title, outcome: found === null ? 'passed' : found.skipped ? 'skipped' : 'failed', message: found?.skipped ?? found };
  };
  const [results, again] = [[], []];
  for (const title of Object.keys(tries)) {
    results.push(await attempt(title));
    if (results.at(-1).outcome === 'failed') again.push(await attempt(title));
  }
  return countTests(results, again);
}

async function testNode(packages, tree) {
  const shards = args.length > 0 ? [args] : quick ? QUICK_SHARDS : SHARDS;
  const where = { wine, node: packages.node, tree, folder };
  const ended = await Promise.all(shards.map((files, index) => atOnce(() => runNodeTests(where, files, `${index}`, onTested))));
  const count = { ring: 'Wine', on: `Node.js ${packages.nodeVersion} for Windows`, ...sumCounts(ended.map(({ counts }) => counts)) };
  if (args.length > 0) return count;
  const contract = ended.flatMap(({ titles }) => titles).filter((title) => title.includes('contract › ')).length;
  console.log(`contract cases under Wine: ${contract} of ${cases.length}`);
  return contract !== cases.length && count.failed === 0 ? { ...count, failed: 1 } : count;
}

async function testEdge(packages, tree) {
  try {
    prepareEdge(wine);
  } catch (error) {
    if (!(error instanceof NotInstalled)) throw error;
    console.log(`*** SKIPPED: the tests of edge-js under Wine: ${error.message} ***`);
    return { ring: 'Wine, edge-js', on: 'nothing', ...countTests([{ title: 'the tests of edge-js', outcome: 'skipped', message: error.message }]) };
  }
  const { counts } = await runNodeTests({ wine, node: packages.node, tree, folder, env: edgeEnvironment }, EDGE, 'edge', onTested);
  return { ring: 'Wine, edge-js', on: `Node.js ${packages.nodeVersion} with edge-js ${edgeJsVersion} for Windows`, ...counts };
}

/** What npm and this project's own build make; both only where they are out of date. */
async function prepare() {
  if (!isBuilt(root) && spawnSync('npm', ['run', '--silent', 'build'], { cwd: root, stdio: 'inherit' }).status !== 0) {
    throw new Error('npm run build failed');
  }
  return installWindowsPackages(root);
}

function skip(reason) {
  process.exit(skipRing({ ring: 'Wine', what: 'the tests under Wine did not run', reason, titles: cases.map(({ title }) => title), summary }));
}

function stop(why) {
  console.error(`test:wine: ${why}`);
  cleanUp();
  process.exit(1);
}

function cleanUp() {
  wine.close();
  rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
}
