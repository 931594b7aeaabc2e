import type { Readable } from 'node:stream';

/** A line longer than this many characters is refused; a batch of 1,000 requests has about 150,000. */
export const MAX_LINE = 1 << 20;
/** How many characters are read ahead while lines are held back. So the end of the stream is noticed in most cases. */
const READ_AHEAD = 1 << 20;

interface LineListener {
  readonly onLine: (line: string) => void;
  readonly onTooLong: () => void;
  /** After the last line. */
  readonly onEnd: () => void;
}

/**
 * Splits a stream into lines. Accepts LF and CRLF, and one leading byte order mark: .NET Framework writes one if the
 * console's code page is 65001. Skips empty lines. A line over the limit is reported once and discarded as it arrives, so
 * that it costs no memory.
 */
export class Lines {
  readonly #stream: Readable;
  readonly #listener: LineListener;
  #rest = '';
  #first = true;
  #skipping = false;
  #held = false;
  #ahead: string[] = [];
  #aheadLength = 0;
  #ended = false;

  constructor(stream: Readable, listener: LineListener) {
    this.#stream = stream;
    this.#listener = listener;
    // The decoder joins a character that is split between two chunks.
    stream.setEncoding('utf8');
    stream.on('data', (chunk: string) => this.#read(chunk));
    stream.on('end', () => {
      this.#ended = true;
      if (!this.#held) this.#end();
    });
  }

  get held(): boolean {
    return this.#held;
  }

  /** Gives no more lines until {@link release}, and soon reads no more of the stream. */
  hold(): void {
    this.#held = true;
  }

  release(): void {
    this.#held = false;
    while (!this.held && this.#ahead.length > 0) {
      const chunk = this.#ahead.shift() ?? '';
      this.#aheadLength -= chunk.length;
      this.#split(chunk);
    }
    if (this.held) return;
    if (this.#ended) this.#end();
    else this.#stream.resume();
  }

  #read(chunk: string): void {
    if (!this.#held) return this.#split(chunk);
    this.#ahead.push(chunk);
    this.#aheadLength += chunk.length;
    if (this.#aheadLength > READ_AHEAD) this.#stream.pause();
  }

  #split(chunk: string): void {
    if (this.#first) chunk = chunk.replace(/^\uFEFF/, '');
    this.#first = false;
    let start = 0;
    for (let end = chunk.indexOf('\n'); end !== -1; end = chunk.indexOf('\n', start)) {
      const line = this.#rest + chunk.slice(start, end);
      this.#rest = '';
      start = end + 1;
      if (!this.#skipping && isTooLong(line)) this.#listener.onTooLong();
      else this.#finish(line);
    }
    this.#rest += chunk.slice(start);
    if (isTooLong(this.#rest)) {
      if (!this.#skipping) this.#listener.onTooLong();
      this.#skipping = true;
      this.#rest = '';
    }
  }

  #finish(line: string): void {
    if (line.endsWith('\r')) line = line.slice(0, -1);
    if (this.#skipping) this.#skipping = false;
    else if (line.trim() !== '') this.#listener.onLine(line);
  }

  #end(): void {
    if (this.#rest !== '') this.#finish(this.#rest);
    this.#rest = '';
    this.#listener.onEnd();
  }
}

/** Without counting the carriage return, which belongs to the line end. */
function isTooLong(line: string): boolean {
  return line.length > MAX_LINE + (line.endsWith('\r') ? 1 : 0);
}
