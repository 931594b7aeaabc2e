import { spawn } from 'node:child_process';
import type { ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import type { ExecutionContext } from 'ava';
import { within } from './deadline.js';

export const HOST_PROGRAM = fileURLToPath(new URL('../../dist/port-reservation-host.cjs', import.meta.url));

export interface RpcError {
  readonly code: number;
  readonly message: string;
  readonly data?: {
    readonly reason: string; readonly code: string; readonly nativeCode: number | null; readonly nativeName: string | null;
    readonly syscall: string | null; readonly block: Record<string, unknown> | null; readonly advice: string;
    readonly message: string;
  };
}

export interface Answer<Result = unknown> {
  readonly jsonrpc: '2.0';
  readonly id: number | string | null;
  readonly result?: Result;
  readonly error?: RpcError;
}

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

type Line = Answer | Answer[];

/** A host in a process of its own. Every wait has a deadline, and `t.teardown` ends what a failed test leaves. */
export class HostProcess {
  readonly child: ChildProcessByStdio<Writable, Readable, Readable>;
  /** Its stdin. */
  readonly input: Writable;
  readonly exited: Promise<Exit>;
  /** Everything it wrote, for the tests on purity. */
  stdout = '';
  stderr = '';
  #rest = '';
  #lastId = 0;
  readonly #lines: Line[] = [];
  readonly #waiting: { accept: (line: Line) => boolean; resolve: (line: Line) => void }[] = [];

  private constructor(args: readonly string[], goBetween: boolean) {
    // Node.js closes the stdin of a child that has ended, but not the fourth stream, which a go-between passes on.
    this.child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'pipe', ...(goBetween ? ['pipe' as const] : [])] });
    this.input = (this.child.stdio[3] as Writable | undefined) ?? this.child.stdin;
    this.exited = once(this.child, 'close').then(([code, signal]) => ({ code, signal }));
    this.input.on('error', () => {});
    this.child.stderr.setEncoding('utf8').on('data', (text: string) => (this.stderr += text));
    this.child.stdout.setEncoding('utf8').on('data', (text: string) => this.#onText(text));
  }

  /** A host that has not been spoken to yet. @param goBetween starts it in the place of the test */
  static start(t: Pick<ExecutionContext, 'teardown'>, args: readonly string[] = [], goBetween?: string): HostProcess {
    const host = new HostProcess([...(goBetween === undefined ? [] : [goBetween]), HOST_PROGRAM, ...args], goBetween !== undefined);
    t.teardown(() => host.kill());
    return host;
  }

  /** A host that is ready for requests. */
  static async open(t: Pick<ExecutionContext, 'teardown'>, args: readonly string[]): Promise<HostProcess> {
    const host = HostProcess.start(t, args);
    await host.result('initialize', { protocolVersion: 1 });
    return host;
  }

  write(text: string | Buffer): void {
    this.input.write(text);
  }

  /** Sends a request without waiting; gives its id, for {@link answer}. */
  send(method: string, params?: unknown, id: number | string = ++this.#lastId): number | string {
    this.write(`${JSON.stringify({ jsonrpc: '2.0', id, method, params })}\n`);
    return id;
  }

  notify(method: string, params?: unknown): void {
    this.write(`${JSON.stringify({ jsonrpc: '2.0', method, params })}\n`);
  }

  /** The answer with this id, whatever else comes before it. */
  async answer<Result>(id: number | string | null): Promise<Answer<Result>> {
    return await this.#next((line) => !Array.isArray(line) && line.id === id, `the answer to ${String(id)}`) as Answer<Result>;
  }

  async request<Result>(method: string, params?: unknown): Promise<Answer<Result>> {
    return this.answer<Result>(this.send(method, params));
  }

  /** The result of a request that must succeed. */
  async result<Result>(method: string, params?: unknown): Promise<Result> {
    const { error, result } = await this.request<Result>(method, params);
    if (error) throw new Error(`${method} gave ${JSON.stringify(error)}`);
    return result as Result;
  }

  /** The error of a request that must fail. */
  async error(method: string, params?: unknown): Promise<RpcError> {
    const { error, result } = await this.request(method, params);
    if (!error) throw new Error(`${method} gave ${JSON.stringify(result)}`);
    return error;
  }

  /** Sends one line as it is, and gives the next line that comes back. */
  async raw(line: string | Buffer): Promise<Line> {
    const next = this.nextLine();
    this.write(line);
    this.write('\n');
    return next;
  }

  nextLine(): Promise<Line> {
    return this.#next(() => true, 'a line');
  }

  /** Ends its stdin and gives how it ended. */
  async end(): Promise<Exit> {
    this.input.end();
    return this.untilExit();
  }

  untilExit(): Promise<Exit> {
    return within(this.exited, 'the end of the host');
  }

  async kill(): Promise<void> {
    this.child.kill('SIGKILL');
    // A process that it started may keep its pipes open, and 'close' would wait for it.
    this.child.stdout.destroy();
    this.child.stderr.destroy();
    await within(this.exited, 'the end of the host');
  }

  #next(accept: (line: Line) => boolean, what: string): Promise<Line> {
    const index = this.#lines.findIndex(accept);
    const [line] = index === -1 ? [] : this.#lines.splice(index, 1);
    if (line !== undefined) return Promise.resolve(line);
    const arrived = new Promise<Line>((resolve) => this.#waiting.push({ accept, resolve }));
    const gone = this.exited.then((exit) => {
      throw new Error(`the host ended (${JSON.stringify(exit)}) before ${what}: ${this.stderr}`);
    });
    return within(Promise.race([arrived, gone]), what);
  }

  #onText(text: string): void {
    this.stdout += text;
    const lines = (this.#rest + text).split('\n');
    this.#rest = lines.pop() ?? '';
    // A row stays as it is.
    for (const line of lines.map((text) => (/^[[{]/.test(text) ? JSON.parse(text) : text) as Line)) {
      const index = this.#waiting.findIndex(({ accept }) => accept(line));
      const [waiting] = index === -1 ? [] : this.#waiting.splice(index, 1);
      if (waiting) waiting.resolve(line);
      else this.#lines.push(line);
    }
  }
}
