// The module folder, with everything inside that the module needs.
import { createHash } from 'node:crypto';
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { authenticodeSha256, isImage } from './authenticode.mjs';
import { recordWindowsCodeCaches } from './code-cache.mjs';
import { containedPackages } from './contained.mjs';
import { mergeModule, shipManifest } from './merge.mjs';
import { readModuleManifest } from './module-manifest.mjs';
import { thirdPartyNotices } from './notices.mjs';
import { copyKoffi, copyPrograms, LAUNCHERS } from './programs.mjs';
import { softwareBillOfMaterials } from './sbom.mjs';
import { addCatalog, isSignable, signFiles, whyNoCatalog } from './sign.mjs';
import { filesBelow } from './zip.mjs';

/**
 * @param module path of the folder, which is made anew
 * @param windows what installWindowsPackages() gives
 * @param withNode whether node.exe is put in
 * @param signer as signFiles() takes it; null for no signatures
 * @param codeCache whether its node.exe makes the code caches
 */
export async function makeModule(root, module, windows, withNode, signer, codeCache = false) {
  rmSync(module, { recursive: true, force: true });
  const write = (name, text) => {
    const file = join(module, name);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  };
  const copyFrom = (source, to, filter = () => true) => {
    mkdirSync(dirname(join(module, to)), { recursive: true });
    cpSync(source, join(module, to), { recursive: true, filter: (entry) => filter(entry) });
  };
  const copy = (from, to, filter) => copyFrom(join(root, from), to, filter);

  write('PortReservation.psd1', shipManifest(root, readModuleManifest(root).commandTags));
  write('PortReservation.psm1', mergeModule(root));
  for (const name of readdirSync(join(root, 'ps'))) {
    if (name.endsWith('.ps1xml') || name === 'PortReservation.Types.psd1' || /^[a-z]{2}-[A-Z]{2}$/.test(name)) copy(join('ps', name), name);
  }
  for (const name of ['LICENSE', 'README.md', 'SECURITY.md', 'CHANGELOG.md', 'docs', 'schemas']) copy(name, name);
  // Where DSC looks for them: the folder of a module. They start the command there, which without node.exe is left out.
  if (withNode) for (const name of readdirSync(join(root, 'dsc'))) copy(join('dsc', name), name);
  // Those for PowerShell, and what administrators roll out.
  copy('examples', 'Examples', (source) => !/\.mjs$|06-dotnet-server/.test(source));

  copyPrograms(root, join(module, 'bin'), windows.koffi, withNode ? windows.node : null);
  if (withNode && codeCache) await recordWindowsCodeCaches(join(module, 'bin'));
  const packages = containedPackages(root);
  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  write('THIRD-PARTY-NOTICES.txt', thirdPartyNotices(root, packages, withNode ? windows.nodeVersion : null));
  write('sbom.cdx.json', softwareBillOfMaterials(manifest, packages, withNode ? { version: windows.nodeVersion, integrity: windows.nodeIntegrity } : null));
  if (signer !== null) await signFiles(filesBelow(module).map(({ file }) => file).filter(isSignable), signer);
  write('components.json', `${JSON.stringify({ version: manifest.version, node: withNode ? windows.nodeVersion : null, files: components(module) }, null, 2)}\n`);
  if (signer !== null && whyNoCatalog() === null) addCatalog(module, 'PortReservation', signer);
}

/**
 * What an administrator can allow or compare: the SHA-256 of each program file, and of images also the hash that Application
 * Control knows them by.
 */
function components(module) {
  const files = filesBelow(module).filter(({ name }) => LAUNCHERS.includes(name) || (name.startsWith('bin/') && /\.(exe|dll|node|cjs|cache)$/.test(name)));
  return Object.fromEntries(files.map(({ name, file }) => {
    const bytes = readFileSync(file);
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    return [name, isImage(bytes) ? { sha256, authenticodeSha256: authenticodeSha256(bytes) } : { sha256 }];
  }));
}

/** For tests: puts in koffi's binary for this system, which a package for Windows does not have, so that the very package is tested here. */
export function addOwnKoffi(root, module) {
  const name = `@koromix/koffi-${process.platform}-${process.arch}`;
  copyKoffi(name, join(root, 'node_modules', name), join(module, 'bin'));
}
