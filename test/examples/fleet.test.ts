import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import test from 'ava';
import { load } from 'js-yaml';
import { TCP } from '../helpers/knobs.js';
import { portsOf } from '../helpers/ports.js';
import { powershell, powershellTest, quote, scriptArguments } from '../helpers/powershell.js';
import { openSimulator } from '../helpers/simulator.js';
import { ROOT } from '../helpers/tarball.js';

/** What management systems run on each machine, as they run it: without a profile, judged by exit code and output. */
const example = (...names: string[]) => join(ROOT, 'examples', ...names);
const psTest = powershellTest('the recipes for Intune, Configuration Manager, Ansible and remoting');
const simulator = await openSimulator(test);
const base = portsOf(import.meta.url);

/** The command line of the package, in parts. */
const program = [process.execPath, join(ROOT, 'dist', 'port-reservation.cjs'), ...simulator.args];
const list = (texts: readonly string[]) => `@(${texts.map(quote).join(', ')})`;

function run(command: string) {
  const { status, stdout, stderr } = spawnSync(powershell, scriptArguments(command), { encoding: 'utf8' });
  return { status, stdout: stripVTControlCharacters(stdout).trim(), stderr };
}

/** The two scripts of a pair, each in a process of its own. */
function pair(folder: string, first: string) {
  const script = (name: string) => () => run(`& ${quote(example(folder, name))} -Program ${list(program)}; exit $LASTEXITCODE`);
  return { detect: script(first), remediate: script('Remediate.ps1') };
}

psTest('09: Intune is told what is missing, remedies it, and is told that all is well', (t) => {
  t.timeout(240_000);
  const { detect, remediate } = pair('09-intune', 'Detect.ps1');
  const before = detect();
  t.is(before.status, 1, before.stderr);
  t.regex(before.stdout, /create .*8080.*25000/);
  t.is(before.stdout.split('\n').length, 1);
  const remedy = remediate();
  t.is(remedy.status, 0, remedy.stdout);
  t.is(detect().status, 0);
  t.is(remediate().status, 0, 'safe to run twice');
});

psTest('09: Intune is told by an exit code and in words what cannot be remedied', (t) => {
  t.timeout(240_000);
  simulator.knob('portsim_add_system_block', TCP, 25_005, 1, 0);
  const { status, stdout } = pair('09-intune', 'Detect.ps1').remediate();
  t.is(status, 1);
  t.regex(stdout, /conflict .*25000/);
});

psTest('10: Configuration Manager reads Compliant only where the machine is', (t) => {
  t.timeout(240_000);
  const { detect, remediate } = pair('10-configuration-manager', 'Discover.ps1');
  t.regex(detect().stdout, /create .*8080/);
  t.like(remediate(), { status: 0, stdout: '' });
  t.like(detect(), { status: 0, stdout: 'Compliant' });
});

test('09, 10: detection and remediation want the same blocks', (t) => {
  const wanted = [['09-intune', 'Detect.ps1'], ['09-intune', 'Remediate.ps1'], ['10-configuration-manager', 'Discover.ps1'], ['10-configuration-manager', 'Remediate.ps1']]
    .map((names) => /\$desired = @'\n([^]*?)\n'@/.exec(readFileSync(example(...names), 'utf8'))?.[1]);
  t.true((JSON.parse(wanted[0] ?? '[]') as unknown[]).length > 0);
  t.deepEqual(new Set(wanted).size, 1);
});

psTest('11: Ansible sees what would be changed, what was, and that nothing is', (t) => {
  t.timeout(240_000);
  interface Task { readonly name: string; readonly 'ansible.windows.win_powershell'?: { script: string; parameters: Record<string, unknown> } }
  const [play] = load(readFileSync(example('11-ansible', 'ports.yml'), 'utf8')) as [{ vars: { port_reservation_blocks: unknown }; tasks: Task[] }];
  const { script, parameters } = play.tasks.flatMap((task) => task['ansible.windows.win_powershell'] ?? [])[0] ?? { script: '', parameters: {} };
  t.deepEqual(Object.keys(parameters), ['Blocks', 'Program']);
  const file = join(simulator.folder, 'task.ps1');
  writeFileSync(file, script);
  // As win_powershell calls it: the script with its parameters, and one object between them.
  const { stdout, stderr } = run(`
    foreach ($check in $true, $false, $false) {
      $Ansible = [pscustomobject]@{ CheckMode = $check; Changed = $true; Failed = $false; Result = $null }
      & ${quote(file)} -Blocks ${quote(JSON.stringify(play.vars.port_reservation_blocks))} -Program ${list(program)} | Out-Null
      '{0} {1} {2}' -f $Ansible.Changed, $Ansible.Failed, ($Ansible.Result[-1] | ConvertFrom-Json).Count
    }`);
  t.deepEqual(stdout.split(/\r?\n/), ['True False 2', 'True False 2', 'False False 2'], stderr);
});

