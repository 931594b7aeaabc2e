import test from 'ava';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { setTimeout as pause } from 'node:timers/promises';
import { stripVTControlCharacters } from 'node:util';
import { within } from '../helpers/deadline.js';
import { TCP } from '../helpers/knobs.js';
import { portsOf } from '../helpers/ports.js';
import { powershell, powershellTest, quote, scriptArguments } from '../helpers/powershell.js';
import { openSimulator } from '../helpers/simulator.js';

const simulator = await openSimulator(test);

const base = portsOf(import.meta.url);
const folder = fileURLToPath(new URL('../../examples/', import.meta.url));
const psTest = powershellTest('the examples in PowerShell');
const run = (...args: string[]) => spawnSync(process.execPath, args, { encoding: 'utf8' });

/** What the start-up script is told, which otherwise takes the installed module. */
const MODULE = { ModulePath: join(folder, '..', 'PortReservation.psd1') };

/** Runs an example with its own parameters, as `-Name 'value'` pairs, on the simulator; `before` is what PowerShell does first. */
function runScript(name: string, parameters: Record<string, string | number> = {}, before = '') {
  return spawnSync(powershell, argumentsFor(name, parameters, before), { encoding: 'utf8' });
}

function startScript(name: string, parameters: Record<string, string | number>) {
  return spawn(powershell, argumentsFor(name, parameters), { stdio: 'ignore' });
}

function argumentsFor(name: string, parameters: Record<string, string | number>, before = ''): string[] {
  const options = `@{ Simulator = ${quote(simulator.options.library)}; SimulatorState = ${quote(simulator.options.state)} }`;
  const own = Object.entries<string | number>({ ...name.startsWith('04') && MODULE, ...parameters }).map(([key, value]) => `-${key} ${quote(String(value))}`).join(' ');
  return scriptArguments(`${before}& ${quote(join(folder, name))} ${own} -ModuleOptions ${options}; exit $LASTEXITCODE`);
}

test.serial('every example is run here', (t) => {
  // The one in .NET is run with edge-js, also under Wine.
  const tests = [...readdirSync(fileURLToPath(new URL('.', import.meta.url))).filter((name) => name.endsWith('.test.ts')), '../edge/example.test.ts'];
  const here = tests.map((name) => readFileSync(fileURLToPath(new URL(name, import.meta.url)), 'utf8')).join('');
  for (const name of readdirSync(folder)) t.true(here.includes(`'${name}'`), name);
});

test('no default of a parameter asks for the script\'s folder: in an advanced script, Windows PowerShell does not know it there', (t) => {
  const scripts = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ps1'));
  t.true(scripts.length > 5);
  for (const name of scripts) t.notRegex(/^param\([\s\S]*?^\)/m.exec(readFileSync(join(folder, name), 'utf8'))?.[0] ?? '', /\$(PSScriptRoot|PSCommandPath|MyInvocation)/i, name);
});

psTest('01: the main job in PowerShell', (t) => {
  const { status, stdout, stderr } = runScript('01-reserve-bind-connect.ps1');
  t.is(stderr, '');
  t.regex(stdout, /Backend: +Simulator, elevated: True\s+Reserved: +Tcp \d+-\d+ \(Persistent\), token \d+\s+Bound: +0\.0\.0\.0:\d+, Listening\s+Connected: .*\s+Given back: +Tcp .*\s+Left behind: +0 blocks/);
  t.is(status, 0);
});

psTest('01: the main job in PowerShell without elevation takes a runtime reservation', (t) => {
  simulator.knob('portsim_set_elevated', 0);
  const { status, stdout, stderr } = runScript('01-reserve-bind-connect.ps1');
  t.is(stderr, '');
  t.regex(stdout, /elevated: False\s+Reserved: +Tcp \d+-\d+ \(Runtime\)/);
  t.is(status, 0);
});

