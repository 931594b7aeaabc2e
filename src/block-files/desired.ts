import { extname } from 'node:path';
import { checkDesired } from '../desired-state/desired.js';
import type { DesiredBlock } from '../desired-state/desired.js';
import { invalid } from '../errors.js';
import { text } from '../texts/text.js';
import { readCsv } from './csv.js';
import { readJson } from './json.js';
import { inArray, inLines } from '../desired-state/places.js';
import type { PlaceOf } from '../desired-state/places.js';
import { toBlocks } from './rows.js';
import { readFileText, readStdinText } from './source.js';

/** The blocks that a machine shall have, and where each stands in its file or array, for errors. */
export interface DesiredList {
  readonly blocks: readonly DesiredBlock[];
  readonly placeOf: PlaceOf;
  readonly isTable: boolean;
}

/**
 * Reads a file of blocks strictly: a table, or JSON that is an array or an object with `blocks`. An unknown member, a contradiction
 * or two blocks that overlap are an error, which names the line and the member.
 *
 * @param name what an error calls the file, as the name of an argument
 * @param path `-` only with `stdin`
 */
export async function readDesired(name: string, path: string, options: ReadOptions = {}): Promise<DesiredList> {
  const { value, placeOf, isTable } = await readList(name, path, { ...options, isJson: extname(path).toLowerCase() === '.json' });
  if (typeof value !== 'object' || value === null) throw invalid(name, path, text('rule.blocks'));
  // A table without rows may have been cut off after its header, and a purge would remove everything.
  if (isTable && Object.keys(value).length === 0) throw invalid(name, path, text('rule.table.rows'));
  return listOf(value, name, placeOf, isTable);
}

/** Reads the blocks in a file, or on stdin (`-`), for a command that treats each by itself. Throws an error that names the first that breaks a rule. */
export async function readInput(path: string, delimiter?: string): Promise<DesiredBlock[]> {
  const { value, placeOf, isTable } = await readList('input', path, { delimiter, stdin: true });
  checkDelimiter(delimiter, path, isTable);
  return toBlocks(value, 'input', placeOf);
}

/** Refuses a delimiter without a table. */
export function checkDelimiter(delimiter: string | undefined, path: string, isTable: boolean): void {
  if (delimiter !== undefined && !isTable) throw invalid('delimiter', delimiter, text('rule.onlyTables', { path }));
}

interface ReadOptions {
  /** Of tables only. */
  readonly delimiter?: string | undefined;
  readonly stdin?: boolean | undefined;
}

interface List {
  readonly value: unknown;
  readonly placeOf: PlaceOf;
  readonly isTable: boolean;
}

/** @param isJson reads it as JSON, however it begins */
async function readList(name: string, path: string, { delimiter, stdin = false, isJson = false }: ReadOptions & { readonly isJson?: boolean }): Promise<List> {
  const content = stdin && path === '-' ? await readStdinText(name) : await readFileText(name, path);
  if (isJson || /^\s*([[{]|null\b|$)/.test(content)) {
    const { value, lineOf } = readJson(name, path, content);
    // What `list --json` prints is one line, in which only the index tells a block from others.
    return { value, placeOf: /[\r\n]/.test(content.trim()) ? inLines(name, lineOf) : inArray(name), isTable: false };
  }
  const rows = await readCsv(name, path, content, delimiter);
  return { value: rows.map(({ block }) => block), placeOf: inLines(name, (index) => rows[index]?.line), isTable: true };
}

/** As {@link readDesired}, for a value: an array of blocks, or an object with `blocks`. */
export function readDesiredValue(name: string, value: unknown): DesiredList {
  return listOf(value, name, inArray(name));
}

function listOf(value: unknown, name: string, placeOf: PlaceOf, isTable = false): DesiredList {
  const blocks = toBlocks(value, name, placeOf);
  checkDesired(blocks, placeOf);
  return { blocks, placeOf, isTable };
}
