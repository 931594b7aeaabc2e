import type { CsvError } from 'csv-parse/sync';
import { invalid, isPortReservationError } from '../errors.js';
import { joined, text } from '../texts/text.js';
import { shortened } from '../util/plain-text.js';
import { MAX_BLOCKS } from './block-rules.js';
import { memberNamed } from './members.js';

const NUMBERS = ['startPort', 'endPort', 'numberOfPorts'];
/** The delimiters that are tried where none is given. Excel writes a semicolon in most of Europe. */
const DELIMITERS = [',', ';', '\t'] as const;

/** Characters that a line may have. The line of a block has less than a hundred. */
const MAX_LINE = 1 << 16;

/** The columns that an error names. */
const KNOWN = ['Protocol', 'StartPort', 'EndPort', 'NumberOfPorts', 'Kind', 'Store'];

/** Codes of csv-parse, with the text to say instead of its English message. */
const MISTAKES: Readonly<Record<string, 'rule.table.quotes' | 'rule.table.values'>> = {
  CSV_RECORD_INCONSISTENT_COLUMNS: 'rule.table.values', CSV_QUOTE_NOT_CLOSED: 'rule.table.quotes', CSV_INVALID_CLOSING_QUOTE: 'rule.table.quotes',
  CSV_NON_TRIMABLE_CHAR_AFTER_CLOSING_QUOTE: 'rule.table.quotes', INVALID_OPENING_QUOTE: 'rule.table.quotes',
};

/** A row of a table, and where it is. */
interface CsvRow {
  readonly line: number;
  readonly block: Readonly<Record<string, unknown>>;
}

/**
 * Reads a CSV file (RFC 4180) with a line of column names, as Export-Csv, ConvertTo-Csv, Excel and people write it. A value that
 * is empty is left out of its block. Throws an error that names the line. A last line without a line end is an error too, because the
 * file may have been cut off.
 *
 * @param list what an error calls the list, as the name of an argument
 * @param delimiter default: the one that the first line has most of
 */
export async function readCsv(list: string, path: string, content: string, delimiter?: string): Promise<CsvRow[]> {
  if (!/[\r\n][\t ]*$/.test(content)) throw invalid(list, path, text('rule.file.lineEnd'));
  // Imported only here, because few files are tables.
  const { parse } = await import('csv-parse/sync');
  // Windows PowerShell writes a first line with the type, Excel one with the delimiter.
  const [, said] = /^sep=(.)\r?\n/i.exec(content) ?? [];
  // Emptied, not removed, so that the numbers of the other lines stay.
  const table = content.replace(/^(#TYPE [^\r\n]*|sep=.)(?=\r?\n)/i, '');
  const wanted = delimiter ?? said ?? mostOf(table.trimStart().split(/\r?\n/, 1)[0] ?? '');
  const mistake = (rule: 'rule.table' | 'rule.table.quotes' | 'rule.table.values', line: number) =>
    invalid(list, path, text(rule, { delimiter: JSON.stringify(wanted), line }));
  // Checked before the parser, which has no limit for delimiters and is slow with very many.
  const long = table.split(/\r?\n|\r/).findIndex((line) => line.length > MAX_LINE);
  if (long >= 0) throw mistake('rule.table', long + 1);
  let columns: string[] | undefined;
  let rows: { info: { lines: number }; record: Record<string, string> }[];
  try {
    rows = parse(table, {
      delimiter: wanted, record_delimiter: ['\r\n', '\n', '\r'], info: true, skip_empty_lines: true, trim: true,
      // One row more than there may be, so that a longer list is refused. A record of several lines may be as long as one line.
      to: MAX_BLOCKS + 1, max_record_size: MAX_LINE,
      columns: (names: string[]) => (columns = columnsOf(list, path, names)),
    }) as unknown as typeof rows;
  } catch (error) {
    if (isPortReservationError(error)) throw error;
    const { code, lines = 1 } = error as Partial<CsvError> & { lines?: number };
    throw mistake(MISTAKES[code ?? ''] ?? 'rule.table', lines);
  }
  if (!columns) columnsOf(list, path, []);
  return rows.map(({ info, record }) => ({ line: info.lines, block: toBlock(record) }));
}

function mostOf(line: string): string {
  return DELIMITERS.reduce<string>((best, candidate) => (line.split(candidate).length > line.split(best).length ? candidate : best), DELIMITERS[0]);
}

/** The members that a line of column names stands for. */
function columnsOf(list: string, path: string, header: readonly string[]): string[] {
  const members = header.map(memberNamed);
  // Refused, because instead of a misspelt column the default would be taken.
  const misspelt = header.find((_, index) => members[index] === undefined);
  if (misspelt !== undefined) throw invalid(list, path, text('rule.table.column', { known: joined(KNOWN, ', '), column: JSON.stringify(shortened(misspelt)) }));
  const second = members.findIndex((name, index) => members.indexOf(name) !== index);
  if (second >= 0) {
    const first = members.indexOf(members[second]);
    throw invalid(list, path, text('rule.table.columnTwice', { first: shortened(header[first] ?? ''), second: shortened(header[second] ?? '') }));
  }
  if (!members.includes('startPort')) throw invalid(list, path, text('rule.table.startPort', { columns: joined(header.map(shortened), ', ') }));
  return members.filter((name) => name !== undefined);
}

/** Makes numbers of digits alone. `25.000` and `1e4` stay text, which the schema refuses. */
function toBlock(record: Readonly<Record<string, string>>): Record<string, unknown> {
  const members = Object.entries(record).flatMap(([name, value]) => {
    if (value === '') return [];
    return [[name, NUMBERS.includes(name) && /^\d{1,5}$/.test(value) ? Number(value) : value] as const];
  });
  return Object.fromEntries(members);
}
