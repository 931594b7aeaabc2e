import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/**
 * The simulator's sockets are real, and it tries whether a block is free by binding its ports, so test files that run at once must
 * not share ports, not even those that they only reserve: each has an area of its own, below the range that systems hand out by
 * themselves. What does not read this has 5000-11999, 13000-13999 and 26000-29099 (test/powershell), 25000-25999 and 29900-29999
 * (the examples, which name their ports), and 20000-20999 (a search that is given no first port).
 */
const FREE: readonly (readonly [first: number, end: number])[] = [[12_000, 13_000], [14_000, 20_000], [21_000, 25_000], [29_100, 29_900], [30_000, 32_700]];

/** How many ports a file has, if not {@link USUAL}. */
const SIZES: Readonly<Record<string, number>> = {
  'cli/doctor': 300, 'cli/progress': 600, 'cli/refusal': 300, 'examples/examples': 300, 'host/races': 200, 'library/desired-state': 200, 'library/exclusion': 200, 'library/health': 1_000,
  'library/many': 900, 'package/fleet': 600, 'reliability/reliability': 300,
};
const USUAL = 100;

/** The folder and the name of a test file. */
const nameOf = (path: string) => /(\w+[\\/][\w-]+)(\.test)?\.ts$/.exec(path)?.[1]?.replace('\\', '/') ?? path;

function layOut(): Map<string, number> {
  const parts = FREE.map(([first, end]) => ({ next: first, end }));
  // As ava.config.js has them here, and under Wine.
  const names = readdirSync(fileURLToPath(new URL('..', import.meta.url)), { recursive: true, encoding: 'utf8' })
    .filter((path) => /\.test\.ts$|^wine[\\/][\w-]+\.ts$/.test(path)).map(nameOf).sort();
  // The largest first: they fit nowhere else.
  return new Map(names.map((name) => ({ name, size: SIZES[name] ?? USUAL })).sort((a, b) => b.size - a.size).map(({ name, size }) => {
    const part = parts.find(({ next, end }) => next + size <= end);
    if (!part) throw new Error('there are no ports left for the test files');
    part.next += size;
    return [name, part.next - size];
  }));
}

const firsts = layOut();

/** The first port of the area of a test file. @param file its `import.meta.url` */
export function portsOf(file: string): number {
  const name = nameOf(fileURLToPath(file));
  const first = firsts.get(name);
  if (first === undefined) throw new Error(`${name} is no test file`);
  return first;
}
