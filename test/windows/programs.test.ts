import test from 'ava';
import type { ExecutionContext } from 'ava';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { cases } from '../contract/cases.js';
import { create } from '../contract/steps.js';
import { findClr } from '../helpers/clr.js';
import { clrTest } from '../helpers/clr-test.js';
import { within } from '../helpers/deadline.js';
import { openLibrary } from '../helpers/library.js';
import { offWindows } from '../helpers/platform.js';
import { portsOf } from '../helpers/ports.js';
import { watchBlocks } from './given-back.js';
import { observations as questions } from './observations.js';

// The two programs for a real Windows, on the simulator: their code is proved here, their answers only there.
const { simulator, reservations } = await openLibrary(test);

const DEADLINE = 100_000;
const base = portsOf(import.meta.url);
const from = ['--from', String(base)];

function start(t: ExecutionContext, program: string, args: readonly string[]) {
  const path = fileURLToPath(new URL(program, import.meta.url));
  const child = spawn(process.execPath, [`--import=${new URL('../register.mjs', import.meta.url).href}`, path, ...args],
    { stdio: ['ignore', 'pipe', 'pipe'] });
  const exited = once(child, 'close') as Promise<[number | null]>;
  t.teardown(async () => {
    child.kill('SIGKILL');
    await exited;
  });
  return { child, exited };
}

async function run(t: ExecutionContext, program: string, args: readonly string[]) {
  const { child, exited } = start(t, program, args);
  const [stdout, stderr, [code]] = await within(Promise.all([text(child.stdout), text(child.stderr), exited]), `the end of ${program}`, DEADLINE);
  return { stdout, stderr, code };
}

test.serial('the contract plays every case that needs no knob, gives everything back and says SIMULATOR', async (t) => {
  const { stdout, stderr, code } = await run(t, 'contract.ts', [...simulator.args, ...from]);
  const skipped = cases.filter(({ simulatorOnly }) => simulatorOnly).length;
  t.is(stdout.trimEnd().split(/\r?\n/).at(-1), `${cases.length - skipped} passed, 0 failed, ${skipped} skipped`, stdout);
  t.regex(stdout, new RegExp(`^On SIMULATOR, .*: ${cases.length} contract cases$`, 'm'));
  t.regex(stderr, /SIMULATOR: nothing here was seen on Windows/);
  t.is(code, 0);
  t.deepEqual(await reservations.list(), []);
});

const clr = findClr('Oracle');
clrTest(clr)('with --oracle the CLR plays the contract as well, alone and mixed, and agrees with koffi in random rounds', async (t) => {
  const LIMIT = 300_000;
  t.timeout(LIMIT);
  const { child, exited } = start(t, 'contract.ts', [...simulator.args, ...from, '--oracle']);
  const [stdout, stderr, [code]] = await within(Promise.all([text(child.stdout), text(child.stderr), exited]), 'the end of contract.ts', LIMIT);
  const played = cases.filter(({ simulatorOnly }) => !simulatorOnly).length;
  for (const by of ['by the CLR', 'mixed']) {
    t.is(stdout.split('\n').filter((line) => line.startsWith('passed') && line.includes(`  ${by}: `)).length, played, `${by}: ${stdout}${stderr}`);
  }
  t.regex(stdout, /^passed +CLR +\d+ random rounds/m);
  t.regex(stdout, / passed, 0 failed, /);
  t.is(code, 0);
  t.deepEqual(await reservations.list(), []);
});

test.serial('a case that differs is no failure where the rule is our choice, and one where it is not', async (t) => {
  // The first bind of all belongs to a case that is no choice.
  simulator.knob('portsim_fail_next', 'bind', 10050);
  const { stdout, code } = await run(t, 'contract.ts', [...simulator.args, ...from]);
  t.regex(stdout, /^failed {2,}\S/m);
  t.regex(stdout, /WSAENETDOWN/);
  t.regex(stdout, / passed, 1 failed, /);
  t.is(code, 1);
  t.deepEqual(await reservations.list(), []);
});

