import test from 'ava';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CliProcess, runCli } from '../helpers/cli-process.js';
import { NOTE as NOTE_LINE } from '../helpers/cli-simulator.js';
import { within } from '../helpers/deadline.js';
import { gateNetsh } from '../helpers/gated-netsh.js';
import { LONG, TCP, WINNAT } from '../helpers/knobs.js';
import { offWindows } from '../helpers/platform.js';
import { portsOf } from '../helpers/ports.js';
import { openSimulator } from '../helpers/simulator.js';
import { hasTerminal, TerminalProcess } from '../helpers/terminal.js';

const NOTE = NOTE_LINE.trimEnd();
/** Longer than it takes until a bar is shown. */
const SLOW = 1_200;
/** What erases a line, as the last thing that comes. */
const ERASED = '\u001B[1G\u001B[2K';

if (!hasTerminal) console.warn('NO script OF util-linux FOUND: the tests of progress in a terminal are skipped');
const inTerminal = hasTerminal ? test.serial : test.serial.skip;
const simulator = await openSimulator(test);

const first = portsOf(import.meta.url);
const create = ['create', String(first), '--restart-winnat', ...simulator.args];

/** The service winnat holds the first port, and takes its time. */
function holdPort(delay: number): void {
  simulator.knob('portsim_set_winnat', WINNAT.running);
  simulator.knob('portsim_add_system_block', TCP, first, 1, 1);
  simulator.knob('portsim_set_winnat_delay', delay);
}

/** Lets the service come to the state it is on its way to, and to the next one at once. */
const release = () => simulator.knob('portsim_set_winnat_delay', 0);

