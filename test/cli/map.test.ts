import test from 'ava';
import { spawnSync } from 'node:child_process';
import { existsSync, lstatSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Category, Span } from '../../src/map/port-map.js';
import { runCli } from '../helpers/cli-process.js';
import { openCli } from '../helpers/cli-simulator.js';
import { UDP } from '../helpers/knobs.js';
import { offWindows, onWindows } from '../helpers/platform.js';
import { portsOf } from '../helpers/ports.js';
import { signalAtOpen } from '../helpers/signal-at-open.js';

const { simulator, run, json, fails } = await openCli(test);

const base = portsOf(import.meta.url);

test.serial('the map shows what the list says, as plain text where no terminal is', async (t) => {
  await json(t, 'create', `${base}-${base + 63}`, '--protocol', 'udp');
  simulator.knob('portsim_add_exclusion', UDP, base + 100, 10, 1);
  const { stdout } = await run(t, 'map', '--protocol', 'udp');
  t.notRegex(stdout, /\u001B/);
  t.regex(stdout, /^UDP ports, \d+ per cell; /);
  t.regex(stdout, /P persistent: 64 /);
  t.regex(stdout, /E exclusion: 10 /);
  t.true(stdout.split('\n').every((line) => line.length <= 80));
});

test.serial('a map is written to a new file, and over an old one only by force', async (t) => {
  await json(t, 'create', `${base}-${base + 9}`);
  const svg = join(simulator.folder, 'ports.svg');
  t.is((await run(t, 'map', '--path', svg)).status, 0);
  const picture = readFileSync(svg, 'utf8');
  t.true(picture.startsWith('<svg '));
  t.true(picture.includes(`<title>${base}-${base + 9}: persistent reservation, 10 ports</title>`));
  t.notRegex(picture, /<script|https?:\/\/(?!www\.w3\.org)/);
  writeFileSync(svg, 'mine');
  t.regex(await fails(t, 2, 'map', '--path', svg), /--force/);
  t.is(readFileSync(svg, 'utf8'), 'mine');
  const html = join(simulator.folder, 'ports.html');
  t.deepEqual(await json(t, 'map', '--path', html, '--force'), { path: html, notRead: [] });
  t.regex(readFileSync(html, 'utf8'), new RegExp(`<th scope="row">${base}\u2013${base + 9} `));
  t.regex(await fails(t, 2, 'map', '--path', join(simulator.folder, 'ports.png')), /\.svg, \.html/);
});

test.serial('as JSON the map is what there is to draw', async (t) => {
  await json(t, 'create', `${base}-${base + 9}`);
  const [map, ...others] = await json<{ protocol: string; counts: Record<Category, number>; spans: Span[] }[]>(t, 'map', '--protocol', 'tcp');
  t.is(others.length, 0);
  t.like(map, { protocol: 'tcp', counts: { persistent: 10 } });
  t.deepEqual(map?.spans.filter(({ category }) => category === 'persistent').map(({ startPort, endPort }) => [startPort, endPort]), [[base, base + 9]]);
});

test.serial('a path that cannot be written to is the fault of the path, and leaves nothing', async (t) => {
  const file = join(simulator.folder, 'a file');
  writeFileSync(file, '');
  const before = readdirSync(simulator.folder);
  t.regex(await fails(t, 2, 'map', '--path', join(simulator.folder, 'nothing', 'ports.svg')), /ENOENT.*Choose an existing folder/);
  t.regex(await fails(t, 2, 'map', '--force', '--path', join(file, 'ports.svg')), /ENOTDIR|ENOENT/);
  t.deepEqual(readdirSync(simulator.folder), before);
});

