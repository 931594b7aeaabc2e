import test from 'ava';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, mkdtempSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { CLI_PROGRAM, CliProcess, runCli } from '../helpers/cli-process.js';
import { NOTE } from '../helpers/cli-simulator.js';
import { within } from '../helpers/deadline.js';
import { HOST_PROGRAM } from '../helpers/host-process.js';
import { TCP } from '../helpers/knobs.js';
import { offWindows } from '../helpers/platform.js';
import { openSimulator } from '../helpers/simulator.js';

/** Each command, with what else it needs. */
const COMPLETE: readonly (readonly [command: string, ...args: string[]])[] = [
  ['create'], ['get', '5000'], ['list'], ['remove', '5000'], ['bind'], ['explain', '80'], ['apply', 'x.json'], ['export', 'x.json'], ['find'], ['map'], ['doctor'],
  ['dynamic-range'], ['dsc', 'list', 'get'], ['host'], ['completion', 'bash'],
];
const COMMANDS = COMPLETE.map(([command]) => command);
const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { version: string };
const simulator = await openSimulator(test);

const { library, state } = simulator.options;

test.serial('--version prints the version of the package alone', async (t) => {
  t.deepEqual(await runCli(t, ['--version']), { status: 0, stdout: `${version}\n`, stderr: '' });
});

test.serial('--help names every command and every exit code', async (t) => {
  const { status, stdout, stderr } = await runCli(t, ['--help']);
  t.is(status, 0);
  t.is(stderr, '');
  t.deepEqual([...stdout.matchAll(/^ +port-reservation ([a-z-]+)/gm)].map(([, command]) => command).sort(), [...COMMANDS].sort());
  const text = stdout.replace(/\s+/g, ' ');
  for (const line of ['0 success', '1 any other error', '2 InvalidParameter', '3 AccessDenied', '4 PortInUse', '5 ReservationNotFound',
    '6 ReservationExhausted', '7 TokenNotValid', '8 PlatformNotSupported', '9 NotSupported', '10 OperationTimeout']) {
    t.true(text.includes(line), line);
  }
  // What src/cli/text-width.ts counts on.
  t.regex(stdout, /^[\x00-\x7f]*$/);
});

for (const command of COMMANDS) {
  test.serial(`${command} --help describes the command and needs no Windows`, async (t) => {
    const { status, stdout, stderr } = await runCli(t, [command, '--help']);
    t.is(status, 0);
    t.is(stderr, '');
    t.regex(stdout, new RegExp(`^port-reservation ${command}\\b`));
    t.true(stdout.split('\n').every((line) => line.length <= 100));
    // What src/cli/text-width.ts counts on.
    t.regex(stdout, /^[\x00-\x7f]*$/);
  });
}

test.serial('an option without its value is refused by its name, whatever the command', async (t) => {
  for (const args of COMPLETE) {
    const { stdout } = await runCli(t, [args[0], '--help']);
    // With what is said of it, up to the next one: its type stands at the end.
    const options = [...stdout.matchAll(/^ +(?:-\w, )?(--[a-z-]+)(?: .*)?$(?:\n +[^-\s].*$)*/gm)].filter(([text]) => /\[(?:string|number|array)\]/.test(text));
    t.true(options.length >= 2, stdout);
    await Promise.all(options.map(async ([, name = '']) => {
      const { status, stdout: said, stderr } = await runCli(t, [...args, name]);
      t.deepEqual([status, said], [2, ''], `${args[0]} ${name}`);
      t.regex(stderr, new RegExp(`^port-reservation: ${name} needs a value`), `${args[0]} ${name}`);
    }));
  }
});

test.serial('help is --help, of the program and of a command', async (t) => {
  t.deepEqual(await runCli(t, ['help']), await runCli(t, ['--help']));
  t.deepEqual(await runCli(t, ['help', '-']), await runCli(t, ['--help']));
  t.deepEqual(await runCli(t, ['help', 'create']), await runCli(t, ['create', '--help']));
});

test.serial('a command behind -- is the command', async (t) => {
  t.deepEqual(await runCli(t, ['--', 'list', '--help']), await runCli(t, ['list', '--help']));
  t.is((await runCli(t, ['--'])).status, 2);
});

