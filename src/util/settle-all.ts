/**
 * Like Promise.all, but rejects only when all promises have settled. Each may stand for a running process, and none of those may
 * still run when the caller has its answer.
 *
 * @throws the error of the first in `work` that failed
 */
export async function settleAll<Work extends readonly unknown[] | []>(work: Work): Promise<{ -readonly [Key in keyof Work]: Awaited<Work[Key]> }> {
  await Promise.allSettled(work);
  // eslint-disable-next-line no-restricted-properties -- all have settled
  return Promise.all(work);
}
