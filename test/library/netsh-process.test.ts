import test from 'ava';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { isPortReservationError, openPortReservations } from '../../src/index.js';
import type { NotRead } from '../../src/index.js';
import { breakNetsh } from '../helpers/broken-netsh.js';
import { TCP } from '../helpers/knobs.js';
import { openLibrary } from '../helpers/library.js';
import { offWindows } from '../helpers/platform.js';
import { portsOf } from '../helpers/ports.js';

const { simulator, reservations } = await openLibrary(test);
const base = portsOf(import.meta.url);
const netsh = join(dirname(simulator.options.library), 'netsh');

/** Bytes as printf of sh takes them. */
const octal = (bytes: Uint8Array) => Array.from(bytes, (byte) => `\\${byte.toString(8).padStart(3, '0')}`).join('');

for (const [name, said, shown] of [
  ['de', 'Der angeforderte Vorgang erfordert erh\u00F6hte Rechte.', 'Der angeforderte Vorgang erfordert erh\u00F6hte Rechte.'],
  ['ru', '\u0422\u0440\u0435\u0431\u0443\u0435\u0442\u0441\u044F \u043F\u043E\u0432\u044B\u0448\u0435\u043D\u0438\u0435', '\u0422\u0440\u0435\u0431\u0443\u0435\u0442\u0441\u044F \u043F\u043E\u0432\u044B\u0448\u0435\u043D\u0438\u0435'],
  ['zh', '\u8BF7\u6C42\u7684\u64CD\u4F5C\u9700\u8981\u63D0\u5347\u3002', '\u8BF7\u6C42\u7684\u64CD\u4F5C\u9700\u8981\u63D0\u5347\u3002'],
  ['evil', 'No\u009B2J \u202Eoops \u001B[0m', 'No\uFFFD2J \uFFFDoops \uFFFD[0m'],
  ['bytes', Buffer.from([0x4E, 0x6F, 0x9B, 0xC0, 0xFF, 0xE4, 0x41]), 'No\uFFFD\uFFFD\uFFFD\uFFFDA'],
  ['pairs', 'No \u{1F600}!', 'No \u{1F600}!'],
] as const) {
  offWindows(`netsh's words are decoded: ${name}`, async (t) => {
    const { options } = breakNetsh(simulator, `words-${name}`, `#!/bin/sh\nprintf '${octal(Buffer.from(said as string))}'\nexit 1\n`);
    using reservations = openPortReservations({ simulator: options });
    const error = await t.throwsAsync(reservations.list());
    t.true(isPortReservationError(error));
    t.true(error?.message.endsWith(`failed: "${shown?.replace(/\.$/, '')}"`), error?.message);
  });
}

/** The simulator's netsh, which writes its beginning and its end into a log. */
function logged(name: string) {
  const log = join(simulator.folder, `${name}.log`);
  const { options } = breakNetsh(simulator, name, `#!/bin/sh\necho "+ $*" >> '${log}'\n'${netsh}' "$@"\nstatus=$?\necho - >> '${log}'\nexit $status\n`);
  return { options, lines: () => readFileSync(log, 'utf8').trimEnd().split('\n') };
}

offWindows('those who ask at the same time share a reading, and only a few run at a time', async (t) => {
  simulator.knob('portsim_add_system_block', TCP, base, 5, 0);
  const { options, lines } = logged('shared');
  using reservations = openPortReservations({ simulator: options });
  const lists = await Promise.all(Array.from({ length: 500 }, () => reservations.list({ protocols: ['tcp'] })));
  for (const list of lists) t.deepEqual(list.map(({ startPort }) => startPort), [base]);
  const started = lines().filter((line) => line.startsWith('+'));
  t.deepEqual([...new Set(started)].length, 3, 'each list of netsh');
  t.true(started.length <= 6, `${started.length} of netsh for 500 lists`);
  await Promise.all([reservations.list(), reservations.list({ store: 'persistent' }), reservations.renderMap({ format: 'json' }),
    reservations.findFree({ protocols: ['udp'], numberOfPorts: 1 }), reservations.explain('tcp', base)]);
  let running = 0;
  let most = 0;
  for (const line of lines()) {
    running += line === '-' ? -1 : 1;
    most = Math.max(most, running);
  }
  t.is(running, 0);
  t.true(most >= 1 && most <= 8, String(most));
});

