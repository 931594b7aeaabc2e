import { ADDRESS_FAMILIES } from '../blocks.js';
import type { AddressFamily, Protocol } from '../blocks.js';
import type { Native } from '../native.js';
import { openEndpointTables } from '../win32/endpoint-tables.js';
import type { Endpoint } from '../win32/endpoint-tables.js';

export type { Endpoint };

/** Who has a port: the rows of the TCP listeners, or of all UDP endpoints, of both families. */
export function listListeners(native: Native, protocol: Protocol): Endpoint[] {
  return readEndpoints(native, protocol).filter(({ listening }) => listening);
}

/** Who uses each port, a listener before others: also a connected TCP socket keeps it from them. */
export function usersOfPorts(native: Native, protocol: Protocol): ReadonlyMap<number, Endpoint> {
  const users = readEndpoints(native, protocol)
    .sort((a, b) => Number(a.listening) - Number(b.listening) || a.processId - b.processId);
  // The last one stays.
  return new Map(users.map((user) => [user.localPort, user]));
}

function readEndpoints(native: Native, protocol: Protocol): Endpoint[] {
  const tables = openEndpointTables(native.libraries.iphlpapi);
  return ADDRESS_FAMILIES.flatMap((family) => read(native, tables, protocol, family));
}

function read(native: Native, tables: ReturnType<typeof openEndpointTables>, protocol: Protocol, family: AddressFamily): Endpoint[] {
  const { error, endpoints } = tables.read(protocol, family);
  if (error !== 0) {
    throw native.error({
      nativeCode: error, syscall: protocol === 'tcp' ? 'GetExtendedTcpTable' : 'GetExtendedUdpTable',
      attempt: `list the ${family} ${protocol} ports in use`,
    });
  }
  return endpoints;
}
