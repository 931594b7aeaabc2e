// Reads AVA's TAP as it grows in a file.
import { closeSync, openSync, readSync } from 'node:fs';
import { StringDecoder } from 'node:string_decoder';
import { Tap } from '../tap.mjs';

const INTERVAL = 250;

export class TapFile {
  #file;
  #decoder = new StringDecoder('utf8');
  #rest = '';
  #timer;
  #tap;

  /** @param onTested as for Tap */
  constructor(path, onTested) {
    closeSync(openSync(path, 'a'));
    this.#file = openSync(path, 'r');
    this.#tap = new Tap(onTested);
    this.#timer = setInterval(() => this.#readOn(), INTERVAL);
  }

  /** The results, as Tap has them. */
  end() {
    clearInterval(this.#timer);
    this.#readOn();
    this.#tap.end();
    closeSync(this.#file);
    return this.#tap.results;
  }

  #readOn() {
    const buffer = Buffer.alloc(65_536);
    for (let size = readSync(this.#file, buffer); size > 0; size = readSync(this.#file, buffer)) {
      const lines = (this.#rest + this.#decoder.write(buffer.subarray(0, size))).split('\n');
      this.#rest = lines.pop();
      for (const line of lines) this.#tap.read(line.trimEnd());
    }
  }
}