test.serial('what stands behind -- is a port or a file, and nothing is lost there', async (t) => {
  for (const [args, mentions] of [
    [['create', '--', '5000x'], /ports "5000x" is not valid/],
    [['create', '5000', '--', '5001', '5002-'], /ports "5002-" is not valid/],
    [['apply', '--', 'none.json'], /the file "none.json" is not valid/],
    [['create', '--count', '--', '5000'], /--count needs a value/],
    [['apply', '--dry-run', '--', 'false'], /the file "false" is not valid/],
    [['create', '5000', '--', '--kind=exclusion'], /-- "--kind=exclusion" is not valid: it must have only ports, or a file such as \.\/-x, behind it/],
  ] as const) {
    const { status, stdout, stderr } = await runCli(t, args);
    t.is(status, 2, stderr);
    t.is(stdout, '');
    t.regex(stderr, mentions);
  }
});

test.serial('--json is asked for in each way that yargs has', async (t) => {
  for (const [given, isJson] of [[['--json'], true], [['--json=true'], true], [['--json', 'true'], true], [['--json=false'], false], [['--json', 'false'], false]] as const) {
    const { status, stderr } = await runCli(t, ['list', '--port', 'x', ...given]);
    t.is(status, 2);
    t.is(stderr.startsWith('{"error":{'), isJson, stderr);
  }
});

test.serial('a mistake names the help of its command', async (t) => {
  for (const [args, advice] of [[['create', '5000', '--cout', '3'], 'See port-reservation create --help.'], [['nonsense'], 'See port-reservation --help.'], [['dynamic-range', 'set'], 'See port-reservation dynamic-range set --help.']] as const) {
    const { status, stderr } = await runCli(t, args);
    t.is(status, 2);
    t.true(stderr.endsWith(`${advice}\n`), stderr);
  }
});

test.serial('the language of the environment changes nothing', async (t) => {
  const help = async (language: string) => runCli(t, ['list', '--help'], { ...process.env, LC_ALL: language, LANG: language, LANGUAGE: language });
  t.deepEqual(await help('de_DE.UTF-8'), await help('C'));
});

