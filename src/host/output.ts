import type { Writable } from 'node:stream';

/** Bytes that the client may leave unread before the host waits for it. */
const MAX_UNREAD = 1 << 20;

/** Writes lines to the client, and knows whether it reads them. */
export class Output {
  readonly #stream: Writable;
  #drained: Promise<void> | null = null;

  constructor(stream: Writable) {
    this.#stream = stream;
  }

  write(line: string): void {
    this.#stream.write(`${line}\n`);
  }

  get isFull(): boolean {
    return this.#stream.writableLength > MAX_UNREAD;
  }

  /** Resolves when the client has read what was written; at once if little is unread. Never rejects. */
  ready(): Promise<void> {
    if (!this.isFull) return Promise.resolve();
    // One listener for all who wait.
    this.#drained ??= new Promise<void>((resolve) => this.#stream.once('drain', resolve)).then(() => void (this.#drained = null));
    return this.#drained;
  }
}
