import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { NativeLibraries } from '../native.js';
import { PortReservationError } from '../errors.js';
import type { Protocol } from '../blocks.js';

const TIMEOUT = 20_000;

/** The text of `netsh interface ipv4 show excludedportrange`. Both families share one set of blocks (rule N6). */
export function showExcludedPortRange(libraries: NativeLibraries, protocol: Protocol): Promise<string> {
  return run(libraries, ['interface', 'ipv4', 'show', 'excludedportrange', `protocol=${protocol}`]);
}

/**
 * Runs netsh by its full path, arguments as a list, in an environment of its own.
 * The text is in the OEM code page of the system: only its digits and `*` can be relied on, and latin1 keeps those.
 */
async function run(libraries: NativeLibraries, args: string[]): Promise<string> {
  try {
    const { stdout } = await promisify(execFile)(libraries.netsh, args, {
      encoding: 'latin1', env: libraries.netshEnvironment, timeout: TIMEOUT, windowsHide: true,
    });
    return stdout;
  } catch (cause) {
    const { message, stdout = '' } = cause as Error & { stdout?: string };
    throw new PortReservationError(`${libraries.netsh} failed: ${(stdout.trim() || message).slice(0, 200)}`, {
      reason: 'NativeError', code: 'EIO', syscall: 'netsh', advice: 'Run the same netsh command by hand and read what it says.',
    }, { cause });
  }
}
