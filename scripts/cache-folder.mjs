// Where programs that only tests need are kept, outside the tree: a fresh clone finds what an earlier one has installed.
import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';

const { XDG_CACHE_HOME: cache, LOCALAPPDATA: local } = process.env;
const base = [process.platform === 'win32' ? local : cache].find((folder) => folder && isAbsolute(folder)) ?? join(homedir(), '.cache');

/** The path of a folder in it, which need not exist. */
export function cacheFolder(...names) {
  return join(base, 'port-reservation', ...names);
}
