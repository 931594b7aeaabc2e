import { visit } from 'jsonc-parser';
import { invalid } from '../errors.js';
import { english } from '../texts/text.js';
import { nameOf } from './rows.js';

/** JSON that was read strictly, and where its parts are. */
export interface JsonText {
  readonly value: unknown;
  /** The line of a member of an element of the list, or of the element where it has no such member. */
  readonly lineOf: (index: number, member?: string) => number;
}

/** Parses JSON; a member that is there twice is an error, of which JSON.parse would take the last. Errors name the line. */
export function readJson(path: string, text: string): JsonText {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw invalid('input', path, english(text.trim() === '' ? 'must not be empty: a list without blocks is []'
      : `must be JSON: line ${lineOfFault(text)}: ${(error as Error).message}`));
  }
  refuseTwins(text);
  return { value, lineOf: (index, member) => lineOf(text, index, member) };
}

function lineOfFault(text: string): number {
  let first: number | undefined;
  visit(text, { onError: (_error, _offset, _length, line) => (first ??= line + 1) }, { disallowComments: true });
  return first ?? 1;
}

/** The same member twice is a contradiction, whatever its values. */
function refuseTwins(text: string): void {
  const open: Map<string, string>[] = [];
  visit(text, {
    onObjectBegin: () => void open.push(new Map()),
    onObjectEnd: () => void open.pop(),
    onObjectProperty: (property, _offset, _length, line) => {
      const seen = open.at(-1);
      const name = nameOf(property);
      const twin = seen?.get(name);
      if (twin !== undefined) throw invalid(`input line ${line + 1} ${property}`, property, english(`must be given once: ${twin} means the same`));
      seen?.set(name, property);
    },
  });
}

function lineOf(text: string, index: number, member: string | undefined): number {
  let element: number | undefined;
  let named: number | undefined;
  const isElement = (path: readonly (string | number)[]) => path.findLast((part) => typeof part === 'number') === index || path.length === 0;
  visit(text, {
    onObjectBegin: (_offset, _length, line, _character, path) => {
      if (element === undefined && isElement(path())) element = line + 1;
    },
    onLiteralValue: (_value, _offset, _length, line, _character, path) => {
      if (element === undefined && path().at(-1) === index) element = line + 1;
    },
    onObjectProperty: (property, _offset, _length, line, _character, path) => {
      if (named === undefined && nameOf(property) === member && isElement(path())) named = line + 1;
    },
  });
  return named ?? element ?? 1;
}
