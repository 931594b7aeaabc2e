import { checkDesired } from '../desired-state/desired.js';
import type { DesiredBlock } from '../desired-state/desired.js';
import { invalid, isPortReservationError } from '../errors.js';
import { english, say } from '../texts/text.js';
import { readCsv } from './csv.js';
import { isJson, refuseDelimiter } from './input.js';
import { readJson } from './json.js';
import { toBlocks } from './rows.js';
import type { Place } from './rows.js';
import { readFileText, readStdinText } from './source.js';

/** The blocks that a machine shall have, as a file or another program has them. */
export interface DesiredList {
  readonly blocks: readonly DesiredBlock[];
  /** What a block is called in an error: `input line 3`, or `input[2]`. */
  readonly placeOf: (index: number) => string;
}

/**
 * Reads a file of blocks strictly: JSON, an array or an object with `blocks`, or a table. A member that is not known, a
 * contradiction or two blocks that overlap are an error, which names line and member. So is a table whose last line does not
 * end: it may have been cut.
 *
 * @param path `-` only with `stdin`
 */
export async function readDesired(path: string, options: ReadOptions = {}): Promise<DesiredList> {
  try {
    return await read(path, options);
  } catch (error) {
    // What the commands with --input call the whole file.
    if (!isPortReservationError(error) || !error.message.startsWith('input "')) throw error;
    throw error.amend((own) => english(say(own).replace('input', 'the file')), () => english('Correct the file.'));
  }
}

interface ReadOptions {
  readonly delimiter?: string | undefined;
  readonly stdin?: boolean | undefined;
}

async function read(path: string, { delimiter, stdin = false }: ReadOptions): Promise<DesiredList> {
  const text = stdin && path === '-' ? await readStdinText() : await readFileText(path);
  if (isJson(text)) {
    refuseDelimiter(path, delimiter);
    const { value, lineOf } = readJson(path, text);
    return listOf(value, (index, member) => ({ element: ` line ${lineOf(index, member)}`, separator: ' ' }));
  }
  if (!/[\r\n][\t ]*$/.test(text)) throw invalid('input', path, english('must end with a line break: without it, the table may have been cut in its last line'));
  const rows = await readCsv(path, text, delimiter);
  return listOf(rows.map(({ block }) => block), (index) => ({ element: ` line ${rows[index]?.line}`, separator: ' ' }));
}

/** The same for what is parsed already: an array of blocks, or an object with `blocks`. */
export function readDesiredValue(value: unknown): DesiredList {
  return listOf(value, (index) => ({ element: `[${index}]`, separator: '.' }));
}

function listOf(value: unknown, placeOf: (index: number, member?: string) => Place): DesiredList {
  const blocks = toBlocks(blocksOf(value), placeOf, { defaults: true });
  const nameOf = (index: number) => `input${placeOf(index, 'startPort').element}`;
  checkDesired(blocks, nameOf);
  return { blocks, placeOf: nameOf };
}

/** The array in `{ "$schema": ..., "blocks": [...] }`. Anything else is left to the rules of an array. */
function blocksOf(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const entries = Object.entries(value) as [string, unknown][];
  const [, blocks] = entries.find(([name]) => name.toLowerCase() === 'blocks') ?? [];
  if (blocks === undefined) return value;
  const [other] = entries.filter(([name]) => name !== '$schema' && name.toLowerCase() !== 'blocks');
  if (other) throw invalid(`input.${other[0]}`, other[1], english('must be left out: beside blocks, there is only $schema'));
  if (!Array.isArray(blocks)) throw invalid('input.blocks', blocks, english('must be an array of blocks'));
  return blocks;
}
