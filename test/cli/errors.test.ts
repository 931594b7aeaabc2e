import test from 'ava';
import type { ExecutionContext } from 'ava';
import type { PortReservationErrorDetails } from '../../src/errors.js';
import { runCli } from '../helpers/cli-process.js';
import { NOTE } from '../helpers/cli-simulator.js';
import { portsOf } from '../helpers/ports.js';
import { NEVER, TCP } from '../helpers/knobs.js';
import { openSimulator } from '../helpers/simulator.js';
import type { TestSimulator } from '../helpers/simulator.js';

const simulator = await openSimulator(test);

const first = portsOf(import.meta.url);
const range = `${first}-${first + 9}`;

type Failure = [exitCode: number, reason: string, args: string[], mentions: RegExp, prepare?: (knob: TestSimulator['knob']) => void];

/** Failures that the system gives: the simulator is asked first. */
const failures: Failure[] = [
  [1, 'NativeError', ['create', range], /1450/, (knob) => knob('portsim_fail_next', 'CreatePersistentTcpPortReservation', 1450)],
  // Each of the three lists that are read at once, twice; a Windows may do without two of them.
  [1, 'NativeError', ['create', range, '--kind', 'exclusion'], /netsh/, (knob) => [1, 2, 3, 4, 5, 6].forEach(() => knob('portsim_fail_next', 'netsh', 5))],
  [2, 'InvalidParameter', ['create', '65535-65536'], /ports "65535-65536" is not valid: it must not run past port 65535/],
  [2, 'InvalidParameter', ['create', '65535', '-c', '2'], /at most 1 with the first port 65535/],
  [2, 'InvalidParameter', ['create', '0'], /the first port 0 /],
  [3, 'AccessDenied', ['create', range], /ERROR_ACCESS_DENIED/, (knob) => knob('portsim_set_elevated', 0)],
  [4, 'PortInUse', ['create', range], /ERROR_SHARING_VIOLATION/, (knob) => knob('portsim_add_system_block', TCP, first, 1, 0)],
  [4, 'PortInUse', ['create', range, '--kind', 'runtime'], /WSAEADDRINUSE/, (knob) => knob('portsim_add_system_block', TCP, first, 1, 0)],
  [5, 'ReservationNotFound', ['get', range], /ERROR_NOT_FOUND/],
  [5, 'ReservationNotFound', ['remove', range], /ERROR_NOT_FOUND/],
  [5, 'ReservationNotFound', ['bind', range], /ERROR_NOT_FOUND/],
  [6, 'ReservationExhausted', ['bind', range, '--kind', 'runtime'], /WSAEADDRINUSE/, (knob) => knob('portsim_fail_next', 'bind', 10048)],
  [7, 'TokenNotValid', ['bind', '--token', '18446744073709551615'], /WSAEINVAL/],
  [9, 'NotSupported', ['bind', '--kind', 'runtime'], /WSAEOPNOTSUPP/, (knob) => knob('portsim_set_unsupported', 1)],
  [10, 'OperationTimeout', ['create', '--kind', 'runtime', '--timeout', '0.05'], /50 ms/, (knob) => knob('portsim_set_delay', NEVER)],
];

