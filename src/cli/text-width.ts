/**
 * Replaces the package string-width in the bundle of the command line (scripts/build.mjs). yargs asks it for the columns of its help,
 * which is all ASCII, one column for each character. The package would compile its tables of emoji at every start.
 */
export default function textWidth(text: string): number {
  return text.length;
}
