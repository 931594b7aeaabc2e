// Hooks of modules: TypeScript by ts-node, which is loaded only for what it has not made before. Otherwise every process of the
// tests would load the compiler and compile all of src again, which is most of its time.
import { createHash, randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const require = createRequire(import.meta.url);
const folder = join(root, 'node_modules', '.cache', 'port-reservation-tests');
mkdirSync(folder, { recursive: true });
/** What the output depends on, beside the module: not on the system or the Node.js, so what was made here serves under Wine too. */
const settings = [require('ts-node/package.json').version, require('typescript/package.json').version, readFileSync(join(root, 'tsconfig.json'))];
let compiler;

/** `./blocks.js` is blocks.ts, where there is no blocks.js, as for the compiler; a program to run may be a .ts too. */
export function resolve(specifier, context, next) {
  if (/^\.\.?\/.*\.m?js$/.test(specifier) || (context.parentURL === undefined && specifier.endsWith('.ts'))) {
    const asked = new URL(specifier, context.parentURL);
    const source = new URL(asked.href.replace(/js$/, 'ts'));
    if ((source.href === asked.href || !existsSync(asked)) && existsSync(source)) return { url: source.href, format: 'module', shortCircuit: true };
  }
  return next(specifier, context);
}

export function load(url, context, next) {
  if (!/^file:.*(?<!\.d)\.m?ts$/.test(url)) return next(url, context);
  const name = fileURLToPath(url);
  const source = readFileSync(name);
  const hash = createHash('sha256');
  for (const part of [...settings, relative(root, name).replaceAll('\\', '/'), source]) hash.update(part).update('\0');
  const file = join(folder, `${hash.digest('hex')}.mjs`);
  return { format: 'module', source: readCopy(file) ?? keep(file, compile(`${source}`, name)), shortCircuit: true };
}

function readCopy(file) {
  try {
    return readFileSync(file);
  } catch {
    return null;
  }
}

function compile(source, name) {
  compiler ??= require('ts-node').create({ cwd: root, transpileOnly: true });
  return compiler.compile(source, name);
}

/** Under another name first: a process beside this one reads all of it or nothing. */
function keep(file, made) {
  const temporary = `${file}.${randomUUID()}`;
  writeFileSync(temporary, made);
  renameSync(temporary, file);
  return made;
}
