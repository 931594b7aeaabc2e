/**
 * Promise.all, but it rejects when the last has settled and not when the first fails: each may have a process of its own,
 * and none may go on behind a caller who was already told the end.
 *
 * @throws what the first in the order of `work` failed with
 */
export async function settleAll<Work extends readonly unknown[] | []>(work: Work): Promise<{ -readonly [Key in keyof Work]: Awaited<Work[Key]> }> {
  await Promise.allSettled(work);
  // eslint-disable-next-line no-restricted-properties -- all have settled
  return Promise.all(work);
}
