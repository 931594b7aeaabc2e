import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** What dist/ is made of. */
const PARTS = ['src', 'package.json', 'package-lock.json', 'tsconfig.json', 'tsconfig.build.json', 'scripts/build.mjs',
  ...['code-cache', 'contained', 'notices'].map((name) => `scripts/package/${name}.mjs`)];

/** Whether dist/ is newer than all that it is made of. Programs that run side by side do not build under each other's feet. */
export function isBuilt(root) {
  const newest = Math.max(...PARTS.flatMap((part) => timesIn(join(root, part))));
  const built = statSync(join(root, 'dist', 'port-reservation-host.cjs'), { throwIfNoEntry: false })?.mtimeMs ?? 0;
  return built >= newest;
}

/** Of a file, or of a folder and all that is in it: a folder is as new as the last file that was taken out of it. */
function timesIn(path) {
  const own = statSync(path);
  return own.isDirectory() ? [own.mtimeMs, ...readdirSync(path, { recursive: true }).map((name) => statSync(join(path, name)).mtimeMs)] : [own.mtimeMs];
}
