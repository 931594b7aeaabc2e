import { visit } from 'jsonc-parser';
import { invalid } from '../errors.js';
import { text } from '../texts/text.js';
import type { Text } from '../texts/text.js';
import { placeInLine } from '../desired-state/places.js';
import { MAX_BLOCKS } from './block-rules.js';
import { nameOf } from './rows.js';
import { shortened } from '../util/plain-text.js';

const MAX_DEPTH = 32;
/** How many values there may be: each block is one, and has up to ten members. */
const MAX_VALUES = 12 * MAX_BLOCKS;

/** The value of a JSON text, and where its parts are. */
interface JsonText {
  readonly value: unknown;
  /** The line of a member of a list's element; of the element itself if it has no such member. */
  readonly lineOf: (index: number, member?: string) => number;
}

/** Parses JSON strictly: a member that is there twice is an error, while JSON.parse would take the last. Errors name the line. */
export function readJson(list: string, path: string, content: string): JsonText {
  const value = parseJson(list, path, content);
  const excess = excessOf(value);
  if (excess) throw invalid(list, path, excess);
  refuseTwins(list, content);
  return { value, lineOf: (index, member) => lineOf(content, index, member) };
}

/** @param list what an error calls the list, as the name of an argument */
function parseJson(list: string, path: string, content: string): unknown {
  try {
    return JSON.parse(content);
  } catch {
    throw invalid(list, path, content.trim() === '' ? text('rule.json.empty') : text('rule.json', placeOfMistake(content)));
  }
}

/** Where the first mistake is, for a text of our own: the messages of JSON.parse are English. */
function placeOfMistake(content: string): { line: number; column: number } {
  let first: { line: number; column: number } | undefined;
  try {
    visit(content, {
      onError: (_error, _offset, _length, line, character) => void (first ??= { line: line + 1, column: character + 1 }),
    }, { disallowComments: true });
  } catch (error) {
    // The visitor calls itself for each level, so text with very many levels exhausts the stack.
    if (!(error instanceof RangeError)) throw error;
  }
  return first ?? { line: 1, column: 1 };
}

/** Why a value cannot be a list of blocks: too many levels or values, with which the parser that finds lines would recurse too deep or take too long. */
function excessOf(value: unknown): Text | null {
  let level: unknown[] = [value];
  let count = 0;
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > MAX_DEPTH) return text('rule.json.depth', { most: MAX_DEPTH });
    const next: unknown[] = [];
    for (const part of level) {
      if (typeof part !== 'object' || part === null) continue;
      const parts = Array.isArray(part) ? part : Object.values(part);
      count += parts.length;
      if (count > MAX_VALUES) return text('rule.json.most', { most: MAX_VALUES });
      for (const inner of parts) next.push(inner);
    }
    level = next;
  }
  return null;
}

/** Refuses a member that an object has twice, even with the same value. */
function refuseTwins(list: string, content: string): void {
  const open: Map<string, string>[] = [];
  visit(content, {
    onObjectBegin: () => void open.push(new Map()),
    onObjectEnd: () => void open.pop(),
    onObjectProperty: (property, _offset, _length, line) => {
      const seen = open.at(-1);
      const name = nameOf(property);
      const twin = seen?.get(name);
      if (twin !== undefined) throw invalid(placeInLine(list, line + 1, property), property, text('rule.member.twice', { twin: shortened(twin) }));
      seen?.set(name, property);
    },
  });
}

function lineOf(content: string, index: number, member: string | undefined): number {
  let element: number | undefined;
  let named: number | undefined;
  const isElement = (path: readonly (string | number)[]) => path.findLast((part) => typeof part === 'number') === index || path.length === 0;
  visit(content, {
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
