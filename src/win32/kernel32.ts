import { openLibrary } from './library.js';
import type { Memory, Socket } from './ws2_32.js';

const FORMAT_MESSAGE_IGNORE_INSERTS = 0x200;
const FORMAT_MESSAGE_FROM_SYSTEM = 0x1000;

/** The kernel32.dll functions this package calls. */
export interface Kernel32 {
  /** Requests the end of a pending operation; WSAGetOverlappedResult reports it. */
  CancelIoEx(socket: Socket, overlapped: Memory): void;
  /** The code of the last call on this thread: koffi preserves it between two calls. */
  GetLastError(): number;
  /** The system's text for an error code, without its line end; `null` if it has none. */
  FormatMessageW(code: number): string | null;
  /** Decodes what a console program wrote in the OEM code page of the system. Invalid bytes become U+FFFD or `?`. */
  decodeOem(bytes: Buffer): string;
}

export function openKernel32(path: string): Kernel32 {
  const library = openLibrary(path);
  const getLastError = library.func('uint32_t __stdcall GetLastError()');
  const cancelIoEx = library.func('int32_t __stdcall CancelIoEx(uintptr_t handle, void *overlapped)');
  const formatMessage = library.func('uint32_t __stdcall FormatMessageW(uint32_t flags, void *source, uint32_t id, '
    + 'uint32_t language, void *buffer, uint32_t size, void *arguments)');
  const getOEMCP = library.func('uint32_t __stdcall GetOEMCP()');
  const multiByteToWideChar = library.func('int32_t __stdcall MultiByteToWideChar(uint32_t codePage, uint32_t flags, const void *text, '
    + 'int32_t length, void *wide, int32_t size)');
  return {
    GetLastError: () => Number(getLastError()),
    CancelIoEx: (socket, overlapped) => void cancelIoEx(socket, overlapped),
    FormatMessageW(code) {
      const text = Buffer.alloc(2048);
      const length = Number(formatMessage(FORMAT_MESSAGE_FROM_SYSTEM | FORMAT_MESSAGE_IGNORE_INSERTS, null, code, 0,
        text, text.length / 2, null));
      return length === 0 ? null : text.toString('utf16le', 0, length * 2).trim();
    },
    decodeOem(bytes) {
      if (bytes.length === 0) return '';
      // No character has more UTF-16 code units than bytes.
      const wide = Buffer.alloc(bytes.length * 2);
      const length = Number(multiByteToWideChar(getOEMCP(), 0, bytes, bytes.length, wide, bytes.length));
      // Without a decoder, digits and signs are still right: they are the same in every code page.
      return length === 0 ? bytes.toString('latin1') : wide.toString('utf16le', 0, length * 2);
    },
  };
}

/**
 * The system folder, according to Windows: an elevated process must not trust the environment's %SystemRoot%. Only
 * kernel32.dll is loaded without a path: it is a KnownDLL, and in every process already.
 */
export function getSystemDirectory(): string {
  const getSystemDirectoryW = openLibrary('kernel32.dll').func(
    'uint32_t __stdcall GetSystemDirectoryW(void *buffer, uint32_t size)');
  const text = Buffer.alloc(1024);
  const length = Number(getSystemDirectoryW(text, text.length / 2));
  return text.toString('utf16le', 0, length * 2);
}