offWindows('a link in the place of the old picture is replaced, and what it points to is left alone', async (t) => {
  const [target, link] = [join(simulator.folder, 'precious'), join(simulator.folder, 'link.svg')];
  writeFileSync(target, 'mine');
  symlinkSync(target, link);
  t.regex(await fails(t, 2, 'map', '--path', link), /--force/);
  t.is((await run(t, 'map', '--path', link, '--force')).status, 0);
  t.is(readFileSync(target, 'utf8'), 'mine');
  t.true(readFileSync(link, 'utf8').startsWith('<svg '));
});

offWindows('a pipe, or a device, is not replaced by a file', async (t) => {
  const pipe = join(simulator.folder, 'pipe.svg');
  t.is(spawnSync('mkfifo', [pipe]).status, 0);
  // Without --force too: it is of no use, and Windows opens NUL as a new file.
  for (const force of [[], ['--force']]) {
    t.regex(await fails(t, 2, 'map', '--path', pipe, ...force), /pipe\.svg.*device or a pipe/);
    t.regex(await fails(t, 2, 'export', pipe, ...force), /pipe\.svg.*device or a pipe/);
  }
  t.true(lstatSync(pipe).isFIFO());
  // As /dev/stdout is one.
  const link = join(simulator.folder, 'link-to-pipe.svg');
  symlinkSync(pipe, link);
  t.regex(await fails(t, 2, 'map', '--path', link, '--force'), /link-to-pipe\.svg.*device or a pipe/);
  t.regex(await fails(t, 2, 'export', link, '--force'), /link-to-pipe\.svg.*device or a pipe/);
  t.true(lstatSync(link).isSymbolicLink());
});

onWindows('a name that Windows takes for a device is refused: the file could hardly be deleted', async (t) => {
  for (const name of ['NUL', 'con', 'Com1.html', 'aux .json', 'lpt1:x', 'COM\u00B9.json', 'CONOUT$']) {
    const path = join(simulator.folder, name);
    t.regex(await fails(t, 2, 'export', path), /must be a file, and is a device or a pipe/, name);
  }
  t.regex(await fails(t, 2, 'map', '--path', join(simulator.folder, 'nul.svg'), '--force'), /must be a file, and is a device or a pipe/);
  for (const name of ['console.html', 'com.html', 'COM10.html', 'nul-1.html', 'lpt.svg']) t.is((await run(t, 'map', '--path', join(simulator.folder, name))).status, 0, name);
});

test.serial('a file that was there is not removed when no new one can be opened', async (t) => {
  const path = join(simulator.folder, 'there.svg');
  writeFileSync(path, 'mine');
  t.regex(await fails(t, 2, 'map', '--path', path), /--force/);
  t.is(readFileSync(path, 'utf8'), 'mine');
  // A folder in the place of the report cannot be replaced, and --force is of no use: nothing else of it is left.
  const folder = join(simulator.folder, 'folder.svg');
  mkdirSync(folder);
  for (const force of [[], ['--force']]) t.regex(await fails(t, 2, 'map', '--path', folder, ...force), /folder\.svg.*Choose a file, not a folder/);
  t.deepEqual(readdirSync(simulator.folder).filter((name) => name.endsWith('.tmp')), []);
  t.true(existsSync(folder));
});

for (const [title, args, signal] of [['a new file', [], 'SIGTERM'], ['an old file', ['--force'], 'SIGINT']] as const) {
  offWindows(`a signal while ${title} is written leaves it whole, and nothing beside it`, async (t) => {
    const folder = mkdtempSync(join(simulator.folder, 'signal-'));
    const path = join(folder, 'ports.svg');
    if (args.length > 0) writeFileSync(path, 'old');
    const { status, stdout } = await runCli(t, ['map', '--path', path, ...args, '--json', ...simulator.args],
      { ...process.env, NODE_OPTIONS: `--import=${signalAtOpen(folder, signal)}` });
    t.is(status, 0);
    t.deepEqual(JSON.parse(stdout), { path, notRead: [] });
    t.regex(readFileSync(path, 'utf8'), /^<svg[^]*<\/svg>\s*$/);
    t.deepEqual(readdirSync(folder), ['ports.svg']);
  });
}
