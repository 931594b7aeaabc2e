// The table at the end of .ci/run.

/** Lines of what a test said when it failed. */
const MOST_LINES = 30;

/** A line for each ring, and below it why tests of it were skipped, which ones needed a second try, and what failed. */
export function formatRings(rows) {
  const cells = rows.map(({ ring, on, passed, failed, skipped, seconds }) =>
    [ring, on, passed, failed, skipped.length, seconds === null ? '' : seconds.toFixed(0)].map(String));
  const header = ['RING', 'ON', 'PASSED', 'FAILED', 'SKIPPED', 'SECONDS'];
  const widths = header.map((title, column) => Math.max(title.length, ...cells.map((row) => row[column].length)));
  const line = (row) => row.map((cell, column) => (column < 2 ? cell.padEnd(widths[column]) : cell.padStart(widths[column]))).join('  ').trimEnd();
  return [line(header), ...rows.flatMap((row, index) => [line(cells[index]), ...remarks(row)])].join('\n');
}

function remarks({ note, skipped, retried = [], failures = [] }) {
  const reasons = groupByReason(skipped);
  const lines = [...reasons].map(([reason, tests]) =>
    `    ${tests.length} skipped: ${reason} (${tests.slice(0, 3).map(({ title }) => title).join('; ')}${tests.length > 3 ? '; ...' : ''})`);
  return [
    ...note ? [`    ${note}`] : [], ...lines,
    ...retried.flatMap((test) => describe('passed at its second try', test)), ...failures.flatMap((test) => describe('FAILED', test)),
  ];
}

function describe(how, { title, message }) {
  return [`    ${how}: ${title}`, ...message.split('\n').filter((line) => line.trim() !== '').slice(0, MOST_LINES).map((line) => `        ${line}`)];
}

function groupByReason(skipped) {
  const groups = new Map();
  for (const test of skipped) groups.set(test.reason, [...groups.get(test.reason) ?? [], test]);
  return groups;
}