/** Mistakes in the arguments: found before the system is touched. */
const mistakes: [args: string[], mentions: RegExp][] = [
  [[], /Specify a command/],
  [['nonsense'], /"nonsense" is not known/],
  [['lits', '--port', '5'], /the command "lits" is not known: did you mean list\?/],
  [['reserve', range], /the command "reserve" is not known(?!:)/],
  [['list', 'extra'], /(?:^|: )"extra" is not known/],
  [['list', '--prot', 'tcp'], /(?:^|: )--prot is not known: did you mean --protocol\?/],
  [['create', range, '--cout', '3'], /(?:^|: )--cout is not known: did you mean --count\?/],
  [['create', range, '--KIND', 'exclusion'], /(?:^|: )--KIND is not known: did you mean --kind\?/],
  [['apply', 'x.json', '--dryrun'], /(?:^|: )--dryrun is not known: did you mean --dry-run\?/],
  [['list', '--sim', 'x'], /(?:^|: )--sim is not known(?!:)/],
  [['list', '--purge'], /(?:^|: )--purge is not known(?!:)/],
  [['remove', range, '--if-exist'], /(?:^|: )--if-exist is not known: did you mean --if-exists\?/],
  [['create', range, '-q', '--cout', '3'], /(?:^|: )-q and --cout are not known/],
  [['create', range, '--conut', '3'], /(?:^|: )--conut is not known: did you mean --count\?/],
  ...['--$0', '--_', '-_', '--__proto__'].flatMap((name): [string[], RegExp][] => [[name], [`${name}=x`], [name, 'x']].map((args) =>
    [['list', ...args], new RegExp(`(?:^|: )${name.replace('$', '\\$')} is not known`)])),
  [['list', '--no-__proto__'], /(?:^|: )--no-__proto__ is not known/],
  [['list', '---json'], /(?:^|: )---json is not known/],
  [['--jsn', 'list'], /(?:^|: )--jsn has "list" for its value: the command comes first/],
  [['--jsn=1', 'list'], /(?:^|: )--jsn is not known/],
  [['create', 'abc'], /ports "abc"/],
  [['create', '5000-4999'], /ports "5000-4999"/],
  [['create', '5000-'], /ports "5000-"/],
  [['create', ' 5000'], /ports " 5000"/],
  [['create', '5e3'], /ports "5e3"/],
  [['create', '0x10'], /ports "0x10"/],
  [['create', '5000', '5001x'], /ports "5001x"/],
  [['create', '5000,'], /ports ""/],
  [['create', '5000 5001'], /ports "5000 5001"/],
  [['explain', '80', '65536'], /65536/],
  [['remove', '5000', '65535-65536'], /ports "65535-65536" is not valid: it must not run past port 65535/],
  [['list', '--port', '80,x'], /port "x"/],
  [['create', range, '--count', '9'], /count 9 .*10 ports/],
  [['create', '5000', '--count', '0x5'], /count "0x5"/],
  [['create', '5000', '--count', '1.5'], /count "1.5"/],
  [['create', '5000', '--count'], /(?:^|: )--count needs a value/],
  [['create', '5000', '--count', '1', '--count', '2'], /count .*given once/],
  [['create', '5000', '--protocol', 'sctp'], /protocol "sctp"/],
  [['create', '5000', '--protocol', 'tcp,'], /protocol ""/],
  [['create', '5000', '--kind', 'system'], /kind "system"/],
  [['create', '5000', '--kind', 'runtime', '--kind', 'runtime'], /kind .*given once/],
  [['list', '--kind', 'runtime'], /kind "runtime".*persistent, exclusion, system/],
  [['create', '5000', '--timeout', '5'], /--timeout 5 is not valid: it applies only to runtime/],
  [['create', '5000', '--family', 'IPv5'], /address-family "IPv5"/],
  ...['-1', '', ' 5 ', '0x10', '1e3', '86401', 'Infinity'].map((value): [string[], RegExp] => [['create', '5000', '--timeout', value], new RegExp(`--timeout "${value}" .*from 0 to 86400`)]),
  [['create', '5000', '--timeout', '1', '--timeout', '2'], /timeout .*given once/],
  [['create', '5000', '--protocol.x', 'tcp'], /--protocol\.x is not known/],
  [['create', '5000', '--json.x'], /--json\.x is not known/],
  [['apply', 'x.json', '--no-within'], /--no-within is not known/],
  [['create', '5000', '--ports', '5001'], /--ports is not known: the argument ports must be given without an option/],
  [['remove', '--ports=5000', '5001'], /--ports is not known/],
  [['apply', 'x.json', '--file', 'y.json'], /--file is not known: the file must be given without an option/],
  [['apply', 'x.json', '--dry-run', '--dry-run=false'], /--dry-run "true false" is not valid: it must be given once/],
  [['apply', '--dry-run=false', 'x.json', '--dry-run'], /--dry-run "true false" is not valid: it must be given once/],
  ...['1', 'yes', 'True', ''].map((value): [string[], RegExp] => [['apply', 'x.json', `--dry-run=${value}`], new RegExp(`--dry-run "${value}" is not valid: it must be true or false`)]),
  [['apply', 'x.json', '--dryRun=1'], /--dryRun is not known: did you mean --dry-run\?/],
  [['apply', 'x.json', '--dry-run', '--dryRun=false'], /--dryRun is not known/],
  [['create', '5000', '--get-yargs-completions'], /--get-yargs-completions is not known/],
  [['create', '5000', '--if-not-exists', '--if-not-exists=on'], /--if-not-exists "on" is not valid/],
  ...['create', 'explain', 'get', 'remove', 'bind', 'export', 'completion'].map((command): [string[], RegExp] => [[command, '-'], /"-" is not known: only apply and --input read stdin/]),
  [['apply', '', '--delimiter', '-'], /the file "" is not valid: it must be the path of a file, or - for stdin/],
  [['create', '5000', '--if-not-exists', '-'], /"-" is not known/],
  [['list', '-'], /"-" is not known/],
  [['get'], /(?:^|: )the argument ports is missing/],
  [['explain'], /(?:^|: )the argument ports is missing/],
  [['apply'], /(?:^|: )the file is missing/],
  [['dsc'], /(?:^|: )the resource and the operation are missing/],
  [['dsc', 'Reservation'], /(?:^|: )the operation is missing/],
  [['explain', '80', '--protocol'], /(?:^|: )--protocol needs a value/],
  [['list', '-p', '--json=false'], /(?:^|: )-p needs a value/],
  [['list', '-pudp'], /(?:^|: )-pudp is not known/],
  ...['-qp', '-pq', '-qq', '-q1', '-q0', '-pq=udp'].map((letters): [string[], RegExp] => [['explain', '80', letters], new RegExp(`(?:^|: )${letters} is not known`)]),
  [['dynamic-range', 'get'], /(?:^|: )"get" is not known(?!:)/],
  [['explain', '8000-7999'], /ports "8000-7999"/],
  [['explain', '8000-8100', '--count', '5'], /count 5 .*101 ports/],
  [['explain', '65535', '--count', '2'], /at most 1 with the first port 65535/],
  [['remove'], /ports .*--input/],
  [['create', range, '--input', 'x.json'], /--input and the argument ports cannot be given together/],
  [['create', '--input', 'x.json', '-c', '5'], /--input and --count cannot be given together/],
  [['create', '--input', 'x.json', '--protocol', 'tcp'], /--input and --protocol cannot be given together/],
  [['create', '--input', 'x.json', '-k', 'persistent'], /--input and --kind cannot be given together/],
  [['create', '--input', 'x.json', '--from', '5'], /--input and --from cannot be given together/],
  [['create', '--input', 'x.json', '--store', 'active'], /--input and --store cannot be given together/],
  [['create', '--input', 'x.json', '--family', 'IPv4'], /--input and --(address-)?family cannot be given together/],
  [['create', '--input', 'x.json', '--timeout', '30'], /--input and --timeout cannot be given together/],
  [['create', '--input', 'x.json', '--input', 'y.json'], /input .*given once/],
  ...[['create', '--input'], ['remove', '--input'], ['apply']].map((args): [string[], RegExp] => [[...args, 'Ports.PSD1'], /"Ports.PSD1" is not valid: it must be JSON or a table: only Sync-PortReservation reads a \.psd1/]),
  [['create', '--input', 'no-such-file.json'], /--input "no-such-file.json" .*a file that exists/],
  [['remove', range, '--input', 'x.json'], /--input and the argument ports cannot be given together/],
  [['remove', '--input', 'x.json', '--kind', 'exclusion'], /--input and --kind cannot be given together/],
  [['remove', '--input', 'x.json', '--store', 'active'], /--input and --store cannot be given together/],
  [['create', range, '--store', 'active'], /store "active" .*exclusions/],
  ...['create', 'remove'].map((command): [string[], RegExp] => [[command, '5000', '5001', '5002', '--store', 'active'], /store "active" .*exclusions/]),
  [['list', '--store', 'mine'], /store "mine"/],
  [['bind'], /ports .*--token/],
  [['bind', range, '--token', '5'], /token 5 .*without ports/],
  [['bind', '--token', '5', '--kind', 'runtime'], /token 5 .*without ports/],
  [['bind', '--token', '5', '--count', '3'], /token 5 .*without ports, --count/],
  ...[['5000'], ['5000', '--kind', 'exclusion'], ['--input', 'x.json']].map((args): [string[], RegExp] =>
    [['create', ...args, '--until-signal'], /--until-signal is not valid: it applies only to runtime/]),
  [['bind', '--token', 'x'], /token "x"/],
  [['bind', '--token', '0'], /--token "0" is not valid: it must be a whole number from 1 to 18446744073709551615/],
  [['bind', '--token', '18446744073709551616'], /token 18446744073709551616/],
  [['bind', '--token', '1', '--token', '2'], /token .*given once/],
  [['bind', '--token', '5', '--port', 'x'], /port "x"/],
  [['bind', '--token', '5', '--port', '1', '--port', '2'], /port .*given once/],
  [['bind', '--token', '5', '--local-address', '::1', '--local-address', '::'], /--local-address .*given once/],
  [['map', '--path', 'a.svg', '--path', 'b.svg'], /--path .*given once/],
  [['bind', '--token', '5', '-p', 'tcp', '-p', 'udp'], /protocol .*given once/],
  [['bind', '--token', '5', '-p', 'udp', '--listen'], /listen/],
  [['bind', '--token', '5', '--local-address', 'localhost'], /--local-address "localhost"/],
  [['bind', '--token', '5', '--local-address', '::1'], /--local-address "::1"/],
  [['bind', '--token', '5', '--local-address', '::1', '--local-address', '::2'], /local-?address/i],
  [['create', '5000', '--delimiter', ';'], /(?:^|: )--delimiter needs --input/],
  [['completion', 'fish'], /(?:^|: )the shell "fish" is not valid: it must be one of bash, zsh, powershell/],
  [['dynamic-range', 'set', '--start', '5000'], /(?:^|: )--protocol and --count are missing/],
  [['list', '--port', '0'], /port 0/],
  [['list', '--port', '65536'], /port 65536/],
  [['list', '--kind', 'mine'], /kind "mine"/],
];

