import type { AddressFamily, Protocol } from '../blocks.js';
import type { Native } from '../native.js';
import { text } from '../texts/text.js';
import {
  AF_INET, AF_INET6, IPPROTO_TCP, IPPROTO_UDP, SOCK_DGRAM, SOCK_STREAM, WSA_FLAG_NO_HANDLE_INHERIT,
  WSA_FLAG_OVERLAPPED,
} from '../win32/structures.js';
import type { Socket } from '../win32/ws2_32.js';

/**
 * A new overlapped socket. It is not inheritable: a child process holding a copy would keep a runtime reservation
 * alive after its owner is gone (rule R3).
 */
export function openSocket(native: Native, protocol: Protocol, family: AddressFamily): Socket {
  const [type, number] = protocol === 'tcp' ? [SOCK_STREAM, IPPROTO_TCP] : [SOCK_DGRAM, IPPROTO_UDP];
  const { error, socket } = native.ws2_32.WSASocketW(
    family === 'IPv4' ? AF_INET : AF_INET6, type, number, WSA_FLAG_OVERLAPPED | WSA_FLAG_NO_HANDLE_INHERIT);
  if (error !== 0) {
    throw native.error({ nativeCode: error, syscall: 'WSASocketW', attempt: text('attempt.openSocket', { family, protocol }) });
  }
  return socket;
}
