// A Wine of its own in a folder: made by open(), and gone without a trace after close().
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { openSync, closeSync } from 'node:fs';
import { join } from 'node:path';

const DEBIAN_PACKAGES = { wine: 'wine wine64', wineserver: 'wine wine64', 'x86_64-w64-mingw32-gcc': 'gcc-mingw-w64-x86-64' };

/** The Debian packages that are missing here; none where everything is there. */
export function missingPackages() {
  const missing = Object.entries(DEBIAN_PACKAGES).filter(([program]) => spawnSync(program, ['--version'], { stdio: 'ignore' }).error);
  return [...new Set(missing.flatMap(([, packages]) => packages.split(' ')))];
}

/** A path of Linux as a program under Wine sees it. */
export function windowsPath(path) {
  return `Z:${path.replaceAll('/', '\\')}`;
}

export class WinePrefix {
  #folder;
  #env;

  constructor(folder) {
    this.#folder = folder;
    this.driveC = join(folder, 'prefix', 'drive_c');
    /** What every program of this prefix needs. */
    this.environment = { PATH: process.env.PATH, LANG: 'C.UTF-8', HOME: folder, TMPDIR: folder, WINEPREFIX: join(folder, 'prefix'), WINEDEBUG: '-all' };
    this.#env = {
      ...this.environment,
      // No questions about Mono and Gecko, and no entries in anybody's menus.
      WINEDLLOVERRIDES: 'mscoree,mshtml=;winemenubuilder.exe=d',
      // Wine shows no links, so looking for them in every path only costs time: a third of a command's.
      NODE_OPTIONS: '--preserve-symlinks --preserve-symlinks-main',
    };
  }

  /** Node.js runs on Windows 10 and later only, and Wine 8 is a Windows 7 unless told otherwise. */
  async open() {
    await this.run(['wineboot', '--init']);
    await this.run(['winecfg', '-v', 'win10']);
  }

  /** Runs a Windows program with files for its output: node.exe cannot use a pipe of Linux. Gives its exit code. */
  async run(args, { cwd = this.#folder, stdin = 'ignore', stdout = 'ignore', stderr = 'ignore', env = {} } = {}) {
    const files = [[stdin, 'r'], [stdout, 'w'], [stderr, 'w']].map(([file, flags]) => (file === 'ignore' ? file : openSync(file, flags)));
    try {
      const child = spawn('wine', args, { cwd, env: { ...this.#env, ...env }, stdio: files });
      const [code] = await once(child, 'exit');
      return code;
    } finally {
      for (const file of files) if (typeof file === 'number') closeSync(file);
    }
  }

  /** Ends every process of this prefix, and of no other. */
  close() {
    spawnSync('wineserver', ['-k'], { env: this.#env, stdio: 'ignore' });
    spawnSync('wineserver', ['-w'], { env: this.#env, stdio: 'ignore', timeout: 10_000 });
  }
}
