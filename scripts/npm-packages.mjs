// Packages of npm that are no dependencies: of other systems, or programs that only tests need.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
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
  const installed = files.every((file) => existsSync(join(modules, file))) && readFileSync(join(folder, 'package-lock.json'), 'utf8') === lock;
  if (installed) return modules;
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'packages', private: true, dependencies }));
  writeFileSync(join(folder, 'package-lock.json'), lock);
  // --force: they may be packages of another system.
  const { status, error } = spawnSync('npm', ['ci', '--force', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'],
    { cwd: folder, stdio: ['ignore', 'ignore', 'inherit'], shell: process.platform === 'win32' });
  if (error || status !== 0) throw new Error(`npm could not install ${JSON.stringify(dependencies)}`);
  return modules;
}
