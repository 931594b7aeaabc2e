import test from 'ava';
import { spawnSync } from 'node:child_process';
import { openPortReservations } from '../../src/index.js';
import type { NotRead } from '../../src/index.js';
import type { SimulatorOptions } from '../../src/native.js';
import { breakNetsh } from '../helpers/broken-netsh.js';
import { TCP } from '../helpers/knobs.js';
import { openLibrary } from '../helpers/library.js';
import { offWindows } from '../helpers/platform.js';
import { portsOf } from '../helpers/ports.js';

const { simulator } = await openLibrary(test);
const base = portsOf(import.meta.url);
const block = { startPort: base, numberOfPorts: 2 } as const;

/** The text that no system can run as a program. */
const GARBAGE = '\u0000 this is no program';
const missing = breakNetsh(simulator, 'missing').options;

interface Case {
  readonly title: string;
  readonly options: SimulatorOptions;
  readonly reason: NotRead['reason'];
  readonly code: RegExp;
  readonly message: RegExp;
  readonly test: typeof offWindows;
}

const cases: Case[] = [
  { title: 'missing', options: missing, reason: 'NotSupported', code: /^ENOENT$/, message: /netsh(\.exe)? does not exist/, test: test.serial },
  {
    title: 'not a program', options: breakNetsh(simulator, 'garbage', GARBAGE).options, reason: 'NativeError',
    // A system may take it for a script.
    code: /^(?!EIO|ENOENT)/, message: /could not be started|ended without a word/, test: test.serial,
  },
  {
    title: 'forbidden', options: breakNetsh(simulator, 'forbidden', '#!/bin/sh\n', 0o644).options, reason: 'NativeError',
    code: /^EACCES$/, message: /could not be started/, test: offWindows,
  },
  {
    title: 'ended at once', options: breakNetsh(simulator, 'silent', '#!/bin/sh\nexit 5\n').options, reason: 'NativeError',
    code: /^ENOEXEC$/, message: /ended without a word: exit code 5$/, test: offWindows,
  },
  {
    title: 'refusing', options: breakNetsh(simulator, 'refusing', '#!/bin/sh\necho "No."\nexit 1\n').options, reason: 'NativeError',
    code: /^EIO$/, message: /failed: "No"/, test: offWindows,
  },
  {
    title: 'silent until it is ended', options: { ...breakNetsh(simulator, 'hanging', '#!/bin/sh\nexec sleep 1000\n').options, netshTimeout: 300 },
    reason: 'OperationTimeout', code: /^ETIMEDOUT$/, message: /was ended: no answer within 0\.3 seconds/, test: offWindows,
  },
  {
    // What it has printed would pass for a whole table.
    title: 'slow, with half a table, and deaf to signals', reason: 'OperationTimeout', code: /^ETIMEDOUT$/, message: /no answer within/, test: offWindows,
    options: {
      ...breakNetsh(simulator, 'half', '#!/bin/sh\ntrap "exit 0" TERM\necho "----------    --------"\nwhile :; do sleep 1; done\n').options,
      netshTimeout: 300,
    },
  },
];

