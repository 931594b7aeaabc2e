// How tests are counted and told: by every program that runs some, and by .ci/run for all of them.
import { writeFileSync } from 'node:fs';

/** The exit code of a program whose tests or checks cannot be run here. */
export const SKIPPED = 77;

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

/** The row of a ring whose tests are comparisons, { title, faults: [message] }; tells those that failed. */
export function countComparisons(ring, on, comparisons) {
  const failures = comparisons.filter(({ faults }) => faults.length > 0).map(({ title, faults }) => ({ title, message: faults.join('\n') }));
  for (const { title, message } of failures) console.log(`not ok - ${on}: ${title}\n${message.replaceAll(/^/gm, '    ')}`);
  return { ring, on, passed: comparisons.length - failures.length, failed: failures.length, skipped: [], failures };
}

/** The end of a ring: a line for each row, the last line, and the file for .ci/run, if there is one. Returns how many failed. */
export function reportRows(rows, summary) {
  if (summary !== undefined) writeFileSync(summary, JSON.stringify(rows));
  for (const row of rows) console.log(`${row.ring}, ${row.on}: ${formatCounts(sumOf([row]))}`);
  const total = sumOf(rows);
  console.log(formatCounts(total));
  return total.failed;
}

/** The end of a ring that cannot be run here: `what` did not happen, for this reason, and the tests with these titles are skipped. Returns the exit code. */
export function skipRing({ ring, what, reason, titles, summary }) {
  console.error(`\nSKIPPED: ${what}: ${reason}.\n`);
  reportRows([{ ring, on: 'nothing', passed: 0, failed: 0, skipped: titles.map((title) => ({ title, reason })) }], summary);
  return SKIPPED;
}
