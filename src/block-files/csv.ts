import { invalid } from '../errors.js';
import { english } from '../texts/text.js';

/** Column, in lower case and without blanks, underscores and hyphens -> the member of `list --json`. */
const COLUMNS: Readonly<Record<string, string>> = {
  protocol: 'protocol', startport: 'startPort', start: 'startPort', port: 'startPort', localport: 'startPort', endport: 'endPort', end: 'endPort',
  numberofports: 'numberOfPorts', count: 'numberOfPorts', ports: 'numberOfPorts', kind: 'kind', store: 'store', token: 'token',
  addressfamily: 'addressFamily', owningprocess: 'owningProcess', created: 'created',
};
const NUMBERS = ['startPort', 'endPort', 'numberOfPorts'];
/** What a table is separated by, where nothing says it. Excel writes a semicolon in most of Europe. */
export const DELIMITERS = [',', ';', '\t'] as const;

/** A row of a table, and where it is. */
export interface CsvRow {
  readonly line: number;
  readonly block: Readonly<Record<string, unknown>>;
}

/**
 * The rows of a CSV file (RFC 4180), as Export-Csv, ConvertTo-Csv, Excel and people write it, with a line of column names. A
 * column that is empty or left out has the default of `create`. Throws an error that names the line.
 *
 * @param delimiter default: what the first line has most of
 */
export async function readCsv(path: string, text: string, delimiter?: string): Promise<CsvRow[]> {
  // Only here: few files are tables.
  const { parse } = await import('csv-parse/sync');
  // Windows PowerShell begins with the type, Excel with the delimiter.
  const [, said] = /^sep=(.)\r?\n/i.exec(text) ?? [];
  // Left as empty lines, so that the numbers of the others stay.
  const table = text.replace(/^(#TYPE [^\r\n]*|sep=.)(?=\r?\n)/i, '');
  const wanted = delimiter ?? said ?? mostOf(table.trimStart().split(/\r?\n/, 1)[0] ?? '');
  let header: string[] = [];
  let members: string[] = [];
  let rows: { info: { lines: number }; record: Record<string, string> }[];
  try {
    rows = parse(table, {
      delimiter: wanted, info: true, skip_empty_lines: true, trim: true,
      columns: (names: string[]) => (members = (header = names).map(memberOf)),
    }) as unknown as typeof rows;
  } catch (error) {
    throw invalid('input', path, english(`must be a table with a line of column names, separated by ${JSON.stringify(wanted)}: ${(error as Error).message}`));
  }
  const twice = members.findIndex((name, index) => members.indexOf(name) !== index);
  if (twice >= 0) throw invalid('input', path, english(`must not have both ${header[members.indexOf(members[twice] ?? '')]} and ${header[twice]}: they mean the same`));
  if (!members.includes('startPort')) throw invalid('input', path, english(`must be JSON, or a table with a column StartPort; its columns are ${header.join(', ') || 'none'}`));
  return rows.map(({ info, record }) => ({ line: info.lines, block: toBlock(record) }));
}

function mostOf(line: string): string {
  return DELIMITERS.reduce<string>((best, candidate) => (line.split(candidate).length > line.split(best).length ? candidate : best), DELIMITERS[0]);
}

function memberOf(column: string): string {
  const member = COLUMNS[column.toLowerCase().replace(/[\s_-]/g, '')];
  // A misspelt column would silently be the default.
  if (member === undefined) {
    throw new Error(`the column ${JSON.stringify(column)} is not known; known are Protocol, StartPort, EndPort, NumberOfPorts, Kind, Store`);
  }
  return member;
}

/** A number is written in digits: `25.000` and `1e4` stay text, which the schema refuses. */
function toBlock(record: Readonly<Record<string, string>>): Record<string, unknown> {
  const members = Object.entries(record).flatMap(([name, value]) => {
    if (value === '') return [];
    return [[name, NUMBERS.includes(name) && /^\d{1,5}$/.test(value) ? Number(value) : value] as const];
  });
  const block: Record<string, unknown> = { protocol: 'tcp', kind: 'persistent', ...Object.fromEntries(members) };
  if (block['numberOfPorts'] === undefined && block['endPort'] === undefined) block['numberOfPorts'] = 1;
  return block;
}
