import test from 'ava';
import { build } from 'esbuild';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../helpers/tarball.js';

/** The modules that a program of the package imports, by any way that names them, and the packages among them. */
async function importsOf(entry: string) {
  const { metafile } = await build({
    entryPoints: [join(ROOT, entry)], absWorkingDir: ROOT, bundle: true, platform: 'node', format: 'esm', packages: 'external', write: false, metafile: true,
    logLevel: 'silent',
  });
  const modules = Object.keys(metafile.inputs);
  const packages = Object.values(metafile.inputs).flatMap(({ imports }) => imports).filter(({ external }) => external).map(({ path }) => path);
  return { modules, packages: [...new Set(packages)].filter((name) => !name.startsWith('node:')).sort() };
}

for (const entry of ['src/cli/program.ts', 'src/host/entry.ts', 'src/index.ts']) {
  test(`${entry} imports neither edge-js nor the module for it`, async (t) => {
    const { modules, packages } = await importsOf(entry);
    t.true(modules.includes('src/port-reservations.ts'), modules.join(', '));
    t.true(modules.includes('src/win32/koffi.ts'));
    t.false(modules.includes('src/edge.ts'));
    t.deepEqual(packages.filter((name) => name.includes('edge')), []);
  });
}

test('the module for it imports no package at all: edge-js is given to it', async (t) => {
  const { modules, packages } = await importsOf('src/edge.ts');
  t.true(modules.includes('src/errors.ts'));
  t.deepEqual(packages, []);
});

test('no source but that module, no script of the PowerShell module, and no dependency names edge-js', (t) => {
  // What is said to people may name it.
  const isText = (file: string) => file.startsWith(join(ROOT, 'src', 'texts'));
  const sources = ['src', 'ps'].flatMap((folder) => readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name)).filter((file) => !isText(file)));
  t.true(sources.length > 50);
  const naming = sources.filter((file) => /edge[-_]?js|EDGE_|edge\.js/i.test(readFileSync(file, 'utf8')));
  t.deepEqual(naming, [join(ROOT, 'src', 'edge.ts')]);
  const { dependencies, devDependencies } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as Record<string, Record<string, string>>;
  t.deepEqual(Object.keys({ ...dependencies, ...devDependencies }).filter((name) => name.includes('edge')), []);
});
