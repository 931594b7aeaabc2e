import type { SingleBar } from 'cli-progress';

/** What takes less needs no bar. */
const DELAY = 1_000;

/**
 * A bar on stderr for work that takes its time, gone at the end. There is none where stderr is no terminal, nor with
 * --json, where stderr has lines of JSON alone.
 */
export class Progress implements Disposable {
  readonly #total: number;
  readonly #timer: NodeJS.Timeout | undefined;
  #done = 0;
  #text: string;
  #bar: SingleBar | undefined;
  #ended = false;

  constructor({ total, text, json }: { total: number; text: string; json: boolean }) {
    this.#total = total;
    this.#text = text;
    // Work that can be done without a bar does not fail for want of one.
    if (process.stderr.isTTY && !json) this.#timer = setTimeout(() => void this.#show().catch(() => {}), DELAY);
  }

  update(done: number, text = this.#text): void {
    this.#done = done;
    this.#text = text;
    this.#bar?.update(done, { text });
  }

  [Symbol.dispose](): void {
    this.#ended = true;
    clearTimeout(this.#timer);
    this.#bar?.stop();
  }

  async #show(): Promise<void> {
    // Most commands end sooner, and are not to wait for it to load.
    const { default: { SingleBar } } = await import('cli-progress');
    if (this.#ended) return;
    // With linewrap the line is cut, and no mode of the terminal is changed that Ctrl+C would leave behind.
    this.#bar = new SingleBar({ format: '[{bar}] {value}/{total} {text}', stream: process.stderr, clearOnComplete: true, linewrap: true });
    this.#bar.start(this.#total, this.#done, { text: this.#text });
  }
}
