import { rm } from 'node:fs/promises';

/**
 * Removes a temporary folder that processes which are just ending may still have files open in (Windows removes none of
 * those) or make files in: rm looks again at each try, where rmSync looks only once.
 */
export function removeFolder(folder) {
  return rm(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
}
