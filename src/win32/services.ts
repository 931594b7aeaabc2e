import { openLibrary } from './library.js';

const SC_MANAGER_CONNECT = 0x0001;
const SERVICE_QUERY_STATUS = 0x0004;
const SERVICE_START = 0x0010;
const SERVICE_STOP = 0x0020;
const SERVICE_CONTROL_STOP = 1;

export type ServiceState = 'stopped' | 'startPending' | 'stopPending' | 'running' | 'continuePending' | 'pausePending' | 'paused';
/** dwCurrentState of SERVICE_STATUS, from 1. */
const STATES: readonly ServiceState[] = ['stopped', 'startPending', 'stopPending', 'running', 'continuePending', 'pausePending', 'paused'];

/** An open service. Each call returns a Win32 error code, 0 for success. */
export interface Service {
  state(): { error: number; state: ServiceState };
  stop(): number;
  start(): number;
  close(): void;
}

/** The service control manager of advapi32.dll. */
export interface Services {
  /** @param control false opens it only for its state, which needs no administrator */
  open(name: string, control: boolean): { error: number; service: Service | null };
}

/** @param lastError GetLastError of the matching kernel32.dll */
export function openServices(path: string, lastError: () => number): Services {
  const library = openLibrary(path);
  const native = {
    openManager: library.func('uintptr_t __stdcall OpenSCManagerW(void *machine, void *database, uint32_t access)'),
    open: library.func('uintptr_t __stdcall OpenServiceW(uintptr_t manager, const void *name, uint32_t access)'),
    query: library.func('int32_t __stdcall QueryServiceStatus(uintptr_t service, _Out_ uint8_t *status)'),
    control: library.func('int32_t __stdcall ControlService(uintptr_t service, uint32_t control, _Out_ uint8_t *status)'),
    start: library.func('int32_t __stdcall StartServiceW(uintptr_t service, uint32_t count, void *arguments)'),
    close: library.func('int32_t __stdcall CloseServiceHandle(uintptr_t handle)'),
  };
  const errorUnless = (success: number | bigint) => (Number(success) === 0 ? lastError() : 0);

  function toService(handle: bigint): Service {
    // SERVICE_STATUS is seven DWORDs; dwCurrentState is the second.
    const status = Buffer.alloc(28);
    return {
      state() {
        const error = errorUnless(native.query(handle, status));
        return { error, state: STATES[status.readUInt32LE(4) - 1] ?? 'stopped' };
      },
      stop: () => errorUnless(native.control(handle, SERVICE_CONTROL_STOP, status)),
      start: () => errorUnless(native.start(handle, 0, null)),
      close: () => void native.close(handle),
    };
  }

  return {
    open(name, control) {
      const manager = BigInt(native.openManager(null, null, SC_MANAGER_CONNECT));
      if (manager === 0n) return { error: lastError(), service: null };
      const access = SERVICE_QUERY_STATUS | (control ? SERVICE_START | SERVICE_STOP : 0);
      const handle = BigInt(native.open(manager, Buffer.from(`${name}\0`, 'utf16le'), access));
      const error = handle === 0n ? lastError() : 0;
      native.close(manager);
      return { error, service: handle === 0n ? null : toService(handle) };
    },
  };
}
