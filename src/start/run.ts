// Plain syntax, and nothing imported but built-in modules: an older Node.js must be able to read this, to be refused.
import { readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { Script } from 'node:vm';
import type { PortReservationErrorDetails } from '../errors.js';
import { nodeVersionProblem } from '../node-version.js';
import { asciiJson } from '../text.js';

/** Exit codes of the command line: NotSupported, and any other error. */
const NOT_SUPPORTED = 9;
const FAILED = 1;

type Main = (exports: object, require: NodeJS.Require, module: object, filename: string, dirname: string) => void;
type Failure = Partial<PortReservationErrorDetails> & { message: string };

/**
 * Runs the bundle `<name>.main.cjs` that lies beside this file. What keeps it from starting, such as an old Node.js or a missing
 * part, is told in one line on stderr.
 */
export function runBundle(name: string): void {
  const problem = nodeVersionProblem(process.versions.node);
  if (problem !== null) {
    return refuse({ message: problem, reason: 'NotSupported', code: 'ENOTSUP', advice: 'Install a newer Node.js, for all users of the computer.' });
  }
  const filename = join(import.meta.dirname, `${name}.main.cjs`);
  try {
    // As Node.js wraps a CommonJS module.
    const script = new Script(`(function (exports, require, module, __filename, __dirname) {${readFileSync(filename, 'utf8')}\n})`, { filename });
    const module = { exports: {} };
    (script.runInThisContext() as Main)(module.exports, require, module, filename, import.meta.dirname);
  } catch (error) {
    refuse(error as Error);
  }
}

/** Ends the process, with the line and the exit code of a command that fails. */
function refuse({ message, reason, code = 'UNKNOWN', nativeCode = null, nativeName = null, syscall = null, block = null, advice = 'Install PortReservation again.' }: Failure): void {
  const error = { message, reason: reason ?? 'NativeError', code, nativeCode, nativeName, syscall, block, advice };
  writeSync(2, `${process.argv.indexOf('--json') < 0 ? `port-reservation: ${message}. ${advice}` : asciiJson(JSON.stringify({ error }))}\n`);
  process.exit(reason === 'NotSupported' ? NOT_SUPPORTED : FAILED);
}
