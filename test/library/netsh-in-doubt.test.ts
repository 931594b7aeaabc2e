import test from 'ava';
import { existsSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { isPortReservationError, openPortReservations } from '../../src/index.js';
import type { PortReservations } from '../../src/index.js';
import { Code } from '../../src/win32/codes.js';
import { breakNetsh } from '../helpers/broken-netsh.js';
import { UDP } from '../helpers/knobs.js';
import { openLibrary } from '../helpers/library.js';
import { offWindows } from '../helpers/platform.js';
import { portsOf } from '../helpers/ports.js';

// What netsh has done although it did not say so.

const { simulator, reservations } = await openLibrary(test);
const base = portsOf(import.meta.url);
const block = { protocol: 'tcp', startPort: base, numberOfPorts: 5 } as const;
const asked = { kind: 'exclusion', protocols: ['tcp'], startPort: base, numberOfPorts: 5 } as const;
const netsh = join(dirname(simulator.options.library), 'netsh');

const addActive = `'${netsh}' interface ipv4 add excludedportrange protocol=tcp startport=${base} numberofports=5 store=active > /dev/null`;

/** A netsh that does something else after it has added or deleted an exclusion; with `list`, its next list cannot be read, or none after it. */
function afterChange(name: string, { change = '', list }: { change?: string; list?: 'once' | 'always' }): PortReservations {
  const changed = join(simulator.folder, `${name}-changed`);
  return openPortReservations({ simulator: breakNetsh(simulator, name, `#!/bin/sh
case "$*" in
*add*|*delete*) '${netsh}' "$@"
  ${list ? `[ -e '${changed}-once' ] || : > '${changed}'` : change};;
*ipv4*show*store*) exec '${netsh}' "$@";;
*ipv4*show*) if [ -e '${changed}' ]; then ${list === 'once' ? `mv '${changed}' '${changed}-once'; ` : ''}echo '?'; else exec '${netsh}' "$@"; fi;;
*) exec '${netsh}' "$@";;
esac
`).options });
}

/** A netsh that cannot be started any more when the three lists before a change have been read: two say so through a pipe, which the third waits for. */
function startsOnlyForLists(name: string, then = ':'): PortReservations {
  const read = join(simulator.folder, `${name}-read`);
  return openPortReservations({ simulator: breakNetsh(simulator, name, `#!/bin/sh
'${netsh}' "$@"
for one in 1 2; do
  if mkfifo '${read}'$one 2> /dev/null; then (: > '${read}'$one) > /dev/null 2>&1 & exit 0; fi
done
: < '${read}1'; : < '${read}2'
chmod -x "$0"; ${then}
`).options });
}

for (const [title, change] of [
  ['is killed', 'kill -9 $$'],
  ['says too much', 'head -c 17000000 /dev/zero'],
  ['says it on stderr', 'head -c 17000000 /dev/zero >&2'],
  ['ends with another code', 'exit 7'],
] as const) {
  offWindows(`a netsh that ${title} after it has made the change has made it: the list tells`, async (t) => {
    using cutOff = afterChange(title.replaceAll(' ', '-'), { change });
    const [made] = await cutOff.create(asked);
    t.like(made, { ...block, kind: 'exclusion', store: 'persistent' });
    t.deepEqual(await reservations.list(), [made]);
    t.deepEqual(await cutOff.remove('exclusion', block), made);
    t.deepEqual(await reservations.list({ store: 'persistent' }), []);
  });
}

offWindows('a netsh that is killed before it has made the change is the error', async (t) => {
  using killed = openPortReservations({ simulator: breakNetsh(simulator, 'killed', `#!/bin/sh\ncase "$*" in *add*|*delete*) kill -9 $$;; esac\nexec '${netsh}' "$@"\n`).options });
  t.like(await t.throwsAsync(killed.create(asked)), { code: 'ECANCELED' });
  const made = await reservations.create(asked);
  t.like(await t.throwsAsync(killed.remove('exclusion', block)), { code: 'ECANCELED' });
  t.deepEqual(await reservations.list(), made);
});

offWindows('an exclusion whose list cannot be read is taken back, and where that cannot be known, the error names it', async (t) => {
  using once = afterChange('once', { list: 'once' });
  t.like(await t.throwsAsync(once.create(asked)), { code: 'EPROTO' });
  t.deepEqual(await reservations.list({ store: 'persistent' }), []);
  using always = afterChange('always', { list: 'always' });
  const error = await t.throwsAsync(always.create({ ...asked, ifNotExists: true }));
  t.true(isPortReservationError(error));
  t.like(error, { code: 'EPROTO', block });
  t.regex(error?.message ?? '', new RegExp(`; and tcp ${base}-${base + 4} may have been excluded all the same$`));
});

offWindows('an exclusion that may have been made, and is found afterwards, was made: it is taken back with the other protocol', async (t) => {
  simulator.knob('portsim_add_system_block', UDP, base, 1, 0);
  const [first, second] = ['first', 'second'].map((name) => join(simulator.folder, `${name}-unread`));
  // Neither what was made can be read, nor what is to be taken back.
  using deaf = openPortReservations({ simulator: breakNetsh(simulator, 'found-later', `#!/bin/sh
case "$*" in
*add*tcp*) : > '${first}'; : > '${second}';;
*ipv4*show*tcp*store*) ;;
*ipv4*show*tcp*) if rm '${first}' 2> /dev/null || rm '${second}' 2> /dev/null; then echo '?'; exit; fi;;
esac
exec '${netsh}' "$@"\n`).options });
  t.like(await t.throwsAsync(deaf.create({ ...asked, protocols: ['tcp', 'udp'], ifNotExists: true })), { reason: 'PortInUse', block: { protocol: 'udp' } });
  t.deepEqual(await reservations.list({ kinds: ['exclusion'] }), []);
});

offWindows('an exclusion that may be removed is named in the error, and what it was to be replaced by comes with it or not at all', async (t) => {
  await reservations.create(asked);
  using always = afterChange('gone', { list: 'always' });
  const error = await t.throwsAsync(always.remove('exclusion', block));
  t.regex(error?.message ?? '', new RegExp(`; and tcp ${base}-${base + 4} may have been removed all the same$`));

  const before = await reservations.create(asked);
  using once = afterChange('replaced', { list: 'once' });
  const [change] = await once.apply(await once.plan([{ ...block, kind: 'exclusion', numberOfPorts: 8 }]));
  t.like(change, { change: 'replace', changed: false });
  t.deepEqual(await reservations.list(), before, 'it was removed, and is there again');

  using lost = afterChange('lost', { list: 'always' });
  const [failed] = await lost.apply(await lost.plan([{ ...block, kind: 'exclusion', numberOfPorts: 8 }]));
  t.like(failed, { change: 'replace', changed: true, reservation: null });
  t.regex(failed?.reason ?? '', /could not be made again/);
});

offWindows('an exclusion whose removal was refused before anything was changed is not said to be lost', async (t) => {
  const old = await reservations.create(asked);
  const [read, log] = ['third', 'third-read'].map((name) => join(simulator.folder, name));
  // The plan, whether another process was first, and what is to be removed.
  using deaf = openPortReservations({ simulator: breakNetsh(simulator, 'third-netsh', `#!/bin/sh
case "$*" in *ipv4*show*excluded*store*) ;; *ipv4*show*excluded*) echo >> '${log}'; if [ $(wc -l < '${log}') -ge 3 ]; then : > '${read}'; echo '?'; exit; fi;; esac
exec '${netsh}' "$@"\n`).options });
  const [change] = await deaf.apply(await deaf.plan([{ ...block, kind: 'exclusion', numberOfPorts: 8 }]));
  t.true(existsSync(read ?? ''));
  t.like(change, { change: 'replace', changed: false, error: { code: 'EPROTO' } });
  t.notRegex(change?.reason ?? '', /again|all the same/);
  t.deepEqual(await reservations.list(), old);
});

offWindows('an exclusion that was replaced and cannot come back, because another process has one around it, is told', async (t) => {
  await reservations.create({ ...asked, startPort: base + 3, numberOfPorts: 1 });
  using passed = openPortReservations({ simulator: breakNetsh(simulator, 'around', `#!/bin/sh\ncase "$*" in *add*numberofports=8*) ${addActive.replace('store=active', 'store=persistent')};; esac\nexec '${netsh}' "$@"\n`).options });
  const [change] = await passed.apply(await passed.plan([{ ...block, kind: 'exclusion', numberOfPorts: 8 }]));
  t.like(change, { change: 'replace', changed: true, reservation: null });
  t.regex(change?.reason ?? '', new RegExp(`tcp ${base + 3} could not be made again: it overlaps the block ${base}-${base + 4}$`));
  t.like(await reservations.list(), { length: 1, 0: { ...block, store: 'persistent' } });
});

offWindows('of two processes that remove the same exclusion, one is told that it is not there; of two that want overlapping ones, one that a port is in use', async (t) => {
  const first = openPortReservations({ simulator: breakNetsh(simulator, 'first', `#!/bin/sh\ncase "$*" in *delete*) '${netsh}' "$@" > /dev/null;; esac\nexec '${netsh}' "$@"\n`).options });
  await reservations.create(asked);
  t.like(await t.throwsAsync(first.remove('exclusion', block)), { reason: 'ReservationNotFound' });
  t.deepEqual(await reservations.list({ store: 'persistent' }), []);
  await reservations.create({ ...asked, store: 'active' });
  t.like(await t.throwsAsync(first.remove('exclusion', block, { store: 'active' })), { reason: 'ReservationNotFound' });

  const other = ['protocol=tcp', `startport=${base + 4}`, 'numberofports=1'].join(' ');
  const passing = openPortReservations({ simulator: breakNetsh(simulator, 'passing', `#!/bin/sh\ncase "$*" in *add*)
  '${netsh}' interface ipv4 add excludedportrange ${other} > /dev/null; '${netsh}' "$@"; '${netsh}' interface ipv4 delete excludedportrange ${other} > /dev/null;;
*) exec '${netsh}' "$@";;
esac\n`).options });
  t.like(await t.throwsAsync(passing.create(asked)), { reason: 'PortInUse', code: 'EBUSY' });
  t.deepEqual(await reservations.list(), []);
});

offWindows('an exclusion that another process makes in the meantime, in the other store, stays: where netsh refuses, and where it cannot be started', async (t) => {
  using refused = openPortReservations({ simulator: breakNetsh(simulator, 'others', `#!/bin/sh\ncase "$*" in *add*) ${addActive}; echo 'No.'; exit 1;; esac\nexec '${netsh}' "$@"\n`).options });
  t.regex((await t.throwsAsync(refused.create(asked)))?.message ?? '', /netsh says: "No"; and tcp .* may have been excluded all the same$/);
  t.like(await reservations.list(), { length: 1, 0: { ...block, store: 'active' } });
  await reservations.remove('exclusion', block);

  using unstarted = startsOnlyForLists('unstarted', addActive);
  const error = await t.throwsAsync(unstarted.create(asked));
  t.like(error, { code: 'EACCES' });
  t.notRegex(error?.message ?? '', /all the same/);
  t.like(await reservations.list(), { length: 1, 0: { ...block, store: 'active' } });
});

offWindows('an exclusion stays, and is not said to be gone, where netsh cannot be started to remove it', async (t) => {
  const made = await reservations.create(asked);
  using unstarted = startsOnlyForLists('unstarted-delete');
  const error = await t.throwsAsync(unstarted.remove('exclusion', block));
  t.like(error, { code: 'EACCES' });
  t.notRegex(error?.message ?? '', /all the same/);
  t.deepEqual(await reservations.list(), made);
});

offWindows('an exclusion of which only the part that survives a restart was removed is told so', async (t) => {
  await reservations.create(asked);
  using half = openPortReservations({ simulator: breakNetsh(simulator, 'half', `#!/bin/sh\ncase "$*" in
*delete*active*) echo 'No.'; exit 1;;
*delete*) '${netsh}' "$@" > /dev/null; ${addActive}; exit 0;;
esac\nexec '${netsh}' "$@"\n`).options });
  t.regex((await t.throwsAsync(half.remove('exclusion', block)))?.message ?? '', /is now excluded only until the next restart$/);
  t.like(await reservations.list(), { length: 1, 0: { store: 'active' } });
});

offWindows('a plan whose block cannot be compared any more fails with that block alone: what stands before it is told, and the rest is done', async (t) => {
  const old = await reservations.create(asked);
  const deaf = join(simulator.folder, 'deaf');
  using broken = openPortReservations({ simulator: breakNetsh(simulator, 'compared', `#!/bin/sh\nif [ -e '${deaf}' ]; then echo '?'; else exec '${netsh}' "$@"; fi\n`).options });
  const plan = await broken.plan([{ ...block, startPort: base + 20, kind: 'persistent' }, { ...block, kind: 'exclusion', numberOfPorts: 8 }, { ...block, startPort: base + 30, kind: 'persistent' }]);
  writeFileSync(deaf, '');
  const done = await broken.apply(plan);
  t.deepEqual(done.map(({ change, changed, error }) => [change, changed, error?.code]), [['create', true, undefined], ['replace', false, 'EPROTO'], ['create', true, undefined]]);
  t.deepEqual(await reservations.list({ kinds: ['exclusion'] }), old);
});

offWindows('a dynamic range that was set, and set back, by a netsh that was killed afterwards is as the table shows', async (t) => {
  const range = { protocols: ['tcp'], startPort: 30_000, numberOfPorts: 1_000 } as const;
  const before = await reservations.getDynamicPortRanges(['tcp']);
  const set = `*set*) '${netsh}' "$@"; kill -9 $$;;`;
  using refused = openPortReservations({ simulator: breakNetsh(simulator, 'set-back', `#!/bin/sh\ncase "$*" in *ipv6*set*) kill -9 $$;; ${set} *) exec '${netsh}' "$@";; esac\n`).options });
  const error = await t.throwsAsync(refused.setDynamicPortRange(range));
  t.like(error, { code: 'ECANCELED' });
  t.notRegex(error?.message ?? '', /set back/);
  t.deepEqual(await reservations.getDynamicPortRanges(['tcp']), before);
  using killed = openPortReservations({ simulator: breakNetsh(simulator, 'set', `#!/bin/sh\ncase "$*" in ${set} *) exec '${netsh}' "$@";; esac\n`).options });
  t.true((await killed.setDynamicPortRange(range)).every(({ startPort, endPort }) => startPort === 30_000 && endPort === 30_999));
});

offWindows('a list that is too long is an error, not the refusal of a Windows that has none', async (t) => {
  using long = openPortReservations({ simulator: breakNetsh(simulator, 'long', `#!/bin/sh\ncase "$*" in *store=persistent*|*ipv6*) head -c 17000000 /dev/zero;; esac\nexec '${netsh}' "$@"\n`).options });
  t.like(await t.throwsAsync(long.list()), { code: 'ENOBUFS', syscall: 'netsh' });
});

for (const [title, when, then] of [
  ['while it is set', '*ipv4*set*num=1000*', 'num=1000'],
  ['while that of the other family is set', '*ipv6*set*', 'num=1000'],
  ['before that of the other family is refused', '*ipv6*set*', ''],
] as const) {
  offWindows(`a dynamic range that another process sets stays as that has set it, and is told: ${title}`, async (t) => {
    const [before, beforeIPv6] = await reservations.getDynamicPortRanges(['tcp']);
    t.teardown(() => reservations.setDynamicPortRange({ protocols: ['tcp'], startPort: before?.startPort ?? 0, numberOfPorts: before?.numberOfPorts ?? 0 }));
    using passed = openPortReservations({ simulator: breakNetsh(simulator, title.replaceAll(' ', '-'), `#!/bin/sh
case "$*" in ${when}) ${then ? `'${netsh}' "$@"` : 'echo No.'}; '${netsh}' interface ipv4 set dynamicport tcp start=40000 num=2000; exit;; esac
exec '${netsh}' "$@"\n`).options });
    const error = await t.throwsAsync(passed.setDynamicPortRange({ protocols: ['tcp'], startPort: 30_000, numberOfPorts: 1_000 }));
    t.regex(error?.message ?? '', then ? /tcp and IPv4 to 30000-30999: another process has set it to 40000-41999 meanwhile/ : /IPv6 to 30000-30999: netsh says: "No/);
    const [now, nowIPv6] = await reservations.getDynamicPortRanges(['tcp']);
    t.like(now, { startPort: 40_000, numberOfPorts: 2_000 });
    t.deepEqual(nowIPv6, beforeIPv6);
  });
}

offWindows('a reservation that another process removes while the list is read is no conflict of a plan', async (t) => {
  const [list, stale] = ['list', 'stale'].map((name) => join(simulator.folder, name));
  using late = openPortReservations({ simulator: breakNetsh(simulator, 'late', `#!/bin/sh
case "$*" in *ipv4*show*excluded*store*) ;; *ipv4*show*excluded*tcp*) if [ -e '${stale}' ]; then rm '${stale}'; cat '${list}'; else '${netsh}' "$@" | tee '${list}'; fi; exit;; esac
exec '${netsh}' "$@"\n`).options });
  await reservations.create({ ...asked, kind: 'persistent' });
  t.like(await late.list(), { length: 1 });
  await reservations.remove('persistent', block);
  writeFileSync(stale ?? '', '');
  const { changes } = await late.plan([{ ...block, startPort: base + 2, kind: 'persistent' }]);
  t.false(existsSync(stale ?? ''), 'the list was old once');
  t.like(changes, { length: 1, 0: { change: 'create', error: null } });
});

offWindows('a refusal of netsh is told in its words where no port can be tried: that is not a port in use', async (t) => {
  using refusing = openPortReservations({ simulator: breakNetsh(simulator, 'refuses', `#!/bin/sh\ncase "$*" in *add*) echo 'Not today.'; exit 1;; esac\nexec '${netsh}' "$@"\n`).options });
  for (const name of ['bind', 'WSASocketW']) {
    simulator.knob('portsim_fail_next', name, Code.WSAENOBUFS);
    t.like(await t.throwsAsync(refusing.create({ kind: 'exclusion', protocols: ['tcp'], startPort: base, numberOfPorts: 1 })),
      { reason: 'NativeError', code: 'EIO', syscall: 'netsh', message: `EIO: cannot exclude tcp ${base}: netsh says: "Not today"` }, name);
  }
});
