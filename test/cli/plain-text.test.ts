import test from 'ava';
import type { ExecutionContext } from 'ava';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { english } from '../../src/texts/text.js';
import { isPortReservationError, PortReservationError } from '../../src/errors.js';
import { asciiJson, plainText } from '../../src/util/plain-text.js';
import { NOTE, openCli } from '../helpers/cli-simulator.js';
import { TCP, TCP_STATE } from '../helpers/knobs.js';
import { portsOf } from '../helpers/ports.js';

const { simulator, run, text, json } = await openCli(test);
const base = portsOf(import.meta.url);

/** Line ends apart. */
const UNSAFE = /[^\n\P{Cc}]|\p{Cf}|\u2028|\u2029/u;
/** ESC, BEL, DEL: what a path on Linux may have, and the simulator can tell of. */
const EVIL = 'C:\\x\\\u001B]0;mine\u0007\u007F.exe';

for (const [name, character] of Object.entries({
  ESC: '\u001B', 'U+009B': '\u009B', 'U+202E': '\u202E', 'U+0085': '\u0085', 'U+2028': '\u2028', 'a line break': '\r\n', 'U+200B': '\u200B',
  'U+FEFF': '\uFEFF', 'a tag': '\u{E0041}', 'half a pair': '\uD800', NUL: '\0',
})) {
  test(`${name} is replaced, and the text around it stays`, (t) => {
    const plain = plainText(`Gr\u00FC\u00DFe \u{1F600}${character}\u4E2D`);
    t.notRegex(plain, UNSAFE);
    t.regex(plain, /^Gr\u00FC\u00DFe \u{1F600}[ \uFFFD]\u4E2D$/u);
  });
  test.serial(`${name} in an argument reaches no terminal, and no JSON but as an escape`, async (t) => {
    const value = `5${character === '\0' ? '\u0001' : character}0`;
    const people = await run(t, 'explain', value);
    t.is(people.status, 2);
    t.notRegex(people.stderr, UNSAFE);
    t.is(people.stderr.replace(NOTE, '').trimEnd().split('\n').length, 1);
    const scripts = await run(t, 'explain', value, '--json');
    t.regex(scripts.stderr, /^[\n\x20-\x7E]+$/);
  });
}

test('every error of the package is one line that is safe to print', (t) => {
  const error = new PortReservationError(english('a\u001Bb\r\nc\u202E'), { reason: 'NativeError', code: 'EIO', advice: english('d\u009B') });
  t.true(isPortReservationError(error));
  t.deepEqual([error.message, error.advice], ['a\uFFFDb c\uFFFD', 'd\uFFFD']);
});

test('JSON in ASCII is the same JSON', (t) => {
  const value = { 'Schl\u00FCssel': ['\u001B\u009B\u202E', '\u{1F600}', '\u4E2D\u6587 "quoted\\"', '\uD800'] };
  const ascii = asciiJson(JSON.stringify(value));
  t.regex(ascii, /^[\x20-\x7E]+$/);
  t.deepEqual(JSON.parse(ascii), value);
});

test.serial('the name and the path of a process reach no terminal and no report as they are', async (t) => {
  simulator.knob('portsim_set_process', 5000, EVIL);
  simulator.knob('portsim_add_service', 'evil\u001B[2Jservice', 5000);
  simulator.knob('portsim_add_endpoint', TCP, '0.0.0.0', base, TCP_STATE.listen, 5000);
  for (const args of [[String(base)], [`${base}-${base + 1}`]]) {
    const shown = await text(t, 'explain', ...args);
    t.regex(shown, /\uFFFD/);
    t.notRegex(shown, UNSAFE);
  }
  // Data is told as it is.
  const found = await json(t, 'explain', String(base));
  t.like(found, { 0: { owners: { 0: { path: EVIL, services: ['evil\u001B[2Jservice'] } } } });
  for (const name of ['ports.svg', 'ports.html']) {
    const path = join(simulator.folder, name);
    await text(t, 'map', '--path', path);
    t.notRegex(readFileSync(path, 'utf8').replaceAll('\u00AD', ''), UNSAFE);
  }
});

test.serial('a value in a file reaches no terminal as it is', async (t) => {
  for (const [index, protocol] of ['tcp\u001B[2J', 'tcp\u009B2J', '\u202Epct', 'tcp\nport-reservation: reserved 5000'].entries()) {
    const path = join(simulator.folder, `evil-${index}.json`);
    writeFileSync(path, JSON.stringify([{ protocol, startPort: base, numberOfPorts: 1, kind: 'persistent' }]));
    const { status, stderr } = await run(t, 'create', '--input', path);
    t.is(status, 2);
    t.notRegex(stderr, UNSAFE);
    t.is(stderr.replace(NOTE, '').trimEnd().split('\n').length, 1);
  }
});

