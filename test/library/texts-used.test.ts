import test from 'ava';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { en } from '../../src/texts/en/index.js';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** All sources below a folder, but those of other folders. */
function read(folder: string, extension: RegExp, without?: RegExp): string {
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .map(({ parentPath, name }) => join(parentPath, name))
    .filter((file) => extension.test(file) && !without?.test(file)).map((file) => readFileSync(file, 'utf8')).join('\n');
}

test('every text of the library and its host is said somewhere', (t) => {
  const source = read('src', /\.ts$/, /texts.(en|de|fr)/);
  const quoted = new Set(Array.from(source.matchAll(/'([\w.]+)'/g), ([, id]) => id));
  // `kind.${kind}`: some of a family, by a name that is known later.
  const families = Array.from(source.matchAll(/`([\w.]+\.)\$\{/g), ([, family]) => family ?? '');
  t.true(quoted.size > 100 && families.length > 2);
  t.deepEqual(Object.keys(en()).filter((id) => !quoted.has(id) && !families.some((family) => id.startsWith(family))), []);
});

test('every message of the module is said somewhere', (t) => {
  const source = read('ps', /\.psm?1$/);
  const keys = Array.from(readFileSync(join(root, 'ps', 'en-US', 'Messages.psd1'), 'utf8').matchAll(/^ {4}(\w+) += /gm), ([, key]) => key ?? '');
  t.true(keys.length > 50);
  const words = new Set(source.match(/\w+/g));
  // The recommended action of a reason.
  const reasons = /\$script:ErrorCategories = @\{(.*?)\n\}/s.exec(source)?.[1]?.match(/^ +\w+/gm)?.map((reason) => `Action${reason.trim()}`) ?? [];
  t.true(reasons.length > 5);
  t.deepEqual(keys.filter((key) => !words.has(key) && !reasons.includes(key)), []);
  t.deepEqual(reasons.filter((key) => !keys.includes(key)), [], 'those that are put together exist');
});