for (const { title, options, reason, code, message, test: declare } of cases) {
  declare(`netsh ${title}: the other sources answer, and what could not be read is named`, async (t) => {
    using reservations = openPortReservations({ simulator: options });
    simulator.knob('portsim_add_hidden_holder', TCP, base + 10, 2);
    const check = (notRead: readonly NotRead[], lists: string[]) => {
      t.deepEqual(notRead.map(({ list, protocol }) => `${list} ${protocol}`).sort(), lists);
      for (const failure of notRead) {
        t.is(failure.reason, reason);
        t.regex(failure.code, code);
        t.regex(failure.message, message);
      }
    };

    const notRead: NotRead[] = [];
    const onNotRead = (failure: NotRead) => notRead.push(failure);
    const listed = await reservations.list({ protocols: ['tcp'], onNotRead });
    t.deepEqual(listed.map(({ kind, startPort }) => [kind, startPort]), [['system', base + 10]]);
    check(notRead.splice(0), ['excludedPortRanges tcp']);

    const explanations = [];
    for await (const explanation of reservations.explainEach('tcp', [base + 10, base + 5])) explanations.push(explanation);
    t.deepEqual(explanations.map((found) => [found.reason, found.canBind, found.inDynamicRange, found.disagreement]),
      [['HiddenHolder', false, null, null], ['Free', true, null, null]]);
    check(explanations[0]?.notRead ?? [], ['dynamicPortRange tcp', 'excludedPortRanges tcp']);

    t.is(await reservations.findFree({ protocols: ['tcp'], numberOfPorts: 5, from: base + 10, onNotRead }), base + 12);
    check(notRead.splice(0), ['dynamicPortRange tcp', 'excludedPortRanges tcp']);

    const [map] = JSON.parse(await reservations.renderMap({ protocols: ['tcp'], format: 'json', onNotRead })) as
      { spans: { category: string; startPort: number }[]; notRead: NotRead[] }[];
    t.deepEqual(map?.spans.filter(({ category }) => !['listener', 'connection'].includes(category)).map(({ startPort }) => startPort), [base + 10]);
    check(map?.notRead ?? [], ['dynamicPortRange tcp', 'excludedPortRanges tcp']);

    // Whoever has no place for it gets the error, and never a list that lacks something.
    t.like(await t.throwsAsync(reservations.list()), { name: 'PortReservationError', reason, syscall: 'netsh' });
    t.like(await t.throwsAsync(reservations.findFree({ protocols: ['tcp'], numberOfPorts: 5 })), { reason, syscall: 'netsh' });
    t.like(await t.throwsAsync(reservations.renderMap({ format: 'text' })), { reason, syscall: 'netsh' });
  });
}

test.serial('without netsh, an exclusion is a clear error, and what does not need netsh works', async (t) => {
  using reservations = openPortReservations({ simulator: missing });
  const error = await t.throwsAsync(reservations.create({ kind: 'exclusion', protocols: ['tcp'], ...block }));
  t.like(error, { reason: 'NotSupported', code: 'ENOENT', syscall: 'netsh' });
  t.regex(error?.message ?? '', /netsh(\.exe)? does not exist/);
  t.like(await t.throwsAsync(reservations.remove('exclusion', { protocol: 'tcp', ...block })), { reason: 'NotSupported', syscall: 'netsh' });
  const [made] = await reservations.create({ kind: 'persistent', protocols: ['tcp'], ...block });
  t.is(made?.startPort, base);
  t.like(await reservations.remove('persistent', { protocol: 'tcp', ...block }), { kind: 'persistent' });
});

test.serial('without netsh, a refused bind has no claim about the lists that could not be read', async (t) => {
  simulator.knob('portsim_add_system_block', TCP, base, 2, 0);
  using reservations = openPortReservations({ simulator: missing });
  const found = await reservations.explain('tcp', base);
  t.like(found, { reason: 'HiddenHolder', canBind: false, bindError: 'WSAEACCES', block: null, disagreement: null });
  t.regex(found.advice, /could not be read/);
});

test.serial('what could be read leaves notRead empty', async (t) => {
  using reservations = openPortReservations({ simulator: simulator.options });
  t.deepEqual((await reservations.explain('tcp', base)).notRead, []);
  await reservations.list({ onNotRead: (failure) => t.fail(failure.message) });
});

offWindows('a netsh that cannot be started because too many files are open is not said to be blocked', (t) => {
  const library = new URL('../../dist/index.js', import.meta.url).href;
  const full = `import { openSync } from 'node:fs'; import { openPortReservations } from ${JSON.stringify(library)};
    const reservations = openPortReservations({ simulator: ${JSON.stringify(simulator.options)} });
    try { for (;;) openSync('/dev/null'); } catch (error) { if (error.code !== 'EMFILE') throw error; }
    const error = await reservations.list().catch((error) => error);
    process.stdout.write(JSON.stringify(error.toData()));`;
  const { stdout, stderr } = spawnSync('/bin/sh', ['-c', 'ulimit -n 100; exec "$@"', 'sh', process.execPath, '--input-type=module', '-e', full], { encoding: 'utf8' });
  t.is(stderr, '');
  const error = JSON.parse(stdout) as { code: string; message: string; advice: string };
  t.is(error.code, 'EMFILE');
  t.regex(error.message, /could not be started/);
  t.regex(error.advice, /too many files open/);
});
