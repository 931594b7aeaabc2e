import type { SingleBar } from 'cli-progress';

/** Milliseconds after which the bar appears. */
const DELAY = 1_000;

/**
 * A progress bar on stderr for long work, erased at the end. There is none if stderr is not a terminal, or with --json, where
 * stderr has only lines of JSON.
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
    // A bar that cannot be shown is not a reason to fail.
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
    // Loaded only now, because most commands end before a bar would appear.
    const { default: { SingleBar } } = await import('cli-progress');
    if (this.#ended) return;
    // linewrap: true cuts the line and leaves the terminal's mode unchanged, so that Ctrl+C leaves nothing to restore.
    this.#bar = new SingleBar({ format: '[{bar}] {value}/{total} {text}', stream: process.stderr, clearOnComplete: true, linewrap: true });
    this.#bar.start(this.#total, this.#done, { text: this.#text });
  }
}