for (const [exitCode, reason, args, mentions, prepare] of failures) {
  test.serial(`${args.join(' ')} that fails with ${reason} ends with ${exitCode} and one line`, async (t) => {
    prepare?.(simulator.knob);
    const { status, stdout, stderr } = await runCli(t, [...args, ...simulator.args]);
    t.is(status, exitCode, stderr);
    t.is(stdout, '');
    isOneLine(t, stderr.replace(NOTE, ''), mentions);

    simulator.knob('portsim_reset');
    prepare?.(simulator.knob);
    const json = await runCli(t, [...args, '--json', ...simulator.args]);
    t.is(json.status, exitCode);
    t.is(json.stdout, '');
    isOneLineOfJson(t, json.stderr.replace(NOTE, ''), reason, mentions);
  });
}

for (const [args, mentions] of mistakes) {
  test.serial(`the mistake ${JSON.stringify(args.join(' '))} ends with 2 and one line`, async (t) => {
    const [plain, json] = await Promise.all([runCli(t, [...args, ...simulator.args]), runCli(t, [...args, '--json', ...simulator.args])]);
    t.is(plain.status, 2, plain.stderr);
    t.is(plain.stdout, '');
    isOneLine(t, plain.stderr.replace(NOTE, ''), mentions);
    t.is(json.status, 2);
    t.is(json.stdout, '');
    isOneLineOfJson(t, json.stderr.replace(NOTE, ''), 'InvalidParameter', mentions);
  });
}

