import { PortReservationError } from '../errors.js';
import koffi from './koffi.js';
import { openLibrary } from './library.js';
import { INVALID_SOCKET, WSADATA } from './structures.js';
import { text } from '../texts/text.js';

/** A SOCKET: pointer-sized, compared with {@link INVALID_SOCKET}, never with 0. */
export type Socket = bigint;
/** Memory of the caller: a Buffer for a synchronous call, an address of koffi.alloc for an overlapped one. */
export type Memory = Buffer | bigint | null;

/**
 * The Winsock functions that this package calls, by their names. Where the original returns 0 or SOCKET_ERROR, these return
 * the Winsock code, 0 for success. It is read by WSAGetLastError on the same thread, right after the call.
 * Source: https://learn.microsoft.com/windows/win32/api/winsock2/
 */
export interface Ws2_32 {
  WSASocketW(af: number, type: number, protocol: number, flags: number): { error: number; socket: Socket };
  /** @param info memory for a WSAPROTOCOL_INFOW */
  WSADuplicateSocketW(socket: Socket, processId: number, info: Buffer): number;
  closesocket(socket: Socket): number;
  /** Forgets a socket that somebody else will close. */
  giveAway(socket: Socket): void;
  bind(socket: Socket, address: Buffer): number;
  listen(socket: Socket, backlog: number): number;
  getsockname(socket: Socket, address: Buffer): number;
  setsockopt(socket: Socket, level: number, option: number, value: number): number;
  WSAIoctl(socket: Socket, code: number, input: Memory, inputSize: number, output: Memory, outputSize: number,
    bytesReturned: Memory, overlapped: Memory): number;
  /** Does not wait: WSA_IO_INCOMPLETE while the operation is pending, then its outcome. */
  WSAGetOverlappedResult(socket: Socket, overlapped: Memory): number;
  /** 0n if no event could be created. */
  WSACreateEvent(): bigint;
  WSACloseEvent(event: bigint): void;
}

/**
 * The open sockets of a worker thread, and what closes each when the thread ends. Windows would close them only at the end of the
 * process (rule R3).
 */
const ofWorker = new Map<Socket, () => void>();
let isWatched = false;

function closeWithWorker(socket: Socket, close: () => void): void {
  // Asked for here and not imported, because a program that opens no socket starts quicker without it.
  if (process.getBuiltinModule('node:worker_threads').isMainThread) return;
  if (!isWatched) process.once('exit', () => ofWorker.forEach((closeOne) => closeOne()));
  isWatched = true;
  ofWorker.set(socket, close);
}

export function openWs2_32(path: string): Ws2_32 {
  const library = openLibrary(path);
  const lastError = library.func('int32_t __stdcall WSAGetLastError()');
  const native = {
    WSAStartup: library.func('int32_t __stdcall WSAStartup(uint16_t version, _Out_ uint8_t *data)'),
    WSASocketW: library.func(
      'uintptr_t __stdcall WSASocketW(int32_t af, int32_t type, int32_t protocol, void *info, uint32_t group, uint32_t flags)'),
    WSADuplicateSocketW: library.func('int32_t __stdcall WSADuplicateSocketW(uintptr_t s, uint32_t processId, void *info)'),
    closesocket: library.func('int32_t __stdcall closesocket(uintptr_t s)'),
    bind: library.func('int32_t __stdcall bind(uintptr_t s, const void *name, int32_t namelen)'),
    listen: library.func('int32_t __stdcall listen(uintptr_t s, int32_t backlog)'),
    getsockname: library.func('int32_t __stdcall getsockname(uintptr_t s, void *name, _Inout_ int32_t *namelen)'),
    setsockopt: library.func(
      'int32_t __stdcall setsockopt(uintptr_t s, int32_t level, int32_t optname, const void *optval, int32_t optlen)'),
    WSAIoctl: library.func('int32_t __stdcall WSAIoctl(uintptr_t s, uint32_t code, const void *in, uint32_t inSize, '
      + 'void *out, uint32_t outSize, void *bytesReturned, void *overlapped, void *completion)'),
    WSAGetOverlappedResult: library.func('int32_t __stdcall WSAGetOverlappedResult(uintptr_t s, void *overlapped, '
      + '_Out_ uint32_t *transferred, int32_t wait, _Out_ uint32_t *flags)'),
    WSACreateEvent: library.func('uintptr_t __stdcall WSACreateEvent()'),
    WSACloseEvent: library.func('int32_t __stdcall WSACloseEvent(uintptr_t event)'),
  };
  const codeUnless0 = (result: number | bigint) => (Number(result) === 0 ? 0 : Number(lastError()));

  let started = false;
  /** Called once for each process, and never undone, because WSACleanup would close all its sockets. */
  function startup(): void {
    if (started) return;
    const error = Number(native.WSAStartup(0x0202, Buffer.alloc(koffi.sizeof(WSADATA))));
    if (error !== 0) {
      throw new PortReservationError(text('system.winsock', { code: error }), {
        reason: 'NativeError', code: 'UNKNOWN', nativeCode: error, syscall: 'WSAStartup',
        advice: text('system.winsock.advice'),
      });
    }
    started = true;
  }

  return {
    WSASocketW(af, type, protocol, flags) {
      startup();
      const socket = BigInt(native.WSASocketW(af, type, protocol, null, 0, flags));
      if (socket === INVALID_SOCKET) return { error: Number(lastError()), socket };
      closeWithWorker(socket, () => native.closesocket(socket));
      return { error: 0, socket };
    },
    WSADuplicateSocketW: (socket, processId, info) => codeUnless0(native.WSADuplicateSocketW(socket, processId, info)),
    closesocket(socket) {
      ofWorker.delete(socket);
      return codeUnless0(native.closesocket(socket));
    },
    giveAway: (socket) => void ofWorker.delete(socket),
    bind: (socket, address) => codeUnless0(native.bind(socket, address, address.length)),
    listen: (socket, backlog) => codeUnless0(native.listen(socket, backlog)),
    getsockname: (socket, address) => codeUnless0(native.getsockname(socket, address, [address.length])),
    setsockopt(socket, level, option, value) {
      const bytes = Buffer.alloc(4);
      bytes.writeInt32LE(value);
      return codeUnless0(native.setsockopt(socket, level, option, bytes, bytes.length));
    },
    WSAIoctl: (socket, code, input, inputSize, output, outputSize, bytesReturned, overlapped) => codeUnless0(
      native.WSAIoctl(socket, code, input, inputSize, output, outputSize, bytesReturned, overlapped, null)),
    WSAGetOverlappedResult(socket, overlapped) {
      // Not 0 means that the operation succeeded.
      return Number(native.WSAGetOverlappedResult(socket, overlapped, [0], 0, [0])) === 0 ? Number(lastError()) : 0;
    },
    WSACreateEvent: () => BigInt(native.WSACreateEvent()),
    WSACloseEvent: (event) => void native.WSACloseEvent(event),
  };
}
