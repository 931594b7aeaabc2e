// Reads AVA's TAP as it grows in a file.
import { closeSync, openSync } from 'node:fs';
import { LineReader } from '../line-reader.mjs';
import { Tap } from '../tap.mjs';

const INTERVAL = 250;

export class TapFile {
  #reader;
  #timer;
  #tap;

  /** @param onTested as for Tap */
  constructor(path, onTested) {
    closeSync(openSync(path, 'a'));
    this.#reader = new LineReader(path);
    this.#tap = new Tap(onTested);
    this.#timer = setInterval(() => this.#readOn(), INTERVAL);
  }

  /** The results, as Tap has them. */
  end() {
    clearInterval(this.#timer);
    this.#readOn();
    this.#tap.end();
    this.#reader.close();
    return this.#tap.results;
  }

  #readOn() {
    for (const line of this.#reader.read()) this.#tap.read(line.trimEnd());
  }
}
