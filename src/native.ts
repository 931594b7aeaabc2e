import { release } from 'node:os';
import { dirname, join } from 'node:path';
import { checkAbsolute, checkCount, checkRequest } from './checks.js';
import { nativeError, platformNotSupported, PortReservationError } from './errors.js';
import type { NativeFailure } from './errors.js';
import { DEFAULT_VOICE, text } from './texts/text.js';
import type { Voice } from './texts/text.js';
import { openAdvapi32 } from './win32/advapi32.js';
import { openComputeNetwork } from './win32/computenetwork.js';
import type { ComputeNetwork } from './win32/computenetwork.js';
import { openEndpointTables } from './win32/endpoint-tables.js';
import type { EndpointTables } from './win32/endpoint-tables.js';
import { openIphlpapi } from './win32/iphlpapi.js';
import type { Iphlpapi } from './win32/iphlpapi.js';
import { getSystemDirectory, openKernel32 } from './win32/kernel32.js';
import type { Kernel32 } from './win32/kernel32.js';
import { openLibrary } from './win32/library.js';
import { openProcesses } from './win32/processes.js';
import type { Processes } from './win32/processes.js';
import { openServices } from './win32/services.js';
import type { Services } from './win32/services.js';
import { openWs2_32 } from './win32/ws2_32.js';
import type { Ws2_32 } from './win32/ws2_32.js';

/** Where the simulator is. Only an argument can switch it on, never an environment variable. */
export interface SimulatorOptions {
  /** Absolute path of portsim.so, portsim.dylib or portsim.dll; its netsh is in the same folder. */
  readonly library: string;
  /** Absolute path of the file that holds the simulated system; created if it is missing. */
  readonly state: string;
  /** Milliseconds after which a netsh that does not answer is ended. Default 20000. */
  readonly netshTimeout?: number | undefined;
}

const NETSH_TIMEOUT = 20_000;
/** The longest timer of Node.js, in milliseconds: it fires a longer one at once. */
const LONGEST_TIMER = 0x7fff_ffff;

/** Full paths of the DLLs and the program that this package uses. Nothing else decides between Windows and the simulator. */
interface NativeLibraries {
  readonly iphlpapi: string;
  readonly ws2_32: string;
  readonly kernel32: string;
  readonly advapi32: string;
  /** Missing on a Windows without Hyper-V's networking. */
  readonly computenetwork: string;
  readonly netsh: string;
  /** The entire environment of netsh. */
  readonly netshEnvironment: Readonly<Record<string, string>>;
  /** Milliseconds after which a netsh that does not answer is ended. */
  readonly netshTimeout: number;
}

/** The loaded libraries, and what they say about this process and system. */
export interface Native {
  readonly backend: 'windows' | 'simulator';
  readonly libraries: NativeLibraries;
  readonly iphlpapi: Iphlpapi;
  readonly ws2_32: Ws2_32;
  readonly kernel32: Kernel32;
  readonly computenetwork: ComputeNetwork;
  readonly endpointTables: EndpointTables;
  readonly processes: Processes;
  readonly services: Services;
  /** Build number of Windows, `null` on the simulator. */
  readonly windowsBuild: number | null;
  /** The language and the words of explanations, findings and the like. */
  readonly voice: Voice;
  /** Asked on each call, because a test can change it on the simulator. */
  isElevated(): boolean;
  /** The error for a native code, with FormatMessage's text where the code has no name. */
  error(failure: Omit<NativeFailure, 'formatMessage'>): PortReservationError;
}

/** Loads the DLLs of Windows, or the simulator. */
export function openNative(simulator?: SimulatorOptions, voice = DEFAULT_VOICE): Native {
  // Only `undefined` means Windows: if a test passes null or '' by mistake, it must not run on the real system.
  if (simulator !== undefined) return openSimulator(simulator, voice);
  if (process.platform !== 'win32') throw platformNotSupported();
  if (process.arch === 'ia32') throw only64Bit();
  return openWindows(voice);
}

function openWindows(voice: Voice): Native {
  const system32 = getSystemDirectory();
  const libraries: NativeLibraries = {
    iphlpapi: join(system32, 'iphlpapi.dll'),
    ws2_32: join(system32, 'ws2_32.dll'),
    kernel32: join(system32, 'kernel32.dll'),
    advapi32: join(system32, 'advapi32.dll'),
    computenetwork: join(system32, 'computenetwork.dll'),
    netsh: join(system32, 'netsh.exe'),
    // netsh finds its helper DLLs through these. PATH is set because libuv would otherwise add that of this process.
    netshEnvironment: { SystemRoot: dirname(system32), windir: dirname(system32), PATH: system32 },
    netshTimeout: NETSH_TIMEOUT,
  };
  const advapi32 = openAdvapi32(libraries.advapi32);
  return assemble('windows', libraries, voice, () => advapi32.isElevated());
}

function openSimulator(options: SimulatorOptions, voice: Voice): Native {
  checkRequest('simulator', options);
  const { library, state, netshTimeout = NETSH_TIMEOUT } = options;
  checkAbsolute('simulator.library', library);
  checkAbsolute('simulator.state', state);
  checkCount('simulator.netshTimeout', netshTimeout, LONGEST_TIMER);
  const portsim = openLibrary(library);
  const error = Number(portsim.func('int32_t portsim_open(const char *path)')(state));
  if (error !== 0) {
    const reason = String(portsim.func('const char *portsim_open_error()')());
    throw new PortReservationError(text('system.stateFile', { reason, code: error }), {
      reason: 'NativeError', code: 'UNKNOWN', nativeCode: error, syscall: 'portsim_open',
      advice: text('system.stateFile.advice'),
    });
  }
  const isElevated = portsim.func('int32_t portsim_is_elevated()');
  const libraries: NativeLibraries = {
    iphlpapi: library, ws2_32: library, kernel32: library, advapi32: library, computenetwork: library,
    netsh: join(dirname(library), process.platform === 'win32' ? 'netsh.exe' : 'netsh'),
    netshEnvironment: { PORTSIM_STATE: state },
    netshTimeout,
  };
  return assemble('simulator', libraries, voice, () => Number(isElevated()) !== 0);
}

/** The structures of ws2_32.dll are declared in their 64-bit layout. */
function only64Bit(): PortReservationError {
  return new PortReservationError(text('system.32bit'), {
    reason: 'NotSupported', code: 'ENOTSUP', advice: text('system.32bit.advice'),
  });
}

function assemble(backend: Native['backend'], libraries: NativeLibraries, voice: Voice, isElevated: () => boolean): Native {
  const kernel32 = openKernel32(libraries.kernel32);
  return {
    backend,
    libraries,
    voice,
    // '10.0.17763', from RtlGetVersion, which ignores compatibility settings.
    windowsBuild: backend === 'windows' ? Number(release().split('.')[2]) : null,
    kernel32,
    iphlpapi: openIphlpapi(libraries.iphlpapi),
    ws2_32: openWs2_32(libraries.ws2_32),
    computenetwork: openComputeNetwork(libraries.computenetwork),
    endpointTables: openEndpointTables(libraries.iphlpapi),
    processes: openProcesses(libraries.kernel32),
    services: openServices(libraries.advapi32, () => kernel32.GetLastError()),
    isElevated,
    error: (failure) => nativeError({ ...failure, formatMessage: (code) => kernel32.FormatMessageW(code) }),
  };
}
