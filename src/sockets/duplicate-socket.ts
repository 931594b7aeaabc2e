import { isInteger } from '../checks.js';
import { invalid, PortReservationError } from '../errors.js';
import type { Native } from '../native.js';
import { text } from '../texts/text.js';
import { Code } from '../win32/codes.js';
import koffi from '../win32/koffi.js';
import { WSAPROTOCOL_INFOW } from '../win32/structures.js';
import type { Socket } from '../win32/ws2_32.js';

/**
 * WSADuplicateSocketW: the WSAPROTOCOL_INFOW with which the named process, once, opens the same socket by
 * `WSASocketW(FROM_PROTOCOL_INFO, FROM_PROTOCOL_INFO, FROM_PROTOCOL_INFO, &info, 0, WSA_FLAG_OVERLAPPED)`.
 */
export function duplicateSocket(native: Native, socket: Socket, processId: number): Buffer {
  if (!isInteger(processId, 1, 0xffff_ffff)) throw invalid('processId', processId, text('rule.processId'));
  if (process.platform !== 'win32') {
    throw new PortReservationError(text('socket.notHere', { platform: process.platform }), {
      reason: 'NotSupported', code: 'ENOTSUP', syscall: 'WSADuplicateSocketW',
      advice: text('socket.notHere.advice'),
    });
  }
  const info = Buffer.alloc(koffi.sizeof(WSAPROTOCOL_INFOW));
  const nativeCode = native.ws2_32.WSADuplicateSocketW(socket, processId, info);
  if (nativeCode !== 0) {
    throw native.error({
      nativeCode, syscall: 'WSADuplicateSocketW', attempt: text('attempt.duplicate', { processId }),
      ...(nativeCode === Code.WSAEINVAL || nativeCode === Code.WSAEACCES ? {
        meaning: {
          reason: nativeCode === Code.WSAEINVAL ? 'InvalidParameter' : 'AccessDenied',
          advice: text('socket.otherProcess.advice'),
        },
      } : {}),
    });
  }
  return info;
}
