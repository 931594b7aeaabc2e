// Reads AVA's TAP, line by line.

/** What one run says of its tests. */
export class Tap {
  /** { title, outcome, message } of each test, in the order in which they ended: passed, failed with what AVA says of it, or skipped with the reason. */
  results = [];
  #onTested;
  #isTold = true;

  /** @param onTested gets each result, when all that is said of it was read */
  constructor(onTested = () => {}) {
    this.#onTested = onTested;
  }

  read(line) {
    const [result, not, title, directive] = /^(not )?ok \d+(?: - (.*?))?( # (?:SKIP|TODO).*)?$/i.exec(line) ?? [];
    const last = this.results.at(-1);
    // What a test logs comes behind its result; this is how one says that it could not run here.
    const [, reason] = /^# +SKIPPED: (.*)$/.exec(line) ?? [];
    if (result !== undefined) {
      this.end();
      this.results.push(directive ? { title, outcome: 'skipped', message: 'not for this system' } : { title, outcome: not ? 'failed' : 'passed', message: '' });
      this.#isTold = false;
    } else if (reason !== undefined && last?.outcome === 'passed') {
      Object.assign(last, { outcome: 'skipped', message: reason });
    } else if (last?.outcome === 'failed' && !this.#isTold && /^(\s|$)/.test(line)) {
      last.message += `${line}\n`;
    }
  }

  /** Behind the last line. */
  end() {
    if (!this.#isTold) this.#onTested(this.results.at(-1));
    this.#isTold = true;
  }
}
