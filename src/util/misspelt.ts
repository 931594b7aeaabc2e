import { closestMatch } from 'leven';

/** A shorter word with two letters changed may well be another word that was meant. */
const LEAST_LETTERS = 4;
const MOST_MISTAKES = 2;

/** The word that was meant by a misspelt one; `undefined` if none is close enough to be suggested. Ignores case. */
export function meantBy(written: string, words: readonly string[]): string | undefined {
  if (written.length < LEAST_LETTERS) return undefined;
  const close = closestMatch(written.toLowerCase(), words.map((word) => word.toLowerCase()), { maxDistance: MOST_MISTAKES });
  return words.find((word) => word.toLowerCase() === close);
}
