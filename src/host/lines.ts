import type { Readable } from 'node:stream';

/** A line longer than this many characters is refused; a batch of 1,000 requests has about 150,000. */
export const MAX_LINE = 1 << 20;

/**
 * Splits a stream into lines. Accepts LF and CRLF, and one leading byte order mark: .NET Framework writes one if the
 * console's code page is 65001. Skips empty lines. A line over the limit is reported once and discarded as it arrives, so
 * that it costs no memory.
 */
export function readLines(stream: Readable, onLine: (line: string) => void, onTooLong: () => void): void {
  let rest = '';
  let first = true;
  let skipping = false;

  function finish(line: string): void {
    if (line.endsWith('\r')) line = line.slice(0, -1);
    if (skipping) skipping = false;
    else if (line.trim() !== '') onLine(line);
  }

  // The decoder joins a character that is split between two chunks.
  stream.setEncoding('utf8');
  stream.on('data', (chunk: string) => {
    if (first) chunk = chunk.replace(/^\uFEFF/, '');
    first = false;
    let start = 0;
    for (let end = chunk.indexOf('\n'); end !== -1; end = chunk.indexOf('\n', start)) {
      const line = rest + chunk.slice(start, end);
      rest = '';
      start = end + 1;
      if (!skipping && line.length > MAX_LINE) onTooLong();
      else finish(line);
    }
    rest += chunk.slice(start);
    if (rest.length > MAX_LINE) {
      if (!skipping) onTooLong();
      skipping = true;
      rest = '';
    }
  });
  stream.on('end', () => {
    if (rest !== '') finish(rest);
    rest = '';
  });
}
