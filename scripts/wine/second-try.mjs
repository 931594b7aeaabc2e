// What fails under Wine is tried once more: at times it does not start a process, or lets one wait until it is given up. A fault of ours comes
// again. Whatever needed its second try is named in the table of .ci/run, with what it said at first.

/** More than these are a fault. */
export const MOST_AGAIN = 5;

/**
 * Counts tests, of which some were run again.
 *
 * @param results { title, outcome, message } of each: passed, failed or skipped
 * @param again the same of those that were run again
 * @returns { passed, failed, skipped: [{ title, reason }], failures and retried: [{ title, message }] }
 */
export function countTests(results, again = []) {
  const second = new Map(again.map((result) => [result.title, result.outcome]));
  const count = { passed: 0, failed: 0, skipped: [], failures: [], retried: [] };
  for (const { title, outcome, message } of results) {
    if (outcome === 'skipped') count.skipped.push({ title, reason: message });
    else if (outcome === 'failed' && second.get(title) !== 'passed') {
      count.failed += 1;
      count.failures.push({ title, message });
    } else {
      count.passed += 1;
      if (outcome === 'failed') count.retried.push({ title, message });
    }
  }
  return count;
}

/** The sum of such counts. */
export function sumCounts(counts) {
  const all = (key) => counts.flatMap((count) => count[key]);
  const sum = (key) => counts.reduce((total, count) => total + count[key], 0);
  return { passed: sum('passed'), failed: sum('failed'), skipped: all('skipped'), failures: all('failures'), retried: all('retried') };
}
