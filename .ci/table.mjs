// The table at the end of .ci/run.

/** A line for each ring, and below it why tests of it were skipped. */
export function formatRings(rows) {
  const cells = rows.map(({ ring, on, passed, failed, skipped, seconds }) =>
    [ring, on, passed, failed, skipped.length, seconds === null ? '' : seconds.toFixed(0)].map(String));
  const header = ['RING', 'ON', 'PASSED', 'FAILED', 'SKIPPED', 'SECONDS'];
  const widths = header.map((title, column) => Math.max(title.length, ...cells.map((row) => row[column].length)));
  const line = (row) => row.map((cell, column) => (column < 2 ? cell.padEnd(widths[column]) : cell.padStart(widths[column]))).join('  ').trimEnd();
  return [line(header), ...rows.flatMap((row, index) => [line(cells[index]), ...remarks(row)])].join('\n');
}

function remarks({ note, skipped }) {
  const reasons = groupByReason(skipped);
  const lines = [...reasons].map(([reason, tests]) =>
    `    ${tests.length} skipped: ${reason} (${tests.slice(0, 3).map(({ title }) => title).join('; ')}${tests.length > 3 ? '; ...' : ''})`);
  return note ? [`    ${note}`, ...lines] : lines;
}

function groupByReason(skipped) {
  const groups = new Map();
  for (const test of skipped) groups.set(test.reason, [...groups.get(test.reason) ?? [], test]);
  return groups;
}
