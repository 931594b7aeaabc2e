import { ADDRESS_FAMILIES } from '../blocks.js';
import type { AddressFamily, Protocol } from '../blocks.js';
import { groupBy } from '../util/group-by.js';
import type { Native } from '../native.js';
import { text } from '../texts/text.js';
import type { Endpoint } from '../win32/endpoint-tables.js';

/** The sockets that have a port, of both families: listeners, and connections, which also keep the port from others. */
export function listUsers(native: Native, protocol: Protocol): Endpoint[] {
  return readEndpoints(native, protocol).filter(isSomebody);
}

/** Whether there is a process. A closed connection keeps its port for a few minutes without one (TIME_WAIT). */
export function isSomebody({ listening, processId }: Endpoint): boolean {
  return listening || processId > 0;
}

/** The users of each port: listeners first, then connections, which also keep the port from others. */
export function usersOfPorts(native: Native, protocol: Protocol): ReadonlyMap<number, readonly Endpoint[]> {
  const all = readEndpoints(native, protocol)
    .sort((a, b) => Number(b.listening) - Number(a.listening) || Number(b.processId > 0) - Number(a.processId > 0));
  return groupBy(all, ({ localPort }) => localPort);
}

function readEndpoints(native: Native, protocol: Protocol): Endpoint[] {
  return ADDRESS_FAMILIES.flatMap((family) => read(native, protocol, family));
}

function read(native: Native, protocol: Protocol, family: AddressFamily): Endpoint[] {
  const { error, endpoints } = native.endpointTables.read(protocol, family);
  if (error !== 0) {
    throw native.error({
      nativeCode: error, syscall: protocol === 'tcp' ? 'GetExtendedTcpTable' : 'GetExtendedUdpTable',
      attempt: text('attempt.listPorts', { family, protocol }),
    });
  }
  return endpoints;
}
