import { closeSync, lstatSync, openSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';

/** A code of this package's own, beside those of the file system: a device or a pipe is in the place of the file, and cannot be replaced. */
export const SPECIAL = 'ESPECIAL';

/** Names that Windows takes for a device, in any folder. Node.js would create such a file all the same, and hardly any program could open or delete it. */
const DEVICE = /^(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[\d\xB9\xB2\xB3]) *([.:]|$)/i;

/**
 * Writes a new file, completely or not at all. With `replace`, an existing file is replaced in one step; a link in its place
 * is replaced, not followed; a device or a pipe is refused, and so is a link to one, such as /dev/stdout.
 *
 * It is synchronous: a process that ends by itself, or listens to the signals that would end it, leaves no part of a file behind.
 *
 * @throws the error of the file system, with its `code`; EEXIST without `replace`
 */
export function writeNewFile(path: string, text: string, replace: boolean): void {
  // The random name keeps others from putting a file or a link there before it is opened.
  const target = replace ? `${path}.${crypto.randomUUID()}.tmp` : path;
  const obstacle = obstacleAt(path);
  if (obstacle !== null) throw Object.assign(new Error(`${path} is no file`), { code: obstacle });
  // Outside of the try: if this fails, another file has the name, which must not be removed.
  const file = openSync(target, 'wx');
  try {
    try {
      writeFileSync(file, text);
    } finally {
      closeSync(file);
    }
    if (replace) renameSync(target, path);
  } catch (error) {
    remove(target);
    throw error;
  }
}

function remove(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {
    // The error of the writing, which the caller gets, says more.
  }
}

/** The code of what must not be replaced by the file: a folder, a device or a pipe. A rename would put the file in place of a device. `null` for nothing. */
function obstacleAt(path: string): string | null {
  if (process.platform === 'win32' && DEVICE.test(basename(path))) return SPECIAL;
  try {
    const found = lstatSync(path);
    if (found.isDirectory()) return 'EISDIR';
    const meant = found.isSymbolicLink() ? statSync(path) : found;
    return meant.isFile() || meant.isDirectory() ? null : SPECIAL;
  } catch {
    return null;
  }
}

export function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? 'UNKNOWN';
}
