// Pairs of runs, one after the other, so that what else the machine does meets both.
import { spawnSync } from 'node:child_process';

/** Median of numbers. */
export function median(values) {
  const sorted = values.toSorted((a, b) => a - b);
  return (sorted[Math.floor((sorted.length - 1) / 2)] + sorted[Math.ceil((sorted.length - 1) / 2)]) / 2;
}

/**
 * A run that measures itself returns its milliseconds.
 *
 * @returns { ours, peer, ratio }: medians of milliseconds, and of the ratios of the pairs; the first pair only warms up
 */
export function paired(times, ours, peer) {
  const pairs = [];
  for (let index = 0; index <= times; index += 1) {
    const pair = index % 2 === 0 ? [timed(ours), timed(peer)] : [timed(peer), timed(ours)].reverse();
    if (index > 0) pairs.push(pair);
  }
  return { ours: median(pairs.map(([own]) => own)), peer: median(pairs.map(([, other]) => other)), ratio: median(pairs.map(([own, other]) => own / other)) };
}

/** Milliseconds of a run, which may have measured itself. */
export function timed(run) {
  const start = performance.now();
  const own = run();
  return typeof own === 'number' ? own : performance.now() - start;
}

/** Runs a program to its end; gives its stdout. @param environment what it has besides this process's */
export function run(program, args, input = '', environment = {}) {
  const { status, error, stdout, stderr } = spawnSync(program, args, { encoding: 'utf8', input, env: { ...process.env, ...environment } });
  if (error || status !== 0) throw new Error(`${program} ${args.join(' ')} failed: ${error?.message ?? stderr}${stdout ?? ''}`);
  return stdout;
}
