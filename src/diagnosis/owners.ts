import type { AddressFamily, Protocol } from '../blocks.js';
import { groupBy } from '../util/group-by.js';
import type { Native } from '../native.js';
import { isSomebody } from '../sockets/port-users.js';
import { formatAddress } from '../sockets/socket-address.js';
import { joined, text } from '../texts/text.js';
import type { Text } from '../texts/text.js';
import type { Endpoint, TcpState } from '../win32/endpoint-tables.js';
import type { ProcessInformation } from '../win32/processes.js';

/** A process that has a port, at one address. A process may have it at several, and several may share a port. */
export interface PortOwner {
  /** Protocol of the port. */
  readonly protocol: Protocol;
  /** Family of the address. */
  readonly addressFamily: AddressFamily;
  /** Numeric address the socket is bound to, `0.0.0.0` or `::` for all; a link-local one with the number of its interface. */
  readonly localAddress: string;
  /** What a TCP socket does there; `null` for UDP. */
  readonly state: TcpState | null;
  /** Id of the process, `null` if Windows does not say. */
  readonly processId: number | null;
  /** Name of its executable, without the folder; `null` if it is not known. */
  readonly processName: string | null;
  /** Full path of its executable, `null` if this user may not see it. */
  readonly path: string | null;
  /** Start time of the process, ISO 8601, UTC; `null` if it is not known. */
  readonly startTime: string | null;
  /** Names of the services that the process hosts, such as `Dnscache`, in alphabetical order; empty if there are none. */
  readonly services: readonly string[];
}

/** Finds the owners of ports. Windows is asked for the services once, when the first owner is found. */
export class OwnerReader {
  readonly #native: Native;
  readonly #processes = new Map<number, ProcessInformation>();
  #services: ReadonlyMap<number, readonly string[]> | undefined;

  constructor(native: Native) {
    this.#native = native;
  }

  /** One owner for each process, address and state, in the order of the endpoints. */
  ownersOf(endpoints: readonly Endpoint[]): PortOwner[] {
    const owners = new Map<string, PortOwner>();
    for (const endpoint of endpoints.filter(isSomebody)) {
      const owner = this.#ownerOf(endpoint);
      const key = `${owner.localAddress} ${owner.state} ${owner.processId}`;
      if (!owners.has(key)) owners.set(key, owner);
    }
    return [...owners.values()];
  }

  #ownerOf({ protocol, addressFamily, address, scopeId, state, processId }: Endpoint): PortOwner {
    const found = processId > 0 ? this.processOf(processId) : null;
    return {
      protocol, addressFamily,
      localAddress: formatAddress(addressFamily, address, scopeId),
      state,
      processId: processId > 0 ? processId : null,
      processName: found?.name ?? null,
      path: found?.path ?? null,
      startTime: found?.startTime?.toISOString() ?? null,
      services: processId > 0 ? this.#servicesOf(processId) : [],
    };
  }

  /** Windows is asked once for each process, because a server has many connections. */
  processOf(processId: number): ProcessInformation {
    const known = this.#processes.get(processId) ?? this.#native.processes.get(processId);
    this.#processes.set(processId, known);
    return known;
  }

  /** Empty if the services cannot be listed: the process is still named. */
  #servicesOf(processId: number): readonly string[] {
    this.#services ??= servicesByProcess(this.#native);
    return this.#services.get(processId) ?? [];
  }
}

/** A process as text: `node.exe (process 5000)`, or `svchost.exe (process 812, services Dnscache, iphlpsvc)`. */
export function describeOwner({ processName, processId, services }: PortOwner): Text {
  if (processId === null) return text('owner.unnamed');
  if (processName === null) {
    return services.length === 0 ? text('owner.nameless', { processId }) : text('owner.nameless.services', { processId, services: joined(services, ', ') });
  }
  if (services.length === 0) return text('owner', { name: processName, processId });
  return text(services.length === 1 ? 'owner.service' : 'owner.services', { name: processName, processId, services: joined(services, ', ') });
}

function servicesByProcess(native: Native): ReadonlyMap<number, readonly string[]> {
  const services = native.services.listRunning().services.toSorted((a, b) => a.name.localeCompare(b.name, 'en'));
  return new Map([...groupBy(services, ({ processId }) => processId)].map(([processId, same]) => [processId, same.map(({ name }) => name)]));
}
