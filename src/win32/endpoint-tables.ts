import type { AddressFamily, Protocol } from '../blocks.js';
import { openLibrary } from './library.js';
import { AF_INET, AF_INET6 } from './structures.js';

const TCP_TABLE_OWNER_PID_ALL = 5;
const UDP_TABLE_OWNER_PID = 1;
const MIB_TCP_STATE_LISTEN = 2;
const ERROR_INSUFFICIENT_BUFFER = 122;

/** A local endpoint in use: MIB_TCPROW_OWNER_PID, MIB_UDPROW_OWNER_PID, or their IPv6 counterparts. */
export interface Endpoint {
  readonly protocol: Protocol;
  readonly addressFamily: AddressFamily;
  readonly localPort: number;
  /** 0 where the system does not say. */
  readonly processId: number;
  /** TCP: whether it listens. UDP: always true, because a socket receives as soon as it is bound. */
  readonly listening: boolean;
}

/** Size of a row and offsets of its members (tcpmib.h, udpmib.h). A port is in network byte order, in the first two bytes. */
const ROWS = {
  tcp: { IPv4: { size: 24, state: 0, port: 8, pid: 20 }, IPv6: { size: 56, state: 48, port: 20, pid: 52 } },
  udp: { IPv4: { size: 12, state: null, port: 4, pid: 8 }, IPv6: { size: 28, state: null, port: 20, pid: 24 } },
} as const;

export interface EndpointTables {
  /** GetExtendedTcpTable or GetExtendedUdpTable. If it fails, `error` is a Win32 error code, and there are no endpoints. */
  read(protocol: Protocol, family: AddressFamily): { error: number; endpoints: Endpoint[] };
}

/** The tables of iphlpapi.dll that show which process uses which port. */
export function openEndpointTables(path: string): EndpointTables {
  const library = openLibrary(path);
  const prototype = (name: string) => `uint32_t __stdcall ${name}(void *table, _Inout_ uint32_t *size, int32_t order, uint32_t af, `
    + 'int32_t tableClass, uint32_t reserved)';
  const native = {
    tcp: library.func(prototype('GetExtendedTcpTable')),
    udp: library.func(prototype('GetExtendedUdpTable')),
  };

  return {
    read(protocol, family) {
      const tableClass = protocol === 'tcp' ? TCP_TABLE_OWNER_PID_ALL : UDP_TABLE_OWNER_PID;
      const af = family === 'IPv4' ? AF_INET : AF_INET6;
      let table = Buffer.alloc(32_768);
      // The table may grow between two calls.
      for (let attempt = 0; ; attempt += 1) {
        const size: [number] = [table.length];
        const error = Number(native[protocol](table, size, 0, af, tableClass, 0));
        if (error === 0) return { error, endpoints: decode(table, protocol, family) };
        if (error !== ERROR_INSUFFICIENT_BUFFER || attempt === 5) return { error, endpoints: [] };
        table = Buffer.alloc(size[0] + 4_096);
      }
    },
  };
}

function decode(table: Buffer, protocol: Protocol, addressFamily: AddressFamily): Endpoint[] {
  const { size, state, port, pid } = ROWS[protocol][addressFamily];
  return Array.from({ length: table.readUInt32LE(0) }, (_, index) => {
    const row = table.subarray(4 + index * size, 4 + (index + 1) * size);
    return {
      protocol,
      addressFamily,
      localPort: row.readUInt16BE(port),
      processId: row.readUInt32LE(pid),
      listening: state === null || row.readUInt32LE(state) === MIB_TCP_STATE_LISTEN,
    };
  });
}
