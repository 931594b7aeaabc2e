// npm run package: all that a release has, to be installed on machines that have neither Node.js nor npm. Two runs give the same bytes.
//
//   npm run package [-- --output <folder>]   by default into build/package
//   npm run package -- --no-node             only the module that uses the Node.js of the machine, and its zip
//   npm run package -- --code-cache          with V8's code caches, which its node.exe makes: under Wine where this is not Windows. Only
//                                            these differ from one run to the next
//   npm run package -- --formats zip,msi     only these: zip, nupkg, msi, manifests; - for the module folder alone
//   npm run package -- --sign cert.pfx [--password-file <file>] [--timestamp <address>]   signs what can be signed, and on
//                                            Windows adds a catalog (PortReservation.cat), which has the JavaScript as well
//
// It prints the paths of the module's folder and of all files that it made. What cannot be made here is told on stderr; the exit
// code is then 3.
import { copyFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readArguments } from './arguments.mjs';
import { makeGalleryPackage } from './package/gallery.mjs';
import { chocolateyPackage, scoopManifest, wingetManifests } from './package/manifests.mjs';
import { readModuleManifest } from './package/module-manifest.mjs';
import { makeModule } from './package/module.mjs';
import { makeInstaller, whyNoInstaller } from './package/msi.mjs';
import { makeNupkg } from './package/nupkg.mjs';
import { signFiles, whyNoCatalog } from './package/sign.mjs';
import { sha256Of, sumsOf } from './package/sums.mjs';
import { filesBelow, zipFiles } from './package/zip.mjs';
import { installWindowsPackages } from './windows-packages.mjs';

const FORMATS = ['zip', 'nupkg', 'msi', 'manifests'];
const NOT_ALL_MADE = 3;
const root = fileURLToPath(new URL('..', import.meta.url));
const { values: { 'no-node': noNode, output: folder, formats, 'code-cache': codeCache, sign: certificate, 'password-file': passwordFile, timestamp } } = readArguments(import.meta.url, { options: {
  'no-node': { type: 'boolean', default: false }, output: { type: 'string', default: join(root, 'build', 'package') }, formats: { type: 'string' },
  'code-cache': { type: 'boolean', default: process.platform === 'win32' },
  sign: { type: 'string' }, 'password-file': { type: 'string' }, timestamp: { type: 'string' },
} }, ({ values }) => {
  const unknown = values.formats?.split(',').filter((format) => format !== '-' && !FORMATS.includes(format)) ?? [];
  return unknown.length > 0 ? `There is no format ${unknown.join(', ')}. Formats: ${FORMATS.join(', ')}, or - for none` : undefined;
});
const signer = certificate === undefined ? null : { certificate, passwordFile, timestamp };
const wanted = (formats ?? (noNode ? 'zip' : FORMATS.join(','))).split(',').filter((format) => format !== '-');

const output = resolve(folder);
const manifest = readModuleManifest(root);
const { version } = manifest;
const windows = installWindowsPackages(root);
const made = [];

const module = join(output, ...(noNode ? ['no-node'] : []), 'PortReservation', version);
await makeModule(root, module, windows, !noNode, signer, codeCache);
console.log(module);
if (signer !== null && whyNoCatalog() !== null) process.stderr.write(`*** no catalog, so the JavaScript is under no signature: ${whyNoCatalog()} ***\n`);
const files = filesBelow(module);
if (wanted.includes('zip')) await makeZip(module, noNode ? '-NoNode' : '');
if (wanted.includes('nupkg')) await makeGalleryPackage(manifest, files, add(`PortReservation.${version}.nupkg`));
const whyNot = wanted.includes('msi') ? whyNoInstaller() : 'not wanted';
if (whyNot === null) {
  const installer = add(`PortReservation-${version}-x64.msi`);
  await makeInstaller(manifest, module, files, installer);
  if (signer !== null) await signFiles([installer], signer);
} else if (wanted.includes('msi')) lacks(`no installer, and nothing for winget and Chocolatey: ${whyNot}`);
if (wanted.includes('manifests')) await makeManifests();
if (formats === undefined && !noNode) {
  const withoutNode = join(output, 'no-node', 'PortReservation', version);
  await makeModule(root, withoutNode, windows, false, signer);
  await makeZip(withoutNode, '-NoNode');
}
if (wanted.length > 0) {
  copyFileSync(join(module, 'sbom.cdx.json'), add(`PortReservation-${version}.cdx.json`));
  writeFileSync(join(output, 'SHA256SUMS'), sumsOf(made));
  made.push(join(output, 'SHA256SUMS'));
}
for (const file of made) console.log(file);

function makeZip(of, suffix) {
  return zipFiles(filesBelow(of, `PortReservation/${version}/`), add(`PortReservation-${version}${suffix}.zip`));
}

/** What names other files by where they will be, and by their hashes. */
async function makeManifests() {
  const place = (name) => ({ url: `${manifest.projectUrl}/releases/download/v${version}/${name}`, sha256: sha256Of(join(output, name)) });
  const write = (where, entries) => {
    rmSync(join(output, where), { recursive: true, force: true });
    for (const { name, text } of entries) {
      const file = join(output, where, name);
      mkdirSync(join(file, '..'), { recursive: true });
      writeFileSync(file, text);
      console.log(file);
    }
  };
  if (wanted.includes('zip')) write('scoop', [scoopManifest(manifest, place(`PortReservation-${version}${noNode ? '-NoNode' : ''}.zip`))]);
  if (whyNot !== null) return;
  const installer = place(`PortReservation-${version}-x64.msi`);
  write('winget', wingetManifests(manifest, installer));
  const { metadata, files: tools } = chocolateyPackage(manifest, installer);
  await makeNupkg(metadata, tools, add(`port-reservation.${version}.nupkg`));
}

/** The path of a file to be offered for download. */
function add(name) {
  mkdirSync(output, { recursive: true });
  made.push(join(output, name));
  return join(output, name);
}

function lacks(what) {
  process.stderr.write(`*** ${what} ***\n`);
  process.exitCode = NOT_ALL_MADE;
}
