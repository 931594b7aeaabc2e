// Plain syntax, and nothing imported but built-in modules: an older Node.js must be able to read this, to be refused.
import { readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { Script } from 'node:vm';
import type { PortReservationErrorDetails } from '../errors.js';
import { nodeVersionProblem } from '../node-version.js';
import { asciiJson, plainText } from '../text.js';

/** Exit codes of the command line: NotSupported, and any other error. */
const NOT_SUPPORTED = 9;
const OTHER_ERROR = 1;

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
  const folder = import.meta.dirname;
  const filename = join(folder, `${name}.main.cjs`);
  try {
    const bundle = readFileSync(filename);
    const cachedData = readCodeCache(join(folder, `${name}.cache`), bundle);
    // As Node.js wraps a CommonJS module. The bundle is in ASCII, which is read quickest like this.
    const script = new Script(`(function (exports, require, module, __filename, __dirname) {${bundle.toString('latin1')}\n})`,
      cachedData === undefined ? { filename } : { filename, cachedData });
    const module = { exports: {} };
    (script.runInThisContext() as Main)(module.exports, require, module, filename, folder);
  } catch (error) {
    refuse(error as Error);
  }
}

/**
 * What V8 has compiled of the bundle before: a copy of the bundle, and V8's data. Without the same bundle in front it is left
 * alone, because V8 itself compares no more than lengths; V8 then refuses data of another release, flags or build. It is
 * trusted as much as the bundle, and lies beside it: whoever can write the one can write the other.
 */
function readCodeCache(file: string, bundle: Buffer): Buffer | undefined {
  let content: Buffer;
  try {
    content = readFileSync(file);
  } catch {
    return undefined;
  }
  const data = content.subarray(bundle.length);
  return data.length > 0 && content.subarray(0, bundle.length).equals(bundle) ? data : undefined;
}

/** Ends the process, with the line and the exit code of a command that fails. */
function refuse({ message, reason, code = 'UNKNOWN', nativeCode = null, nativeName = null, syscall = null, block = null, advice = 'Install PortReservation again.' }: Failure): void {
  const error = { message, reason: reason ?? 'NativeError', code, nativeCode, nativeName, syscall, block, advice };
  writeSync(2, `${process.argv.indexOf('--json') < 0 ? `port-reservation: ${plainText(message)}. ${advice}` : asciiJson(JSON.stringify({ error }))}\n`);
  process.exit(reason === 'NotSupported' ? NOT_SUPPORTED : OTHER_ERROR);
}
