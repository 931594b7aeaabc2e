// Packages of npm that are no dependencies: of other systems, or programs that only tests need.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Installs packages into a folder of their own, unless they are there. npm checks their integrity.
 *
 * @param packages by name: { version, integrity } as in a package-lock.json
 * @param files what must be there afterwards, relative to the folder's node_modules
 * @returns the folder's node_modules
 */
export function installPackages(folder, packages, files) {
  const dependencies = Object.fromEntries(Object.entries(packages).map(([name, { version }]) => [name, version]));
  const lock = JSON.stringify({
    name: 'packages', lockfileVersion: 3, requires: true,
    packages: { '': { name: 'packages', dependencies }, ...Object.fromEntries(Object.entries(packages).map(([name, entry]) => [`node_modules/${name}`, entry])) },
  });
  const modules = join(folder, 'node_modules');
  const isThere = () => files.every((file) => existsSync(join(modules, file))) && readFileSync(join(folder, 'package-lock.json'), 'utf8') === lock;
  if (isThere()) return modules;
  mkdirSync(folder, { recursive: true });
  // Made aside and put in place at once: several tests may begin together. Windows renames no folder in which a virus scanner still reads.
  const place = process.platform === 'win32' ? folder : mkdtempSync(`${folder}-`);
  try {
    writeFileSync(join(place, 'package.json'), JSON.stringify({ name: 'packages', private: true, dependencies }));
    writeFileSync(join(place, 'package-lock.json'), lock);
    // --force: they may be packages of another system.
    const { status, error } = spawnSync('npm', ['ci', '--force', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'],
      { cwd: place, stdio: ['ignore', 'ignore', 'inherit'], shell: process.platform === 'win32' });
    if (error || status !== 0) throw new Error(`npm could not install ${JSON.stringify(dependencies)}`);
    if (place !== folder) putInPlace(place, folder, isThere);
  } finally {
    if (place !== folder) rmSync(place, { recursive: true, force: true });
  }
  return modules;
}

/** Renames a folder to its place, where nothing is, or something older; unless another process was quicker. */
function putInPlace(made, place, isThere) {
  try {
    renameSync(made, place);
  } catch {
    if (isThere()) return;
    rmSync(place, { recursive: true, force: true });
    renameSync(made, place);
  }
}
