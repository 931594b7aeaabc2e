import { release } from 'node:os';
import { resolve } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { readArguments } from '../../scripts/arguments.mjs';
import { isPortReservationError } from '../../src/errors.js';
import { openNative } from '../../src/native.js';
import type { Native, SimulatorOptions } from '../../src/native.js';
import { freeBlocks } from '../../src/reservations/free-block.js';
import { FIRST_SAFE_BUILD } from '../../src/kinds/runtime-reservation.js';
import { describeCode } from '../../src/win32/codes.js';

/** How many ports the contract's cases use from their base on. */
const PORTS_NEEDED = 40;
/** High, and below the range that Windows hands out by itself unless that was changed. */
const DEFAULT_FROM = 40_000;
/** As the command line's AccessDenied. */
const REFUSED = 3;

export interface Setting {
  /** Whether the CLR is to be asked as well. */
  readonly oracle: boolean;
  readonly native: Native;
  readonly simulator: SimulatorOptions | undefined;
  /** First of 40 ports that are free in both protocols. */
  readonly base: number;
  readonly json: boolean;
  /** What it ran on, for people: "Windows 10.0.20348, Node.js v22.0.0, ports 40000-40039". */
  readonly description: string;
}

/**
 * Opens the DLLs of this Windows, or of the simulator named by argument, which is said loudly. Ends the process with a
 * sentence where it cannot run: persistent reservations are made for true, and that takes an elevated administrator.
 *
 * @param program its name, for what it says
 * @param file its import.meta.url
 */
export async function openSetting(program: string, file: string): Promise<Setting> {
  const { values: { simulator: library, 'simulator-state': state, from, json, oracle } } = readArguments(file, {
    options: {
      simulator: { type: 'string' }, 'simulator-state': { type: 'string' }, json: { type: 'boolean', default: false }, oracle: { type: 'boolean', default: false },
      from: { type: 'string', default: String(DEFAULT_FROM) },
    },
  });
  if ((library === undefined) !== (state === undefined)) refuse(program, '--simulator and --simulator-state belong together');
  const simulator = library !== undefined && state !== undefined ? { library: resolve(library), state: resolve(state) } : undefined;
  if (!simulator && process.platform !== 'win32') {
    refuse(program, `this needs Windows, and this is ${process.platform}; to try it give --simulator and --simulator-state`);
  }
  const native = openNative(simulator);
  if (simulator) process.stderr.write(`${program}: SIMULATOR: nothing here was seen on Windows\n`);
  else if ((native.windowsBuild ?? 0) < FIRST_SAFE_BUILD) {
    refuse(program, `runtime reservations are unsafe before build ${FIRST_SAFE_BUILD}, and this is ${native.windowsBuild ?? 'unknown'}`);
  }
  if (!native.isElevated()) {
    refuse(program, 'it makes and deletes persistent reservations: run it in an elevated console (Run as administrator)');
  }
  const base = await findBase(program, native, Number(from));
  const system = simulator ? 'SIMULATOR' : `Windows ${release()}`;
  return {
    native, simulator, base, json, oracle,
    description: `${system}, Node.js ${process.version} ${process.arch}, ports ${base}-${base + PORTS_NEEDED - 1}`,
  };
}

export function refuse(program: string, why: string): never {
  process.stderr.write(`${program}: ${why}\n`);
  process.exit(REFUSED);
}

async function findBase(program: string, native: Native, from: number): Promise<number> {
  try {
    for await (const base of freeBlocks(native, { protocols: ['tcp', 'udp'], numberOfPorts: PORTS_NEEDED, from })) {
      if (isReallyFree(native, base)) return base;
    }
  } catch (error) {
    if (isPortReservationError(error)) refuse(program, `${error.message}. ${error.advice} (--from)`);
    throw error;
  }
  return refuse(program, 'no free ports were found');
}

/** Not listed is not free (rule N7); that a block can be reserved proves it. */
function isReallyFree({ iphlpapi }: Native, base: number): boolean {
  const tcp = iphlpapi.CreatePersistentTcpPortReservation(base, PORTS_NEEDED).error === 0;
  const udp = tcp && iphlpapi.CreatePersistentUdpPortReservation(base, PORTS_NEEDED).error === 0;
  if (tcp) iphlpapi.DeletePersistentTcpPortReservation(base, PORTS_NEEDED);
  if (udp) iphlpapi.DeletePersistentUdpPortReservation(base, PORTS_NEEDED);
  return tcp && udp;
}

/**
 * Runs the work piece by piece. After Ctrl+C, Ctrl+Break or the close of the console the piece under way still ends and
 * gives back what it took, another process' part included; then the process ends. A second Ctrl+C ends it at once.
 */
export async function runInterruptibly<Piece>(pieces: readonly Piece[], run: (piece: Piece) => Promise<void>): Promise<void> {
  let interrupted: string | null = null;
  for (const signal of ['SIGINT', 'SIGBREAK', 'SIGHUP', 'SIGTERM'] as const) process.once(signal, () => (interrupted = signal));
  for (const piece of pieces) {
    await run(piece);
    // The native calls do not wait, so without this no signal would be heard between two pieces.
    await setImmediate();
    if (interrupted === null) continue;
    process.stderr.write(`stopped by ${String(interrupted)}; everything was given back\n`);
    process.exit(130);
  }
}

/** `WSAEACCES`, or the number of a code without a name here. */
export function nameOf(code: number): string {
  return code === 0 ? 'success' : describeCode(code)?.name ?? String(code);
}
