import { spawn, spawnSync } from 'node:child_process';
import type { ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import type { ExecutionContext } from 'ava';
import { CLI_PROGRAM } from './cli-process.js';
import { within, written } from './deadline.js';

/** A terminal comes from `script` of util-linux; the one of macOS takes other arguments. */
export const hasTerminal = process.platform === 'linux' && /util-linux/.test(spawnSync('script', ['--version'], { encoding: 'utf8' }).stdout ?? '');

/** The command line with stdin and stderr in a terminal of 80 columns, and stdout in a file. */
export class TerminalProcess {
  /** What the terminal has got. */
  screen = '';
  readonly #child: ChildProcessByStdio<Writable, Readable, null>;
  readonly #closed: Promise<unknown>;
  readonly #stdout: string;

  constructor(t: Pick<ExecutionContext, 'teardown'>, folder: string, args: readonly string[]) {
    this.#stdout = join(folder, 'stdout');
    const command = [process.execPath, CLI_PROGRAM, ...args].map(quote).join(' ');
    this.#child = spawn('script', ['-qefc', `stty -echo cols 80; exec ${command} > ${quote(this.#stdout)}`, '/dev/null'],
      { stdio: ['pipe', 'pipe', 'inherit'], env: { ...process.env, SHELL: '/bin/sh' } });
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
    return { status: this.#child.exitCode, stdout: readFileSync(this.#stdout, 'utf8'), screen: this.screen };
  }
}

function quote(text: string): string {
  return `'${text.replaceAll('\'', '\'\\\'\'')}'`;
}
