import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { open } from 'yauzl';
import type { Entry, ZipFile } from 'yauzl';
import { removeFolder } from '../../scripts/remove-folder.mjs';
import { ROOT } from './tarball.js';

export interface Release {
  /** Where all of it is. */
  readonly folder: string;
  /** The module's folder. */
  readonly module: string;
  /** What could not be made here, and why; empty where all was. */
  readonly lacking: string;
  /** All that was said of it on stderr. */
  readonly said: string;
  dispose(): Promise<void>;
}

/** Where there is another disk, what is made for a moment is there. */
const TEMPORARY = existsSync('/dev/shm') ? { TMPDIR: '/dev/shm' } : {};

/** All formats of a release, of the module without node.exe: nothing but the size differs. */
export function makeRelease(timeZone = 'UTC', args: readonly string[] = []): Release {
  const folder = mkdtempSync(join(tmpdir(), 'port-reservation-release-'));
  const { status, stdout, stderr } = spawnSync(process.execPath,
    [join(ROOT, 'scripts/package.mjs'), '--no-node', '--formats', 'zip,nupkg,msi,manifests', '--output', folder, ...args],
    { encoding: 'utf8', env: { ...process.env, ...TEMPORARY, TZ: timeZone } });
  const [module] = stdout.split(/\r?\n/);
  if (![0, 3].includes(status ?? -1) || !module) throw new Error(`npm run package ended with ${status}: ${stderr}`);
  return { folder, module, lacking: status === 3 ? stderr.trim() : '', said: stderr, dispose: () => removeFolder(folder) };
}

/** The contents of all files below a folder, by name with slashes. */
export function contentsOf(folder: string): Map<string, Buffer> {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return new Map(files.map((entry): [string, Buffer] => {
    const path = join(entry.parentPath, entry.name);
    return [path.slice(folder.length + 1).replaceAll('\\', '/'), readFileSync(path)];
  }).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** The contents of a zip, as another reader than the one that wrote it sees them. */
export async function contentsOfZip(archive: string): Promise<Map<string, Buffer>> {
  const zip = await new Promise<ZipFile>((resolve, reject) => {
    open(archive, { lazyEntries: true }, (error, file) => (error ? reject(error) : resolve(file)));
  });
  const contents = new Map<string, Buffer>();
  zip.on('entry', (entry: Entry) => {
    zip.openReadStream(entry, (error, stream) => {
      if (error) return void zip.emit('error', error);
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk)).on('end', () => {
        contents.set(entry.fileName, Buffer.concat(chunks));
        zip.readEntry();
      });
    });
  });
  const end = once(zip, 'end');
  zip.readEntry();
  await end;
  return contents;
}

/** An environment with nothing of the user's, in which PowerShell keeps its modules and settings in the folder. */
export function homeIn(folder: string): NodeJS.ProcessEnv {
  mkdirSync(join(folder, '.local', 'share'), { recursive: true });
  return { PATH: process.env.PATH, HOME: folder, TMPDIR: tmpdir(), DOTNET_CLI_TELEMETRY_OPTOUT: '1', POWERSHELL_TELEMETRY_OPTOUT: '1', POWERSHELL_UPDATECHECK: 'Off' };
}
