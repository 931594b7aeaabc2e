import type { PortRange } from './blocks.js';

/** Finds the ranges that have certain ports without looking at every range: there may be ten thousand, asked for each of 65,535 ports. */
export class RangeIndex<Range extends PortRange> {
  /** Sorted by first port. `place` is the index in the order in which the ranges were given. */
  readonly #sorted: readonly { readonly range: Range; readonly place: number }[];
  /** For each index of `#sorted`, the highest last port of the ranges from the first one to that one. */
  readonly #reach: readonly number[];

  constructor(ranges: readonly Range[]) {
    this.#sorted = ranges.map((range, place) => ({ range, place })).sort((a, b) => a.range.startPort - b.range.startPort);
    let reach = 0;
    this.#reach = this.#sorted.map(({ range }) => (reach = Math.max(reach, range.endPort)));
  }

  /** The ranges that have a port in common with this one, in the order in which they were given. */
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

  /** How many ranges begin at this port or below it. */
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
