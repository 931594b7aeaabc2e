import { setImmediate } from 'node:timers/promises';
import { ADDRESS_FAMILIES, endPortOf } from '../blocks.js';
import type { AddressFamily, PortBlock, Protocol } from '../blocks.js';
import { isPortReservationError } from '../errors.js';
import type { Native } from '../native.js';
import { Code } from '../win32/codes.js';
import { openSocket } from './native-socket.js';
import { changePort, encodeAddress, unspecifiedAddress } from './socket-address.js';
import type { LocalAddress } from './socket-address.js';

const SOL_SOCKET = 0xffff;
/** ~SO_REUSEADDR (winsock2.h). */
const SO_EXCLUSIVEADDRUSE = -5;

/**
 * `exclusive` fails if anyone has the port on any address, or if a closed connection still keeps it (TIME_WAIT), which a
 * plain bind ignores.
 * Source: https://learn.microsoft.com/windows/win32/winsock/using-so-reuseaddr-and-so-exclusiveaddruse
 */
export type Access = 'exclusive' | 'plain';

/**
 * Binds a socket to one port after the other as any program would, and closes it at once: it never listens, so no client can connect
 * to it. With an address, at that alone; else at all of both families: a socket of one would keep the port from a dual-stack server.
 */
export class BindTries {
  readonly #native: Native;
  readonly #protocol: Protocol;
  /** The addresses to try, made once, because only the port changes. */
  readonly #places: readonly { readonly family: AddressFamily; readonly name: Buffer }[];

  constructor(native: Native, protocol: Protocol, local: LocalAddress | null = null) {
    this.#native = native;
    this.#protocol = protocol;
    this.#places = (local ? [local] : ADDRESS_FAMILIES.map((family) => ({ family, address: unspecifiedAddress(family) })))
      .map(({ family, address }) => ({ family, name: encodeAddress(family, address, 0) }));
  }

  /** @returns the Winsock code; 0 if the bind worked (one family is enough if the system lacks the other); `null` if it lacks the families or the address */
  at(port: number, access: Access): number | null {
    let worked = false;
    for (const { family, name } of this.#places) {
      changePort(name, family, port);
      const code = this.#bind(family, name, access);
      if (code) return code;
      worked ||= code === 0;
    }
    return worked ? 0 : null;
  }

  /** @returns the Winsock code; `null` if this system lacks the family, or has no such address, as where the family is turned off */
  #bind(family: AddressFamily, name: Buffer, access: Access): number | null {
    const { ws2_32 } = this.#native;
    let socket;
    try {
      socket = openSocket(this.#native, this.#protocol, family);
    } catch (error) {
      if (isPortReservationError(error) && error.nativeCode === Code.WSAEAFNOSUPPORT) return null;
      throw error;
    }
    try {
      // If this fails, the try is less strict, but not wrong.
      if (access === 'exclusive') ws2_32.setsockopt(socket, SOL_SOCKET, SO_EXCLUSIVEADDRUSE, 1);
      const code = ws2_32.bind(socket, name);
      return code === Code.WSAEADDRNOTAVAIL ? null : code;
    } finally {
      ws2_32.closesocket(socket);
    }
  }
}

/** Codes of a bind that mean that somebody has the port. Any other code, such as for a lack of memory, says nothing about it. */
const TAKEN: ReadonlySet<number | null> = new Set([Code.WSAEADDRINUSE, Code.WSAEACCES]);

interface Search {
  /** How many ports to try. Default all. */
  readonly most?: number;
  /** Ends the search: a large block takes seconds. */
  readonly signal?: AbortSignal | undefined;
}

/** The first port of a block that somebody has, `null` if there is none among those that are tried. */
export async function firstPortInUse(native: Native, block: PortBlock, { most = block.numberOfPorts, signal }: Search = {}): Promise<number | null> {
  const tries = new BindTries(native, block.protocol);
  const end = Math.min(endPortOf(block), block.startPort + most - 1);
  for (let port = block.startPort; port <= end; port += 1) {
    signal?.throwIfAborted();
    if (TAKEN.has(tries.at(port, 'exclusive'))) return port;
    // Binding is synchronous, so other work gets a turn after each port.
    await setImmediate();
  }
  return null;
}
