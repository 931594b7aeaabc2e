import { createReadStream } from 'node:fs';
import type { Readable } from 'node:stream';
import { invalid } from '../errors.js';
import { english } from '../texts/text.js';

const MAX_BYTES = 16 * 1024 * 1024;

/** The text of a file. */
export async function readFileText(path: string): Promise<string> {
  return decode(path, await read(path, createReadStream(path)));
}

/** The text of stdin, to its end. */
export async function readStdinText(): Promise<string> {
  return decode('-', await read('-', process.stdin));
}

async function read(path: string, stream: Readable): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > MAX_BYTES) break;
      chunks.push(chunk);
    }
  } catch (error) {
    throw invalid('input', path, english(`must be a file that can be read: ${(error as Error).message}`));
  }
  if (bytes > MAX_BYTES) throw invalid('input', path, english(`must have at most ${MAX_BYTES} bytes`));
  return Buffer.concat(chunks);
}

/** UTF-8, or UTF-16 as Windows PowerShell writes with `>`. A byte order mark is not part of the text. */
function decode(path: string, bytes: Buffer): string {
  const mark = bytes.subarray(0, 2).toString('hex');
  const encoding = mark === 'fffe' ? 'utf-16le' : mark === 'feff' ? 'utf-16be' : 'utf-8';
  try {
    const text = new TextDecoder(encoding, { fatal: true }).decode(bytes);
    // UTF-16 without its mark is valid UTF-8.
    if (!text.includes('\0')) return text;
  } catch {
    // As below.
  }
  throw invalid('input', path, english('must be text in UTF-8, or in UTF-16 with a byte order mark'));
}
