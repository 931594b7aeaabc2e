import { execFile } from 'node:child_process';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import { PortReservationError } from '../errors.js';
import type { Reason } from '../errors.js';
import type { AddressFamily, PortBlock, Protocol, Store } from '../blocks.js';
import type { NativeLibraries } from '../native.js';

/** The text of `netsh interface ipv4|ipv6 show excludedportrange`: the blocks in force now, or those that survive a restart. */
export function showExcludedPortRange(libraries: NativeLibraries, family: AddressFamily, protocol: Protocol, store: Store): Promise<string> {
  // "active" is netsh's default, and every Windows accepts the short form.
  return show(libraries, family, ['excludedportrange', `protocol=${protocol}`, ...store === 'active' ? [] : [`store=${store}`]]);
}

/** The text of `netsh interface ipv4|ipv6 show dynamicport` (rule N8). */
export function showDynamicPort(libraries: NativeLibraries, family: AddressFamily, protocol: Protocol): Promise<string> {
  return show(libraries, family, ['dynamicport', protocol]);
}

/** Sets the dynamic range of one family, through restarts (rule N10), and returns netsh's text; only the range shows whether it worked. */
export async function setDynamicPort(libraries: NativeLibraries, family: AddressFamily, protocol: Protocol, startPort: number,
  numberOfPorts: number): Promise<string> {
  const { text } = await run(libraries, ['interface', family.toLowerCase(), 'set', 'dynamicport', protocol,
    `start=${startPort}`, `num=${numberOfPorts}`]);
  return text;
}

/** Adds or deletes an administered exclusion (rule N3), and returns netsh's text; only the list shows whether it worked. */
export async function changeExcludedPortRange(libraries: NativeLibraries, change: 'add' | 'delete', block: PortBlock,
  store: Store): Promise<string> {
  const { protocol, startPort, numberOfPorts } = block;
  const { text } = await run(libraries, ['interface', 'ipv4', change, 'excludedportrange', `protocol=${protocol}`,
    `startport=${startPort}`, `numberofports=${numberOfPorts}`, `store=${store}`]);
  return text;
}

async function show(libraries: NativeLibraries, family: AddressFamily, args: string[]): Promise<string> {
  const all = ['interface', family.toLowerCase(), 'show', ...args];
  let { text, failure } = await run(libraries, all);
  // A netsh that refuses says why. One that ends without a word has crashed or did not start, and is asked once more.
  if (failure && text === '') ({ text, failure } = await run(libraries, all));
  if (failure) throw netshError(libraries, text || `exit code ${failure.code}`, failure, text === '' ? 'ENOEXEC' : 'EIO');
  return text;
}

/**
 * Runs netsh by its full path, arguments as a list, in an environment of its own. An exit code other than 0 is returned as
 * a `failure`; if netsh did not run to its end, that is thrown: half a list must not pass for a list.
 * The text is in the OEM code page of the system: only its digits and `*` are reliable, and latin1 keeps those.
 */
async function run(libraries: NativeLibraries, args: string[]): Promise<{ text: string; failure: (Error & { code: number }) | null }> {
  const running = promisify(execFile)(libraries.netsh, args, {
    encoding: 'latin1', env: libraries.netshEnvironment, timeout: libraries.netshTimeout, windowsHide: true,
    // It cannot be caught: a netsh that ended in its own way would look as if it had answered.
    killSignal: 'SIGKILL',
    // netsh loads helper DLLs by bare name, which must not be from a folder that anyone can write to.
    cwd: dirname(libraries.netsh),
  });
  try {
    const { stdout } = await running;
    return { text: stdout.trim(), failure: null };
  } catch (cause) {
    const failure = cause as Error & { stdout?: string; code?: string | number | null; killed?: boolean; signal?: string };
    const { code } = failure;
    if (failure.killed) throw netshError(libraries, `no answer within ${libraries.netshTimeout / 1000} seconds`, failure, 'ETIMEDOUT');
    if (typeof code === 'number') return { text: (failure.stdout ?? '').trim(), failure: Object.assign(failure, { code }) };
    throw netshError(libraries, failure.message, failure, failure.signal ? 'ECANCELED' : code ?? 'UNKNOWN');
  }
}

/** @param code EIO: netsh refused; ETIMEDOUT, ECANCELED: it did not answer, or was ended; ENOEXEC: it ended without a word; else why it did not start */
function netshError(libraries: NativeLibraries, said: string, cause: Error, code: string): PortReservationError {
  const { what, reason, advice } = MEANINGS[code] ?? NOT_STARTED;
  return new PortReservationError(`${code}: ${libraries.netsh} ${what}: ${said.replace(/\s+/g, ' ').slice(0, 200)}`, {
    reason, code, syscall: 'netsh', advice,
  }, { cause });
}

interface Meaning {
  readonly what: string;
  readonly reason: Reason;
  readonly advice: string;
}

const FAILED: Meaning = { what: 'failed', reason: 'NativeError', advice: 'Run the same netsh command yourself and read its output.' };
const NOT_STARTED: Meaning = {
  what: 'could not be started', reason: 'NativeError', advice: 'A policy (such as AppLocker) or a virus scanner may block netsh: allow it.',
};
const MEANINGS: Readonly<Record<string, Meaning>> = {
  EIO: FAILED,
  ECANCELED: FAILED,
  ENOEXEC: { ...FAILED, what: 'ended without a word' },
  ETIMEDOUT: { ...FAILED, what: 'was ended', reason: 'OperationTimeout' },
  ENOENT: {
    what: 'does not exist', reason: 'NotSupported',
    advice: 'This needs netsh, which this Windows does not have (Nano Server has none).',
  },
};
