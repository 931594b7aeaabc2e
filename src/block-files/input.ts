import type { DesiredBlock } from '../desired-state/desired.js';
import { invalid } from '../errors.js';
import { text } from '../texts/text.js';
import { readCsv } from './csv.js';
import { readJson } from './json.js';
import { inArray, inLines } from '../desired-state/places.js';
import { toBlocks } from './rows.js';
import { readFileText, readStdinText } from './source.js';

/** The blocks in a file of JSON or CSV, or on stdin (`-`), for one command each. If one breaks a rule, throws an error that names it. */
export async function readInput(path: string, delimiter?: string): Promise<DesiredBlock[]> {
  const content = path === '-' ? await readStdinText() : await readFileText('input', path);
  if (!isJson(content)) {
    const rows = await readCsv('input', path, content, delimiter);
    return toBlocks(rows.map(({ block }) => block), 'input', inLines('input', (index) => rows[index]?.line));
  }
  refuseDelimiter(path, delimiter);
  // By their index: what `list --json` prints is one line.
  return toBlocks(readJson('input', path, content).value, 'input', inArray('input'));
}

export function isJson(content: string): boolean {
  return /^\s*([[{]|null\b|$)/.test(content);
}

export function refuseDelimiter(path: string, delimiter: string | undefined): void {
  if (delimiter !== undefined) throw invalid('delimiter', delimiter, text('rule.onlyTables', { path }));
}
