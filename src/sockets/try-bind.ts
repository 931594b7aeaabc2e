import { setImmediate } from 'node:timers/promises';
import { ADDRESS_FAMILIES, endPortOf } from '../blocks.js';
import type { AddressFamily, PortBlock, Protocol } from '../blocks.js';
import type { Native } from '../native.js';
import { openSocket } from './native-socket.js';
import { encodeAddress, unspecifiedAddress } from './socket-address.js';

const SOL_SOCKET = 0xffff;
/** ~SO_REUSEADDR (winsock2.h). */
const SO_EXCLUSIVEADDRUSE = -5;
/** The family is not installed, or is turned off and has no addresses. */
const NO_FAMILY = { socket: 10047, bind: 10049 };

/**
 * `exclusive` fails if anyone has the port on any address, or if a closed connection still keeps it (TIME_WAIT), which a
 * plain bind ignores.
 * Source: https://learn.microsoft.com/windows/win32/winsock/using-so-reuseaddr-and-so-exclusiveaddruse
 */
export type Access = 'exclusive' | 'plain';

/**
 * Binds a socket to the port as any program would, and closes it at once: it never listens, so no client can connect to it.
 *
 * @returns the Winsock code, 0 if the bind worked, `null` if this system does not have the family or the address
 */
export function tryBind(native: Native, protocol: Protocol, family: AddressFamily, port: number, access: Access,
  address = unspecifiedAddress(family)): number | null {
  const { ws2_32 } = native;
  let socket;
  try {
    socket = openSocket(native, protocol, family);
  } catch (error) {
    if ((error as { nativeCode?: number }).nativeCode === NO_FAMILY.socket) return null;
    throw error;
  }
  try {
    // If this fails, the try is less strict, but not wrong.
    if (access === 'exclusive') ws2_32.setsockopt(socket, SOL_SOCKET, SO_EXCLUSIVEADDRUSE, 1);
    const code = ws2_32.bind(socket, encodeAddress(family, address, port));
    return code === NO_FAMILY.bind ? null : code;
  } finally {
    ws2_32.closesocket(socket);
  }
}

/** A port is free if both families can have it: a socket of one would keep it from a dual-stack server. */
export function tryBothFamilies(native: Native, protocol: Protocol, port: number, access: Access): number {
  for (const family of ADDRESS_FAMILIES) {
    const code = tryBind(native, protocol, family, port, access);
    if (code) return code;
  }
  return 0;
}

/** The first port of a block that cannot be bound exclusively, `null` if there is none among the first `most` ports. */
export async function firstPortInUse(native: Native, block: PortBlock, most = block.numberOfPorts): Promise<number | null> {
  const end = Math.min(endPortOf(block), block.startPort + most - 1);
  for (let port = block.startPort; port <= end; port += 1) {
    if (tryBothFamilies(native, block.protocol, port, 'exclusive') !== 0) return port;
    // Binding is synchronous: let other work come in between.
    await setImmediate();
  }
  return null;
}