test.serial('completion prints a script that names the program, and completes commands and options', async (t) => {
  const { status, stdout, stderr } = await runCli(t, ['completion'], { ...process.env, SHELL: '/bin/bash' });
  t.is(status, 0);
  t.is(stderr, '');
  t.regex(stdout, /^###-begin-port-reservation-completions-###/);
  t.regex((await runCli(t, ['completion', 'zsh'])).stdout, /^#compdef port-reservation\n/);
  t.is((await runCli(t, ['completion', 'tcsh'])).status, 2);
  const complete = async (...words: string[]) =>
    (await runCli(t, ['--get-yargs-completions', 'port-reservation', ...words], { ...process.env, SHELL: '/bin/bash' })).stdout.split('\n');
  t.true((await complete('')).includes('create'));
  t.true((await complete('create', '--')).includes('--if-not-exists'));
  t.deepEqual(await runCli(t, ['--get-yargs-completions', 'port-reservation', 'create', '--kind', 'e']), { status: 0, stdout: '', stderr: '' }, 'half typed');
});

offWindows('off Windows every command without the simulator ends with 8 and one line', async (t) => {
  for (const args of [['create', '5000'], ['get', '5000'], ['list'], ['remove', '5000'], ['bind', '5000'], ['bind', '--kind', 'runtime']]) {
    const { status, stdout, stderr } = await runCli(t, args);
    t.is(status, 8, args.join(' '));
    t.is(stdout, '');
    t.regex(stderr, /^port-reservation: port reservations exist only on Windows[^\n]*\n$/);
    const json = await runCli(t, [...args, '--json']);
    t.is(json.status, 8);
    t.like(JSON.parse(json.stderr), { error: { reason: 'PlatformNotSupported' } });
  }
});

offWindows('no variable of the environment switches the simulator on', async (t) => {
  const names = ['SIMULATOR', 'SIMULATOR_STATE', 'LIBRARY', 'STATE', 'IPHLPAPI', 'WS2_32', 'NETSH'];
  const env = { ...process.env, PORTSIM_STATE: state, PORTSIM_ELEVATED: '1', PORTSIM: '1', NODE_ENV: 'test' } as NodeJS.ProcessEnv;
  for (const prefix of ['PORT_RESERVATION_', 'PORTRESERVATION_', 'PORTSIM_', '']) {
    for (const name of names) env[prefix + name] = name.endsWith('STATE') ? state : library;
  }
  const { status, stderr } = await runCli(t, ['list'], env);
  t.is(status, 8);
  t.notRegex(stderr, /simulator, not on Windows/);
  const host = spawn(process.execPath, [HOST_PROGRAM], { stdio: ['pipe', 'pipe', 'inherit'], env });
  t.teardown(() => host.kill('SIGKILL'));
  let answer = '';
  host.stdout.setEncoding('utf8').on('data', (text: string) => (answer += text));
  host.stdin.end('{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":1}}\n');
  await within(once(host, 'close'), 'the end of the host');
  t.like(JSON.parse(answer), { error: { data: { reason: 'PlatformNotSupported' } } });
});

test.serial('a command on the simulator says so on stderr, also with --json', async (t) => {
  for (const args of [['list'], ['list', '--json']]) {
    const { status, stderr } = await runCli(t, [...args, ...simulator.args]);
    t.is(status, 0);
    t.is(stderr, NOTE);
  }
});

offWindows('a current folder that is gone is named, in text and in JSON', (t) => {
  const run = (...args: string[]) => {
    const folder = mkdtempSync(join(simulator.folder, 'gone-'));
    return spawnSync('/bin/sh', ['-c', 'cd "$0" && rmdir "$0" && exec "$@"', folder, process.execPath, CLI_PROGRAM, ...args], { encoding: 'utf8' });
  };
  t.like(run('list', ...simulator.args), { status: 1, stdout: '', stderr: 'port-reservation: the current folder is not there any more. Change to another folder.\n' });
  const { error } = JSON.parse(run('list', '--json', ...simulator.args).stderr) as { error: Record<string, unknown> };
  t.like(error, { reason: 'NativeError', code: 'ENOENT', syscall: 'uv_cwd', advice: 'Change to another folder.' });
});

offWindows('a reader that has gone is no fault and no stack', async (t) => {
  for (let port = 1; port <= 40; port += 1) simulator.knob('portsim_add_system_block', TCP, port * 2, 1, 0);
  for (const args of [['list', ...simulator.args], ['list', '--json', ...simulator.args], ['--help'], ['completion']]) {
    const command = new CliProcess(t, args);
    command.child.stdout.destroy();
    const { status, stderr } = await command.end();
    t.is(status, 0, args.join(' '));
    t.is(stderr.replace(NOTE, ''), '');
  }
});

offWindows('an error is told by the exit code when nobody reads stderr', async (t) => {
  const command = spawn(process.execPath, [CLI_PROGRAM, 'list'], { stdio: ['ignore', 'ignore', 'pipe'] });
  t.teardown(() => command.kill('SIGKILL'));
  command.stderr.destroy();
  t.deepEqual(await within(once(command, 'exit'), 'the end of the command'), [8, null]);
});

test.serial('the host command speaks the protocol of the host', async (t) => {
  const host = new CliProcess(t, ['host', ...simulator.args]);
  host.child.stdin.write('{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":1}}\n');
  t.like(JSON.parse(await host.output()), { id: 1, result: { backend: 'simulator', version } });
  t.is((await host.end()).status, 0);
});

(existsSync('/dev/full') ? test.serial : test.serial.skip)('an answer that a full disk does not take is a failure, and says so', async (t) => {
  const full = openSync('/dev/full', 'w');
  const child = spawn(process.execPath, [CLI_PROGRAM, 'list', ...simulator.args], { stdio: ['ignore', full, 'pipe'] });
  closeSync(full);
  let stderr = '';
  child.stderr?.setEncoding('utf8').on('data', (chunk: string) => (stderr += chunk));
  const [status] = await within(once(child, 'close'), 'the end of the command');
  t.is(status, 1);
  t.regex(stderr, /could not be written.*ENOSPC/);
});

offWindows('a disk that becomes full in the middle of an answer is a failure too', async (t) => {
  const blocks = Array.from({ length: 60 }, (_, index) => ({ startPort: 1000 + index }));
  const file = join(simulator.folder, 'full.json');
  writeFileSync(file, JSON.stringify(blocks));
  t.is((await runCli(t, ['apply', file, ...simulator.args])).status, 12);
  // A file of 8 blocks, which dash counts in 512 and bash in 1,024 bytes, takes a part of the list.
  const { status, stderr } = spawnSync('/bin/sh', ['-c', 'trap "" XFSZ; ulimit -f 8; exec "$0" "$@" > "$FILE"', process.execPath, CLI_PROGRAM, 'list', '--json', ...simulator.args],
    { encoding: 'utf8', env: { ...process.env, FILE: file } });
  t.is(status, 1, stderr);
  t.regex(stderr, /could not be written.*EFBIG/);
});

test.serial('the host takes paths from the current folder, as every command does', async (t) => {
  const { library, state } = simulator.options;
  const host = new CliProcess(t, ['host', '--simulator', relative(process.cwd(), library), '--simulator-state', relative(process.cwd(), state)]);
  host.child.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'initialize', params: { protocolVersion: 1 } })}\n`);
  t.like(JSON.parse(await host.output()), { result: { backend: 'simulator' } });
  t.is((await host.end()).status, 0);
});