offWindows('a reading that began before a change is not taken for one after it', async (t) => {
  const { options } = logged('fresh');
  using reservations = openPortReservations({ simulator: options });
  for (let round = 0; round < 3; round += 1) {
    const others = Array.from({ length: 20 }, () => reservations.list({ protocols: ['tcp'] }));
    const [made] = await reservations.create({ kind: 'exclusion', protocols: ['tcp'], startPort: base + 20 + round, numberOfPorts: 1 });
    t.is(made?.startPort, base + 20 + round);
    t.is((await reservations.list({ protocols: ['tcp'] })).length, round + 1);
    await Promise.all(others);
  }
});

offWindows('a failure of a shared reading is the failure of each who shared it', async (t) => {
  const { options } = breakNetsh(simulator, 'failing', '#!/bin/sh\necho No.\nexit 1\n');
  using reservations = openPortReservations({ simulator: options });
  const results = await Promise.allSettled(Array.from({ length: 10 }, () => reservations.list()));
  t.true(results.every((result) => result.status === 'rejected' && isPortReservationError(result.reason) && result.reason.code === 'EIO'));
  const notRead: NotRead[] = [];
  t.deepEqual(await reservations.list({ onNotRead: (failure) => notRead.push(failure) }), []);
  t.is(notRead.length, 2);
});

for (const [title, show, code] of [
  ['the list', '*show*excludedportrange*', 0], ['the list that survives a restart', '*store=persistent*', 0], ['the list of IPv6', '*ipv6*excludedportrange*', 0],
  ['the dynamic range', '*show*dynamicport*', 0], ['the list that survives a restart, of a netsh that was ended,', '*store=persistent*', 1],
] as const) {
  offWindows(`${title} that is cut off is an error, or whole`, async (t) => {
    simulator.knob('portsim_add_exclusion', TCP, base, 5, 1);
    simulator.knob('portsim_add_exclusion', TCP, base + 30, 1000 - base % 1000, 1);
    const bytes = join(simulator.folder, `cut-${show.replace(/\W/g, '')}-${code}`);
    using cut = openPortReservations({ simulator: breakNetsh(simulator, `${bytes.split('/').at(-1)}-netsh`,
      `#!/bin/sh\ncase "$*" in ${show}) '${netsh}' "$@" | head -c "$(cat '${bytes}')"; exit ${code};; esac\nexec '${netsh}' "$@"\n`).options });
    const read = async () => [await cut.list({ protocols: ['tcp'] }), await cut.getDynamicPortRanges(['tcp'])];
    writeFileSync(bytes, '100000');
    const whole = code === 0 ? await read() : null;
    // After the ruler, in a row, before its sign, after it, and in the number of the dynamic range.
    for (const length of [90, 113, 120, 128, 145]) {
      writeFileSync(bytes, `${length}`);
      const answer = await read().catch((error: unknown) => isPortReservationError(error) ? error.code : error);
      if (Array.isArray(answer)) t.deepEqual(answer, whole, `${length} bytes`);
      else t.true(answer === 'EPROTO' || (code !== 0 && answer === 'ECANCELED'), `${length} bytes: ${String(answer)}`);
    }
  });
}

for (const [title, what, words] of [
  ['before its first word', 'show', ''],
  ['after the title of the list that survives a restart', 'store=persistent', '\\nProtocol tcp Port Exclusion Ranges\\n'],
  ['after the title of the range of IPv6', 'ipv6*dynamicport', '\\nProtocol tcp Dynamic Port Range\\n'],
] as const) {
  offWindows(`a netsh that was ended ${title}, with the exit code of a refusal, has refused nothing: it is asked again`, async (t) => {
    simulator.knob('portsim_add_exclusion', TCP, base, 5, 0);
    const once = join(simulator.folder, `again-${title.length}`);
    using ended = openPortReservations({ simulator: breakNetsh(simulator, `again-${title.length}-netsh`,
      `#!/bin/sh\ncase "$*" in *${what}*) if mkdir '${once}' 2> /dev/null; then printf '${words}'; exit 1; fi;; esac\nexec '${netsh}' "$@"\n`).options });
    t.deepEqual((await ended.list({ protocols: ['tcp'] })).map(({ startPort, store }) => [startPort, store]), [[base, 'active']]);
    t.deepEqual(await ended.getDynamicPortRanges(), await reservations.getDynamicPortRanges());
    t.true(existsSync(once));
  });
}

