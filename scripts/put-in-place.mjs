import { existsSync, renameSync } from 'node:fs';

/** Renames what was made aside to its place, unless another process was quicker. */
export function putInPlace(made, place) {
  try {
    renameSync(made, place);
  } catch (error) {
    if (!existsSync(place)) throw error;
  }
}
