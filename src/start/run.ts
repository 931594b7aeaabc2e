// Plain syntax, and no imports but Node.js's own modules and files like this one: an older Node.js must be able to read it, to be refused.
import { readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { Script } from 'node:vm';
import { EXIT_CODES } from '../cli/exit-codes.js';
import type { PortReservationErrorDetails } from '../errors.js';
import { isNodeSupported } from '../node-version.js';
import { asciiJson, plainText } from '../util/plain-text.js';
import { isJsonAsked } from './json-asked.js';
import { START_TEXTS } from './texts.js';

type Main = (exports: object, require: NodeJS.Require, module: object, filename: string, dirname: string) => void;
type Failure = Partial<PortReservationErrorDetails> & { message: string };
type Language = keyof typeof START_TEXTS;

/**
 * Runs the bundle `<name>.main.cjs` that lies beside this file. What keeps it from starting, such as an old Node.js or a missing
 * part, is told in one line on stderr, in the language of the argument --language, which the cmdlets give their host.
 */
export function runBundle(name: string): void {
  const language = languageOf(process.argv);
  const version = process.versions.node;
  if (!isNodeSupported(version)) {
    const { oldNode, newerNode } = START_TEXTS[language];
    return refuse({ message: oldNode(version), reason: 'NotSupported', code: 'ENOTSUP', advice: newerNode }, language);
  }
  const folder = import.meta.dirname;
  const filename = join(folder, `${name}.main.cjs`);
  try {
    const bundle = readFileSync(filename);
    const cachedData = readCodeCache(join(folder, `${name}.cache`), bundle);
    // Wrapped as Node.js wraps a CommonJS module. The bundle is ASCII, which latin1 decodes quickest.
    const script = new Script(`(function (exports, require, module, __filename, __dirname) {${bundle.toString('latin1')}\n})`,
      cachedData === undefined ? { filename } : { filename, cachedData });
    const module = { exports: {} };
    (script.runInThisContext() as Main)(module.exports, require, module, filename, folder);
  } catch (error) {
    refuse(said(error as Error, language), language);
  }
}

/**
 * Reads V8's code cache of the bundle. The file has a copy of the bundle, and then V8's data twice. It is not used if the copy differs
 * from the bundle, because V8 compares only lengths; or if the two copies of the data differ, because V8 crashes on data that a disk
 * has damaged. V8 itself refuses the data of another release, build or other flags. The cache is trusted as much as the bundle beside
 * it: whoever can write the one can write the other.
 */
function readCodeCache(file: string, bundle: Buffer): Buffer | undefined {
  let content: Buffer;
  try {
    content = readFileSync(file);
  } catch {
    return undefined;
  }
  const end = bundle.length + (content.length - bundle.length) / 2;
  const data = content.subarray(bundle.length, end);
  return data.length > 0 && content.subarray(0, bundle.length).equals(bundle) && data.equals(content.subarray(end)) ? data : undefined;
}

/** The language that the arguments name; English for any other, and without one. */
function languageOf(args: readonly string[]): Language {
  const language = args[args.indexOf('--language') + 1];
  return language === 'de' || language === 'fr' ? language : 'en';
}

/** An error as it is told: one of this package in the given language, any other in its own words. */
function said(error: Error & { toData?: (voice: { language: Language }) => Failure; syscall?: string; code?: string }, language: Language): Failure {
  const { noFolder, otherFolder, hostArguments } = START_TEXTS[language];
  // From parseArgs, by which the host reads its arguments.
  if (error.code?.startsWith('ERR_PARSE_ARGS')) return { message: error.message, reason: 'InvalidParameter', code: 'EINVAL', advice: hostArguments };
  if (error.syscall === 'uv_cwd') return { message: noFolder, code: 'ENOENT', syscall: 'uv_cwd', advice: otherFolder };
  // The reason of a foreign error is replaced: it may be one without an exit code.
  return typeof error.toData === 'function' ? error.toData({ language }) : Object.assign(error, { reason: 'NativeError' as const });
}

/** Ends the process, with the line and the exit code of a command that fails. */
function refuse(failure: Failure, language: Language): void {
  const { message, reason, code = 'UNKNOWN', nativeCode = null, nativeName = null, syscall = null, block = null, advice } = failure;
  const error = {
    message, reason: reason ?? 'NativeError', code, nativeCode, nativeName, syscall, block, advice: advice ?? START_TEXTS[language].installAgain,
  };
  try {
    writeSync(2, `${!isJsonAsked(process.argv) ? `port-reservation: ${plainText(message)}. ${error.advice}` : asciiJson(JSON.stringify({ error }))}\n`);
  } catch {
    // Nobody can read stderr. The exit code is left.
  }
  process.exit(EXIT_CODES[error.reason]);
}
