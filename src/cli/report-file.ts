import { rename, rm, writeFile } from 'node:fs/promises';
import { invalid, PortReservationError } from '../errors.js';
import type { Reason } from '../errors.js';

/** A fault of the path that was given, by its code. */
const FAULTS: Readonly<Record<string, { reason: Reason; advice: string }>> = {
  ENOENT: { reason: 'InvalidParameter', advice: 'Name a folder that is there.' },
  ENOTDIR: { reason: 'InvalidParameter', advice: 'Name a folder that is there.' },
  EISDIR: { reason: 'InvalidParameter', advice: 'Name a file, not a folder.' },
  EACCES: { reason: 'AccessDenied', advice: 'Name a folder in which you may write.' },
  EPERM: { reason: 'AccessDenied', advice: 'Name a folder in which you may write.' },
  EROFS: { reason: 'AccessDenied', advice: 'Name a folder in which you may write.' },
  ENOSPC: { reason: 'NativeError', advice: 'Make room on the disk, or name another.' },
};

/**
 * Writes a new file, as a whole or not at all. An old one is replaced only when it is asked for, and then in one step; a link
 * in its place is replaced, not followed.
 */
export async function writeReport(path: string, text: string, replace: boolean): Promise<void> {
  const target = replace ? `${path}.${process.pid}.tmp` : path;
  try {
    await writeFile(target, text, { flag: 'wx' });
    if (replace) await rename(target, path);
  } catch (error) {
    // What is there already is not ours to remove.
    if (codeOf(error) !== 'EEXIST') await rm(target, { force: true }).catch(() => {});
    throw explain(error, path);
  }
}

function explain(error: unknown, path: string): PortReservationError {
  const code = codeOf(error);
  if (code === 'EEXIST') return invalid('path', path, 'must be a new file, unless --force is given');
  const { reason, advice } = FAULTS[code] ?? { reason: 'NativeError', advice: 'Write to another place.' };
  return new PortReservationError(`${code}: the map was not written to "${path}"`, { reason, code, advice }, { cause: error });
}

function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? 'UNKNOWN';
}