/** What each of these would do: clear the screen, the same in one character, turn the rest of the line around, begin a line of its own. */
const HARM: Readonly<Record<string, string>> = { ESC: '\u001B[2J', 'U+009B': '\u009B2J', 'U+202E': '\u202E', 'a line break': '\nforged: ' };

/** Nothing of it is obeyed: no such character, and no line that somebody else began. */
function isPlain(t: ExecutionContext, shown: string): void {
  t.notRegex(shown, UNSAFE);
  t.notRegex(shown, /^forged/m);
}

for (const [name, harm] of Object.entries(HARM)) {
  // The simulator tells of names in ASCII only.
  if (/^[\0-\x7F]*$/.test(harm)) test.serial(`${name} in the name of a process or a service reaches no console, from any command`, async (t) => {
    simulator.knob('portsim_set_process', 5000, `C:\\x\\a${harm}b.exe`);
    simulator.knob('portsim_add_service', `c${harm}d`, 5000);
    simulator.knob('portsim_add_endpoint', TCP, '0.0.0.0', base, TCP_STATE.listen, 5000);
    // In the dynamic range, so that doctor names it.
    for (let port = 50_000; port < 50_020; port += 1) simulator.knob('portsim_add_endpoint', TCP, '127.0.0.1', port, TCP_STATE.established, 5000);
    const list = join(simulator.folder, 'wanted.json');
    writeFileSync(list, JSON.stringify([{ startPort: base }]));
    const report = (extension: string) => join(simulator.folder, `harm-${name.replace(/\W/g, '')}.${extension}`);
    const commands = [
      ['explain', `${base}`], ['explain', `${base}-${base + 2}`], ['list'], ['map'], ['doctor'], ['create', `${base}`], ['create', `${base}`, '--kind', 'exclusion'],
      ['apply', list], ['apply', list, '--dry-run'], ['map', '--path', report('html')], ['map', '--path', report('svg')],
    ];
    let named = 0;
    for (const args of commands) {
      const { stdout, stderr } = await run(t, ...args);
      isPlain(t, stdout);
      isPlain(t, stderr);
      named += Number(/b\.exe/.test(stdout + stderr));
      const scripts = await run(t, ...args, '--json', ...args[0] === 'map' && args.length > 1 ? ['--force'] : []);
      t.regex(scripts.stdout + scripts.stderr, /^[\n\x20-\x7E]*$/);
    }
    t.true(named >= 6, `${named} commands name it`);
    for (const extension of ['html', 'svg']) {
      const shown = readFileSync(report(extension), 'utf8');
      t.regex(shown, /b\.exe/);
      isPlain(t, shown);
    }
  });

  test.serial(`${name} in a member of a file, in its name or in its path reaches no console`, async (t) => {
    const files: readonly (readonly [extension: string, content: string])[] = [
      ['json', JSON.stringify([{ startPort: base, [`st${harm}or`]: 1 }])], ['json', JSON.stringify([{ startPort: base, kind: `x${harm}y` }])],
      ['json', JSON.stringify([{ startPort: base, [`Start${harm}`]: 1, [`start${harm}`]: 1 }])], ['json', JSON.stringify({ blocks: [], [`x${harm}`]: harm })],
      ['json', `[{ "startPort": ${harm} }]`], ['json', `[{ "startPort": 1, "startPort": "${harm}" }]`],
      ['csv', `StartPort,"x${harm}y"\n1,2\n`], ['csv', `StartPort,"Kind"\n1,"x${harm}y"\n`], ['csv', `"Start Port","Start${harm}Port"\n1,2\n`],
      ['csv', `Sort${harm},Count\n1,2\n`], ['csv', `StartPort,Kind\n1,"x"${harm}"\n`],
    ];
    for (const [index, [extension, content]] of files.entries()) {
      const path = join(simulator.folder, `member-${index}.${extension}`);
      writeFileSync(path, content);
      for (const args of [['apply', path], ['create', '--input', path]]) {
        const { stdout, stderr, status } = await run(t, ...args);
        t.is(status, 2, `${args.join(' ')}: ${stderr}`);
        isPlain(t, stdout + stderr);
        t.is(stderr.replace(NOTE, '').trimEnd().split('\n').length, 1);
      }
    }
    for (const args of [['apply', `no${harm}such.json`], ['create', '--input', `no${harm}such.csv`], ['apply', 'x.json', '--purge', '--within', `1${harm}`], ['map', '--path', `x${harm}.doc`], [`li${harm}st`]]) {
      const { stdout, stderr, status } = await run(t, ...args);
      t.is(status, 2, stderr);
      isPlain(t, stdout + stderr);
    }
  });
}
