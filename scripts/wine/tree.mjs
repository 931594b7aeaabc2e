// The work tree as the Windows Node.js under Wine sees it: this project with the Windows packages in place of ours.
import { copyFileSync, existsSync, mkdirSync, readdirSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const KOFFI = '@koromix/koffi-win32-x64';
/** What the tests need of the project, as it is. */
const LINKED = ['src', 'test', 'scripts', 'dist', 'docs', 'dsc', 'examples', 'ps', 'schemas', 'package.json', 'package-lock.json', 'tsconfig.json', 'tsconfig.build.json'];

/** Lays out the tree: links, which Wine follows without showing them, and copies of the simulator for Windows. */
export function layOutTree(root, tree, packages, simulator) {
  mkdirSync(join(tree, 'node_modules', '@koromix'), { recursive: true });
  mkdirSync(join(tree, 'build', 'simulator'), { recursive: true });
  for (const name of LINKED.filter((candidate) => existsSync(join(root, candidate)))) symlinkSync(join(root, name), join(tree, name));
  // .cache: what ts-node has made of the tests here. The compiler takes longer under Wine than all tests.
  mkdirSync(join(root, 'node_modules', '.cache'), { recursive: true });
  for (const name of readdirSync(join(root, 'node_modules')).filter((candidate) => candidate !== '@koromix')) {
    symlinkSync(join(root, 'node_modules', name), join(tree, 'node_modules', name));
  }
  symlinkSync(packages.koffi[KOFFI], join(tree, 'node_modules', KOFFI));
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
export default { ...base, serial: true, files: ['test/{contract,library,map,host,cli,windows}/**/*.test.ts', 'test/edge/{edge,example,oracle}.test.ts', 'test/wine/*.ts'] };
`);
}
