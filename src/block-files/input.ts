import type { DesiredBlock } from '../desired-state/desired.js';
import { invalid } from '../errors.js';
import { english } from '../texts/text.js';
import { readCsv } from './csv.js';
import { toBlocks } from './rows.js';
import { readFileText, readStdinText } from './source.js';

/** The blocks in a file of JSON or CSV, or on stdin (`-`), for one command each. If one breaks a rule, throws an error that names it. */
export async function readInput(path: string, delimiter?: string): Promise<DesiredBlock[]> {
  const text = path === '-' ? await readStdinText() : await readFileText(path);
  if (!isJson(text)) {
    const rows = await readCsv(path, text, delimiter);
    return toBlocks(rows.map(({ block }) => block), (index) => ({ element: ` line ${rows[index]?.line}`, separator: ' ' }));
  }
  refuseDelimiter(path, delimiter);
  return toBlocks(parseJson(path, text), (index) => ({ element: `[${index}]`, separator: '.' }));
}

export function isJson(text: string): boolean {
  return /^\s*([[{]|null\b|$)/.test(text);
}

export function refuseDelimiter(path: string, delimiter: string | undefined): void {
  if (delimiter !== undefined) throw invalid('delimiter', delimiter, english(`applies only to a table, and ${path} is JSON`));
}

export function parseJson(path: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw invalid('input', path, english(`must be JSON: ${(error as Error).message}`));
  }
}
