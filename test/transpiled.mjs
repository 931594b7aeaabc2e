// Keeps what ts-node makes of each module: otherwise every process of the tests compiles all of src again, which is most of its time.
import { createHash, randomUUID } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const require = createRequire(import.meta.url);
const folder = join(root, 'node_modules', '.cache', 'port-reservation-tests');
mkdirSync(folder, { recursive: true });
/** What the output depends on, beside the module. */
const settings = [process.version, require('ts-node/package.json').version, require('typescript/package.json').version, readFileSync(join(root, 'tsconfig.json'))];

export async function load(url, context, next) {
  if (!/^file:.*\.m?ts$/.test(url)) return next(url, context);
  const hash = createHash('sha256');
  for (const part of [...settings, url, readFileSync(fileURLToPath(url))]) hash.update(part).update('\0');
  const file = join(folder, `${hash.digest('hex')}.mjs`);
  try {
    return { format: 'module', source: readFileSync(file), shortCircuit: true };
  } catch {
    const made = await next(url, context);
    if (made.format === 'module') keep(file, made.source);
    return made;
  }
}

/** Under another name first: a process beside this one reads all of it or nothing. */
function keep(file, source) {
  const temporary = `${file}.${randomUUID()}`;
  writeFileSync(temporary, source);
  renameSync(temporary, file);
}
