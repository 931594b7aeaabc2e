import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { extname } from 'node:path';
import type { Readable } from 'node:stream';
import { invalid, isPortReservationError } from '../errors.js';
import { codeOf } from '../util/new-file.js';
import { text } from '../texts/text.js';
import type { PlainId } from '../texts/text.js';

const MAX_BYTES = 16 * 1024 * 1024;

const REFUSALS: Readonly<Record<string, PlainId>> = {
  ENOENT: 'rule.file.exists', ENOTDIR: 'rule.file.exists', EISDIR: 'rule.file.noFolder', EACCES: 'rule.file.allowed', EPERM: 'rule.file.allowed',
  ENXIO: 'rule.file.device',
};

/** The text of a file. @param name what an error calls it, as the name of an argument */
export async function readFileText(name: string, path: string): Promise<string> {
  // A data file of PowerShell, which is neither JSON nor a table.
  if (extname(path).toLowerCase() === '.psd1') throw invalid(name, path, text('rule.file.psd1'));
  return decode(name, path, await refusing(name, path, () => readFile(name, path)));
}

/** The text of stdin, to its end. */
export async function readStdinText(name = 'input'): Promise<string> {
  return decode(name, '-', await refusing(name, '-', () => collect(name, '-', process.stdin)));
}

/** Reads a regular file. A pipe or a device may have no end. The opened file is checked and not the path, which may be another file by then. */
async function readFile(name: string, path: string): Promise<Buffer> {
  // Without O_NONBLOCK, a pipe that nobody writes to would never open. Windows has neither.
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const before = await file.stat({ bigint: true });
    if (!before.isFile() && !before.isDirectory()) throw invalid(name, path, text('rule.file.device'));
    const bytes = await collect(name, path, file.createReadStream({ autoClose: false }));
    const after = await file.stat({ bigint: true });
    // Half of a table that is just being written may look like a whole one.
    if (after.size !== before.size || after.mtimeNs !== before.mtimeNs) throw invalid(name, path, text('rule.file.changed'));
    return bytes;
  } finally {
    await file.close();
  }
}

async function collect(name: string, path: string, source: Readable): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of source as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > MAX_BYTES) throw invalid(name, path, text('rule.file.size', { most: MAX_BYTES }));
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** Turns an error of the file system into one about the argument. */
async function refusing(name: string, path: string, read: () => Promise<Buffer>): Promise<Buffer> {
  try {
    return await read();
  } catch (error) {
    if (isPortReservationError(error)) throw error;
    const code = codeOf(error);
    const known = REFUSALS[code];
    throw invalid(name, path, known ? text(known) : text('rule.file', { code }));
  }
}

/** Byte order mark -> encoding. */
const ENCODINGS: Readonly<Record<string, string>> = { fffe: 'utf-16le', feff: 'utf-16be' };

/** UTF-8, or UTF-16 as Windows PowerShell writes with `>`. A byte order mark is not part of the text. */
function decode(name: string, path: string, bytes: Buffer): string {
  const encoding = ENCODINGS[bytes.subarray(0, 2).toString('hex')] ?? 'utf-8';
  try {
    const content = new TextDecoder(encoding, { fatal: true }).decode(bytes);
    // UTF-16 without its mark is valid UTF-8.
    if (!content.includes('\0')) return content;
  } catch {
    // Not text in this encoding: refused below.
  }
  throw invalid(name, path, text('rule.file.encoding'));
}
