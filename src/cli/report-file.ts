import { PortReservationError } from '../errors.js';
import type { Reason } from '../errors.js';
import { codeOf, SPECIAL, writeNewFile } from '../util/new-file.js';
import { english } from '../texts/text.js';
import { outlastSignals } from './signals.js';
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

/** As {@link writeNewFile}, but no signal ends it, and its errors are for the user. @param name the argument that gave the path, for errors */
export function writeReport(name: 'file' | 'path', path: string, text: string, replace: boolean): void {
  outlastSignals();
  try {
    writeNewFile(path, text, replace);
  } catch (error) {
    throw explain(error, name, path);
  }
}

function explain(error: unknown, name: string, path: string): PortReservationError {
  const code = codeOf(error);
  if (code === SPECIAL) return mistake(name, path, 'must be a file, and is a device or a pipe');
  if (code === 'EEXIST') return mistake(name, path, 'must be a new file, unless --force is given');
  const { reason, advice } = FAULTS[code] ?? { reason: 'NativeError', advice: 'Write to another place.' };
  return new PortReservationError(english(`${code}: nothing was written to "${path}"`), { reason, code, advice: english(advice) }, { cause: error });
}