inTerminal('create --restart-winnat shows what it waits for, and erases it', async (t) => {
  holdPort(LONG);
  const command = new TerminalProcess(t, simulator.folder, create);
  await command.shows(/\[-+\] 0\/3 stopping winnat/);
  simulator.knob('portsim_set_winnat', WINNAT.stopped);
  await command.shows(/\[=+-+\] 2\/3 starting winnat/);
  release();
  const { status, stdout, screen } = await command.untilExit();
  t.is(status, 0);
  t.regex(stdout, new RegExp(`^PROTOCOL .*\ntcp +${first} +[^\n]+\n$`));
  t.true(screen.endsWith(ERASED), JSON.stringify(screen));
  t.notRegex(screen, /\u001B\[\?/, 'no mode of the terminal is changed');
});

inTerminal('Ctrl+C while winnat is away reserves nothing, and ends when the service runs again', async (t) => {
  holdPort(LONG);
  const command = new TerminalProcess(t, simulator.folder, create);
  await command.shows(/stopping winnat/);
  command.type('\u0003');
  await command.shows(/starting winnat/);
  release();
  const { status, stdout, screen } = await command.untilExit();
  t.is(status, 1);
  t.is(stdout, '');
  t.true(screen.includes(`${ERASED}port-reservation: interrupted`), JSON.stringify(screen));
  t.is(simulator.knobValue('portsim_winnat_state'), WINNAT.running);
  t.is((await runCli(t, ['list', '--kind', 'persistent', '--json', ...simulator.args])).stdout, '[]\n');
});

inTerminal('create --input counts the blocks', async (t) => {
  holdPort(LONG);
  const file = join(simulator.folder, 'ports.json');
  const block = { protocol: 'tcp', numberOfPorts: 1, kind: 'persistent' };
  writeFileSync(file, JSON.stringify([first + 1, first, first + 2].map((startPort) => ({ ...block, startPort }))));
  const command = new TerminalProcess(t, simulator.folder, ['create', '--input', file, '--restart-winnat', ...simulator.args]);
  await command.shows(/\[=+-+\] 2\/3 stopping winnat/);
  release();
  const { status, stdout, screen } = await command.untilExit();
  t.is(status, 0);
  t.is(stdout.trimEnd().split('\n').length, 4);
  t.true(screen.endsWith(ERASED), JSON.stringify(screen));
});

offWindows('a second signal does not end create before what was made is taken back or told', async (t) => {
  const netsh = gateNetsh(simulator, 'twice', `*add*startport=${first + 1}*`);
  const command = new CliProcess(t, ['create', String(first), String(first + 1), String(first + 2), '--kind', 'exclusion', ...netsh.args]);
  const goOn = await netsh.waits();
  command.child.kill('SIGINT');
  await command.says(/finishing the block that was begun\n$/);
  command.child.kill('SIGINT');
  command.child.kill('SIGHUP');
  await goOn();
  const { status, stdout } = await command.untilExit();
  t.is(status, 1);
  t.regex(stdout, new RegExp(`\ntcp +${first} .*\n$`));
  t.is((await runCli(t, ['list', ...simulator.args])).stdout, stdout);
});

offWindows('a second Ctrl+C does not leave winnat stopped either', async (t) => {
  holdPort(LONG);
  const command = new CliProcess(t, create);
  await simulator.winNatStops();
  command.child.kill('SIGINT');
  await command.says(/waiting until the service winnat runs again\n$/);
  command.child.kill('SIGINT');
  command.child.kill('SIGTERM');
  release();
  const { status, stdout } = await command.untilExit();
  t.is(status, 1);
  t.is(stdout, '');
  t.is(simulator.knobValue('portsim_winnat_state'), WINNAT.running);
});

offWindows('a signal while what was done is still being read does not cut it off', async (t) => {
  const blocks = Array.from({ length: 500 }, (_, index) => ({ startPort: first + index }));
  const file = join(simulator.folder, 'many.json');
  writeFileSync(file, JSON.stringify(blocks));
  // A conflict has more to say than a pipe holds.
  simulator.knob('portsim_add_system_block', TCP, first + 1, blocks.length - 1, 0);
  const command = new CliProcess(t, ['apply', file, '--json', ...simulator.args]);
  const { child } = command;
  child.stdout.once('data', () => child.stdout.pause());
  await within(once(child.stdout, 'pause'), 'its first words');
  child.kill('SIGTERM');
  child.kill('SIGHUP');
  child.stdout.resume();
  const { status, stdout } = await command.untilExit();
  t.is(status, 4);
  const changes = JSON.parse(stdout) as { changed: boolean }[];
  t.deepEqual(changes.map(({ changed }) => changed), blocks.map((_, index) => index === 0));
});

offWindows('Ctrl+C between the exclusions of two protocols leaves neither', async (t) => {
  const netsh = gateNetsh(simulator, 'second', '*add*protocol=udp*');
  const command = new CliProcess(t, ['create', String(first), '--kind', 'exclusion', '--protocol', 'tcp,udp', ...netsh.args]);
  const release = await netsh.waits();
  command.child.kill('SIGINT');
  await release();
  const { status, stdout, stderr } = await command.untilExit();
  t.deepEqual([status, stdout], [1, '']);
  t.regex(stderr, /interrupted before the end/);
  t.is((await runCli(t, ['list', '--kind', 'exclusion', '--json', ...simulator.args])).stdout, '[]\n');
});

inTerminal('explain counts the ports', async (t) => {
  // Its lists are what explain asks netsh for first.
  const netsh = gateNetsh(simulator, 'gated');
  const command = new TerminalProcess(t, simulator.folder, ['explain', `${first}-${first + 9}`, '-p', 'tcp,udp', ...netsh.args]);
  await command.shows(/\[-+\] 0\/20 ports/);
  await (await netsh.waits())();
  const { status, stdout, screen } = await command.untilExit();
  t.is(status, 0);
  t.is(stdout.trimEnd().split('\n').length, 21);
  t.true(screen.endsWith(ERASED), JSON.stringify(screen));
});

inTerminal('slow work with --json has no bar', async (t) => {
  holdPort(SLOW);
  const { screen, stdout, status } = await new TerminalProcess(t, simulator.folder, [...create, '--json']).untilExit();
  t.is(status, 0);
  t.is(screen, `${NOTE}\r\n`);
  t.like(JSON.parse(stdout), { length: 1, 0: { startPort: first } });
});

test.serial('slow work has no bar where stderr is no terminal', async (t) => {
  holdPort(SLOW);
  const { status, stdout, stderr } = await runCli(t, create);
  t.is(status, 0);
  t.is(stderr, `${NOTE}\n`);
  t.regex(stdout, new RegExp(`^PROTOCOL .*\ntcp +${first} +[^\n]+\n$`));
});
