import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import test from 'ava';
import { addOwnKoffi } from '../../scripts/package/module.mjs';
import { LAUNCHERS } from '../../scripts/package/programs.mjs';
import { removeFolder } from '../../scripts/remove-folder.mjs';
import { portsOf } from '../helpers/ports.js';
import { powershell, powershellTest, quote, scriptArguments } from '../helpers/powershell.js';
import { contentsOfZip } from '../helpers/release.js';
import { createSimulator } from '../helpers/simulator.js';
import { ROOT } from '../helpers/tarball.js';

/** A folder with what is in the zip, and in place of the parts for Windows this system's koffi and Node.js. */
async function unpack(folder: string): Promise<string> {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(ROOT, 'scripts/package.mjs'), '--no-node', '--formats', 'zip', '--output', folder], { encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
  const [zip = ''] = stdout.split(/\r?\n/).filter((line) => line.endsWith('.zip'));
  const place = join(folder, 'machine');
  let manifest = '';
  for (const [name, bytes] of await contentsOfZip(zip)) {
    const file = join(place, name);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, bytes);
    if (name.endsWith('/PortReservation.psd1')) manifest = file;
  }
  const module = dirname(manifest);
  addOwnKoffi(ROOT, module);
  for (const name of LAUNCHERS) cpSync(join(ROOT, 'scripts', 'package', 'launchers', name), join(module, name));
  symlinkSync(process.execPath, join(module, 'bin', 'node'));
  return module;
}

// The same for cmd.exe, and by PowerShell for Windows, is tried under Wine.
(process.platform === 'win32' ? test.skip : powershellTest('the unpacked zip'))('the unpacked zip applies 50 blocks, then none, then the 3 that were altered, by its command and by DSC\'s calls', async (t) => {
  t.timeout(300_000);
  const folder = mkdtempSync(join(tmpdir(), 'port-reservation-fleet-'));
  const simulator = await createSimulator();
  t.teardown(() => Promise.all([simulator.dispose(), removeFolder(folder)]));
  const module = await unpack(folder);
  const list = Array.from({ length: 50 }, (_, index) => ({ protocol: 'tcp', startPort: portsOf(import.meta.url) + 10 * index, numberOfPorts: 2, kind: index < 45 ? 'persistent' : 'exclusion' }));
  writeFileSync(join(folder, 'ports.json'), JSON.stringify(list));
  writeFileSync(join(folder, 'altered.json'), JSON.stringify([list[0], list[20], list[49]]));
  writeFileSync(join(folder, 'instance.json'), JSON.stringify({ reservations: list }));
  const { stdout, stderr } = spawnSync(powershell, scriptArguments(`
    $env:PATH = ''
    $command = ${quote(join(module, 'port-reservation.ps1'))}
    $simulator = ${simulator.args.map(quote).join(', ')}
    function Get-Changed { $found = & $command apply ports.json --json @simulator | ConvertFrom-Json; "apply $LASTEXITCODE $(@($found | Where-Object changed).Count)" }
    function Edit-Block { $null = & $command remove --input altered.json @simulator; "remove $LASTEXITCODE" }
    function Test-List { $state = ([System.IO.File]::ReadAllText('instance.json') | & $command dsc ReservationList test @simulator)[0] | ConvertFrom-Json; "test $LASTEXITCODE $($state._inDesiredState)" }
    function Set-List { $null = [System.IO.File]::ReadAllText('instance.json') | & $command dsc ReservationList set @simulator; "set $LASTEXITCODE" }
    Get-Changed; Get-Changed; Edit-Block; Get-Changed
    Test-List; Edit-Block; Test-List; Set-List; Test-List; Get-Changed`), { encoding: 'utf8', cwd: folder });
  t.deepEqual(stdout.trim().split(/\r?\n/), ['apply 12 50', 'apply 0 0', 'remove 0', 'apply 12 3', 'test 0 True', 'remove 0', 'test 0 False', 'set 0', 'test 0 True', 'apply 0 0'], stderr);
});
