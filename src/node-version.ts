// Plain syntax, and nothing imported but a built-in module: this file must run in a Node.js that cannot read the rest.
import { writeSync } from 'node:fs';

/** The releases that work, each with the later ones of its major; from the last on, every one. As `engines` in package.json says it. */
const SUPPORTED = [[20, 19], [22, 20], [24, 12]] as const;
const EVERY_FROM = 25;
const ADVICE = 'Install a newer Node.js, for all users of the computer.';

/** What to tell whoever runs this on a Node.js that is too old, or `null` if it is not. @param version as in `process.versions.node` */
export function nodeVersionProblem(version: string): string | null {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const works = major >= EVERY_FROM || SUPPORTED.some(([ofMajor, lowest]) => major === ofMajor && minor >= lowest);
  // Not the oldest of them: it gets no security fixes any more.
  return works ? null : `Node.js 22.20, 24.12 or later is needed, and this is ${version}`;
}

/** Ends the process if its Node.js is too old, with one line on stderr and exit code 9 (NotSupported). */
export function refuseOldNode(): void {
  const problem = nodeVersionProblem(process.versions.node);
  if (problem === null) return;
  const error = { message: problem, reason: 'NotSupported', code: 'ENOTSUP', nativeCode: null, nativeName: null, syscall: null, block: null, advice: ADVICE };
  writeSync(2, `${process.argv.indexOf('--json') < 0 ? `port-reservation: ${problem}. ${ADVICE}` : JSON.stringify({ error })}\n`);
  process.exit(9);
}
