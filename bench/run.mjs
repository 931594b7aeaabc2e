// npm run bench: what this costs, against peers that do the same on the same simulator, in one run: pairs of runs, and the medians of
// their ratios. The ratios are what counts; times depend on the machine. docs/performance.md has the table of one run.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { openPortReservations } from 'port-reservation';
import { readArguments } from '../scripts/arguments.mjs';
import { buildSimulator } from '../scripts/build-simulator.mjs';
import { findPowerShell } from '../scripts/find-powershell.mjs';
import { precompiledPowerShell } from '../scripts/precompiled-powershell.mjs';
import { recordCodeCaches } from '../scripts/package/code-cache.mjs';
import { addOwnKoffi } from '../scripts/package/module.mjs';
import { removeFolder } from '../scripts/remove-folder.mjs';
import { median, paired, run, timed } from './measure.mjs';

readArguments(import.meta.url);
const here = (name) => fileURLToPath(new URL(name, import.meta.url));
const PORT = 26_000;
// The simulator holds 8,192.
const MANY = 8_000;
const INITIALIZE = '{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":1}}\n';
const folder = mkdtempSync(join(tmpdir(), 'port-reservation-bench-'));
const { library } = await buildSimulator({ quiet: true });
const state = join(folder, 'state');
const simulator = ['--simulator', library, '--simulator-state', state];
const node = process.execPath;
const rows = [];

function report(what, { ours, peer, ratio }, goal) {
  rows.push({ what, ours: ours.toFixed(3), peer: peer.toFixed(3), ratio: ratio.toFixed(3), goal: goal === undefined ? '' : `<= ${goal}`, met: goal === undefined ? '' : ratio <= goal ? 'yes' : 'NO' });
}

/** The module as it is shipped, with the caches that its node.exe makes and this system's parts. */
function packModule() {
  const module = run(node, [here('../scripts/package.mjs'), '--no-node', '--formats', '-', '--output', folder]).split(/\r?\n/)[0];
  addOwnKoffi(here('..'), module);
  // As on Windows, where both run to their end.
  recordCodeCaches(join(module, 'bin'), node, simulator);
  return module;
}

/**
 * With a cache folder for each script: PowerShell notes there which methods .NET compiled for the last one, and begins the next by compiling
 * those, which makes it up to a third slower or quicker. On Windows the folder cannot be chosen.
 */
function powershell(path, script, ...args) {
  return run(path, ['-NoLogo', '-NoProfile', '-NonInteractive', '-File', here(script), ...args], '', { XDG_CACHE_HOME: join(folder, script) });
}

/** Measures the cmdlets, and says by which PowerShell. */
function benchPowerShell(path, module) {
  const manifest = join(module, 'PortReservation.psd1');
  const first = () => powershell(path, 'first-cmdlet.ps1', manifest, library, state, String(PORT), node);
  report('first cmdlet, the whole process (ms) / Add-Type with P/Invoke', paired(5, first, () => powershell(path, 'first-pinvoke.ps1', library, state, String(PORT))), 0.5);
  const sessions = [1, 2, 3].map(() => JSON.parse(powershell(path, 'session.ps1', manifest, library, state, String(PORT), node)));
  const of = (name) => median(sessions.map((session) => session[name]));
  report('Import-Module (ms) / 60 ms', { ours: of('Import'), peer: 60, ratio: of('Import') / 60 }, 1);
  const start = paired(9, () => run(node, ['-e', '0']), () => run(node, ['-e', '0'])).ours;
  for (const name of ['New', 'Get', 'Remove', 'Bind']) {
    report(`warm: ${{ New: 'New-PortReservation', Get: 'Get-PortReservation of a block', Remove: 'Remove-PortReservation', Bind: 'Invoke- and Close-AssociatedBind' }[name]} (ms) / node -e 0`,
      { ours: of(name), peer: start, ratio: of(name) / start }, 0.01);
  }
  report('1,000 piped objects (ms) / a P/Invoke function', { ours: of('Piped'), peer: of('PeerPiped'), ratio: median(sessions.map((session) => session.Piped / session.PeerPiped)) }, 1);
  const [{ PowerShell: version, IsPrecompiled: isPrecompiled }] = sessions;
  return `PowerShell ${version}, ${isPrecompiled ? 'precompiled' : 'not precompiled'} (${path})`;
}

function benchPrograms(bin) {
  const nothing = () => run(node, ['-e', '0']);
  report('command line: list (ms) / node -e 0', paired(11, () => run(node, [join(bin, 'port-reservation.cjs'), 'list', ...simulator]), nothing), 1.6);
  report('host: start and one answer (ms) / node -e 0', paired(11, () => run(node, [join(bin, 'port-reservation-host.cjs'), ...simulator], INITIALIZE), nothing));
}

/** MiB of a process once it has said its first line. */
async function memoryOf(args, input) {
  const child = spawn(node, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  const closed = once(child, 'close');
  child.stdin.write(input);
  await once(createInterface({ input: child.stdout }), 'line');
  const kilobytes = Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))?.[1]);
  child.stdin.end();
  await closed;
  return kilobytes / 1024;
}

async function benchMemory(bin) {
  if (process.platform !== 'linux') return console.log('The memory of the host is measured on Linux only.');
  const ours = await memoryOf([join(bin, 'port-reservation-host.cjs'), ...simulator], INITIALIZE);
  const peer = await memoryOf(['-e', 'console.log(0); process.stdin.resume()'], '');
  report('host: memory (MiB) / node -e', { ours, peer, ratio: ours / peer }, 1.3);
}