for (const elevated of [1, 0]) {
  test.serial(`02: the main job by the command line, ${elevated ? '' : 'not '}elevated`, (t) => {
    simulator.knob('portsim_set_elevated', elevated);
    const { status, stdout, stderr } = run(join(folder, '02-command-line.mjs'), ...simulator.args);
    t.is(status, 0, stderr);
    t.notRegex(stderr, /AccessDenied/, 'not elevated is no error here');
    t.regex(stdout, elevated
      ? /^Reserved: +tcp \d+-\d+ \(persistent\).*\nBound: .*\nConnected: .*\nGiven back: .*\nLeft behind: +0 blocks/
      : /^Bound: +0\.0\.0\.0:\d+, listening\nConnected: .*\n$/);
  });
}

test.serial('02: what cannot be given back, nor listed, is a failure', async (t) => {
  const own = join(simulator.folder, 'damaged');
  const example = spawn(process.execPath, [join(folder, '02-command-line.mjs'), '--simulator', simulator.options.library, '--simulator-state', own], { stdio: ['ignore', 'pipe', 'ignore'] });
  let stdout = '';
  example.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
    // Before anything is given back.
    if (stdout.includes('Bound:')) writeFileSync(own, 'no state');
  });
  const [status] = await within(once(example, 'close'), 'the end of the example');
  t.regex(stdout, /^Given back: +NOT removed\nLeft behind: +nobody knows/m);
  t.is(status, 1);
});

test.serial('03: the main job by the library', (t) => {
  const { status, stdout, stderr } = run(join(folder, '03-library.mjs'), simulator.options.library, simulator.options.state);
  t.is(stderr, '');
  t.regex(stdout, /^reserved tcp \d+-\d+ on simulator.*\nlistening on 127\.0\.0\.1:\d+\nconnected to .*\ngiven back\n$/);
  t.is(status, 0);
});

psTest('04: the start-up script can be run twice, logs, and tells a failure by its exit code', (t) => {
  const csv = join(simulator.folder, 'ports.csv');
  const log = join(simulator.folder, 'ports.log');
  writeFileSync(csv, `Protocol,StartPort,NumberOfPorts\r\nTcp,${base},10\r\nUdp,${base},10\r\n`);
  for (const time of ['first', 'second']) {
    const { status, stderr } = runScript('04-startup-script.ps1', { Path: csv, LogPath: log });
    t.is(status, 0, `${time}: ${stderr}${readFileSync(log, 'utf8')}`);
  }
  simulator.knob('portsim_add_system_block', TCP, base + 100, 10, 0);
  writeFileSync(csv, `Protocol,StartPort,NumberOfPorts\r\nTcp,${base + 105},10\r\nTcp,${base + 200},1\r\n`);
  t.is(runScript('04-startup-script.ps1', { Path: csv, LogPath: log, RetryCount: 0 }).status, 1);
  const lines = readFileSync(log, 'utf8').trim().split(/\r?\n/);
  t.deepEqual(lines.map((line) => line.slice('2026-01-01 00:00:00 '.length)).filter((line) => !line.startsWith('FAILED')), [
    `Create: Tcp ${base}-${base + 9} (Persistent)`, `Create: Udp ${base}-${base + 9} (Persistent)`, '2 blocks, 2 changed, 0 failed', '2 blocks, 0 changed, 0 failed',
    `Create: Tcp ${base + 200} (Persistent)`, '2 blocks, 1 changed, 1 failed',
  ]);
  t.regex(lines.join('\n'), new RegExp(`FAILED .*${base + 105}`));
});

