import { Code } from './codes.js';
import koffi from './koffi.js';
import { openLibrary } from './library.js';

const SC_MANAGER_CONNECT = 0x0001;
const SC_MANAGER_ENUMERATE_SERVICE = 0x0004;
const SC_ENUM_PROCESS_INFO = 0;
/** Services that are programs, with a process of their own or a shared one; not drivers. */
const SERVICE_WIN32 = 0x30;
const SERVICE_ACTIVE = 1;
/** The largest buffer that EnumServicesStatusExW takes, in bytes. */
const LARGEST_LIST = 262_144;
const SERVICE_QUERY_CONFIG = 0x0001;
const SERVICE_QUERY_STATUS = 0x0004;
const SERVICE_START = 0x0010;
const SERVICE_STOP = 0x0020;
const SERVICE_CONTROL_STOP = 1;
const SERVICE_DISABLED = 4;
/** The largest configuration that QueryServiceConfigW gives, in bytes. */
const LARGEST_CONFIG = 8192;

/** dwCurrentState of SERVICE_STATUS. */
const STATES = {
  SERVICE_STOPPED: [1, 'stopped'],
  SERVICE_START_PENDING: [2, 'startPending'],
  SERVICE_STOP_PENDING: [3, 'stopPending'],
  SERVICE_RUNNING: [4, 'running'],
  SERVICE_CONTINUE_PENDING: [5, 'continuePending'],
  SERVICE_PAUSE_PENDING: [6, 'pausePending'],
  SERVICE_PAUSED: [7, 'paused'],
} as const;
const stateNames = new Map<number, ServiceState>(Object.values(STATES));

export type ServiceState = (typeof STATES)[keyof typeof STATES][1];

const SERVICE_STATUS_MEMBERS = {
  dwServiceType: 'uint32_t', dwCurrentState: 'uint32_t', dwControlsAccepted: 'uint32_t', dwWin32ExitCode: 'uint32_t',
  dwServiceSpecificExitCode: 'uint32_t', dwCheckPoint: 'uint32_t', dwWaitHint: 'uint32_t',
} as const;
const SERVICE_STATUS = koffi.struct(SERVICE_STATUS_MEMBERS);
const SERVICE_STATUS_PROCESS = koffi.struct({ ...SERVICE_STATUS_MEMBERS, dwProcessId: 'uint32_t', dwServiceFlags: 'uint32_t' });
/** The texts are not read. */
const QUERY_SERVICE_CONFIGW = koffi.struct({
  dwServiceType: 'uint32_t', dwStartType: 'uint32_t', dwErrorControl: 'uint32_t', lpBinaryPathName: 'uintptr_t', lpLoadOrderGroup: 'uintptr_t',
  dwTagId: 'uint32_t', lpDependencies: 'uintptr_t', lpServiceStartName: 'uintptr_t', lpDisplayName: 'uintptr_t',
});
/** The names point into the memory of the same answer. */
const ENUM_SERVICE_STATUS_PROCESSW = koffi.struct({
  lpServiceName: 'uintptr_t', lpDisplayName: 'uintptr_t', ServiceStatusProcess: SERVICE_STATUS_PROCESS,
});

/** An open service. Each call returns a Win32 error code, 0 for success. */
export interface Service {
  state(): { error: number; state: ServiceState };
  /** Whether it is disabled, so that it would not start again, although it may still run; false if Windows does not tell. Needs `control`. */
  isDisabled(): boolean;
  stop(): number;
  start(): number;
  close(): void;
}

/** A running service, and the process that hosts it. */
interface RunningService {
  /** The name that `sc.exe` and Get-Service take, not the one for people. */
  readonly name: string;
  readonly processId: number;
}

/** The service control manager of advapi32.dll. */
export interface Services {
  /** The running services that are programs. Needs no administrator. If it fails, `error` is a Win32 error code. */
  listRunning(): { error: number; services: RunningService[] };
  /** @param control false opens it only for its state, which needs no administrator */
  open(name: string, control: boolean): { error: number; service: Service | null };
}

