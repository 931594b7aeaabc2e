import { win32 } from 'node:path';
import { openLibrary } from './library.js';

const PROCESS_QUERY_LIMITED_INFORMATION = 0x1000;
/** FILETIME counts 100 ns from 1601-01-01 UTC; this is 1970-01-01. */
const UNIX_EPOCH = 116_444_736_000_000_000n;

export interface ProcessInformation {
  /** Full path of the executable, `null` if this user may not see it. */
  readonly path: string | null;
  /** Its name without the folder. System and the idle process, which no user may open, have a name and no path. */
  readonly name: string | null;
  readonly startTime: Date | null;
}

export interface Processes {
  /** All members are `null` if the process has ended or this user may not open it. */
  get(processId: number): ProcessInformation;
}

/** The functions of kernel32.dll about another process. */
export function openProcesses(path: string): Processes {
  const library = openLibrary(path);
  const openProcess = library.func('uintptr_t __stdcall OpenProcess(uint32_t access, int32_t inherit, uint32_t processId)');
  const queryImageName = library.func('int32_t __stdcall QueryFullProcessImageNameW(uintptr_t process, uint32_t flags, void *name, '
    + '_Inout_ uint32_t *size)');
  const getProcessTimes = library.func('int32_t __stdcall GetProcessTimes(uintptr_t process, _Out_ uint64_t *creation, '
    + '_Out_ uint64_t *exit, _Out_ uint64_t *kernel, _Out_ uint64_t *user)');
  const closeHandle = library.func('int32_t __stdcall CloseHandle(uintptr_t handle)');

  return {
    get(processId) {
      const handle = BigInt(openProcess(PROCESS_QUERY_LIMITED_INFORMATION, 0, processId));
      if (handle === 0n) return { path: null, name: SYSTEM_PROCESSES[processId] ?? null, startTime: null };
      try {
        const text = Buffer.alloc(65_534);
        const length: [number] = [text.length / 2];
        const named = Number(queryImageName(handle, 0, text, length)) !== 0;
        const creation: [number | bigint] = [0];
        const timed = Number(getProcessTimes(handle, creation, [0], [0], [0])) !== 0;
        const image = named ? text.toString('utf16le', 0, length[0] * 2) : null;
        return {
          path: image,
          name: image === null ? SYSTEM_PROCESSES[processId] ?? null : win32.basename(image),
          startTime: timed ? new Date(Number((BigInt(creation[0]) - UNIX_EPOCH) / 10_000n)) : null,
        };
      } finally {
        closeHandle(handle);
      }
    },
  };
}

/** The two processes that no user may open. http.sys listens as System. */
const SYSTEM_PROCESSES: Readonly<Record<number, string>> = { 0: 'System Idle Process', 4: 'System' };
