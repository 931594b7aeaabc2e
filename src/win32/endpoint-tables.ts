import type { AddressFamily, Protocol } from '../blocks.js';
import { openLibrary } from './library.js';
import { AF_INET, AF_INET6 } from './structures.js';

const TCP_TABLE_OWNER_PID_ALL = 5;
const UDP_TABLE_OWNER_PID = 1;
/** MIB_TCP_STATE_... from 1 (tcpmib.h), named as Get-NetTCPConnection does. */
const STATES = ['Closed', 'Listen', 'SynSent', 'SynReceived', 'Established', 'FinWait1', 'FinWait2', 'CloseWait', 'Closing', 'LastAck',
  'TimeWait', 'DeleteTCB'] as const;
const ERROR_INSUFFICIENT_BUFFER = 122;

/** State of a TCP socket, as Get-NetTCPConnection names it. */
export type TcpState = typeof STATES[number];

/** A local endpoint in use: MIB_TCPROW_OWNER_PID, MIB_UDPROW_OWNER_PID, or their IPv6 counterparts. */
export interface Endpoint {
  readonly protocol: Protocol;
  readonly addressFamily: AddressFamily;
  /** 4 or 16 bytes, in network byte order. */
  readonly address: Buffer;
  /** Number of the interface of a link-local IPv6 address, otherwise 0. */
  readonly scopeId: number;
  readonly localPort: number;
  /** 0 where the system does not say. */
  readonly processId: number;
  /** `null` for UDP, and for a number that has no name. */
  readonly state: TcpState | null;
  /** TCP: whether it listens. UDP: always true, because a socket receives as soon as it is bound. */
  readonly listening: boolean;
}

/** Size of a row and offsets of its members (tcpmib.h, udpmib.h). A port is in network byte order, in the first two bytes. */
const ROWS = {
  tcp: {
    IPv4: { size: 24, state: 0, address: 4, scope: null, port: 8, pid: 20 },
    IPv6: { size: 56, state: 48, address: 0, scope: 16, port: 20, pid: 52 },
  },
  udp: {
    IPv4: { size: 12, state: null, address: 0, scope: null, port: 4, pid: 8 },
    IPv6: { size: 28, state: null, address: 0, scope: 16, port: 20, pid: 24 },
  },
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
  const { size, state: stateAt, address, scope, port, pid } = ROWS[protocol][addressFamily];
  return Array.from({ length: table.readUInt32LE(0) }, (_, index) => {
    const row = table.subarray(4 + index * size, 4 + (index + 1) * size);
    const state = stateAt === null ? null : STATES[row.readUInt32LE(stateAt) - 1] ?? null;
    return {
      protocol,
      addressFamily,
      address: row.subarray(address, address + (addressFamily === 'IPv4' ? 4 : 16)),
      scopeId: scope === null ? 0 : row.readUInt32LE(scope),
      localPort: row.readUInt16BE(port),
      processId: row.readUInt32LE(pid),
      state,
      listening: protocol === 'udp' || state === 'Listen',
    };
  });
}
