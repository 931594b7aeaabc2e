const UNKNOWN = 80;

/** More than any map or line of help needs. With ten thousand columns, yargs would take seconds for the help, at every command. */
const MOST = 1_000;

/** Columns of the console: those of the terminal on stdout, else the number in COLUMNS, else 80; and no more than a thousand. */
export function consoleWidth(): number {
  const { columns } = process.stdout as { columns?: number };
  const wanted = process.env['COLUMNS'] ?? '';
  return Math.min(MOST, columns || (/^[1-9]\d{0,3}$/.test(wanted) ? Number(wanted) : UNKNOWN));
}
