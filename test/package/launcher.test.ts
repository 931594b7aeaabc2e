// The command of the packaged module, as PowerShell runs it. That for cmd.exe is tried under Wine (scripts/wine/command.mjs).
import test from 'ava';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { removeFolder } from '../../scripts/remove-folder.mjs';
import { layOutCommand } from '../helpers/packaged.js';
import { powershell, powershellTest, quote, scriptArguments } from '../helpers/powershell.js';
import { createSimulator } from '../helpers/simulator.js';
import { ROOT } from '../helpers/tarball.js';

const shellTest = powershellTest('the command for PowerShell');
const temporary = mkdtempSync(join(tmpdir(), 'port-reservation-launcher-'));
const simulator = await createSimulator();
test.after.always(async () => {
  await simulator.dispose();
  await removeFolder(temporary);
});

/** What makes a Node.js or its libraries load code, write files, or trust others; and what would hide the folder of cmd.exe, or members of the table of variables. */
const CANARIES = ['NODE_PATH', 'NODE_V8_COVERAGE', 'NODE_COMPILE_CACHE', 'NODE_EXTRA_CA_CERTS', 'NODE_REPL_EXTERNAL_MODULE', 'NODE_REPL_HISTORY', 'NODE_REDIRECT_WARNINGS',
  'NODE_ICU_DATA', 'NODE_PENDING_DEPRECATION', 'NODE_TLS_REJECT_UNAUTHORIZED', 'NODE_CHANNEL_FD', 'OPENSSL_CONF', 'OPENSSL_MODULES', 'OPENSSL_ENGINES', 'SSL_CERT_FILE',
  'SSL_CERT_DIR', 'SSLKEYLOGFILE', 'UV_THREADPOOL_SIZE', 'PORTSIM_STATE', 'npm_config_node_options', '__APPDIR__', 'Keys', 'Values', 'PSBase', 'LD_PRELOAD', 'DYLD_INSERT_LIBRARIES'];

const layOut = (name: string) => layOutCommand(join(temporary, name));

function run(script: string, env: NodeJS.ProcessEnv = process.env) {
  return spawnSync(powershell, scriptArguments(script), { encoding: 'utf8', env, cwd: temporary });
}

shellTest('in PowerShell it hands over every argument, the input and the exit code, and no variable of the session', (t) => {
  const module = layOut('\u00DCbung & ^Co (100% !x!) $HOME');
  writeFileSync(join(module, 'bin', 'port-reservation.main.cjs'), `
    const said = { args: process.argv.slice(2), env: process.env, cwd: process.cwd(), exec: process.execPath };
    let input = '';
    process.stdin.setEncoding('utf8').on('data', (text) => (input += text)).on('end', () => {
      console.log(JSON.stringify({ ...said, input }));
      process.exitCode = 7;
    });
  `);
  const canary = join(temporary, 'canary.txt');
  const required = join(temporary, 'required.cjs');
  writeFileSync(required, `require('fs').writeFileSync(${JSON.stringify(canary)}, process.argv.join(' '));`);
  const args = ['list', 'a b', '\u00FC & x', 'c ^ d', '100 %PATH%', '!y! z', '$HOME', '', 'it\'s', '-5', '--json', ';|<>'];
  const { stdout, stderr } = run(`
    $OutputEncoding = [System.Text.Encoding]::ASCII
    # No command is looked for by its name.
    $PSModuleAutoLoadingPreference = 'None'
    $said = 'one', 'tw\u00F6' | & ${quote(join(module, 'port-reservation.ps1'))} ${args.map(quote).join(' ')}
    "$LASTEXITCODE $([System.Environment]::GetEnvironmentVariable('NODE_PATH')) $env:OPENSSL_CONF"
    $said`, { ...process.env, ...Object.fromEntries(CANARIES.filter((name) => !/PRELOAD|INSERT/.test(name)).map((name) => [name, canary])), NODE_OPTIONS: `--require=${required}` });
  const [first, second = ''] = stdout.trim().split(/\r?\n/);
  t.is(first, `7 ${canary} ${canary}`, `the session has its variables as before: ${stderr}`);
  const said = JSON.parse(second) as { args: string[]; env: Record<string, string>; exec: string; input: string };
  t.deepEqual(said.args, args);
  t.deepEqual(said.input.trim().split(/\r?\n/), ['one', 'tw\u00F6']);
  const known = process.platform === 'win32' ? ['SystemRoot', 'windir', 'SystemDrive'] : [];
  t.deepEqual(Object.keys(said.env).filter((name) => !known.includes(name)), []);
  t.false(existsSync(canary));
});

shellTest('in PowerShell what is behind it in a pipeline has the variables of the session, and node.exe none', (t) => {
  const module = layOut('pipeline');
  writeFileSync(join(module, 'bin', 'port-reservation.main.cjs'), 'for (const line of [1, 2]) console.log(line, process.env.NODE_PATH);');
  const command = `& ${quote(join(module, 'port-reservation.ps1'))} | ForEach-Object { "$env:NODE_PATH $_" }`;
  const { stdout, stderr } = run(`${command}; 'piped in' | ${command}`, { ...process.env, NODE_PATH: 'canary' });
  t.deepEqual(stdout.trim().split(/\r?\n/), ['canary 1 undefined', 'canary 2 undefined', 'canary 1 undefined', 'canary 2 undefined'], stderr);
});

