import { lstat, open, rename, rm, stat } from 'node:fs/promises';

/** The file system's code for what is in the place of a file and cannot be replaced: a device or a pipe. */
export const SPECIAL = 'ESPECIAL';

/**
 * Writes a new file, completely or not at all. With `replace`, an existing file is replaced in one step; a link in its place
 * is replaced, not followed; a device or a pipe is refused, and so is a link to one, such as /dev/stdout.
 *
 * @throws the error of the file system, with its `code`; EEXIST without `replace`
 */
export async function writeNewFile(path: string, text: string, replace: boolean): Promise<void> {
  // Nobody can know the name, and put a file or a link there, before it is opened.
  const target = replace ? `${path}.${crypto.randomUUID()}.tmp` : path;
  if (replace && await isSpecial(path)) throw Object.assign(new Error(`${path} is a device or a pipe`), { code: SPECIAL });
  // What could not be opened as a new file is not ours to remove.
  const file = await open(target, 'wx');
  try {
    await file.writeFile(text).finally(() => file.close());
    if (replace) await rename(target, path);
  } catch (error) {
    await rm(target, { force: true }).catch(() => {});
    throw error;
  }
}

/** A device, for example: renaming a file to its name would put the file in its place. */
async function isSpecial(path: string): Promise<boolean> {
  const found = await lstat(path).catch(() => null);
  const meant = found?.isSymbolicLink() ? await stat(path).catch(() => null) : found;
  return meant !== null && !meant.isFile() && !meant.isDirectory();
}

export function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? 'UNKNOWN';
}