offWindows('a netsh that has ended when its time is over, while its pipe has not, has not said all: that is a time-out, and no list', async (t) => {
  const held = join(simulator.folder, 'held');
  writeFileSync(held, '');
  // What it has started holds the pipe.
  const { options } = breakNetsh(simulator, 'held-netsh', `#!/bin/sh\nwhile [ -e '${held}' ]; do sleep 0.1; done &\n`);
  using reservations = openPortReservations({ simulator: { ...options, netshTimeout: 1000 } });
  try {
    await t.throwsAsync(reservations.list(), { code: 'ETIMEDOUT' });
    await t.throwsAsync(reservations.getDynamicPortRanges(), { code: 'ETIMEDOUT' });
  } finally {
    rmSync(held);
  }
});

/** A netsh whose lists are this text. */
function saying(name: string, said: string) {
  const file = join(simulator.folder, `${name}.txt`);
  writeFileSync(file, said);
  return openPortReservations({ simulator: breakNetsh(simulator, name, `#!/bin/sh\ncase "$*" in *excludedportrange*) exec cat '${file}';; esac\nexec '${netsh}' "$@"\n`).options });
}

const fixtures = new URL('../fixtures/netsh/', import.meta.url);
const table = readFileSync(new URL('41-de.txt', fixtures), 'utf8');

for (const name of readdirSync(fixtures).filter((file) => file.endsWith('.txt'))) {
  const said = readFileSync(new URL(name, fixtures), 'utf8');
  const starts = [...said.matchAll(/^ +(\d+) +\d+/gm)].map(([, start]) => Number(start));
  offWindows(`what netsh says on a real Windows is ${/---- +----/.test(said) ? 'read to its end' : 'no list'}: ${name}`, async (t) => {
    using real = saying(name, said);
    const list = real.list({ protocols: ['tcp'] });
    if (/---- +----/.test(said)) t.deepEqual((await list).map(({ startPort }) => startPort), starts);
    else t.like(await t.throwsAsync(list), { code: 'EPROTO' });
  });
}

for (const [title, change] of [
  ['a damaged row behind an empty line', (said: string) => said.replace('49153', '\n  491\uFFFD3')],
  ['a damaged row with a letter behind an empty line', (said: string) => said.replace('49153', '\n  491x3')],
  ['words among the rows', (said: string) => said.replace(/.*49153.*/, 'Unbekannter Fehler.')],
  ['words instead of the last rows', (said: string) => said.replace(/ +60706[^]*?\n\n/, '\nUnbekannter Fehler.\n\n')],
  ['no footer', (said: string) => said.replace(/\* - .*/, '')],
  ['an end behind a row', (said: string) => said.replace(/60706[^]*/, '')],
  ['a number in the footer', (said: string) => said.replace(/\* - .*/, '* - 61000 61009 ?')],
  ['a row without its numbers', (said: string) => said.replace(/50000 +50059/, '')],
  ['rows below the footer', (said: string) => `${said}\n      61000       61009\n`],
  ['a second table', (said: string) => `${said}\n${said}`],
] as const) {
  offWindows(`a list with ${title} is an error, never fewer rows or others`, async (t) => {
    const said = change(table);
    t.not(said, table);
    using strange = saying(`strange-${title.replaceAll(' ', '-')}`, said);
    t.like(await t.throwsAsync(strange.list({ protocols: ['tcp'] })), { code: 'EPROTO', syscall: 'netsh' });
  });
}

for (const [title, change] of [
  ['in two lines', (said: string) => said.replace('Verwaltete Port', 'Verwaltete\n    Port')],
  ['without its *', (said: string) => said.replace('* - ', '')],
  ['that ends with its *', (said: string) => said.replace(/\* - (.*)/, '$1 - *')],
  ['with a wide *', (said: string) => said.replace('* - ', '\uFF0A ')],
  ['that the code page has no letters for', (said: string) => said.replace(/\* - .*/, '* - ?????? ????.')],
  ['behind the last row, with more words and empty lines below', (said: string) => `${said.replace(/\n\n( +\*)/, '\n$1')}\n\nOk.\n\f\n`],
  ['and line ends of other systems', (said: string) => said.replaceAll('\n', '\r\r\n')],
] as const) {
  offWindows(`a list with a footer ${title} is read`, async (t) => {
    const said = change(table);
    t.not(said, table);
    using other = saying(`footer-${title.replaceAll(/\W/g, '-')}`, said);
    t.is((await other.list({ protocols: ['tcp'] })).length, [...table.matchAll(/^ +\d+ +\d+/gm)].length);
  });
}