const peer = join(folder, 'create-lookup-delete');
/** Milliseconds of these steps in C. */
const inC = (steps, rounds, ports) => Number(run(peer, [library, state, steps, String(rounds), ...ports.map(String)]));

function benchLibrary(reservations, beside, rounds) {
  const block = { protocol: 'tcp', startPort: PORT, numberOfPorts: 1 };
  const ours = () => {
    for (let index = 0; index < rounds; index += 1) {
      reservations.createPersistent(block);
      reservations.lookupPersistent(block);
      reservations.deletePersistent(block);
    }
  };
  report(`library: ${rounds} times create, look up, delete beside ${beside} blocks (ms) / the same in C`, paired(9, ours, () => inC('cld', rounds, [PORT])));
}

/** What a block costs among many, against one among few. */
async function benchMany(reservations, bin) {
  const block = (startPort) => ({ protocol: 'tcp', startPort, numberOfPorts: 1 });
  // Programs of this machine may have some.
  const isFree = (port) => {
    try {
      reservations.createPersistent(block(port));
    } catch (error) {
      if (error.reason === 'PortInUse') return false;
      throw error;
    }
    reservations.deletePersistent(block(port));
    return true;
  };
  const ports = Array.from({ length: 30_000 }, (_, index) => 1024 + index * 2).filter(isFree).slice(0, MANY);
  const timeOf = async (work) => {
    const start = performance.now();
    await work();
    return performance.now() - start;
  };
  /** The median of three, of what is asked of all blocks, for each of them. */
  const each = async (count, work) => median([await timeOf(work), await timeOf(work), await timeOf(work)]) / count;
  const asked = (count) => ({
    list: async () => {
      const { length } = await reservations.list();
      if (length !== count) throw new Error(`the list has ${length} blocks, and not ${count}`);
    },
    map: () => reservations.renderMap({ format: 'svg' }),
  });
  const explain = () => timeOf(async () => {
    let told = 0;
    for await (const { port } of reservations.explainEach('tcp', Array.from({ length: 65_535 }, (_, index) => index + 1))) told += Number(port > 0);
    if (told !== 65_535) throw new Error(`${told} ports are explained`);
  });
  const input = (of) => timeOf(() => run(node, [join(bin, 'port-reservation.cjs'), 'create', '--input', '-', ...simulator], JSON.stringify(of.map((port) => ({ ...block(port), kind: 'persistent' })))));
  const [more, rest] = [ports.slice(0, 100), ports.slice(100)];
  const createMore = () => more.forEach((port) => reservations.createPersistent(block(port)));
  const deleteMore = () => more.forEach((port) => reservations.deletePersistent(block(port)));
  /** Milliseconds of the first; what it did is undone. */
  const undone = (work, undo) => {
    const elapsed = timed(work);
    undo();
    return elapsed;
  };
  const inputFirst = await input(more);
  // The first only warms up.
  await explain();
  const few = { list: await each(100, asked(100).list), map: await each(100, asked(100).map), explain: await explain() };
  deleteMore();
  for (const port of rest) reservations.createPersistent(block(port));
  // The simulator looks at its blocks one after the other, and keeps them in one file: beside many, whatever calls it takes longer.
  report(`create: 100 blocks beside ${rest.length} (ms) / the same in C`, paired(21, () => undone(createMore, deleteMore), () => undone(() => inC('c', 1, more), deleteMore)), 1.1);
  const inputLast = await input(more);
  report(`remove: 100 blocks beside ${rest.length} (ms) / the same in C`, paired(21, () => undone(deleteMore, createMore), () => undone(() => inC('d', 1, more), createMore)), 1.1);
  const many = { list: await each(MANY, asked(MANY).list), map: await each(MANY, asked(MANY).map), explain: await explain() };
  benchLibrary(reservations, MANY, 200);
  for (const port of ports) reservations.deletePersistent(block(port));
  const compare = (what, ours, peer, goal) => report(what, { ours, peer, ratio: ours / peer }, goal);
  compare(`create --input: 100 blocks beside ${rest.length} (ms) / beside none`, inputLast, inputFirst, 1.1);
  compare(`list: one block of ${MANY} (ms) / of 100`, many.list, few.list, 1.1);
  compare(`map: one block of ${MANY} (ms) / of 100`, many.map, few.map, 1.1);
  compare(`explain 1-65535: beside ${MANY} blocks (ms) / beside 100`, many.explain, few.explain, 1.1);
}

const reservations = openPortReservations({ simulator: { library, state } });
try {
  const module = packModule();
  // As its official archives have it, where that can be made.
  const path = await precompiledPowerShell(process.platform).then((made) => join(made, 'pwsh'), findPowerShell);
  const powerShell = path ? benchPowerShell(path, module) : 'no PowerShell: the cmdlets are NOT measured';
  benchPrograms(join(module, 'bin'));
  await benchMemory(join(module, 'bin'));
  execFileSync('cc', ['-O2', '-o', peer, here('create-lookup-delete.c'), '-ldl']);
  benchLibrary(reservations, 0, 2_000);
  await benchMany(reservations, join(module, 'bin'));
  console.log(`On the simulator, Node.js ${process.versions.node}, ${powerShell}; ${process.platform} on ${process.arch}, ${cpus().length} x ${cpus()[0]?.model ?? 'processor'}`);
  console.table(rows);
} finally {
  reservations.close();
  await removeFolder(folder);
}
