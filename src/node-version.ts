// Plain syntax, and nothing imported: this file must run in a Node.js that cannot read the rest.

/** The releases that work, each with the later ones of its major; from the last on, every one. As `engines` in package.json says it. */
const SUPPORTED = [[20, 19], [22, 20], [24, 12]] as const;
const EVERY_FROM = 25;

/** What to tell whoever runs this on a Node.js that is too old, or `null` if it is not. @param version as in `process.versions.node` */
export function nodeVersionProblem(version: string): string | null {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const works = major >= EVERY_FROM || SUPPORTED.some(([ofMajor, lowest]) => major === ofMajor && minor >= lowest);
  // Not the oldest of them: it gets no security fixes any more.
  return works ? null : `Node.js 22.20, 24.12 or later is needed, and this is ${version}`;
}
