import type { TypeObject } from 'koffi';
import type { AddressFamily, Protocol } from '../blocks.js';
import koffi from './koffi.js';
import { openLibrary } from './library.js';
import { AF_INET, AF_INET6 } from './structures.js';

const TCP_TABLE_OWNER_PID_ALL = 5;
const UDP_TABLE_OWNER_PID = 1;
const ERROR_INSUFFICIENT_BUFFER = 122;
/** Means that the table has no rows, as .NET takes it: a Windows without an address of the family may return it. */
const ERROR_NO_DATA = 232;

/** MIB_TCP_STATE (tcpmib.h), and the names of Get-NetTCPConnection. */
const STATES = {
  MIB_TCP_STATE_CLOSED: [1, 'Closed'],
  MIB_TCP_STATE_LISTEN: [2, 'Listen'],
  MIB_TCP_STATE_SYN_SENT: [3, 'SynSent'],
  MIB_TCP_STATE_SYN_RCVD: [4, 'SynReceived'],
  MIB_TCP_STATE_ESTAB: [5, 'Established'],
  MIB_TCP_STATE_FIN_WAIT1: [6, 'FinWait1'],
  MIB_TCP_STATE_FIN_WAIT2: [7, 'FinWait2'],
  MIB_TCP_STATE_CLOSE_WAIT: [8, 'CloseWait'],
  MIB_TCP_STATE_CLOSING: [9, 'Closing'],
  MIB_TCP_STATE_LAST_ACK: [10, 'LastAck'],
  MIB_TCP_STATE_TIME_WAIT: [11, 'TimeWait'],
  MIB_TCP_STATE_DELETE_TCB: [12, 'DeleteTCB'],
} as const;
const stateNames = new Map<number, TcpState>(Object.values(STATES));

/** State of a TCP socket, as Get-NetTCPConnection names it. */
export type TcpState = (typeof STATES)[keyof typeof STATES][1];

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

const IPv6Address = koffi.array('uint8_t', 16);
const MIB_TCPROW_OWNER_PID = koffi.struct({
  dwState: 'uint32_t', dwLocalAddr: 'uint32_t', dwLocalPort: 'uint32_t', dwRemoteAddr: 'uint32_t', dwRemotePort: 'uint32_t', dwOwningPid: 'uint32_t',
});
const MIB_TCP6ROW_OWNER_PID = koffi.struct({
  ucLocalAddr: IPv6Address, dwLocalScopeId: 'uint32_t', dwLocalPort: 'uint32_t',
  ucRemoteAddr: IPv6Address, dwRemoteScopeId: 'uint32_t', dwRemotePort: 'uint32_t', dwState: 'uint32_t', dwOwningPid: 'uint32_t',
});
const MIB_UDPROW_OWNER_PID = koffi.struct({ dwLocalAddr: 'uint32_t', dwLocalPort: 'uint32_t', dwOwningPid: 'uint32_t' });
const MIB_UDP6ROW_OWNER_PID = koffi.struct({
  ucLocalAddr: IPv6Address, dwLocalScopeId: 'uint32_t', dwLocalPort: 'uint32_t', dwOwningPid: 'uint32_t',
});
/** Each of the four tables begins like this one: the number of rows, then the rows. */
const MIB_TCPTABLE_OWNER_PID = koffi.struct({ dwNumEntries: 'uint32_t', table: koffi.array(MIB_TCPROW_OWNER_PID, 1) });
const FIRST_ROW = koffi.offsetof(MIB_TCPTABLE_OWNER_PID, 'table');

/** Size of a row and offsets of its members. A port is in network byte order, in the first two bytes. */
const ROWS = {
  tcp: { IPv4: rowOf(MIB_TCPROW_OWNER_PID, 'dwLocalAddr'), IPv6: rowOf(MIB_TCP6ROW_OWNER_PID, 'ucLocalAddr') },
  udp: { IPv4: rowOf(MIB_UDPROW_OWNER_PID, 'dwLocalAddr'), IPv6: rowOf(MIB_UDP6ROW_OWNER_PID, 'ucLocalAddr') },
};

function rowOf(type: TypeObject, localAddress: string) {
  const optional = (name: string) => (Object.hasOwn(type.members ?? {}, name) ? koffi.offsetof(type, name) : null);
  return {
    size: koffi.sizeof(type),
    state: optional('dwState'),
    address: koffi.offsetof(type, localAddress),
    scope: optional('dwLocalScopeId'),
    port: koffi.offsetof(type, 'dwLocalPort'),
    pid: koffi.offsetof(type, 'dwOwningPid'),
  };
}

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
        if (error === ERROR_NO_DATA) return { error: 0, endpoints: [] };
        if (error !== ERROR_INSUFFICIENT_BUFFER || attempt === 5) return { error, endpoints: [] };
        table = Buffer.alloc(size[0] + 4_096);
      }
    },
  };
}

function decode(table: Buffer, protocol: Protocol, addressFamily: AddressFamily): Endpoint[] {
  const { size, state: stateAt, address, scope, port, pid } = ROWS[protocol][addressFamily];
  return Array.from({ length: table.readUInt32LE(0) }, (_, index) => {
    const row = table.subarray(FIRST_ROW + index * size, FIRST_ROW + (index + 1) * size);
    const state = stateAt === null ? null : stateNames.get(row.readUInt32LE(stateAt)) ?? null;
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
