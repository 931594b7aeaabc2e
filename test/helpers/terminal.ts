import { spawn, spawnSync } from 'node:child_process';
import type { ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import type { ExecutionContext } from 'ava';
import { CLI_PROGRAM } from './cli-process.js';
import { within, written } from './deadline.js';

/** A terminal comes from `script` of util-linux; the one of macOS takes other arguments. */
export const hasTerminal = process.platform === 'linux' && /util-linux/.test(spawnSync('script', ['--version'], { encoding: 'utf8' }).stdout ?? '');

/** Columns and lines of a terminal. */
export interface Size {
  readonly columns: number;
  readonly rows: number;
}

/** The command line in a terminal: of 80 columns and with stdout in a file, or of a given size and with stdout in it too. */
export class TerminalProcess {
  /** What the terminal has got. */
  screen = '';
  readonly #child: ChildProcessByStdio<Writable, Readable, null>;
  readonly #closed: Promise<unknown>;
  readonly #stdout: string;

  constructor(t: Pick<ExecutionContext, 'teardown'>, folder: string, args: readonly string[], size?: Size) {
    this.#stdout = join(folder, 'stdout');
    const command = [process.execPath, CLI_PROGRAM, ...args].map(quote).join(' ');
    const line = size ? `stty -echo cols ${size.columns} rows ${size.rows}; exec ${command}` : `stty -echo cols 80; exec ${command} > ${quote(this.#stdout)}`;
    this.#child = spawn('script', ['-qefc', line, '/dev/null'], {
      stdio: ['pipe', 'pipe', 'inherit'], env: { ...process.env, SHELL: '/bin/sh', TERM: 'xterm-256color' },
    });
    this.#closed = once(this.#child, 'close');
    this.#child.stdin.on('error', () => {});
    this.#child.stdout.setEncoding('utf8').on('data', (text: string) => (this.screen += text));
    t.teardown(async () => {
      this.#child.kill('SIGKILL');
      await within(this.#closed, 'the end of the terminal');
    });
  }

  type(text: string): void {
    this.#child.stdin.write(text);
  }

  /** Waits until the terminal has got this. */
  async shows(pattern: RegExp): Promise<void> {
    await written(this.#child.stdout, this.#closed, () => pattern.test(this.screen), String(pattern)).catch((error: unknown) => {
      throw new Error(`${String(error)}: ${JSON.stringify(this.screen)}`);
    });
  }

  async untilExit(): Promise<{ status: number | null; stdout: string; screen: string }> {
    await within(this.#closed, 'the end of the command');
    return { status: this.#child.exitCode, stdout: existsSync(this.#stdout) ? readFileSync(this.#stdout, 'utf8') : '', screen: this.screen };
  }
}

function quote(text: string): string {
  return `'${text.replaceAll('\'', '\'\\\'\'')}'`;
}
