// Plain syntax, and nothing imported: this file must run in a Node.js that cannot read the rest.

/** The releases that work, each with the later ones of its major; from the last on, every one. As `engines` in package.json says it. */
const SUPPORTED = [[20, 19], [22, 20], [24, 12]] as const;
const EVERY_FROM = 25;

/** Whether this runs on such a Node.js. @param version as in `process.versions.node` */
export function isNodeSupported(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major >= EVERY_FROM || SUPPORTED.some(([ofMajor, lowest]) => major === ofMajor && minor >= lowest);
}
