// npm run bench: how fast this is against peers that do the same on the same simulator, in one run. The ratios are
// what counts; times depend on the machine. Each time is the smallest of several runs.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openPortReservations } from 'port-reservation';
import { buildSimulator } from '../scripts/build-simulator.mjs';
import { findPowerShell } from '../scripts/find-powershell.mjs';
import { removeFolder } from '../scripts/remove-folder.mjs';

const here = (name) => fileURLToPath(new URL(name, import.meta.url));
const PORT = 26_000;
const folder = mkdtempSync(join(tmpdir(), 'port-reservation-bench-'));
const { library } = await buildSimulator({ quiet: true });
const state = join(folder, 'state');
const rows = [];

/** Milliseconds of the quickest of several runs; the first one only warms up. */
function least(times, run) {
  let best = Infinity;
  for (let i = 0; i <= times; i += 1) {
    const start = performance.now();
    run();
    if (i > 0) best = Math.min(best, performance.now() - start);
  }
  return best;
}

function report(what, ours, peer, aim) {
  rows.push({ what, 'ours (ms)': ours.toFixed(4), 'peer (ms)': peer.toFixed(4), ratio: (ours / peer).toFixed(3), aim: aim ?? '' });
}

function powershell(path, script, ...args) {
  const { status, stdout, stderr } = spawnSync(path, ['-NoLogo', '-NoProfile', '-NonInteractive', '-File', here(script), ...args], { encoding: 'utf8' });
  if (status !== 0 || stderr) throw new Error(`${script} failed: ${stderr}${stdout}`);
  return stdout;
}

function benchLibrary() {
  const rounds = 2_000;
  const program = join(folder, 'create-lookup-delete');
  execFileSync('cc', ['-O2', '-o', program, here('create-lookup-delete.c'), '-ldl']);
  const c = () => Number(execFileSync(program, [library, state, String(rounds), String(PORT)], { encoding: 'utf8' })) / 1e6;
  const reservations = openPortReservations({ simulator: { library, state } });
  const block = { protocol: 'tcp', startPort: PORT, numberOfPorts: 1 };
  const ours = least(5, () => {
    for (let i = 0; i < rounds; i += 1) {
      reservations.createPersistent(block);
      reservations.lookupPersistent(block);
      reservations.deletePersistent(block);
    }
  }) / rounds;
  reservations.close();
  report('library: create + lookup + delete / the same in C', ours, Math.min(c(), c(), c()));
}

function benchPowerShell(path) {
  const module = here('../PortReservation.psd1');
  const first = least(3, () => powershell(path, 'first-cmdlet.ps1', module, library, state, String(PORT)));
  const peer = least(3, () => powershell(path, 'first-pinvoke.ps1', library, state, String(PORT)));
  report('first cmdlet, whole PowerShell process / Add-Type with P/Invoke', first, peer, '<= 0.5');

  const nodeSpawn = least(10, () => spawnSync(process.execPath, ['-e', '0']));
  const session = JSON.parse(powershell(path, 'session.ps1', module, library, state, String(PORT)));
  report('one warm cmdlet / starting node -e 0', session.WarmCmdlet, nodeSpawn, '<= 0.01');
  report('1,000 piped objects / a P/Invoke function', session.Piped, session.PeerPiped, '<= 1.0');
}

try {
  const path = findPowerShell();
  if (path) benchPowerShell(path);
  else console.log('No PowerShell found: the cmdlets are NOT measured.');
  benchLibrary();
  console.log(`On the simulator, Node.js ${process.versions.node}${path ? `, ${path}` : ''}`);
  console.table(rows);
} finally {
  await removeFolder(folder);
}
