import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { addOwnKoffi } from '../../scripts/package/module.mjs';
import { removeFolder } from '../../scripts/remove-folder.mjs';
import { portsOf } from '../helpers/ports.js';
import { powershell, powershellTest } from '../helpers/powershell.js';
import { homeIn, makeRelease } from '../helpers/release.js';
import { createSimulator } from '../helpers/simulator.js';
import { ROOT } from '../helpers/tarball.js';

const base = portsOf(import.meta.url);

(process.platform === 'win32' ? test.skip : powershellTest('the package for the PowerShell Gallery'))('PSResourceGet publishes, finds, installs, updates and uninstalls the package', async (t) => {
  t.timeout(300_000);
  const release = makeRelease();
  const simulator = await createSimulator();
  const home = mkdtempSync(join(tmpdir(), 'port-reservation-home-'));
  t.teardown(async () => {
    await simulator.dispose();
    await release.dispose();
    await removeFolder(home);
  });
  // It is in the module that becomes the newer version, and so in its package.
  addOwnKoffi(ROOT, release.module);
  const script = fileURLToPath(new URL('gallery.ps1', import.meta.url));
  const { stdout, stderr } = spawnSync(powershell, ['-NoProfile', '-NonInteractive', '-File', script, '-Folder', home, '-Release', release.folder, '-Module', release.module,
    '-Simulator', simulator.options.library, '-SimulatorState', simulator.options.state, '-NodePath', process.execPath, '-Port', String(base)],
  { encoding: 'utf8', env: homeIn(home), cwd: home });
  const lines = stdout.trim().split(/\r?\n/);
  if (lines[0] === 'no PSResourceGet') return t.log('SKIPPED: Microsoft.PowerShell.PSResourceGet is not installed');
  t.deepEqual(lines, [
    'by name PortReservation', 'by tag PortReservation', 'by command New-PortReservation', 'by resource PortReservationList', 'installed 1', 'commands equal True', 'updated 2', `Tcp ${base} (Persistent)`, 'left 0',
  ], stderr);
  t.deepEqual(readdirSync(join(home, '.local/share/powershell/Modules')), []);
});