for (const args of [['--simulator', '/x', '--simulator', '/y', '--simulator-state', '/z'], ['--simulator', '/x'], ['--simulator-state', '/z']]) {
  test.serial(`list ${args.join(' ')} ends with 2 and names the option`, async (t) => {
    const { status, stderr } = await runCli(t, ['list', ...args]);
    t.is(status, 2, stderr);
    isOneLine(t, stderr, /simulator/);
  });
}

test.serial('a simulator that is not there ends with 9, a state file that is none with 1', async (t) => {
  const missing = await runCli(t, ['list', '--simulator', '/no/such/library', '--simulator-state', simulator.options.state]);
  t.is(missing.status, 9);
  isOneLine(t, missing.stderr.replace(NOTE, ''), /no[\\/]such[\\/]library/);
  const wrong = await runCli(t, ['list', '--simulator', simulator.options.library, '--simulator-state', simulator.options.library]);
  t.is(wrong.status, 1);
  isOneLine(t, wrong.stderr.replace(NOTE, ''), /state file/);
});

function isOneLine(t: ExecutionContext, stderr: string, mentions: RegExp): void {
  t.regex(stderr, /^port-reservation: [^\n]+\n$/);
  t.regex(stderr, mentions);
  t.notRegex(stderr, /\n\s+at |node:internal|\.js:\d|report this error|\.\.|Implications|non-option|mutually exclusive|Argument/);
}

function isOneLineOfJson(t: ExecutionContext, stderr: string, reason: string, mentions: RegExp): void {
  t.regex(stderr, /^\{[^\n]*\}\n$/);
  const { error } = JSON.parse(stderr) as { error: PortReservationErrorDetails & { message: string } };
  t.is(error.reason, reason as typeof error.reason);
  t.regex(error.message, mentions);
  t.deepEqual(Object.keys(error).sort(), ['advice', 'block', 'code', 'message', 'nativeCode', 'nativeName', 'reason', 'syscall']);
}

