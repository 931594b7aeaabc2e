import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { powershell, powershellTest } from '../helpers/powershell.js';
import { createSimulator } from '../helpers/simulator.js';
import { ROOT } from '../helpers/tarball.js';

/** Of those that the endpoint gives to operators. */
const PORT = 29_900;
const COMMANDS = ['Get-PortReservation', 'Get-DynamicPortRange', 'Get-PortReservationHost', 'Measure-PortReservation', 'Test-PortReservation'];
/** Those that a session needs, as PowerShell gives them to every endpoint of this type. */
const SESSION = ['Clear-Host', 'Exit-PSSession', 'Get-Command', 'Get-FormatData', 'Get-Help', 'Measure-Object', 'Out-Default', 'Select-Object'];
const NOT_THERE = /^The term '.+' is not recognized/;

/** What each group may do, and what the endpoint says. A text is what comes out, a pattern why nothing does. */
function cases(port: number): Record<string, [command: string, wanted: string[] | RegExp][]> {
  const block = `-StartPort ${port} -NumberOfPorts 10`;
  return {
    'CONTOSO\\Port Viewers': [
      ['Get-Command', [...SESSION, ...COMMANDS].sort()],
      ['Get-PortReservation', []],
      [`Get-PortReservation -Port '${port}'`, []],
      ['Test-PortReservation -Port 80.5', /'80\.5' is not a whole number/],
      [`New-OperatorPortReservation ${block}`, NOT_THERE],
      [`New-PortReservation ${block}`, NOT_THERE],
      [`Remove-PortReservation ${block}`, NOT_THERE],
    ],
    'CONTOSO\\Port Operators': [
      ['Get-Command', [...SESSION, ...COMMANDS, 'New-OperatorPortReservation', 'Remove-OperatorPortReservation'].sort()],
      [`New-OperatorPortReservation ${block}`, [`Tcp ${port}-${port + 9} (Exclusion)`]],
      [`New-OperatorPortReservation ${block} -IfNotExists`, [`Tcp ${port}-${port + 9} (Exclusion)`]],
      [`Get-PortReservation -Kind Exclusion`, [`Tcp ${port}-${port + 9} (Exclusion)`]],
      ['New-OperatorPortReservation -StartPort 80', /"80" does not match/],
      ['New-OperatorPortReservation -StartPort 29999 -NumberOfPorts 2', /past port 29999/],
      ['New-OperatorPortReservation -NumberOfPorts 2', /StartPort/],
      [`New-OperatorPortReservation ${block} -RestartWinNat`, /'RestartWinNat'/],
      [`New-OperatorPortReservation ${block} -Kind Runtime`, /"Runtime" does not belong to the set/],
      [`New-PortReservation ${block}`, NOT_THERE],
      ['Set-DynamicPortRange -Protocol Tcp -StartPort 1024 -NumberOfPorts 60000', NOT_THERE],
      ['Get-Process', NOT_THERE],
      ['/bin/ls', NOT_THERE],
      [`Remove-PortReservation ${block}`, NOT_THERE],
      ['Remove-OperatorPortReservation -StartPort 443', /"443" does not match/],
      ['Remove-OperatorPortReservation -StartPort 29999 -NumberOfPorts 2', /past port 29999/],
      ['Get-PortReservation | Remove-OperatorPortReservation', /StartPort|pipeline/],
      [`Remove-OperatorPortReservation ${block}`, []],
      ['Get-PortReservation', []],
    ],
  };
}

powershellTest('the endpoint for operators (example 07)')('07: the endpoint shows each group what it may do, and nothing else', async (t) => {
  t.timeout(240_000);
  const simulator = await createSimulator();
  t.teardown(() => simulator.dispose());
  const wanted = cases(PORT);
  const commands = Object.entries(wanted).map(([group, list]) => ({ group, commands: list.map(([command]) => command) }));
  const { status, stdout, stderr } = spawnSync(powershell, ['-NoLogo', '-NoProfile', '-NonInteractive', '-File', fileURLToPath(new URL('jea.ps1', import.meta.url)),
    '-Example', join(ROOT, 'examples', '07-jea'), '-Manifest', join(ROOT, 'PortReservation.psd1'), '-Folder', simulator.folder,
    '-Simulator', simulator.options.library, '-SimulatorState', simulator.options.state, '-NodePath', process.execPath, '-Commands', JSON.stringify(commands)], { encoding: 'utf8' });
  t.is(status, 0, stderr);
  const said = stdout.trim().split(/\r?\n/).map((line) => JSON.parse(line) as { group: string; command: string; output: string[]; failure: string | null });
  const all = Object.entries(wanted).flatMap(([group, list]) => list.map(([command, result]) => ({ group, command, result })));
  t.is(said.length, all.length);
  for (const [index, { group, command, result }] of all.entries()) {
    const { output, failure, ...of } = said[index] ?? { output: [], failure: 'nothing' };
    t.deepEqual(of, { group, command });
    if (result instanceof RegExp) t.regex(failure ?? '', result, command);
    else t.deepEqual([failure, ...output.sort()], [null, ...result], command);
  }
});
