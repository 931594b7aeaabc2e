import test from 'ava';
import { readdirSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const root = fileURLToPath(new URL('../../src/', import.meta.url));

type Imports = ReadonlyMap<string, readonly string[]>;

/** What each file of src imports from src, types included: what a reader has to know to understand it. */
function readImports(): Imports {
  const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts')).map((name) => name.replaceAll('\\', '/'));
  return new Map(files.map((file) => [file, importsOf(file, readFileSync(join(root, file), 'utf8'))]));
}

function importsOf(file: string, text: string): string[] {
  return ts.preProcessFile(text, true, true).importedFiles.map(({ fileName }) => fileName).filter((name) => name.startsWith('.'))
    .map((name) => posix.join(posix.dirname(file), name.replace(/\.js$/, '.ts')));
}

/** The first circle that is found, as a list of files that begins and ends with the same one. */
function circleIn(imports: Imports): string[] | null {
  const done = new Set<string>();
  const visit = (file: string, path: readonly string[]): string[] | null => {
    if (path.includes(file)) return [...path.slice(path.indexOf(file)), file];
    if (done.has(file)) return null;
    for (const next of imports.get(file) ?? []) {
      const circle = visit(next, [...path, file]);
      if (circle) return circle;
    }
    done.add(file);
    return null;
  };
  for (const file of imports.keys()) {
    const circle = visit(file, []);
    if (circle) return circle;
  }
  return null;
}

test('no file of src imports itself in the end, not even a type', (t) => {
  const imports = readImports();
  t.deepEqual([...imports.values()].flat().filter((file) => !imports.has(file)), []);
  t.true(imports.get('index.ts')?.includes('blocks.ts'));
  t.deepEqual(circleIn(imports), null);
});

test('a circle through a type is found', (t) => {
  const planted = new Map([...readImports(), ['blocks.ts', importsOf('blocks.ts', "import type { Reason } from './errors.js';")]]);
  t.deepEqual(new Set(circleIn(planted)), new Set(['blocks.ts', 'errors.ts']));
});
