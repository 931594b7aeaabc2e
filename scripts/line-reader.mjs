import { closeSync, openSync, readSync } from 'node:fs';

/** Whole lines of a file that grows. */
export class LineReader {
  #file;
  #rest = Buffer.alloc(0);

  constructor(path) {
    this.#file = openSync(path, 'r');
  }

  /** The lines that have come since the last call, without one that has no end yet. */
  read() {
    const chunk = Buffer.alloc(65_536);
    for (let size = readSync(this.#file, chunk); size > 0; size = readSync(this.#file, chunk)) {
      this.#rest = Buffer.concat([this.#rest, chunk.subarray(0, size)]);
    }
    const end = this.#rest.lastIndexOf(0x0a) + 1;
    const lines = this.#rest.toString('utf8', 0, end).split(/\r?\n/).slice(0, -1);
    this.#rest = this.#rest.subarray(end);
    return lines;
  }

  close() {
    closeSync(this.#file);
  }
}
