import { containsPort, endPortOf, KINDS, PROTOCOLS } from '../blocks.js';
import type { Kind, Protocol, Reservation } from '../blocks.js';
import type { Native } from '../native.js';
import { readDynamicPortRanges } from '../reservations/dynamic-port-range.js';
import type { DynamicPortRangeSetting } from '../reservations/dynamic-port-range.js';
import { hiddenBlocks, listedBlocks } from '../reservations/inventory.js';
import { readOr } from '../reservations/not-read.js';
import type { NotRead } from '../reservations/not-read.js';
import { winNatState } from '../reservations/winnat.js';
import { usersOfPorts } from '../sockets/listeners.js';
import { say } from '../texts/text.js';
import type { Endpoint } from '../win32/endpoint-tables.js';
import type { ServiceState } from '../win32/services.js';
import { findingsOf } from './findings.js';
import type { HealthFinding } from './findings.js';
import { OwnerReader } from './owners.js';

/** How many processes are told of each dynamic range. */
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
  readonly protocol: Protocol;
  /** First port of the range, that of IPv4, host byte order. */
  readonly startPort: number;
  /** Last port of the range. */
  readonly endPort: number;
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

/** The ports that blocks of one kind hold, inside and outside of the dynamic range. */
export interface HeldPorts {
  readonly protocol: Protocol;
  readonly kind: Kind;
  readonly blocks: number;
  readonly ports: number;
}

/** The state of a system's ports, as {@link PortReservations.measure} returns it. Plain data, for JSON. */
export interface PortHealth {
  /** TCP first. A protocol whose range could not be read is missing. */
  readonly dynamicRanges: readonly DynamicRangeUse[];
  /** One for each protocol and kind of which there are blocks. */
  readonly heldPorts: readonly HeldPorts[];
  /** State of the service that holds ports for Hyper-V, Docker and WSL; `null` if it is not installed. */
  readonly winNat: ServiceState | null;
  /** Ports that Hyper-V's networking holds for guests, such as WSL, in no list of netsh (rule N7). They are of kind `system`. */
  readonly guestPorts: number;
  /** What there is to say and to do: errors first, then warnings, then information. */
  readonly findings: readonly HealthFinding[];
  /** What could not be read. */
  readonly notRead: readonly NotRead[];
}

/** What is known about one protocol. */
export interface ProtocolState {
  readonly protocol: Protocol;
  readonly range: DynamicRangeUse | null;
  readonly blocks: readonly Reservation[];
  readonly guestBlocks: readonly Reservation[];
  readonly listeners: ReadonlySet<number>;
}

/** Reads everything that says how the ports of this system are, and judges it. Nothing is tried, and nothing changed. */
export async function measureHealth(native: Native, own: readonly Reservation[]): Promise<PortHealth> {
  const notRead: NotRead[] = [];
  const onNotRead = (failure: NotRead) => notRead.push(failure);
  const owners = new OwnerReader(native);
  const states: ProtocolState[] = [];
  for (const protocol of PROTOCOLS) {
    const listed = await listedBlocks(native, protocol, own, 'active', onNotRead);
    const guestBlocks = hiddenBlocks(native, protocol, listed);
    const ranges = await readOr(native, readDynamicPortRanges(native, [protocol]), [], { list: 'dynamicPortRange', protocol }, onNotRead);
    const users = usersOfPorts(native, protocol);
    const blocks = [...listed, ...guestBlocks];
    states.push({
      protocol, blocks, guestBlocks,
      range: useOf(ranges, blocks, users, owners),
      listeners: new Set([...users].filter(([, all]) => all.some(({ listening }) => listening)).map(([port]) => port)),
    });
  }
  const winNat = winNatState(native);
  return {
    dynamicRanges: states.map(({ range }) => range).filter((range) => range !== null),
    heldPorts: states.flatMap(({ protocol, blocks }) => KINDS.map((kind) => held(protocol, kind, blocks)).filter(({ blocks: count }) => count > 0)),
    winNat,
    guestPorts: states.reduce((sum, { guestBlocks }) => sum + portsOf(guestBlocks).size, 0),
    findings: findingsOf(states, winNat, notRead).map((finding) =>
      ({ ...finding, text: say(finding.text, native.voice), advice: say(finding.advice, native.voice) })),
    notRead,
  };
}

function held(protocol: Protocol, kind: Kind, all: readonly Reservation[]): HeldPorts {
  const blocks = all.filter((block) => block.kind === kind);
  return { protocol, kind, blocks: blocks.length, ports: portsOf(blocks).size };
}

/** Every port once: blocks may overlap. */
function portsOf(blocks: readonly Reservation[]): Set<number> {
  return new Set(blocks.flatMap(({ startPort, numberOfPorts }) => Array.from({ length: numberOfPorts }, (_, index) => startPort + index)));
}

function useOf(ranges: readonly DynamicPortRangeSetting[], blocks: readonly Reservation[], users: ReadonlyMap<number, readonly Endpoint[]>,
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
  const groups = new Map<number, Endpoint[]>();
  for (const endpoint of endpoints) {
    const same = groups.get(endpoint.processId);
    if (same) same.push(endpoint);
    else groups.set(endpoint.processId, [endpoint]);
  }
  return [...groups].map(([processId, same]) => ({ processId, same, ports: new Set(same.map(({ localPort }) => localPort)).size }))
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
