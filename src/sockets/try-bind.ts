import { ADDRESS_FAMILIES } from '../blocks.js';
import type { AddressFamily, Protocol } from '../blocks.js';
import type { Native } from '../native.js';
import { openSocket } from './native-socket.js';
import { encodeAddress, unspecifiedAddress } from './socket-address.js';

const SOL_SOCKET = 0xffff;
/** ~SO_REUSEADDR (winsock2.h). */
const SO_EXCLUSIVEADDRUSE = -5;
/** The family is not installed, or it is switched off and has no addresses. */
const NO_FAMILY = { socket: 10047, bind: 10049 };

/**
 * `exclusive`: nobody else has the port on any address, nor a connection that waits to end (TIME_WAIT), of which a plain
 * bind takes no notice.
 * Source: https://learn.microsoft.com/windows/win32/winsock/using-so-reuseaddr-and-so-exclusiveaddruse
 */
export type Access = 'exclusive' | 'plain';

/**
 * Binds a socket to the port as any program would, and closes it at once: it never listens, so no client can meet it.
 *
 * @returns the Winsock code, 0 when the bind worked, `null` when this system does not have the family
 */
export function tryBind(native: Native, protocol: Protocol, family: AddressFamily, port: number, access: Access): number | null {
  const { ws2_32 } = native;
  let socket;
  try {
    socket = openSocket(native, protocol, family);
  } catch (error) {
    if ((error as { nativeCode?: number }).nativeCode === NO_FAMILY.socket) return null;
    throw error;
  }
  try {
    // A failure to set it makes the try less strict, not wrong.
    if (access === 'exclusive') ws2_32.setsockopt(socket, SOL_SOCKET, SO_EXCLUSIVEADDRUSE, 1);
    const code = ws2_32.bind(socket, encodeAddress(family, unspecifiedAddress(family), port));
    return code === NO_FAMILY.bind ? null : code;
  } finally {
    ws2_32.closesocket(socket);
  }
}

/** A port is free when both families can have it: what is bound to one is in the way of a dual-stack server. */
export function tryBothFamilies(native: Native, protocol: Protocol, port: number, access: Access): number {
  for (const family of ADDRESS_FAMILIES) {
    const code = tryBind(native, protocol, family, port, access);
    if (code) return code;
  }
  return 0;
}
