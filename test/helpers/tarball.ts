import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { removeFolder } from '../../scripts/remove-folder.mjs';

export const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const run = promisify(execFile);

export interface Installed {
  readonly tarball: string;
  /** Paths of the files in it. */
  readonly files: readonly string[];
  /** A project that has the package in its node_modules, without a network: the dependencies are links to ours. */
  readonly project: string;
  readonly folder: string;
  dispose(): Promise<void>;
}

/** Packs dist as it is (`npm test` has built it) and puts the package where `npm install` would. */
export async function packAndInstall(): Promise<Installed> {
  const temporary = mkdtempSync(join(tmpdir(), 'port-reservation-package-'));
  const dispose = () => removeFolder(temporary);
  try {
    const { stdout } = await run('npm', ['pack', '--ignore-scripts', '--json', '--pack-destination', temporary],
      { cwd: ROOT, shell: process.platform === 'win32', maxBuffer: 1 << 24 });
    const [{ filename, files }] = JSON.parse(stdout) as [{ filename: string; files: { path: string }[] }];
    const tarball = join(temporary, filename);
    const modules = join(temporary, 'project', 'node_modules');
    mkdirSync(modules, { recursive: true });
    // A project of its own: no package.json of a folder above has a say in what it imports.
    writeFileSync(join(temporary, 'project', 'package.json'), '{ "type": "module" }');
    await run('tar', ['-xzf', filename], { cwd: temporary });
    const folder = join(modules, 'port-reservation');
    renameSync(join(temporary, 'package'), folder);
    const { dependencies } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { dependencies: Record<string, string> };
    for (const name of Object.keys(dependencies)) symlinkSync(join(ROOT, 'node_modules', name), join(modules, name), 'junction');
    return { tarball, files: files.map(({ path }) => path), project: join(temporary, 'project'), folder, dispose };
  } catch (error) {
    await dispose();
    throw error;
  }
}

/** Paths of all files below a folder of the repository, with slashes. */
export function filesIn(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(ROOT.length).replaceAll('\\', '/'));
}