psTest('11: win_dsc tests and sets the list by the class that it finds in the module', (t) => {
  t.timeout(240_000);
  interface Task { readonly 'ansible.windows.win_dsc'?: { readonly resource_name: string } & Record<string, unknown> }
  const [play] = load(readFileSync(example('11-ansible', 'ports-dsc.yml'), 'utf8')) as [{ tasks: Task[] }];
  const { resource_name: resource, ...properties } = play.tasks.flatMap((task) => task['ansible.windows.win_dsc'] ?? [])[0] ?? { resource_name: '' };
  const { stdout, stderr } = run(`
    $module = Import-Module ${quote(join(ROOT, 'PortReservation.psd1'))} -PassThru -ArgumentList @{ Simulator = ${quote(simulator.options.library)}; SimulatorState = ${quote(simulator.options.state)}; NodePath = ${quote(process.execPath)} }
    $null = New-PortReservation 29910
    $list = $module.Invoke({ param($name) $name -as [type] }, ${quote(resource)})::new()
    foreach ($property in (ConvertFrom-Json ${quote(JSON.stringify(properties))}).PSObject.Properties) { $list.($property.Name) = $property.Value }
    $list.Test(); $list.Get().Changes; $list.Set(); $list.Test(); Get-PortReservation | ForEach-Object { "$_" }`);
  t.deepEqual(stdout.split(/\r?\n/), ['False', 'Create: Tcp 8080 (Exclusion)', 'Create: Tcp 25000-25009 (Persistent)', 'Remove: Tcp 29910 (Persistent)', 'True',
    'Tcp 8080 (Exclusion)', 'Tcp 25000-25009 (Persistent)'], stderr);
});

psTest('12: objects from many machines have their views here', (t) => {
  t.timeout(240_000);
  const csv = join(simulator.folder, 'ports.csv');
  writeFileSync(csv, `StartPort,NumberOfPorts\n${base},5\n`);
  const manifest = quote(join(ROOT, 'PortReservation.psd1'));
  const machine = (name: string) => `@{ Simulator = ${quote(simulator.options.library)}; SimulatorState = ${quote(join(simulator.folder, name))}; NodePath = ${quote(process.execPath)} }`;
  // Processes of their own behind the protocol of remoting: the same that New-PSSession gives, without WinRM.
  const { stdout, stderr } = run(`
    $ErrorActionPreference = 'Stop'
    Import-Module ${manifest} -ArgumentList ${machine('first')}
    foreach ($options in ${machine('first')}, ${machine('second')}) {
      $runspace = [runspacefactory]::CreateOutOfProcessRunspace($null)
      $runspace.Open()
      $session = [System.Management.Automation.Runspaces.PSSession]::Create($runspace, 'test', $null)
      $found = @(& ${quote(example('12-remoting.ps1'))} -Session $session -Path ${quote(csv)} -ModulePath ${manifest} -ModuleOptions $options)
      '{0} {1}-{2} {3}' -f $found.Count, $found[0].StartPort, $found[0].EndPort, $found[0].GetType().Name
      ($found | Out-String).Trim() -split '\\r?\\n' | Select-Object -First 1
      $runspace.Dispose()
    }
    (@{ StartPort = ${base + 50} } | Sync-PortReservation | Out-String).Trim() -split '\\r?\\n' | Select-Object -First 1`);
  const lines = stdout.split(/\r?\n/);
  const head = lines.at(-1) ?? '';
  t.true(head.length > 0, stdout + stderr);
  const row = `1 ${base}-${base + 4} PSCustomObject`;
  t.is(lines.length, 5, stdout + stderr);
  t.deepEqual([lines[0], lines[2]], [row, row], stdout + stderr);
  t.deepEqual([lines[1], lines[3]].map((line) => line?.trim().split(/\s+/).slice(0, 3)), [head, head].map((line) => line.trim().split(/\s+/).slice(0, 3)));
});

psTest('12: a module of that name in the folders of the user is not taken for the installed one', (t) => {
  t.timeout(240_000);
  const csv = join(simulator.folder, 'ports.csv');
  const canary = join(simulator.folder, 'canary.txt');
  const planted = join(simulator.folder, 'Modules', 'PortReservation');
  writeFileSync(csv, `StartPort\n${base}\n`);
  mkdirSync(planted, { recursive: true });
  writeFileSync(join(planted, 'PortReservation.psm1'), `[System.IO.File]::WriteAllText(${quote(canary)}, ''); function Sync-PortReservation { }`);
  const { stderr } = run(`
    $env:PSModulePath = ${quote(join(simulator.folder, 'Modules'))} + [System.IO.Path]::PathSeparator + $env:PSModulePath
    $runspace = [runspacefactory]::CreateOutOfProcessRunspace($null)
    $runspace.Open()
    $session = [System.Management.Automation.Runspaces.PSSession]::Create($runspace, 'test', $null)
    & ${quote(example('12-remoting.ps1'))} -Session $session -Path ${quote(csv)}
    $runspace.Dispose()`);
  // Where it is not installed, that is the one error.
  if (process.platform !== 'win32') t.regex(stderr, /WindowsPowerShell/);
  t.false(existsSync(canary));
});
