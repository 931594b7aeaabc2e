import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { extname } from 'node:path';
import type { Readable } from 'node:stream';
import { invalid, isPortReservationError } from '../errors.js';
import { text } from '../texts/text.js';
import type { PlainId } from '../texts/text.js';

const MAX_BYTES = 16 * 1024 * 1024;

const REFUSALS: Readonly<Record<string, PlainId>> = {
  ENOENT: 'rule.file.exists', ENOTDIR: 'rule.file.exists', EISDIR: 'rule.file.noFolder', EACCES: 'rule.file.allowed', EPERM: 'rule.file.allowed',
};

/** The text of a file. @param name what an error calls it, as the name of an argument */
export async function readFileText(name: string, path: string): Promise<string> {
  // PowerShell's own, and no table either.
  if (extname(path).toLowerCase() === '.psd1') throw invalid(name, path, text('rule.file.psd1'));
  return decode(name, path, await read(name, path, () => openFile(name, path)));
}

/** The text of stdin, to its end. */
export async function readStdinText(name = 'input'): Promise<string> {
  return decode(name, '-', await read(name, '-', () => process.stdin));
}

/** A pipe or a device may have no end, and the host's client waits for it. */
async function openFile(name: string, path: string): Promise<Readable> {
  const found = await stat(path);
  if (!found.isFile() && !found.isDirectory()) throw invalid(name, path, text('rule.file.device'));
  return createReadStream(path);
}

async function read(name: string, path: string, open: () => Readable | Promise<Readable>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of await open() as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > MAX_BYTES) break;
      chunks.push(chunk);
    }
  } catch (error) {
    if (isPortReservationError(error)) throw error;
    const { code = 'UNKNOWN' } = error as NodeJS.ErrnoException;
    const known = REFUSALS[code];
    throw invalid(name, path, known ? text(known) : text('rule.file', { code }));
  }
  if (bytes > MAX_BYTES) throw invalid(name, path, text('rule.file.size', { most: MAX_BYTES }));
  return Buffer.concat(chunks);
}

/** UTF-8, or UTF-16 as Windows PowerShell writes with `>`. A byte order mark is not part of the text. */
function decode(name: string, path: string, bytes: Buffer): string {
  const mark = bytes.subarray(0, 2).toString('hex');
  const encoding = mark === 'fffe' ? 'utf-16le' : mark === 'feff' ? 'utf-16be' : 'utf-8';
  try {
    const content = new TextDecoder(encoding, { fatal: true }).decode(bytes);
    // UTF-16 without its mark is valid UTF-8.
    if (!content.includes('\0')) return content;
  } catch {
    // As below.
  }
  throw invalid(name, path, text('rule.file.encoding'));
}
