import { containsPort, endPortOf } from '../blocks.js';
import type { Protocol, Reservation } from '../blocks.js';
import { groupBy } from '../util/group-by.js';
import type { DynamicPortRangeSetting } from '../reservations/dynamic-port-range.js';
import type { Endpoint } from '../win32/endpoint-tables.js';
import type { OwnerReader } from './owners.js';

/** How many processes are named for each dynamic range. */
const MOST_PROCESSES = 10;

/** A process that has ports of a dynamic range. */
export interface DynamicRangeUser {
  /** Id of the process; `null` for closed connections, which have none (TIME_WAIT), and where Windows does not say. */
  readonly processId: number | null;
  /** Name of its executable, `null` if it is not known. */
  readonly processName: string | null;
  /** Names of the services that it hosts. */
  readonly services: readonly string[];
  /** How many ports of the range it has. */
  readonly ports: number;
  /** How many of its connections have a port of the range; several may share one. 0 for UDP. */
  readonly connections: number;
}

/** How much of the dynamic range of a protocol is used. Every port of it is counted once. */
export interface DynamicRangeUse {
  /** TCP or UDP: each has a range of its own. */
  readonly protocol: Protocol;
  /** First port of the range, that of IPv4, host byte order. */
  readonly startPort: number;
  /** Last port of the range, host byte order. */
  readonly endPort: number;
  /** Number of ports, 1 to 65535. */
  readonly numberOfPorts: number;
  /** Whether it is Windows' default, 49152 to 65535 (rule N8). */
  readonly isDefault: boolean;
  /** The ranges of both families; only that of IPv4 on a Windows without IPv6. */
  readonly ranges: readonly DynamicPortRangeSetting[];
  /** Ports that a socket has: a listener, a UDP socket or a connection, also a closed one (TIME_WAIT). */
  readonly portsInUse: number;
  /** Ports that are in a block, and in no use: Windows assigns none of them (rule N1). */
  readonly portsHeld: number;
  /** Ports that Windows can still assign. */
  readonly portsFree: number;
  /** `portsInUse` and `portsHeld` in percent of the range, 0 to 100, rounded down. */
  readonly percentUsed: number;
  /** Connections with a port of the range; 0 for UDP. */
  readonly connections: number;
  /** Those of them that are closed and keep their port for a few minutes. */
  readonly timeWait: number;
  /** Those who have the most ports of the range, at most ten. */
  readonly processes: readonly DynamicRangeUser[];
}

/** What is known about one protocol. */
export interface ProtocolState {
  readonly protocol: Protocol;
  readonly range: DynamicRangeUse | null;
  readonly blocks: readonly Reservation[];
  readonly guestBlocks: readonly Reservation[];
  readonly listeners: ReadonlySet<number>;
}

/** The ports of these blocks, each once, because blocks may overlap. */
export function portsOf(blocks: readonly Reservation[]): Set<number> {
  return new Set(blocks.flatMap(({ startPort, numberOfPorts }) => Array.from({ length: numberOfPorts }, (_, index) => startPort + index)));
}

export function useOf(ranges: readonly DynamicPortRangeSetting[], blocks: readonly Reservation[], users: ReadonlyMap<number, readonly Endpoint[]>,
  owners: OwnerReader): DynamicRangeUse | null {
  const [range] = ranges;
  if (!range) return null;
  const { protocol, startPort, numberOfPorts, isDefault } = range;
  const used = [...users].filter(([port]) => containsPort(range, port));
  const inUse = new Set(used.map(([port]) => port));
  const portsHeld = [...portsOf(blocks)].filter((port) => containsPort(range, port) && !inUse.has(port)).length;
  const endpoints = used.flatMap(([, all]) => all);
  const connections = endpoints.filter(isConnection);
  return {
    protocol, startPort, endPort: endPortOf(range), numberOfPorts, isDefault, ranges,
    portsInUse: inUse.size,
    portsHeld,
    portsFree: numberOfPorts - inUse.size - portsHeld,
    percentUsed: Math.floor((100 * (inUse.size + portsHeld)) / numberOfPorts),
    connections: connections.length,
    timeWait: connections.filter(({ state }) => state === 'TimeWait').length,
    processes: usersOf(endpoints, owners),
  };
}

function isConnection({ listening }: Endpoint): boolean {
  return !listening;
}

function usersOf(endpoints: readonly Endpoint[], owners: OwnerReader): DynamicRangeUser[] {
  return [...groupBy(endpoints, ({ processId }) => processId)]
    .map(([processId, same]) => ({ processId, same, ports: new Set(same.map(({ localPort }) => localPort)).size }))
    .sort((a, b) => b.ports - a.ports || a.processId - b.processId).slice(0, MOST_PROCESSES)
    .map(({ processId, same, ports }) => {
      // Without a process, there is nobody to ask about.
      const [owner] = processId > 0 ? owners.ownersOf(same.slice(0, 1)) : [];
      return {
        processId: processId > 0 ? processId : null, processName: owner?.processName ?? null, services: owner?.services ?? [],
        ports, connections: same.filter(isConnection).length,
      };
    });
}
