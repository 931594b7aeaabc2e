import { closestMatch } from 'leven';

/** A shorter word is soon another one. */
const LEAST_LETTERS = 4;
const MOST_MISTAKES = 2;

/** Which of the words somebody meant who wrote another one: where it is close enough to be suggested. Case counts for nothing. */
export function meantBy(written: string, words: readonly string[]): string | undefined {
  if (written.length < LEAST_LETTERS) return undefined;
  const close = closestMatch(written.toLowerCase(), words.map((word) => word.toLowerCase()), { maxDistance: MOST_MISTAKES });
  return words.find((word) => word.toLowerCase() === close);
}
