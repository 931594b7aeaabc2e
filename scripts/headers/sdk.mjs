// The headers and import libraries of the Windows SDK, in a cache outside the tree. Three packages of NuGet hold them, 1.5 GB
// unpacked, of which a tenth is kept.
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cacheFolder } from '../cache-folder.mjs';
import { installNugetPackages, versionOf } from '../nuget-packages.mjs';

const PACKAGE = 'Microsoft.Windows.SDK.CPP';
/** The processors that Windows has 64-bit programs for, by clang's names, Node.js' and those of an object file. */
export const ARCHITECTURES = [
  { name: 'x64', target: 'x86_64-pc-windows-msvc', machine: 0x8664 },
  { name: 'arm64', target: 'aarch64-pc-windows-msvc', machine: 0xaa64 },
];
/** For the headers of Visual C++ that the SDK lacks. */
const standIns = fileURLToPath(new URL('include', import.meta.url));
const HEADERS = ['um', 'shared', 'ucrt'];
/** The DLLs whose import libraries are kept: those that src loads. */
const DLLS = ['advapi32.dll', 'computenetwork.dll', 'iphlpapi.dll', 'kernel32.dll', 'ws2_32.dll'];

const version = versionOf(PACKAGE);
const folder = cacheFolder(`windows-sdk-${version}`);
const stamp = join(folder, 'contents.json');
const contents = JSON.stringify([HEADERS, ARCHITECTURES.map(({ name }) => name), DLLS]);

/** Whether all of it is in the cache. */
export function hasWindowsSdk() {
  return existsSync(stamp) && readFileSync(stamp, 'utf8') === contents;
}

/**
 * Gets the SDK, unless it is there.
 *
 * @returns { version, flags, importLibrary }: clang's flags for its headers, and the path of the import library of a DLL for a
 *   processor; throws one sentence that says what is missing
 */
export function installWindowsSdk() {
  if (!hasWindowsSdk()) download();
  return {
    version,
    // After clang's own headers, so that those of its language come first.
    flags: ['-isystem', standIns, ...HEADERS.flatMap((name) => ['-idirafter', join(folder, name)]), '-ivfsoverlay', join(folder, 'overlay.json')],
    importLibrary(dll, architecture) {
      if (!DLLS.includes(dll)) throw new Error(`the import library of ${dll} is not kept: add it to DLLS in scripts/headers/sdk.mjs`);
      return join(folder, architecture.name, libraryOf(dll));
    },
  };
}

function libraryOf(dll) {
  return dll.replace('.dll', '.lib');
}

function download() {
  mkdirSync(dirname(folder), { recursive: true });
  // Beside its final place: a move within one disk, and nobody ever sees half of it.
  const temporary = mkdtempSync(`${folder}-`);
  try {
    const names = [PACKAGE, ...ARCHITECTURES.map(({ name }) => `${PACKAGE}.${name}`)];
    const packages = installNugetPackages(names, join(temporary, 'packages'));
    const kept = join(temporary, 'kept');
    const include = join(packages[PACKAGE], 'c', 'Include');
    const [sdk] = readdirSync(include);
    for (const name of HEADERS) {
      cpSync(join(include, sdk, name), join(kept, name), { recursive: true, filter: (file) => ['', '.h', '.inl'].includes(extname(file).toLowerCase()) });
    }
    for (const { name } of ARCHITECTURES) {
      const libraries = join(packages[`${PACKAGE}.${name}`], 'c', 'um', name);
      const files = new Map(readdirSync(libraries).map((file) => [file.toLowerCase(), file]));
      for (const dll of DLLS) cpSync(join(libraries, files.get(libraryOf(dll))), join(kept, name, libraryOf(dll)));
    }
    writeFileSync(join(kept, 'overlay.json'), JSON.stringify(overlayOf(kept)));
    writeFileSync(join(kept, 'contents.json'), contents);
    rmSync(folder, { recursive: true, force: true });
    renameSync(kept, folder);
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
}

/** clang's virtual file system: the headers include each other by names in any case, which only Windows takes for the same. */
function overlayOf(kept) {
  const list = (path) => readdirSync(join(kept, path), { withFileTypes: true }).map((entry) => (entry.isDirectory()
    ? { type: 'directory', name: entry.name, contents: list(join(path, entry.name)) }
    : { type: 'file', name: entry.name, 'external-contents': join(folder, path, entry.name) }));
  return { version: 0, 'case-sensitive': 'false', roots: HEADERS.map((name) => ({ type: 'directory', name: join(folder, name), contents: list(name) })) };
}
