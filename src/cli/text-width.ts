/**
 * In the bundle of the command line this stands for the package string-width (scripts/build.mjs), which yargs asks for the columns of
 * its help. All of that is ASCII, a character a column; the package would compile the tables of every emoji at each start.
 */
export default function textWidth(text: string): number {
  return text.length;
}
