// How tests are counted and told: by every program that runs some, and by .ci/run for all of them.

/** What rows of { passed, failed, skipped: [{ title, reason }] } count together, with the skipped as a number. */
export function sumOf(rows) {
  const sum = { passed: 0, failed: 0, skipped: 0 };
  for (const { passed, failed, skipped } of rows) {
    sum.passed += passed;
    sum.failed += failed;
    sum.skipped += skipped.length;
  }
  return sum;
}

/** The last line of such a program. */
export function formatCounts({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}