psTest('04: the start-up script tries again what is in use at boot, and puts a full log aside', async (t) => {
  const csv = join(simulator.folder, 'boot.csv');
  const log = join(simulator.folder, 'boot.log');
  writeFileSync(log, 'x'.repeat(1 << 20));
  writeFileSync(log, 'y', { flag: 'a' });
  writeFileSync(csv, `StartPort,NumberOfPorts,Kind\r\n${base},5,Persistent\r\n${base + 10},5,Exclusion\r\n`);
  simulator.knob('portsim_add_system_block', TCP, base, 5, 0);
  const script = startScript('04-startup-script.ps1', { Path: csv, LogPath: log, RetrySeconds: 1, RetryCount: 1000 });
  const ended = once(script, 'close');
  // A PowerShell that starts on a busy machine takes long.
  const said = () => (existsSync(log) ? readFileSync(log, 'utf8') : '');
  while (!said().includes('in use, tried again') && script.exitCode === null) await pause(20);
  simulator.knob('portsim_remove_system_block', TCP, base, 5);
  t.deepEqual(await within(ended, 'the end of the script'), [0, null], said());
  const lines = readFileSync(log, 'utf8').trim().split(/\r?\n/).map((line) => line.slice('2026-01-01 00:00:00 '.length));
  t.deepEqual(lines.filter((line) => !line.startsWith('in use')), [
    `Create: Tcp ${base + 10}-${base + 14} (Exclusion)`, `Create: Tcp ${base}-${base + 4} (Persistent)`, '2 blocks, 1 changed, 0 failed',
  ]);
  t.is(readFileSync(`${log}.old`, 'utf8').length, (1 << 20) + 1);
});

psTest('04: without a log that can be written, the start-up script reserves the ports all the same, and its exit code is about them', (t) => {
  const csv = join(simulator.folder, 'nolog.csv');
  writeFileSync(csv, `StartPort\r\n${base}\r\n${base + 1}\r\n`);
  const first = runScript('04-startup-script.ps1', { Path: csv, LogPath: simulator.folder, RetryCount: 0 });
  t.is(first.status, 0, first.stderr);
  // To the event log, where there is one.
  t.is(first.stderr.match(/The log cannot be written/g)?.length ?? 0, process.platform === 'win32' ? 0 : 1, first.stderr);
  // A full one that cannot be put aside goes on.
  const log = join(simulator.folder, 'stuck.log');
  writeFileSync(log, 'x'.repeat((1 << 20) + 1));
  mkdirSync(join(`${log}.old`, 'stuck.log'), { recursive: true });
  t.is(runScript('04-startup-script.ps1', { Path: csv, LogPath: log, RetryCount: 0 }).status, 0);
  t.regex(readFileSync(log, 'utf8'), /2 blocks, 0 changed, 0 failed/);
});

psTest('04: the log has the date of our calendar, whatever the machine is set to', (t) => {
  const csv = join(simulator.folder, 'date.csv');
  const log = join(simulator.folder, 'date.log');
  writeFileSync(csv, `StartPort\r\n${base}\r\n`);
  t.is(runScript('04-startup-script.ps1', { Path: csv, LogPath: log }, '[cultureinfo]::CurrentCulture = \'ar-SA\'; ').status, 0);
  for (const line of readFileSync(log, 'utf8').trim().split(/\r?\n/)) t.regex(line, /^2\d\d\d-\d\d-\d\d \d\d:\d\d:\d\d /);
});

psTest('04: without its file the start-up script says so by an exit code of its own', (t) => {
  const log = join(simulator.folder, 'none.log');
  t.is(runScript('04-startup-script.ps1', { Path: join(simulator.folder, 'none.csv'), LogPath: log }).status, 2);
  t.regex(readFileSync(log, 'utf8'), /FAILED .*none\.csv/);
  // The one beside it, if none is named.
  t.is(runScript('04-startup-script.ps1', { LogPath: log }).status, 2);
  t.true(readFileSync(log, 'utf8').includes(join(folder, 'ports.csv')));
});

for (const name of ['PortReservation.psd1', join('PortReservation.psd1', 'PortReservation.psd1.psm1')]) {
  psTest(`04: ${name}, which an ordinary user may put into the root of a drive, is not taken for the module`, (t) => {
    const above = join(simulator.folder, `drive ${name.length}`);
    const planted = join(above, name);
    const canary = join(above, 'canary.txt');
    for (const path of [dirname(planted), join(above, 'Scripts')]) mkdirSync(path, { recursive: true });
    writeFileSync(planted, name.endsWith('.psm1') ? `[System.IO.File]::WriteAllText('${canary}', '')` : '@{ ModuleVersion = \'1.0\'; ScriptsToProcess = \'planted.ps1\' }');
    writeFileSync(join(above, 'planted.ps1'), `[System.IO.File]::WriteAllText('${canary}', '')`);
    const script = join(above, 'Scripts', '04-startup-script.ps1');
    copyFileSync(join(folder, '04-startup-script.ps1'), script);
    const { status } = spawnSync(powershell, ['-NoProfile', '-NonInteractive', '-File', script, '-LogPath', join(simulator.folder, 'drive.log')], { encoding: 'utf8' });
    // There is no installed module, or no file of blocks.
    t.is(status, 2);
    t.false(existsSync(canary));
  });
}

