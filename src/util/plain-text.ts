/**
 * Text from outside (the name of a process, netsh's words, a value that somebody gave) as one line for a terminal, a log or a
 * report: line breaks become a space, every other control or format character U+FFFD. Otherwise it could move the cursor, turn
 * the text around, or look like a line of ours.
 */
export function plainText(text: string): string {
  return text.replace(/[\t-\r\u0085\u2028\u2029]+/g, ' ').replace(/[\p{Cc}\p{Cf}\p{Cs}]/gu, '\uFFFD');
}

/** The first 60 characters of a name or a value from outside, which may be a megabyte long. */
export function shortened(text: string): string {
  return text.length > 60 ? `${text.slice(0, 60)}...` : text;
}

/** A word or a name with a capital letter at its beginning. */
export function capitalized(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}

/** The same JSON in ASCII: no code page on the way to its reader can garble it, and no terminal obeys it. */
export function asciiJson(json: string): string {
  return json.replace(/[\u007F-\uFFFF]/g, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** Any value as a string, an error as its message. Must not throw, not even for an object without `toString`. */
export function asString(value: unknown): string {
  try {
    return String(value instanceof Error ? value.message : value);
  } catch {
    return typeof value;
  }
}
