import test from 'ava';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { ReservationData } from '../../src/blocks.js';
import { breakNetsh } from '../helpers/broken-netsh.js';
import { runCli } from '../helpers/cli-process.js';
import { NOTE, openCli } from '../helpers/cli-simulator.js';
import { TCP, TCP_STATE, WINNAT } from '../helpers/knobs.js';
import { portsOf } from '../helpers/ports.js';

const { simulator, run, json, fails } = await openCli(test);

const base = portsOf(import.meta.url);

test.serial('a refused create names port, process and block, and what to do', async (t) => {
  simulator.knob('portsim_set_process', 5000, 'C:\\Windows\\System32\\svchost.exe');
  simulator.knob('portsim_add_service', 'iphlpsvc', 5000);
  simulator.knob('portsim_add_endpoint', TCP, '0.0.0.0', base + 1, TCP_STATE.listen, 5000);
  simulator.knob('portsim_add_system_block', TCP, base + 3, 5, 1);
  for (const kind of ['persistent', 'exclusion']) {
    const said = await fails(t, 4, 'create', `${base}-${base + 4}`, '--kind', kind);
    t.regex(said, new RegExp(`Port ${base + 1} is in use by svchost\\.exe \\(process 5000, service iphlpsvc\\)\\. `
      + `Ports ${base + 3}-${base + 4} are in the system block tcp ${base + 3}-${base + 7} of another program\\. .*port-reservation explain ${base + 1} says`));
  }
  const { stderr } = await run(t, 'create', String(base + 1), '--json');
  const { error } = JSON.parse(stderr.slice(NOTE.length)) as { error: { message: string; reason: string } };
  t.is(error.reason, 'PortInUse');
  t.regex(error.message, /svchost\.exe/);
});

test.serial('create inside the exclusion that Windows has is a success with a note under --if-not-exists, and says so without', async (t) => {
  simulator.knob('portsim_add_exclusion', TCP, 50_000, 60, 1);
  const command = ['create', '50051', '--kind', 'exclusion'];
  const { stdout, stderr, status } = await run(t, ...command, '--if-not-exists');
  t.is(status, 0);
  t.is(stderr, `${NOTE}port-reservation: tcp 50051 is already in the exclusion tcp 50000-50059\n`);
  t.regex(stdout, /\ntcp +50000 +50059 +60 +exclusion/);
  t.like(await json(t, ...command, '--if-not-exists'), [{ startPort: 50_000, endPort: 50_059, kind: 'exclusion' }]);
  t.regex(await fails(t, 4, ...command), /cannot exclude tcp 50051: Port 50051 is in the exclusion tcp 50000-50059\. The exclusion already does the job: --if-not-exists/);
  t.regex(await fails(t, 4, 'create', '50051'), /Port 50051 is in the exclusion tcp 50000-50059\. For a program that binds its port itself, the exclusion already does the job/);
  t.is((await json<ReservationData[]>(t, 'list')).length, 1);
});

test.serial('of several blocks, those inside an exclusion are told one by one, and the rest is made', async (t) => {
  simulator.knob('portsim_add_exclusion', TCP, base, 20, 1);
  const { stdout, stderr, status } = await run(t, 'create', String(base + 2), String(base + 5), String(base + 30), '--kind', 'exclusion', '--if-not-exists');
  t.is(status, 0);
  t.deepEqual(stderr.slice(NOTE.length).split('\n').slice(0, -1).map((line) => / tcp (\d+) is already in /.exec(line)?.[1]), [String(base + 2), String(base + 5)]);
  t.regex(stdout, new RegExp(`tcp +${base + 30} +${base + 30} +1 +exclusion`));
});

test.serial('what exists already is told, with the option that accepts it', async (t) => {
  await json(t, 'create', `${base}-${base + 3}`);
  t.regex(await fails(t, 4, 'create', `${base}-${base + 3}`), /It exists already: .*--if-not-exists/);
  t.notRegex(await fails(t, 4, 'create', `${base}-${base + 2}`), /if-not-exists/);
});

test.serial('a restart of winnat in vain names the holder, and says not to repeat it', async (t) => {
  simulator.knob('portsim_set_winnat', WINNAT.running);
  simulator.knob('portsim_add_system_block', TCP, base, 2, 0);
  const said = await fails(t, 4, 'create', String(base), '--restart-winnat');
  t.regex(said, /in vain: somebody else holds the block\. Do not repeat it/);
  t.notRegex(said, /--restart-winnat/);
});

(process.platform === 'win32' ? test.skip : test.serial)('blocks that are refused one after the other share the readings of netsh, each is told, and the rest is made', async (t) => {
  const log = join(simulator.folder, 'runs');
  const { args } = breakNetsh(simulator, 'counted', `#!/bin/sh\necho run >> '${log}'\nexec '${join(dirname(simulator.options.library), 'netsh')}' "$@"\n`);
  const runsOf = async (count: number) => {
    rmSync(log, { force: true });
    const blocks = Array.from({ length: count }, (_, index) => String(base + index * 2));
    simulator.knob('portsim_reset');
    for (const start of blocks) simulator.knob('portsim_add_system_block', TCP, Number(start), 1, 1);
    const { status, stdout, stderr } = await runCli(t, ['create', ...blocks, String(base + 200), '--json', ...args]);
    t.is(status, 4);
    t.deepEqual((JSON.parse(stdout) as ReservationData[]).map(({ startPort }) => startPort), [base + 200]);
    const told = stderr.slice(NOTE.length).trimEnd().split('\n').map((line) => (JSON.parse(line) as { error: { block: ReservationData } }).error.block.startPort);
    t.deepEqual(told.map(String), blocks);
    return existsSync(log) ? readFileSync(log, 'utf8').trimEnd().split('\n').length : 0;
  };
  const one = await runsOf(1);
  t.true(one > 0);
  t.is(await runsOf(20), one);
});

test.serial('who wants a reservation of a block of WinNAT is told how an ordinary program gets it, in the words of the command line', async (t) => {
  simulator.knob('portsim_add_system_block', TCP, base, 2, 1);
  const said = await fails(t, 4, 'create', `${base}-${base + 1}`);
  t.true(said.includes(`as an exclusion (port-reservation create ${base}-${base + 1} --kind exclusion --restart-winnat), for one that associates its sockets with --restart-winnat.`), said);
  // Followed literally, an ordinary bind works.
  await json(t, 'create', `${base}-${base + 1}`, '--kind', 'exclusion', '--restart-winnat');
  t.regex((await run(t, 'explain', String(base))).stdout, /can be bound, Exclusion/);
});
