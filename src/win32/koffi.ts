import { existsSync, realpathSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type koffiModule from 'koffi';
import { PortReservationError } from '../errors.js';
import { joined, text } from '../texts/text.js';
import type { PlainId, Text } from '../texts/text.js';

/** The major release of koffi that this code is written for. */
const MAJOR = '3';

/** The package's folder, from where this code lies: two levels up from src/win32 or dist/win32, one up from a bundle in dist; any other bundle lies in it. */
const PACKAGE_FROM: Readonly<Record<string, string>> = { win32: '../..', dist: '..' };

/**
 * koffi's native part, loaded by its full path. koffi's own JavaScript asks `require` for it, which looks in every node_modules
 * up to the drive's root, where ordinary users may create one. Beside that it only adds functions that are deprecated.
 */
function load(): typeof koffiModule {
  const files = binaries();
  const found = files.filter((file) => existsSync(file));
  if (found.length === 0) {
    throw refused(text('system.koffi.missing', { platform: `${process.platform}-${process.arch}`, files: joined(files, ', ') }));
  }
  let first: unknown;
  for (const file of found) {
    const module: { exports: Partial<typeof koffiModule> } = { exports: {} };
    try {
      process.dlopen(module, file);
    } catch (cause) {
      first ??= refused(text('system.koffi.broken', { file, cause: (cause as Error).message }), cause);
      continue;
    }
    const { version } = module.exports;
    if (version?.split('.')[0] !== MAJOR) throw refused(text('system.koffi.release', { file, version: String(version), needed: MAJOR }));
    return module.exports as typeof koffiModule;
  }
  throw first;
}

/** Where the binary may be: in the node_modules of this package, or in the one that the package itself is in. */
function binaries(): string[] {
  const { platform, arch } = process;
  // Many bundlers that make CommonJS leave it undefined. The current folder, which would take its place, may be anybody's.
  const here = import.meta.dirname as string | undefined;
  if (here === undefined) throw refused(text('system.koffi.noPlace'), undefined, 'system.koffi.noPlace.advice');
  const root = join(here, PACKAGE_FROM[basename(here)] ?? '.');
  const modules = [join(root, 'node_modules'), ...(basename(dirname(root)) === 'node_modules' ? [dirname(root)] : [])];
  // Also beside koffi's real folder, to which pnpm makes a link, with the binaries next to it.
  const folders = modules.flatMap((folder) => [folder, ...linked(join(folder, 'koffi'))]);
  // Two on Linux, of which one loads, depending on the C library.
  const names = platform === 'linux' ? ['linux', 'musl'] : [platform];
  return folders.flatMap((folder) => names.map((name) => join(folder, '@koromix', `koffi-${platform}-${arch}`, `${name}_${arch}`, 'koffi.node')));
}

function linked(folder: string): string[] {
  const real = existsSync(folder) ? realpathSync(folder) : folder;
  return real === folder ? [] : [dirname(real)];
}

function refused(message: Text, cause?: unknown, advice: PlainId = 'system.koffi.advice'): PortReservationError {
  return new PortReservationError(message, {
    reason: 'NotSupported', code: 'ENOENT', syscall: 'dlopen',
    advice: text(advice),
  }, { cause });
}

const koffi = load();
export default koffi;
