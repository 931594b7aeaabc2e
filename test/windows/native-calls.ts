import type { AddressFamily, PortBlock, Protocol } from '../../src/blocks.js';
import type { Native } from '../../src/native.js';
import { openSocket } from '../../src/sockets/native-socket.js';
import { decodeAddress, emptyAddress, encodeAddress, unspecifiedAddress } from '../../src/sockets/socket-address.js';
import {
  SIO_ACQUIRE_PORT_RESERVATION, SIO_ASSOCIATE_PORT_RESERVATION, SIO_RELEASE_PORT_RESERVATION,
} from '../../src/win32/structures.js';

/** What a control code gave. */
export interface Outcome {
  readonly code: number;
  /** `null` when the stack wrote nothing there. */
  readonly bytesReturned: number | null;
}

const UNTOUCHED = 0xdead_beef;

/** The calls below the library, as bare as can be, with everything they took given back by dispose. */
export class NativeCalls implements Disposable {
  readonly #native: Native;
  readonly #sockets = new Map<bigint, AddressFamily>();
  readonly #blocks: PortBlock[] = [];

  constructor(native: Native) {
    this.#native = native;
  }

  open(protocol: Protocol, family: AddressFamily = 'IPv4'): bigint {
    const socket = openSocket(this.#native, protocol, family);
    this.#sockets.set(socket, family);
    return socket;
  }

  create(protocol: Protocol, startPort: number, numberOfPorts: number): bigint {
    const { iphlpapi } = this.#native;
    const { error, token } = protocol === 'tcp'
      ? iphlpapi.CreatePersistentTcpPortReservation(startPort, numberOfPorts)
      : iphlpapi.CreatePersistentUdpPortReservation(startPort, numberOfPorts);
    if (error !== 0) throw new Error(`the ${protocol} block ${startPort}+${numberOfPorts} could not be created: ${error}`);
    this.#blocks.push({ protocol, startPort, numberOfPorts });
    return token;
  }

  acquire(socket: bigint, startPort: number, numberOfPorts: number, outputSize = 16): Outcome & { token: bigint } {
    const [input, output] = [Buffer.alloc(4), Buffer.alloc(16)];
    input.writeUInt16BE(startPort, 0);
    input.writeUInt16LE(numberOfPorts, 2);
    return { ...this.#control(socket, SIO_ACQUIRE_PORT_RESERVATION, input, output, outputSize), token: output.readBigUInt64LE(8) };
  }

  associate(socket: bigint, token: bigint): Outcome {
    return this.#control(socket, SIO_ASSOCIATE_PORT_RESERVATION, bytesOf(token), null, 0);
  }

  release(socket: bigint, token: bigint): Outcome {
    return this.#control(socket, SIO_RELEASE_PORT_RESERVATION, bytesOf(token), null, 0);
  }

  /** @param port 0 for any */
  bind(socket: bigint, port = 0): number {
    const family = this.#sockets.get(socket) ?? 'IPv4';
    return this.#native.ws2_32.bind(socket, encodeAddress(family, unspecifiedAddress(family), port));
  }

  /** `null` where the socket is not bound any more. */
  portOf(socket: bigint): number | null {
    const family = this.#sockets.get(socket) ?? 'IPv4';
    const name = emptyAddress(family);
    return this.#native.ws2_32.getsockname(socket, name) === 0 ? decodeAddress(family, name).port : null;
  }

  listen(socket: bigint): number {
    return this.#native.ws2_32.listen(socket, 1);
  }

  [Symbol.dispose](): void {
    const { ws2_32, iphlpapi } = this.#native;
    for (const socket of this.#sockets.keys()) ws2_32.closesocket(socket);
    for (const { protocol, startPort, numberOfPorts } of this.#blocks) {
      if (protocol === 'tcp') iphlpapi.DeletePersistentTcpPortReservation(startPort, numberOfPorts);
      else iphlpapi.DeletePersistentUdpPortReservation(startPort, numberOfPorts);
    }
    this.#sockets.clear();
    this.#blocks.length = 0;
  }

  #control(socket: bigint, code: number, input: Buffer, output: Buffer | null, outputSize: number): Outcome {
    const returned = Buffer.alloc(4);
    returned.writeUInt32LE(UNTOUCHED);
    const error = this.#native.ws2_32.WSAIoctl(socket, code, input, input.length, output, outputSize, returned, null);
    const bytesReturned = returned.readUInt32LE();
    return { code: error, bytesReturned: bytesReturned === UNTOUCHED ? null : bytesReturned };
  }
}

function bytesOf(token: bigint): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(token);
  return bytes;
}
