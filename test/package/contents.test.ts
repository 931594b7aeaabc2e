import test from 'ava';
import { execFile } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { publint } from 'publint';
import { BUNDLES } from '../../scripts/package/programs.mjs';
import { filesIn, packAndInstall, ROOT } from '../helpers/tarball.js';

const run = promisify(execFile);
const installed = await packAndInstall();
test.after.always(() => installed.dispose());
const { files, folder, tarball } = installed;
const NOTICES = 'dist/THIRD-PARTY-NOTICES.txt';

test('the package has the library, the command line, the host, the module, the examples and the documents', (t) => {
  const wanted = [
    'package.json', 'README.md', 'LICENSE', 'SECURITY.md', 'CHANGELOG.md', 'PortReservation.psd1',
    'dist/index.js', 'dist/index.d.ts', ...BUNDLES.map((name) => `dist/${name}`),
    ...filesIn('ps'), ...filesIn('examples'), ...filesIn('docs'),
  ];
  t.deepEqual(wanted.filter((path) => !files.includes(path)), []);
});

test('the package has nothing else', (t) => {
  const known = /^(package\.json|README\.md|LICENSE|SECURITY\.md|CHANGELOG\.md|PortReservation\.psd1|dist\/.*|ps\/.*\.(psm1|ps1|psd1|ps1xml|txt|xml)|examples\/.*|docs\/.*|dsc\/.*\.json|schemas\/.*\.json)$/;
  t.deepEqual(files.filter((path) => !known.test(path)), []);
  t.deepEqual(files.filter((path) => /(^|[/\\.])(tests?|spec|simulator)[/\\.]|\.(so|dylib|dll|exe|node|tsbuildinfo|log)$/.test(path)), [], 'no test, no simulator, no binary');
  t.deepEqual(files.filter((path) => path.startsWith('dist/') && !/\.(cjs|js|d\.ts|js\.map)$/.test(path)), [NOTICES]);
});

test('every file of dist has its source, so none is left over from before', (t) => {
  const sources = filesIn('src').map((path) => path.replace(/^src\//, 'dist/').replace(/\.ts$/, ''));
  const built = files.filter((path) => path.startsWith('dist/') && path !== NOTICES).map((path) => path.replace(/(\.d\.ts|\.js\.map|\.js)$/, ''));
  t.deepEqual([...new Set(built)].filter((path) => !sources.includes(path)), BUNDLES.map((name) => `dist/${name}`).sort());
});

test('the package depends on what its library imports, and on koffi: its programs have their packages inside', (t) => {
  const { dependencies } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { dependencies: Record<string, string> };
  const library = files.filter((path) => /^dist\/.*\.js$/.test(path)).map((path) => readFileSync(join(folder, path), 'utf8'));
  const imported = library.flatMap((text) => [...text.matchAll(/\b(?:from |import\()'([^.'][^']*)'/g)].map(([, name = '']) => name));
  t.deepEqual(Object.keys(dependencies), [...new Set([...imported.filter((name) => !isBuiltin(name)), 'koffi'])].sort());
});

test('the licences of what the bundles contain are beside them', (t) => {
  const notices = readFileSync(join(folder, NOTICES), 'utf8');
  for (const name of ['yargs', 'valibot', 'csv-parse']) t.regex(notices, new RegExp(`^${name} [\\d.]+\n=+\n\n[^]{500}`, 'm'));
});

test('no file names the folder in which it was built', (t) => {
  const naming = files.filter((path) => readFileSync(join(folder, path)).includes(ROOT.slice(0, -1)));
  t.deepEqual(naming, []);
});

test('the command of the package starts Node.js and may be executed', async (t) => {
  const { bin } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { bin: Record<string, string> };
  const main = join(folder, bin['port-reservation'] ?? '');
  t.is(readFileSync(main, 'utf8').split('\n')[0], '#!/usr/bin/env node');
  if (process.platform === 'win32') return;
  t.is(statSync(main).mode & 0o111, 0o111);
  t.regex((await run(main, ['--version'])).stdout, /^\d+\.\d+\.\d+\n$/);
});

test('publint has nothing to say', async (t) => {
  const { messages } = await publint({ pkgDir: folder, strict: true, pack: false });
  t.deepEqual(messages, []);
});

test('the types are found by whoever can load the package, and attw ends without an error', async (t) => {
  const attw = join(ROOT, 'node_modules/@arethetypeswrong/cli/dist/index.js');
  const { stdout } = await run(process.execPath, [attw, tarball, '--profile', 'esm-only', '--format', 'ascii', '--no-color', '--no-emoji']);
  t.regex(stdout, /"port-reservation"\s+node16 \(from ESM\): OK \(ESM\)\s+bundler: OK/);
});
