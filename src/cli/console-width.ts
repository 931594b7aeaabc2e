const UNKNOWN = 80;

/** Columns of the console: those of the terminal on stdout, else the number in COLUMNS, else 80. */
export function consoleWidth(): number {
  const { columns } = process.stdout as { columns?: number };
  if (columns) return columns;
  const wanted = process.env['COLUMNS'] ?? '';
  return /^[1-9]\d{0,3}$/.test(wanted) ? Number(wanted) : UNKNOWN;
}
