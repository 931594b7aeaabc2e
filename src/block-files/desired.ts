import { extname } from 'node:path';
import { checkDesired } from '../desired-state/desired.js';
import type { DesiredBlock } from '../desired-state/desired.js';
import { invalid } from '../errors.js';
import { text } from '../texts/text.js';
import { readCsv } from './csv.js';
import { isJson, refuseDelimiter } from './input.js';
import { readJson } from './json.js';
import { inArray, inLines } from '../desired-state/places.js';
import type { PlaceOf } from '../desired-state/places.js';
import { toBlocks } from './rows.js';
import { readFileText, readStdinText } from './source.js';

/** The blocks that a machine shall have, as a file or another program has them. */
export interface DesiredList {
  readonly blocks: readonly DesiredBlock[];
  readonly placeOf: PlaceOf;
}

/**
 * Reads a file of blocks strictly: JSON, an array or an object with `blocks`, or a table. A member that is not known, a
 * contradiction or two blocks that overlap are an error, which names line and member.
 *
 * @param name what an error calls the file, as the name of an argument
 * @param path `-` only with `stdin`
 */
export async function readDesired(name: string, path: string, { delimiter, stdin = false }: ReadOptions = {}): Promise<DesiredList> {
  const content = stdin && path === '-' ? await readStdinText(name) : await readFileText(name, path);
  const ending = extname(path).toLowerCase();
  if (ending === '.json' || isJson(content)) {
    refuseDelimiter(path, delimiter);
    const { value, lineOf } = readJson(name, path, content);
    if (typeof value !== 'object' || value === null) throw invalid(name, path, text('rule.blocks'));
    return listOf(value, name, inLines(name, lineOf));
  }
  const rows = await readCsv(name, path, content, delimiter);
  // It may have been cut behind its first line, and a purge would remove everything.
  if (rows.length === 0) throw invalid(name, path, text('rule.table.rows'));
  return listOf(rows.map(({ block }) => block), name, inLines(name, (index) => rows[index]?.line));
}

interface ReadOptions {
  readonly delimiter?: string | undefined;
  readonly stdin?: boolean | undefined;
}

/** The same for what is parsed already: an array of blocks, or an object with `blocks`. */
export function readDesiredValue(name: string, value: unknown): DesiredList {
  return listOf(value, name, inArray(name));
}

function listOf(value: unknown, name: string, placeOf: PlaceOf): DesiredList {
  const blocks = toBlocks(value, name, placeOf);
  checkDesired(blocks, placeOf);
  return { blocks, placeOf };
}
