import { open, rename, rm } from 'node:fs/promises';
import { PortReservationError } from '../errors.js';
import type { Reason } from '../errors.js';
import { english } from '../texts/text.js';
import { mistake } from './voice.js';

/** What each file system error means for the user. */
const FAULTS: Readonly<Record<string, { reason: Reason; advice: string }>> = {
  ENOENT: { reason: 'InvalidParameter', advice: 'Choose an existing folder.' },
  ENOTDIR: { reason: 'InvalidParameter', advice: 'Choose an existing folder.' },
  EISDIR: { reason: 'InvalidParameter', advice: 'Choose a file, not a folder.' },
  EACCES: { reason: 'AccessDenied', advice: 'Choose a folder that you can write to.' },
  EPERM: { reason: 'AccessDenied', advice: 'Choose a folder that you can write to.' },
  EROFS: { reason: 'AccessDenied', advice: 'Choose a folder that you can write to.' },
  ENOSPC: { reason: 'NativeError', advice: 'Free some disk space, or choose another disk.' },
};

/**
 * Writes a new file, completely or not at all. With `replace`, an existing file is replaced in one step; a link in its place
 * is replaced, not followed.
 */
export async function writeReport(path: string, text: string, replace: boolean): Promise<void> {
  // Nobody can know the name, and put a file or a link there, before it is opened.
  const target = replace ? `${path}.${crypto.randomUUID()}.tmp` : path;
  try {
    // What could not be opened as a new file is not ours to remove.
    const file = await open(target, 'wx');
    try {
      await file.writeFile(text).finally(() => file.close());
      if (replace) await rename(target, path);
    } catch (error) {
      await rm(target, { force: true }).catch(() => {});
      throw error;
    }
  } catch (error) {
    throw explain(error, path);
  }
}

function explain(error: unknown, path: string): PortReservationError {
  const code = codeOf(error);
  if (code === 'EEXIST') return mistake('path', path, 'must be a new file, unless --force is given');
  const { reason, advice } = FAULTS[code] ?? { reason: 'NativeError', advice: 'Write to another place.' };
  return new PortReservationError(english(`${code}: nothing was written to "${path}"`), { reason, code, advice: english(advice) }, { cause: error });
}

function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? 'UNKNOWN';
}
