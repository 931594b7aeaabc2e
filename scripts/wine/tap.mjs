// Reads AVA's TAP as it grows in a file: counts, and shows what failed.
import { closeSync, openSync, readSync } from 'node:fs';
import { StringDecoder } from 'node:string_decoder';

const INTERVAL = 250;

export class TapFile {
  passed = 0;
  failed = 0;
  /** Title and reason of each. */
  skipped = [];
  /** Whether a test failed because Wine did not start a process. */
  wineFailed = false;
  /** Titles of the tests that passed. */
  titles = [];
  #file;
  #decoder = new StringDecoder('utf8');
  #rest = '';
  #timer;
  #show;
  #onTested;
  /** Within the lines about a failed test. */
  #failing = false;

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
    const [, not, title = ''] = /^(not )?ok \d+(?: - (.*))?$/.exec(line) ?? [];
    if (line.startsWith('ok ') && /# (SKIP|TODO)/i.test(line)) {
      this.skipped.push({ title: title.replace(/ # (SKIP|TODO).*$/i, ''), reason: 'not for this system' });
      this.#show(line);
    } else if (line.startsWith('ok ')) {
      this.passed += 1;
      this.titles.push(title);
    } else if (not) {
      this.failed += 1;
    }
    // What a test logs comes behind its result; this is how one says that it could not run here.
    const [, reason] = /^# +SKIPPED: (.*)$/.exec(line) ?? [];
    if (reason !== undefined) {
      this.passed -= 1;
      this.skipped.push({ title: this.titles.pop(), reason });
    }
    if (/^(not )?ok /.test(line)) {
      this.#failing = Boolean(not);
      this.#onTested();
    }
    if (line.startsWith('#') || line.startsWith('1..')) this.#failing = false;
    if (this.#failing) this.#show(line);
    if (this.#failing && line.includes('spawn UNKNOWN')) this.wineFailed = true;
  }
}