test.serial('every question has an answer, as a table and as JSON', async (t) => {
  const table = await run(t, 'observe.ts', [...simulator.args, ...from]);
  t.regex(table.stdout, new RegExp(`On SIMULATOR, .*: ${questions.length} answered, 0 not`));
  t.is(table.code, 0);
  const { stdout, stderr, code } = await run(t, 'observe.ts', [...simulator.args, ...from, '--json']);
  t.is(code, 0);
  t.regex(stderr, /SIMULATOR/);
  const { backend, observations } = JSON.parse(stdout) as { backend: string; observations: { id: string; answer: object | null; failure: string | null }[] };
  t.is(backend, 'simulator');
  t.deepEqual(observations.map(({ id }) => id), questions.map(({ id }) => id));
  t.is(new Set(questions.map(({ id }) => id)).size, questions.length);
  t.true(observations.every(({ answer, failure }) => answer !== null && failure === null));
  t.deepEqual(observations.find(({ id }) => id === 'exhausted-runtime-tcp')?.answer,
    { first: 'success', second: 'WSAEADDRINUSE', explicit: 'WSAEADDRINUSE' });
  t.deepEqual(await reservations.list(), []);
});

test.serial('a question that cannot be answered is told, and the others are answered', async (t) => {
  simulator.knob('portsim_fail_next', 'WSASocketW', 10055);
  const { stdout, code } = await run(t, 'observe.ts', [...simulator.args, ...from]);
  t.regex(stdout, /NO ANSWER: .*WSAENOBUFS/);
  t.regex(stdout, new RegExp(`: ${questions.length - 1} answered, 1 not`));
  t.is(code, 1);
});

for (const program of ['contract.ts', 'observe.ts']) {
  test.serial(`${program} refuses to run without elevation`, async (t) => {
    simulator.knob('portsim_set_elevated', 0);
    const { stdout, stderr, code } = await run(t, program, simulator.args);
    t.is(stdout, '');
    t.regex(stderr, /elevated console/);
    t.is(code, 3);
  });
}

test.serial('blocks that a failed case leaves are taken back, those that were there before are not', (t) => {
  const before = { protocol: 'tcp', startPort: base, numberOfPorts: 2 } as const;
  const { token } = reservations.createPersistent(before);
  const giveBack = watchBlocks(reservations.native, [
    create('tcp', 0, 2), { do: 'elsewhere', steps: [create('udp', 5, 3)] }, create('tcp', 0, 1, { port: 0 }), create('tcp', 0, 0),
  ], base);
  reservations.createPersistent({ protocol: 'udp', startPort: base + 5, numberOfPorts: 3 });
  t.deepEqual(giveBack(), []);
  t.is(reservations.lookupPersistent(before).token, token);
  t.throws(() => reservations.lookupPersistent({ protocol: 'udp', startPort: base + 5, numberOfPorts: 3 }), { message: /ERROR_NOT_FOUND/ });
  reservations.createPersistent({ protocol: 'udp', startPort: base + 5, numberOfPorts: 3 });
  simulator.knob('portsim_fail_next', 'DeletePersistentUdpPortReservation', 5);
  t.deepEqual(giveBack(), [`udp ${base + 5}-${base + 7}`]);
});

offWindows('off Windows and without a simulator it says what it needs', async (t) => {
  const { stderr, code } = await run(t, 'contract.ts', []);
  t.regex(stderr, /needs Windows/);
  t.is(code, 3);
});

offWindows('Ctrl+C gives everything back', async (t) => {
  const { child, exited } = start(t, 'contract.ts', [...simulator.args, ...from]);
  await within(once(child.stdout, 'data'), 'the first row', DEADLINE);
  child.kill('SIGINT');
  t.deepEqual((await within(exited, 'its end', DEADLINE))[0], 130);
  t.deepEqual(await reservations.list(), []);
});