shellTest('started by -File it writes what node.exe writes, byte by byte', (t) => {
  const module = layOut('file');
  writeFileSync(join(module, 'bin', 'port-reservation.main.cjs'), 'process.stdout.write(Buffer.from([0xff, 0x0d, 0x41]));');
  const { stdout } = spawnSync(powershell, ['-NoProfile', '-NonInteractive', '-File', join(module, 'port-reservation.ps1')]);
  t.is(stdout.toString('hex'), 'ff0d41');
});

shellTest('in PowerShell it is the command line', (t) => {
  const module = layOut('PortReservation');
  const { stdout, stderr } = run(`& ${quote(join(module, 'port-reservation.ps1'))} list --json ${simulator.args.map(quote).join(' ')}; $LASTEXITCODE
    & ${quote(join(module, 'port-reservation.ps1'))} list --json --port nothing; $LASTEXITCODE`);
  t.deepEqual(stdout.trim().split(/\r?\n/), ['[]', '0', '2'], stderr);
});

shellTest('in PowerShell a list with commas is one argument, as in every other shell', (t) => {
  const module = layOut('lists');
  writeFileSync(join(module, 'bin', 'port-reservation.main.cjs'), 'console.log(JSON.stringify(process.argv.slice(2)));');
  const { stdout, stderr } = run(`& ${quote(join(module, 'port-reservation.ps1'))} create 25000-25009 --protocol tcp,udp --kind=persistent,exclusion 80, 443 -5`);
  t.deepEqual(JSON.parse(stdout || stderr), ['create', '25000-25009', '--protocol', 'tcp,udp', '--kind=persistent,exclusion', '80,443', '-5']);
});

// Windows PowerShell's way is tried as far as another PowerShell goes it: without a blank behind a quotation mark that follows a backslash.
for (const [edition, last] of [['Core', ['x\\"y z', '\\" \\"']], ['Desktop', ['x\\"y']]] as const) {
  shellTest(`a PowerShell (${edition}) that hands over arguments in the old way hands over these, too`, (t) => {
    const module = layOut(`old ${edition}`);
    writeFileSync(join(module, 'bin', 'port-reservation.main.cjs'), 'console.log(JSON.stringify(process.argv.slice(2)));');
    const args = ['list', '', 'a "b" c', '{"a":"b"}', '{"a b":"c"}', 'C:\\a b\\', 'C:\\ab\\', '5" b', '" "', ...last, ''];
    const { stdout, stderr } = run(`Set-StrictMode -Version 3.0; $PSNativeCommandArgumentPassing = 'Legacy'; $PSVersionTable['PSEdition'] = '${edition}'
      & ${quote(join(module, 'port-reservation.ps1'))} ${args.map(quote).join(' ')}`);
    t.deepEqual(JSON.parse(stdout || stderr), args);
  });
}

shellTest('in PowerShell its commands and options complete', (t) => {
  const module = layOut('completed');
  const { stdout, stderr } = run(`[System.Environment]::SetEnvironmentVariable('PATH', ${quote(module)})
    port-reservation completion powershell | Out-String | Invoke-Expression
    foreach ($line in 'port-reservation cr', 'port-reservation create --if-', 'port-reservation ', 'port-reservation list --ki') {
      "$((TabExpansion2 $line $line.Length).CompletionMatches.CompletionText)"
    }`);
  const [command, option, all = '', other] = stdout.trim().split(/\r?\n/);
  t.deepEqual([command, option, other], ['create', '--if-not-exists', '--kind'], stderr);
  t.true(['create', 'explain', 'doctor', 'completion'].every((name) => all.split(' ').includes(name)), all);
});

shellTest('without its node.exe it says so, and runs no other', async (t) => {
  const module = layOut('no node');
  await removeFolder(join(module, 'bin', process.platform === 'win32' ? 'node.exe' : 'node'));
  const { stdout, stderr } = run(`& ${quote(join(module, 'port-reservation.ps1'))} list; $LASTEXITCODE`);
  t.is(stdout.trim(), '9');
  t.is(stderr.trim(), 'port-reservation: this package has no node.exe. Install the package that has one, or use the cmdlets.');
});

test('that for cmd.exe asks for its folder in a label: of its name in quotes, found through PATH, cmd.exe would take the current folder', (t) => {
  const [body = '', label = ''] = readFileSync(join(ROOT, 'scripts', 'package', 'launchers', 'port-reservation.cmd'), 'utf8').replace(/^rem .*$/gm, '').split(/^:folder\r$/m);
  t.notRegex(body, /%~[a-z]*0/);
  t.is(label.trim().split('\r\n')[0], 'set "PORT_RESERVATION_FOLDER=%~dp0"');
});
