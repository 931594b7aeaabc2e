import { lstat } from 'node:fs/promises';
import { extname, isAbsolute } from 'node:path';
import { invalid, PortReservationError } from '../errors.js';
import type { Reason } from '../errors.js';
import { codeOf, writeNewFile } from '../new-file.js';
import { text } from '../texts/text.js';
import type { PlainId, Text } from '../texts/text.js';

/** Codes of the file system for what one may not do. */
const DENIED: ReadonlySet<string> = new Set(['EACCES', 'EPERM', 'EROFS']);

/** The picture that a file is of, by its name. */
export function formatOf(path: string): 'svg' | 'html' {
  return extname(path).toLowerCase() === '.svg' ? 'svg' : 'html';
}

/** Refuses a place where no map can be written, before one is made. */
export async function checkMapFile(path: string, force: boolean): Promise<void> {
  // The host's current folder is not that of its client.
  if (!isAbsolute(path)) throw invalid('path', path, text('rule.absolutePath'));
  const found = await lstat(path).catch(() => null);
  if (found?.isDirectory() || !/\.(svg|html?)$/i.test(path)) throw refusal('InvalidParameter', text('map.file', { path }), 'map.file.advice');
  if (found && !force) throw exists(path);
}

/** Writes a map completely or not at all. */
export function writeMapFile(path: string, map: string, force: boolean): void {
  try {
    writeNewFile(path, map.replace(/\n?$/, '\n'), force);
  } catch (error) {
    const code = codeOf(error);
    if (code === 'EEXIST') throw exists(path);
    throw refusal(DENIED.has(code) ? 'AccessDenied' : 'NativeError', text('map.notWritten', { path, code }), 'map.notWritten.advice');
  }
}

function exists(path: string): PortReservationError {
  return refusal('InvalidParameter', text('map.exists', { path }), 'map.exists.advice');
}

function refusal(reason: Reason, message: Text, advice: PlainId): PortReservationError {
  return new PortReservationError(message, { reason, code: 'EINVAL', advice: text(advice) });
}
