import { execFile } from 'node:child_process';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import { PortReservationError } from '../errors.js';
import type { AddressFamily, PortBlock, Protocol, Store } from '../blocks.js';
import type { NativeLibraries } from '../native.js';

const TIMEOUT = 20_000;

/** The text of `netsh interface ipv4|ipv6 show excludedportrange`: the blocks in force now, or those that survive a restart. */
export function showExcludedPortRange(libraries: NativeLibraries, family: AddressFamily, protocol: Protocol, store: Store): Promise<string> {
  // "active" is netsh's default, and every Windows accepts the short form.
  return show(libraries, family, ['excludedportrange', `protocol=${protocol}`, ...store === 'active' ? [] : [`store=${store}`]]);
}

/** The text of `netsh interface ipv4 show dynamicport` (rule N8). */
export function showDynamicPort(libraries: NativeLibraries, protocol: Protocol): Promise<string> {
  return show(libraries, 'IPv4', ['dynamicport', protocol]);
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
  if (failure) throw netshError(libraries, text || failure.message, failure, text === '' ? 'ENOEXEC' : 'EIO');
  return text;
}

/**
 * Runs netsh by its full path, arguments as a list, in an environment of its own. An exit code other than 0 is returned as
 * a `failure`; if netsh did not run at all, that is thrown.
 * The text is in the OEM code page of the system: only its digits and `*` are reliable, and latin1 keeps those.
 */
async function run(libraries: NativeLibraries, args: string[]): Promise<{ text: string; failure: Error | null }> {
  try {
    const { stdout } = await promisify(execFile)(libraries.netsh, args, {
      encoding: 'latin1', env: libraries.netshEnvironment, timeout: TIMEOUT, windowsHide: true,
      // netsh loads helper DLLs by bare name, which must not be from a folder that anyone can write to.
      cwd: dirname(libraries.netsh),
    });
    return { text: stdout.trim(), failure: null };
  } catch (cause) {
    const failure = cause as Error & { stdout?: string; code?: unknown; killed?: boolean; signal?: string };
    if (typeof failure.code !== 'number') {
      throw netshError(libraries, failure.message, failure, failure.killed ? 'ETIMEDOUT' : failure.signal ? 'ECANCELED' : 'ENOEXEC');
    }
    return { text: (failure.stdout ?? '').trim(), failure };
  }
}

/** @param code EIO: netsh refused; ETIMEDOUT, ECANCELED, ENOEXEC: it did not answer, was ended, or did not run at all */
function netshError(libraries: NativeLibraries, said: string, cause: Error, code: string): PortReservationError {
  return new PortReservationError(`${code}: ${libraries.netsh} failed: ${said.replace(/\s+/g, ' ').slice(0, 200)}`, {
    reason: code === 'ETIMEDOUT' ? 'OperationTimeout' : 'NativeError', code, syscall: 'netsh',
    advice: 'Run the same netsh command yourself and read its output.',
  }, { cause });
}
