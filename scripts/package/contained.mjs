// What the package contains of others: the packages that the bundler put in, koffi, and node.exe.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * The packages of npm in the bundles of dist/, as the bundler itself tells them, and koffi, which lies beside them.
 *
 * @returns { name, version, license, integrity, folder } of each release, by name
 */
export function containedPackages(root) {
  const metafiles = join(root, 'build', 'metafiles');
  if (!existsSync(metafiles)) throw new Error('there is no build/metafiles: run npm run build');
  const outputs = readdirSync(metafiles).flatMap((file) => Object.values(readJson(join(metafiles, file)).outputs));
  const inputs = outputs.flatMap((output) => Object.keys(output.inputs));
  const bundled = inputs.map((input) => /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/.exec(input)?.[0]).filter(Boolean);
  const locked = readJson(join(root, 'package-lock.json')).packages;
  // npm may put the same release into several folders.
  const packages = new Map([...bundled, 'node_modules/koffi'].map((place) => {
    const { name, version, license } = readJson(join(root, place, 'package.json'));
    return [`${name}@${version}`, { name, version, license, integrity: locked[place].integrity, folder: join(root, place) }];
  }));
  return [...packages].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, entry]) => entry);
}

/** The text of a package's licence; null where it has none. */
export function licenceTextOf({ folder }) {
  const file = existsSync(folder) && readdirSync(folder).find((name) => /^licen[cs]e/i.test(name));
  return file ? readFileSync(join(folder, file), 'utf8') : null;
}

function readJson(file) {
  return JSON.parse(readFileSync(file, 'utf8'));
}
