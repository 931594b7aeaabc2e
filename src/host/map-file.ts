import { lstat } from 'node:fs/promises';
import { checkAbsolute } from '../checks.js';
import { invalid, PortReservationError } from '../errors.js';
import type { Reason } from '../errors.js';
import { pictureOf } from '../map/render.js';
import { codeOf, SPECIAL, writeNewFile } from '../util/new-file.js';
import { text } from '../texts/text.js';
import type { PlainId, Text } from '../texts/text.js';

/** Codes of the file system that mean a lack of rights. */
const DENIED: ReadonlySet<string> = new Set(['EACCES', 'EPERM', 'EROFS']);

/** Refuses a path where no map can be written, before the map is made. */
export async function checkMapFile(path: string, force: boolean): Promise<void> {
  // The host has another current folder than its client.
  checkAbsolute('path', path);
  const found = await lstat(path).catch(() => null);
  if (found?.isDirectory() || pictureOf(path) === null) throw refusal('InvalidParameter', text('map.file', { path }), 'map.file.advice');
  if (found && !force) throw exists(path);
}

/** Writes a map completely or not at all. */
export function writeMapFile(path: string, map: string, force: boolean): void {
  try {
    writeNewFile(path, map, force);
  } catch (error) {
    const code = codeOf(error);
    if (code === 'EEXIST') throw exists(path);
    if (code === SPECIAL) throw invalid('path', path, text('rule.file.device'));
    throw refusal(DENIED.has(code) ? 'AccessDenied' : 'NativeError', text('map.notWritten', { path, code }),
      code === 'ENOSPC' ? 'map.noSpace.advice' : 'map.notWritten.advice', code);
  }
}

function exists(path: string): PortReservationError {
  return refusal('InvalidParameter', text('map.exists', { path }), 'map.exists.advice');
}

function refusal(reason: Reason, message: Text, advice: PlainId, code = 'EINVAL'): PortReservationError {
  return new PortReservationError(message, { reason, code, advice: text(advice) });
}
