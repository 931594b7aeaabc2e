import { closeSync, lstatSync, openSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';

/** The file system's code for what is in the place of a file and cannot be replaced: a device or a pipe. */
export const SPECIAL = 'ESPECIAL';

/** What Windows takes for a device, in any folder. Node.js goes around that, and would make a file that hardly a program can open or delete. */
const DEVICE = /^(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[\d\xB9\xB2\xB3]) *([.:]|$)/i;

/**
 * Writes a new file, completely or not at all. With `replace`, an existing file is replaced in one step; a link in its place
 * is replaced, not followed; a device or a pipe is refused, and so is a link to one, such as /dev/stdout.
 *
 * It does not wait in between: a process that ends by itself, or has a listener for what would end it, leaves no part of a file.
 *
 * @throws the error of the file system, with its `code`; EEXIST without `replace`
 */
export function writeNewFile(path: string, text: string, replace: boolean): void {
  // Nobody can know the name, and put a file or a link there, before it is opened.
  const target = replace ? `${path}.${crypto.randomUUID()}.tmp` : path;
  const obstacle = obstacleAt(path);
  if (obstacle !== null) throw Object.assign(new Error(`${path} is no file`), { code: obstacle });
  // What could not be opened as a new file is not ours to remove.
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
    // Why it could not be written says more.
  }
}

/** The code of what is in the place of the file, and stays there. Renaming a file to the name of a device would put the file in its place. */
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
