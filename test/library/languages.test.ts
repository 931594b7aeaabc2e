import test from 'ava';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readDesired } from '../../src/block-files/desired.js';
import { isPortReservationError } from '../../src/errors.js';
import { openPortReservations, toChangeData } from '../../src/index.js';
import type { Language, PlannedChange, PortReservationError, Voice } from '../../src/index.js';
import { de } from '../../src/texts/de/index.js';
import { en } from '../../src/texts/en/index.js';
import { fr } from '../../src/texts/fr/index.js';
import { SURFACES } from '../../src/texts/surfaces.js';
import { joined, LANGUAGES, say, text } from '../../src/texts/text.js';
import type { TextId } from '../../src/texts/text.js';
import { TCP, TCP_STATE, WINNAT } from '../helpers/knobs.js';
import { openLibrary } from '../helpers/library.js';
import { portsOf } from '../helpers/ports.js';

const { simulator, reservations } = await openLibrary(test);
const base = portsOf(import.meta.url);

const ENGLISH = en();
const TRANSLATIONS = { de: de(), fr: fr() } as const;
const VOICES: readonly Voice[] = LANGUAGES.flatMap((language) => (['library', 'powershell', 'cli'] as const).map((surface) => ({ language, surface })));
/** Texts that are those of English, and why. */
const SAME: Readonly<Record<keyof typeof TRANSLATIONS, Readonly<Partial<Record<TextId, string>>>>> = {
  de: {
    'map.word.system': 'the same word', 'report.column.ports': 'the same word', 'report.within': 'the same word',
  },
  fr: {
    'service.netlogon': 'its name in the list of services', 'kind.exclusion': 'the same word', 'map.word.exclusion': 'the same word', 'report.column.ports': 'the same word',
    'count.port': 'the same word', 'count.ports': 'the same word',
  },
};

const placeholders = (template: string) => [...new Set(template.match(/\{\$?\w+\}/g) ?? [])].sort();

for (const [language, texts] of Object.entries(TRANSLATIONS)) {
  test(`${language} has the keys of English, with the values of each, and none in English`, (t) => {
    t.deepEqual(Object.keys(texts), Object.keys(ENGLISH), 'in the same order');
    for (const [id, english] of Object.entries(ENGLISH)) {
      const translated = texts[id as keyof typeof ENGLISH];
      t.deepEqual(placeholders(translated), placeholders(english), id);
      t.regex(translated, /\S/, id);
      const isSame = /[A-Za-z]/.test(english.replace(/\{\$?\w+\}/g, '')) && translated === english;
      t.is(isSame, id in SAME[language as keyof typeof TRANSLATIONS], `${id} is to be translated, or in the list of those that are the same`);
      t.is(/[.!?]$/.test(translated), /[.!?]$/.test(english), `${id} ends as in English`);
    }
  });
}

test('every name between braces is one that each surface has', (t) => {
  const names = new Set(Object.values(ENGLISH).flatMap((template) => template.match(/(?<=\{\$)\w+(?=\})/g) ?? []));
  t.true(names.size > 5);
  for (const [surface, { names: known }] of Object.entries(SURFACES)) {
    for (const name of names) t.true(Object.hasOwn(known, name), `${surface} has ${name}`);
  }
});