psTest('04: a file with a row that is none is refused as a whole, with its line', (t) => {
  const csv = join(simulator.folder, 'wrong.csv');
  const log = join(simulator.folder, 'wrong.log');
  writeFileSync(csv, `Protocol,StartPort,NumberOfPorts\r\nTcp,${base},5\r\nTcp,70000,5\r\nTcp,${base + 100},5\r\n`);
  t.is(runScript('04-startup-script.ps1', { Path: csv, LogPath: log }).status, 2);
  const lines = readFileSync(log, 'utf8').trim().split(/\r?\n/);
  t.is(lines.length, 1, lines.join('\n'));
  t.regex(lines[0] ?? '', /FAILED .*line 3.*65535/);
  writeFileSync(csv, `Protocol,StartPort,NumberOfPorts\r\nTcp,${base},5\r\nTcp,${base + 100},5\r\n`);
  t.is(runScript('04-startup-script.ps1', { Path: csv, LogPath: log }).status, 0);
  t.regex(readFileSync(log, 'utf8'), /2 blocks, 2 changed, 0 failed/);
});

test('08: the task is in ASCII and names no encoding: Windows reads it as UTF-16 from a program, and in the code page from a file', (t) => {
  const task = readFileSync(join(folder, '08-scheduled-task.xml'), 'latin1');
  t.regex(task, /^<\?xml version="1\.0"\?>\n[\n\x20-\x7e]*$/);
});

psTest('08: the task starts programs by their full paths, and the script with parameters that it has', (t) => {
  const command = String.raw`
    $task = [xml](Get-Content -Raw -LiteralPath '${join(folder, '08-scheduled-task.xml')}')
    $task.Task.Principals.Principal.UserId
    foreach ($exec in $task.Task.Actions.Exec) { $exec.Command }
    $arguments = $task.Task.Actions.Exec[0].Arguments
    if ($arguments -notmatch '-File "[^"]+\\([^"\\]+)"(.*)$') { throw $arguments }
    $parameters = (Get-Command (Join-Path '${folder}' $Matches[1])).Parameters.Keys
    [regex]::Matches($Matches[2], '-([a-z]\w*)', 'IgnoreCase') | ForEach-Object { '{0} {1}' -f $_.Groups[1].Value, ($parameters -contains $_.Groups[1].Value) }`;
  const { stdout, stderr } = spawnSync(powershell, scriptArguments(command), { encoding: 'utf8' });
  t.deepEqual(stdout.trim().split(/\r?\n/), ['S-1-5-18', String.raw`C:\Windows\System32\WindowsPowerShell\v1.0\powershell.exe`, String.raw`C:\Windows\System32\net.exe`, 'RetryCount True', 'RetrySeconds True'], stderr);
});

psTest('05: every kind of holder is told from the others', (t) => {
  simulator.knob('portsim_add_system_block', TCP, base, 5, 0);
  simulator.knob('portsim_add_exclusion', TCP, base + 5, 5, 1);
  const output = (port: number) => stripVTControlCharacters(runScript('05-who-has-my-port.ps1', { Port: port }).stdout);
  t.regex(output(base + 2), new RegExp(`Reason +: RuntimeReservation\\s+Block +: Tcp ${base}-${base + 4} \\(System\\)`));
  t.regex(output(base + 7), new RegExp(`Reason +: Exclusion\\s+Block +: Tcp ${base + 5}-${base + 9} \\(Exclusion\\)`));
  t.regex(output(base + 50), /Reason +: Free/);
});