/** @param lastError GetLastError of the matching kernel32.dll */
export function openServices(path: string, lastError: () => number): Services {
  const library = openLibrary(path);
  const native = {
    openManager: library.func('uintptr_t __stdcall OpenSCManagerW(void *machine, void *database, uint32_t access)'),
    open: library.func('uintptr_t __stdcall OpenServiceW(uintptr_t manager, const void *name, uint32_t access)'),
    enumerate: library.func('int32_t __stdcall EnumServicesStatusExW(uintptr_t manager, int32_t level, uint32_t type, uint32_t state, '
      + 'uintptr_t services, uint32_t size, _Out_ uint32_t *needed, _Out_ uint32_t *returned, _Inout_ uint32_t *resume, void *group)'),
    query: library.func('int32_t __stdcall QueryServiceStatus(uintptr_t service, _Out_ uint8_t *status)'),
    config: library.func('int32_t __stdcall QueryServiceConfigW(uintptr_t service, _Out_ uint8_t *config, uint32_t size, _Out_ uint32_t *needed)'),
    control: library.func('int32_t __stdcall ControlService(uintptr_t service, uint32_t control, _Out_ uint8_t *status)'),
    start: library.func('int32_t __stdcall StartServiceW(uintptr_t service, uint32_t count, void *arguments)'),
    close: library.func('int32_t __stdcall CloseServiceHandle(uintptr_t handle)'),
  };
  const openManager = (access: number) => BigInt(native.openManager(null, null, SC_MANAGER_CONNECT | access));
  const errorUnless = (success: number | bigint) => (Number(success) === 0 ? lastError() : 0);

  function toService(handle: bigint): Service {
    const status = Buffer.alloc(koffi.sizeof(SERVICE_STATUS));
    return {
      state() {
        const error = errorUnless(native.query(handle, status));
        return { error, state: stateNames.get(status.readUInt32LE(koffi.offsetof(SERVICE_STATUS, 'dwCurrentState'))) ?? 'stopped' };
      },
      isDisabled() {
        const config = Buffer.alloc(LARGEST_CONFIG);
        const error = errorUnless(native.config(handle, config, config.length, [0]));
        return error === 0 && config.readUInt32LE(koffi.offsetof(QUERY_SERVICE_CONFIGW, 'dwStartType')) === SERVICE_DISABLED;
      },
      stop: () => errorUnless(native.control(handle, SERVICE_CONTROL_STOP, status)),
      start: () => errorUnless(native.start(handle, 0, null)),
      close: () => void native.close(handle),
    };
  }

  return {
    listRunning() {
      const manager = openManager(SC_MANAGER_ENUMERATE_SERVICE);
      if (manager === 0n) return { error: lastError(), services: [] };
      const memory = koffi.alloc('uint8_t', LARGEST_LIST) as bigint;
      const list = Buffer.from(koffi.view(memory, LARGEST_LIST));
      const services: RunningService[] = [];
      const resume: [number] = [0];
      try {
        for (;;) {
          const returned: [number] = [0];
          const error = errorUnless(native.enumerate(manager, SC_ENUM_PROCESS_INFO, SERVICE_WIN32, SERVICE_ACTIVE, memory, list.length,
            [0], returned, resume, null));
          if (error !== 0 && error !== Code.ERROR_MORE_DATA) return { error, services };
          services.push(...decode(memory, list, returned[0]));
          if (error === 0 || returned[0] === 0) return { error, services };
        }
      } finally {
        koffi.free(memory);
        native.close(manager);
      }
    },
    open(name, control) {
      const manager = openManager(0);
      if (manager === 0n) return { error: lastError(), service: null };
      const access = SERVICE_QUERY_STATUS | (control ? SERVICE_QUERY_CONFIG | SERVICE_START | SERVICE_STOP : 0);
      const handle = BigInt(native.open(manager, Buffer.from(`${name}\0`, 'utf16le'), access));
      const error = handle === 0n ? lastError() : 0;
      native.close(manager);
      return { error, service: handle === 0n ? null : toService(handle) };
    },
  };
}

const RECORD = {
  size: koffi.sizeof(ENUM_SERVICE_STATUS_PROCESSW),
  name: koffi.offsetof(ENUM_SERVICE_STATUS_PROCESSW, 'lpServiceName'),
  processId: koffi.offsetof(ENUM_SERVICE_STATUS_PROCESSW, 'ServiceStatusProcess') + koffi.offsetof(SERVICE_STATUS_PROCESS, 'dwProcessId'),
};

function decode(memory: bigint, list: Buffer, count: number): RunningService[] {
  return Array.from({ length: count }, (_, index) => {
    const record = list.subarray(index * RECORD.size, (index + 1) * RECORD.size);
    const start = Number(record.readBigUInt64LE(RECORD.name) - memory);
    let end = start;
    while (end < list.length && list.readUInt16LE(end) !== 0) end += 2;
    return { name: list.toString('utf16le', start, end), processId: record.readUInt32LE(RECORD.processId) };
  });
}
