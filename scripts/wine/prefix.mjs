// A Wine of its own in a folder: made by open(), and gone without a trace after close().
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdirSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { OwnNetwork } from '../own-network.mjs';

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
  #network;

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
    this.#network = await OwnNetwork.open();
    mkdirSync(this.environment.WINEPREFIX);
    // Wine's server does not end between two programs: it takes a while to start, and one that it meets at its end would fail.
    const [program, ...rest] = [...this.#network.prefix, 'wineserver', '--persistent'];
    if (spawnSync(program, rest, { env: this.#env, stdio: 'ignore' }).status !== 0) throw new Error("Wine's server did not start");
    await this.run(['wineboot', '--init']);
    await this.run(['winecfg', '-v', 'win10']);
  }

  /** What a program of Linux is started with that starts one of this prefix: see run. */
  get command() {
    return [...this.#network.prefix, 'wine'];
  }

  /** Runs a Windows program with files for its output: node.exe cannot use a pipe of Linux. Gives its exit code. */
  async run(args, { cwd = this.#folder, stdin = 'ignore', stdout = 'ignore', stderr = 'ignore', env = {} } = {}) {
    const files = [[stdin, 'r'], [stdout, 'w'], [stderr, 'w']].map(([file, flags]) => (file === 'ignore' ? file : openSync(file, flags)));
    try {
      const [program, ...first] = this.command;
      const child = spawn(program, [...first, ...args], { cwd, env: { ...this.#env, ...env }, stdio: files });
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
    this.#network?.close();
  }
}
