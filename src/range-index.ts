import type { PortRange } from './blocks.js';

/** Finds ranges by their ports without looking at each: ten thousand blocks, and a question for each of 65,535 ports. */
export class RangeIndex<Range extends PortRange> {
  /** By first port, each with its place in the order in which they were given. */
  readonly #sorted: readonly { readonly range: Range; readonly place: number }[];
  /** The highest port of all ranges up to this one. */
  readonly #reach: readonly number[];

  constructor(ranges: readonly Range[]) {
    this.#sorted = ranges.map((range, place) => ({ range, place })).sort((a, b) => a.range.startPort - b.range.startPort);
    let reach = 0;
    this.#reach = this.#sorted.map(({ range }) => (reach = Math.max(reach, range.endPort)));
  }

  /** Those that have a port in common with this one, in the order in which they were given. */
  overlapping({ startPort, endPort }: PortRange): Range[] {
    const found: { range: Range; place: number }[] = [];
    for (let at = this.#countUpTo(endPort) - 1; at >= 0 && (this.#reach[at] ?? 0) >= startPort; at -= 1) {
      const entry = this.#sorted[at];
      if (entry && entry.range.endPort >= startPort) found.push(entry);
    }
    return found.sort((a, b) => a.place - b.place).map(({ range }) => range);
  }

  at(port: number): Range[] {
    return this.overlapping({ startPort: port, endPort: port });
  }

  /** How many begin at this port or below it. */
  #countUpTo(port: number): number {
    let low = 0;
    let high = this.#sorted.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#sorted[middle]?.range.startPort ?? 0) <= port) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