test('a list has commas and one word, and text from outside loses its control characters', (t) => {
  const names = text('use.programs', { names: ['a.exe', 'b\u001B[2J.exe', joined(['c', 1], ' ')] });
  t.is(say(names), 'Stop a.exe, b\uFFFD[2J.exe and c 1, or use another port for one of the programs');
  t.regex(say(names, { language: 'de', surface: 'cli' }), /^a\.exe, b\uFFFD\[2J\.exe und c 1 beenden/);
  t.regex(say(names, { language: 'fr', surface: 'cli' }), /^Arrêtez a\.exe, b\uFFFD\[2J\.exe et c 1,/);
  t.is(say(text('port.free', { port: '{port} {$list}' })), 'Port {port} {$list} is free.', 'braces of a value are none');
});

/** How an error names the argument, in each of the surfaces. */
const NAMES: readonly (readonly [call: () => unknown, library: string, powershell: string, cli: string])[] = [
  [() => reservations.createPersistent({ protocol: 'tcp', startPort: 0, numberOfPorts: 1 }), 'startPort', '-StartPort', 'the first port'],
  [() => reservations.createPersistent({ protocol: 'tcp', startPort: 65535, numberOfPorts: 2 }), 'numberOfPorts', '-NumberOfPorts', 'the number of ports (--count)'],
  [() => reservations.create({ kind: 'persistent', protocols: ['tcp'], startPort: 5, numberOfPorts: 1, timeout: 5 }), 'timeout', '-TimeoutSec', '--timeout'],
  [() => reservations.create({ kind: 'runtime', protocols: ['tcp'], store: 'active', numberOfPorts: 1 }), 'store', '-Store', '--store'],
];

async function failing(call: () => unknown): Promise<PortReservationError> {
  try {
    await call();
  } catch (error) {
    if (isPortReservationError(error)) return error;
    throw error;
  }
  throw new Error('it did not fail');
}

for (const [call, library, powershell, cli] of NAMES) {
  test.serial(`an error names ${library} in the words of each surface, in each language`, async (t) => {
    const error = await failing(call);
    const names = { library, powershell, cli };
    for (const voice of VOICES) {
      const { message, advice, ...details } = error.toData(voice);
      t.true(message.startsWith(`${names[voice.surface]} `), message);
      t.true(advice.includes(names[voice.surface]), advice);
      t.like(details, { reason: 'InvalidParameter', code: 'EINVAL' });
    }
    t.deepEqual({ ...error.toJSON() }, error.toData({ language: 'en', surface: 'library' }), 'the error itself is English');
    t.is(error.message, error.toJSON().message);
  });
}

/** Words that only one of the languages has. */
const WORDS: Readonly<Record<Language, RegExp>> = {
  en: /\b(the|is|in use|another|cannot)\b/, de: /\b(ist|der|den|einen|kann|nicht|wird)\b/, fr: /\b(le|la|les|est|pas|prenez|impossible)\b/i,
};

function speaksOnly(language: Language, words: string): boolean {
  return LANGUAGES.every((other) => WORDS[other].test(words) === (other === language));
}

for (const language of LANGUAGES) {
  test.serial(`a refusal, an explanation, a finding and what was not read are in one language: ${language}`, async (t) => {
    using spoken = openPortReservations({ simulator: simulator.options, voice: { language, surface: 'powershell' } });
    simulator.knob('portsim_set_winnat', WINNAT.running);
    simulator.knob('portsim_add_system_block', TCP, base, 5, 1);
    simulator.knob('portsim_set_process', 5000, 'C:\\Windows\\System32\\svchost.exe');
    simulator.knob('portsim_add_service', 'iphlpsvc', 5000);
    simulator.knob('portsim_add_endpoint', TCP, '0.0.0.0', base + 7, TCP_STATE.listen, 5000);
    simulator.knob('portsim_set_dynamic_range', TCP, 1025, 300);
    const error = await failing(() => spoken.create({ kind: 'exclusion', protocols: ['tcp'], startPort: base, numberOfPorts: 8 }));
    const refusal = error.toData({ language, surface: 'powershell' });
    t.true(speaksOnly(language, `${refusal.message}. ${refusal.advice}`), `${refusal.message}. ${refusal.advice}`);
    t.true(refusal.advice.includes(`Test-PortReservation -Port ${base + 7}`), refusal.advice);
    for (const port of [base, base + 7, base + 20]) {
      const { advice } = await spoken.explain('tcp', port);
      t.true(speaksOnly(language, `${advice} ${WORDS[language].source.slice(3, 6)}`) || !/\s/.test(advice), advice);
      t.notRegex(advice, /--|\bcreate\(/);
    }
    const { findings } = await spoken.measure();
    t.true(findings.length >= 2);
    for (const { text: what, advice } of findings) t.true(speaksOnly(language, `${what} ${advice}`), `${what} ${advice}`);
    for (let times = 0; times < 12; times += 1) simulator.knob('portsim_fail_next', 'netsh', 5);
    const { notRead } = await spoken.explain('tcp', base);
    t.true(notRead.length > 0);
    for (const { message } of notRead) t.regex(message, { en: /failed|without a word/, de: /fehlgeschlagen|ohne ein Wort/, fr: /échoué|sans un mot/ }[language]);
  });
}

for (const language of LANGUAGES) {
  test.serial(`why a block of a list is made, goes or cannot be had is in one language: ${language}`, async (t) => {
    const voice = { language, surface: 'powershell' } as const;
    using spoken = openPortReservations({ simulator: simulator.options, voice });
    const block = (startPort: number, numberOfPorts = 1, kind: 'persistent' | 'exclusion' = 'persistent') => ({ protocol: 'tcp' as const, startPort, numberOfPorts, kind });
    simulator.knob('portsim_add_exclusion', TCP, base + 30, 10, 1);
    simulator.knob('portsim_add_exclusion', TCP, base + 50, 2, 1);
    simulator.knob('portsim_add_system_block', TCP, base + 60, 5, 1);
    const desired = [block(base + 31), block(base + 32, 1, 'exclusion'), block(base + 50, 2), block(base + 60)];
    const { changes } = await spoken.plan(desired);
    t.deepEqual(changes.map(({ change }) => change), ['conflict', 'none', 'replace', 'conflict']);
    for (const { reason } of changes) t.true(speaksOnly(language, reason ?? '') || /Anstelle|liegt im|l'exclusion|la place|In place/.test(reason ?? ''), reason ?? '');
    t.regex(changes[0]?.reason ?? '', /-Purge \w+ -Within\b/);
    const error = changes[0]?.error?.toData(voice);
    t.true(speaksOnly(language, `${error?.message}. ${error?.advice}`), error?.message);
    t.is(toChangeData(changes[0] as PlannedChange, voice).error?.message, error?.message);
    t.regex(toChangeData(changes[0] as PlannedChange).error?.message ?? '', /^EBUSY: cannot reserve .* purge and within,/);
  });
}

/** A list of blocks, and what the cmdlets call the place of the mistake. */
const LISTS: readonly (readonly [what: string, content: string, place: string])[] = [
  ['is empty', '', '-Path "'],
  ['is cut', '[\n{ "startPort": 50', '-Path "'],
  ['is a table of other columns', 'StartPort,Size\n5000,1\n', '-Path "'],
  ['has a row with too few values', 'StartPort,Count\n5000\n', '-Path "'],
  ['has a quotation mark too many', 'StartPort,Count\n"5"000,1\n', '-Path "'],
  ['has a member that is not known', '[{ "startPort": 5000,\n"stor": 1 }]', '-Path, * 2, Stor 1'],
  ['has an overlap', '[{ "startPort": 5000 },\n{ "startPort": 5000 }]', '-Path, * 2, StartPort 5000'],
  ['has a block past the last port', '[{ "startPort": 65535, "numberOfPorts": 2 }]', '-Path[0].NumberOfPorts 2'],
];

for (const [what, content, place] of LISTS) {
  test.serial(`what is wrong with a file that ${what} is in one language, in the words of the cmdlets`, async (t) => {
    const path = join(simulator.folder, 'blocks');
    writeFileSync(path, content);
    const error = await failing(() => readDesired('path', path));
    const said = LANGUAGES.map((language) => error.toData({ language, surface: 'powershell' }).message.replace(JSON.stringify(path), '"'));
    t.is(new Set(said).size, LANGUAGES.length);
    const [before = '', after] = place.split('*');
    for (const [index, message] of said.entries()) {
      t.true(message.startsWith(before) && message.includes(after ?? before), message);
      t.regex(message, { en: /: it (must|has)/, de: /ist ungültig: (muss|darf)/, fr: /n'est pas valide : (doit|ne doit)/ }[LANGUAGES[index] ?? 'en']);
    }
  });
}

for (const language of LANGUAGES) {
  test.serial(`the map and the report are in one language: ${language}`, async (t) => {
    using spoken = openPortReservations({ simulator: simulator.options, voice: { language, surface: 'powershell' } });
    simulator.knob('portsim_add_exclusion', TCP, base + 30, 2, 1);
    simulator.knob('portsim_add_system_block', TCP, base + 60, 5, 1);
    simulator.knob('portsim_add_system_block', TCP, base + 65, 1500, 1);
    simulator.knob('portsim_add_endpoint', TCP, '0.0.0.0', base + 70, TCP_STATE.listen, 4);
    simulator.knob('portsim_add_endpoint', TCP, '0.0.0.0', base + 72, TCP_STATE.timeWait, 0);
    const [words, pictures] = await Promise.all([spoken.renderMap({ format: 'text' }), Promise.all((['html', 'svg', 'json'] as const).map((format) => spoken.renderMap({ format })))]);
    const [html = ''] = pictures;
    t.regex(words, { en: /^TCP ports, .*E exclusion: 2 .*S system: 1505/s, de: /^TCP-Ports, .*E Ausschluss: 2 .*S System: 1505/s, fr: /^Ports TCP, .*E exclusion: 2 .*S système: 1505/s }[language]);
    for (const picture of pictures) t.true(speaksOnly(language, picture.replaceAll(/<style>.*?<\/style>|font-family|<[^>]+lang="|map of the/gis, '')) || picture === pictures[2], picture.slice(0, 500));
    t.true(html.includes(`<html lang="${language}">`));
    t.regex(html, { en: /System block of another program, 2 neighbours/, de: /Systemblock eines anderen Programms, 2 Nachbarn/, fr: /Bloc système d&#39;un autre programme, 2 voisins/ }[language]);
    t.regex(html, { en: /1,505 ports in system blocks/, de: /1\.505 Ports in Systemblöcken/, fr: /1\s505 ports dans des blocs système/ }[language]);
  });
}

const NETSH_SAYS: Readonly<Record<Language, RegExp>> = {
  en: /^EPERM: cannot \S+ .*: netsh says: "The requested operation requires elevation \(Run as administrator\)"$/,
  de: /^EPERM: .* ist nicht m\u00F6glich: netsh sagt: "The requested operation requires elevation \(Run as administrator\)"$/,
  fr: /^EPERM : impossible .* : netsh dit : « The requested operation requires elevation \(Run as administrator\) »$/,
};
for (const language of LANGUAGES) {
  test.serial(`what netsh says, in the language of Windows, is quoted in ${language}`, async (t) => {
    simulator.knob('portsim_add_exclusion', TCP, base, 5, 1);
    simulator.knob('portsim_set_elevated', 0);
    for (const refused of [
      () => reservations.create({ kind: 'exclusion', protocols: ['tcp'], startPort: base + 10, numberOfPorts: 1 }),
      () => reservations.remove('exclusion', { protocol: 'tcp', startPort: base, numberOfPorts: 5 }),
      () => reservations.setDynamicPortRange({ protocols: ['udp'], startPort: 50_000, numberOfPorts: 1000 }),
    ]) {
      const error = await t.throwsAsync<PortReservationError>(async () => refused());
      t.regex(error?.toData({ language }).message ?? '', NETSH_SAYS[language]);
    }
  });
}
