import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** Whether dist/ is newer than every source. Programs that run side by side do not build under each other's feet. */
export function isBuilt(root) {
  const newest = Math.max(...readdirSync(join(root, 'src'), { recursive: true }).map((name) => statSync(join(root, 'src', name)).mtimeMs));
  const built = statSync(join(root, 'dist', 'port-reservation-host.cjs'), { throwIfNoEntry: false })?.mtimeMs ?? 0;
  return built >= newest;
}
