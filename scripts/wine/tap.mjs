// Reads AVA's TAP as it grows in a file, and shows what failed.
import { closeSync, openSync, readSync } from 'node:fs';
import { StringDecoder } from 'node:string_decoder';

const INTERVAL = 250;

export class TapFile {
  /** { title, outcome, message } of each test, in the order in which they ended: passed, failed with what AVA says of it, or skipped with the reason. */
  results = [];
  #file;
  #decoder = new StringDecoder('utf8');
  #rest = '';
  #timer;
  #show;
  #onTested;

  /**
   * @param show gets the lines about what failed, and about what was skipped
   * @param onTested is called at the end of each test
   */
  constructor(path, show, onTested) {
    closeSync(openSync(path, 'a'));
    this.#file = openSync(path, 'r');
    this.#show = show;
    this.#onTested = onTested;
    this.#timer = setInterval(() => this.#readOn(), INTERVAL);
  }

  end() {
    clearInterval(this.#timer);
    this.#readOn();
    closeSync(this.#file);
  }

  #readOn() {
    const buffer = Buffer.alloc(65_536);
    for (let size = readSync(this.#file, buffer); size > 0; size = readSync(this.#file, buffer)) {
      const lines = (this.#rest + this.#decoder.write(buffer.subarray(0, size))).split('\n');
      this.#rest = lines.pop();
      for (const line of lines) this.#onLine(line.trimEnd());
    }
  }

  #onLine(line) {
    const [result, not, title, directive] = /^(not )?ok \d+(?: - (.*?))?( # (?:SKIP|TODO).*)?$/i.exec(line) ?? [];
    if (result !== undefined) {
      this.results.push(directive ? { title, outcome: 'skipped', message: 'not for this system' } : { title, outcome: not ? 'failed' : 'passed', message: '' });
      if (not || directive) this.#show(line);
      this.#onTested();
      return;
    }
    const last = this.results.at(-1);
    // What a test logs comes behind its result; this is how one says that it could not run here.
    const [, reason] = /^# +SKIPPED: (.*)$/.exec(line) ?? [];
    if (reason !== undefined) {
      Object.assign(last, { outcome: 'skipped', message: reason });
    } else if (last?.outcome === 'failed' && /^\s/.test(line)) {
      last.message += `${line}\n`;
      this.#show(line);
    }
  }
}
