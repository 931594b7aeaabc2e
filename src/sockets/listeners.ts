import { ADDRESS_FAMILIES } from '../blocks.js';
import type { AddressFamily, Protocol } from '../blocks.js';
import type { Native } from '../native.js';
import type { Endpoint } from '../win32/endpoint-tables.js';

/** The TCP listeners, or all UDP endpoints, of both families. */
export function listListeners(native: Native, protocol: Protocol): Endpoint[] {
  return readEndpoints(native, protocol).filter(({ listening }) => listening);
}

/** Who uses each port: the listener if there is one, otherwise a connection, which also keeps the port from others. */
export function usersOfPorts(native: Native, protocol: Protocol): ReadonlyMap<number, Endpoint> {
  const users = readEndpoints(native, protocol)
    .sort((a, b) => Number(a.listening) - Number(b.listening) || a.processId - b.processId);
  // The last entry of a port wins.
  return new Map(users.map((user) => [user.localPort, user]));
}

function readEndpoints(native: Native, protocol: Protocol): Endpoint[] {
  return ADDRESS_FAMILIES.flatMap((family) => read(native, protocol, family));
}

function read(native: Native, protocol: Protocol, family: AddressFamily): Endpoint[] {
  const { error, endpoints } = native.endpointTables.read(protocol, family);
  if (error !== 0) {
    throw native.error({
      nativeCode: error, syscall: protocol === 'tcp' ? 'GetExtendedTcpTable' : 'GetExtendedUdpTable',
      attempt: `list the ${family} ${protocol} ports in use`,
    });
  }
  return endpoints;
}
