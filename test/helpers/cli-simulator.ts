import type { ExecutionContext, TestFn } from 'ava';
import { runCli } from './cli-process.js';
import type { Finished } from './cli-process.js';
import { openSimulator } from './simulator.js';
import type { TestSimulator } from './simulator.js';

/** What every command says on stderr here. */
export const NOTE = 'port-reservation: running on the simulator, not on Windows\n';

/** The command line on a simulator that is empty before each test. */
export interface CliOnSimulator {
  readonly simulator: TestSimulator;
  run(t: ExecutionContext, ...args: string[]): Promise<Finished>;
  /** The stdout of a command that must succeed, and say nothing else; explain may find that a port cannot be bound. */
  text(t: ExecutionContext, ...args: string[]): Promise<string>;
  /** The same with --json, which must be one line of it. */
  json<Value>(t: ExecutionContext, ...args: string[]): Promise<Value>;
  /** The stderr of a command that must fail with this exit code, and print nothing. */
  fails(t: ExecutionContext, code: number, ...args: string[]): Promise<string>;
}

/** Call it before the file's first test. */
export async function openCli(test: TestFn): Promise<CliOnSimulator> {
  const simulator = await openSimulator(test);
  const run = (t: ExecutionContext, ...args: string[]) => runCli(t, [...args, ...simulator.args]);
  const text = async (t: ExecutionContext, ...args: string[]) => {
    const { status, stdout, stderr } = await run(t, ...args);
    t.is(stderr, NOTE);
    t.true(status === 0 || (args[0] === 'explain' && status === 4), String(status));
    return stdout;
  };
  return {
    simulator,
    run,
    text,
    async json<Value>(t: ExecutionContext, ...args: string[]) {
      const line = await text(t, ...args, '--json');
      t.is(line.trimEnd().split('\n').length, 1);
      return JSON.parse(line) as Value;
    },
    async fails(t, code, ...args) {
      const { status, stdout, stderr } = await run(t, ...args);
      t.is(status, code, stderr);
      t.is(stdout, '');
      return stderr;
    },
  };
}
