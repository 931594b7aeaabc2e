import { spawn } from 'node:child_process';
import type { ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import type { ExecutionContext } from 'ava';
import { within, written } from './deadline.js';

export const CLI_PROGRAM = fileURLToPath(new URL('../../dist/port-reservation.cjs', import.meta.url));

export interface Finished {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** The command line in a process of its own; `t.teardown` ends what a failed test leaves. */
export class CliProcess {
  readonly child: ChildProcessByStdio<Writable, Readable, Readable>;
  readonly #closed: Promise<unknown>;
  stdout = '';
  stderr = '';

  constructor(t: Pick<ExecutionContext, 'teardown'>, args: readonly string[], env: NodeJS.ProcessEnv = process.env, program = CLI_PROGRAM) {
    this.child = spawn(process.execPath, [program, ...args], { stdio: ['pipe', 'pipe', 'pipe'], env });
    this.#closed = once(this.child, 'close');
    this.child.stdin.on('error', () => {});
    this.child.stdout.setEncoding('utf8').on('data', (text: string) => (this.stdout += text));
    this.child.stderr.setEncoding('utf8').on('data', (text: string) => (this.stderr += text));
    t.teardown(async () => {
      this.child.kill('SIGKILL');
      await within(this.#closed, 'the end of the command');
    });
  }

  /** What it has printed up to the line end that ends its first output. */
  async output(): Promise<string> {
    await written(this.child.stdout, this.#closed, () => this.stdout.endsWith('\n'), 'a first line').catch((error: unknown) => {
      throw new Error(`${String(error)}: ${this.stderr}`);
    });
    return this.stdout;
  }

  /** When stderr ends like this. */
  async says(pattern: RegExp): Promise<void> {
    await written(this.child.stderr, this.#closed, () => pattern.test(this.stderr), String(pattern));
  }

  async end(): Promise<Finished> {
    this.child.stdin.end();
    return this.untilExit();
  }

  async untilExit(): Promise<Finished> {
    await within(this.#closed, 'the end of the command');
    return { status: this.child.exitCode, stdout: this.stdout, stderr: this.stderr };
  }
}

/** Runs a command to its end, with a stdin that has ended. */
export async function runCli(t: Pick<ExecutionContext, 'teardown'>, args: readonly string[], env?: NodeJS.ProcessEnv): Promise<Finished> {
  return new CliProcess(t, args, env).end();
}
