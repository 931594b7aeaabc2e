// npm run package [-- --no-node] [-- --output <folder>]: the module with everything inside, to be copied to a machine that has
// neither Node.js nor npm: PortReservation/<version>/ and PortReservation-<version>.zip in the folder, by default build/package.
// With --no-node it uses the Node.js of the machine: no-node/PortReservation/<version>/ and PortReservation-<version>-NoNode.zip.
// It prints the two paths. Two builds give the same bytes.
import { createHash } from 'node:crypto';
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { mergeModule, shipManifest } from './package/merge.mjs';
import { thirdPartyNotices } from './package/notices.mjs';
import { zipFolder } from './package/zip.mjs';
import { installWindowsPackages } from './windows-packages.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const { values: { 'no-node': noNode, output: folder } } = parseArgs({
  options: { 'no-node': { type: 'boolean', default: false }, output: { type: 'string', default: join(root, 'build', 'package') } },
});
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const output = join(resolve(folder), ...(noNode ? ['no-node'] : []));
const module = join(output, 'PortReservation', version);

rmSync(join(output, 'PortReservation'), { recursive: true, force: true });
const windows = installWindowsPackages(root);

write('PortReservation.psd1', shipManifest(root));
write('PortReservation.psm1', mergeModule(root));
for (const name of readdirSync(join(root, 'ps'))) {
  if (name.endsWith('.ps1xml') || /^[a-z]{2}-[A-Z]{2}$/.test(name)) copy(join('ps', name), name);
}
for (const name of ['LICENSE', 'README.md', 'CHANGELOG.md', 'docs']) copy(name, name);
copy('examples', 'Examples', (source) => source === join(root, 'examples') || source.endsWith('.ps1'));

copy(join('dist', 'port-reservation-host.js'), join('bin', 'port-reservation-host.js'));
write(join('bin', 'package.json'), '{ "type": "module" }\n');
copyKoffi();
if (!noNode) copyFrom(windows.node, join('bin', 'node.exe'));
write('THIRD-PARTY-NOTICES.txt', thirdPartyNotices(root, noNode ? null : windows.nodeVersion));
write('components.json', `${JSON.stringify(components(), null, 2)}\n`);

const archive = join(resolve(folder), `PortReservation-${version}${noNode ? '-NoNode' : ''}.zip`);
await zipFolder(join(output, 'PortReservation'), 'PortReservation', archive);
console.log(module);
console.log(archive);

/** koffi's JavaScript, and its binaries where it looks for them. Linux' is for the simulator: the very package is tested on it. */
function copyKoffi() {
  const modules = join('bin', 'node_modules');
  for (const name of ['package.json', 'index.js', 'LICENSE.txt', join('src', 'koffi', 'index.js'), join('src', 'koffi', 'src', 'static.js')]) {
    copy(join('node_modules', 'koffi', name), join(modules, 'koffi', name));
  }
  const folders = { ...windows.koffi };
  const own = `@koromix/koffi-${process.platform}-${process.arch}`;
  if (!folders[own]) folders[own] = join(root, 'node_modules', own);
  // The import libraries are for a linker, the page for npm.
  for (const [name, folder] of Object.entries(folders)) copyFrom(folder, join(modules, name), (source) => !/\.(lib|exp|md)$/.test(source));
}

/** What was put in, so that an administrator can allow it by its hash. */
function components() {
  const files = readdirSync(join(module, 'bin'), { recursive: true }).map((name) => name.replaceAll('\\', '/')).sort()
    .filter((name) => /\.(exe|node|js)$/.test(name));
  return {
    version,
    node: noNode ? null : windows.nodeVersion,
    files: Object.fromEntries(files.map((name) => [`bin/${name}`, createHash('sha256').update(readFileSync(join(module, 'bin', name))).digest('hex')])),
  };
}

function write(name, text) {
  const file = join(module, name);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}

function copy(from, to, filter) {
  copyFrom(join(root, from), to, filter);
}

function copyFrom(source, to, filter = () => true) {
  mkdirSync(dirname(join(module, to)), { recursive: true });
  cpSync(source, join(module, to), { recursive: true, filter: (entry) => filter(entry) });
}
