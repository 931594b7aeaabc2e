/** Transport protocol. TCP and UDP are separate: the same block can be reserved in both (rule P7). */
export type Protocol = 'tcp' | 'udp';
/** Address family, named as in Node.js. Both families share one set of blocks (rule N6). */
export type AddressFamily = 'IPv4' | 'IPv6';
/**
 * What a block is:
 * - `persistent`: a persistent reservation, which survives a restart (rule P1)
 * - `runtime`: a runtime reservation of this process (rules R3, R5)
 * - `exclusion`: an administered exclusion, which only takes ports out of the dynamic range (rule N3)
 * - `system`: a block of another program, such as WinNAT, Hyper-V, or another process's runtime reservation (rules N2, N7)
 */
export type Kind = 'persistent' | 'runtime' | 'exclusion' | 'system';
/** The kinds of block that can be created and removed: not `system`, the blocks of other programs. */
export type OwnKind = Exclude<Kind, 'system'>;
/** How long a block lasts, as netsh calls it (rule N4): `persistent` survives a restart, `active` ends at the next one at the latest. */
export type Store = 'persistent' | 'active';

export const PROTOCOLS = ['tcp', 'udp'] as const satisfies readonly Protocol[];
export const ADDRESS_FAMILIES = ['IPv4', 'IPv6'] as const satisfies readonly AddressFamily[];
export const KINDS = ['persistent', 'runtime', 'exclusion', 'system'] as const satisfies readonly Kind[];
export const OWN_KINDS = ['persistent', 'runtime', 'exclusion'] as const satisfies readonly OwnKind[];
/** The kinds that have a token, from which a socket can be bound. */
export const TOKEN_KINDS = ['persistent', 'runtime'] as const satisfies readonly OwnKind[];
export const STORES = ['persistent', 'active'] as const satisfies readonly Store[];
export const LAST_PORT = 65535;

/** Protocols in the order of all lists and tables: TCP comes first. */
export function tcpFirst(protocols: readonly Protocol[]): Protocol[] {
  return PROTOCOLS.filter((protocol) => protocols.includes(protocol));
}

/** A block of consecutive ports of one protocol, none past 65535 (rule P4). Ports are in host byte order everywhere in this API. */
export interface PortBlock {
  /** TCP or UDP: a block is of one protocol only. */
  readonly protocol: Protocol;
  /** First port, 1 to 65535 (rule P3), host byte order. */
  readonly startPort: number;
  /** Number of ports, 1 to 65535 (rule P3). */
  readonly numberOfPorts: number;
}

/** A block, as {@link PortReservations.list} returns it. Every member but `token` can go into JSON; see {@link toData}. */
export interface Reservation extends PortBlock {
  /** Last port, 1 to 65535, host byte order: `startPort + numberOfPorts - 1`. */
  readonly endPort: number;
  /** What the block is. */
  readonly kind: Kind;
  /** Opaque 64-bit number; a restart may change it (rule P2). `null` for an exclusion and a block of another program. */
  readonly token: bigint | null;
  /** Family of the socket that acquired a runtime reservation; otherwise `null`. */
  readonly addressFamily: AddressFamily | null;
  /** Id of this process for a runtime reservation; otherwise `null`. */
  readonly owningProcess: number | null;
  /** How long the block lasts; `null` where netsh does not say. */
  readonly store: Store | null;
}

/** A persistent reservation (rule P1). Unlike other blocks, it always has a token. */
export interface PersistentReservation extends Reservation {
  /** Always `persistent`. */
  readonly kind: 'persistent';
  /** Opaque 64-bit number; a restart may change it: look it up, never store it (rule P2). */
  readonly token: bigint;
}

/** A {@link Reservation} as plain data for JSON: its token is a decimal string, because a double cannot hold 64 bits. */
export type ReservationData = Omit<Reservation, 'token'> & { readonly token: string | null };

/** The ports of a block, of whatever protocol. */
export type Ports = Omit<PortBlock, 'protocol'>;

/** The last port of a block, host byte order: `startPort + numberOfPorts - 1`. */
export function endPortOf({ startPort, numberOfPorts }: Ports): number {
  return startPort + numberOfPorts - 1;
}

/** A block as text: `tcp 5000-5019`, or `tcp 5000` for a single port. */
export function formatBlock(block: PortBlock): string {
  return `${block.protocol} ${formatRange(block)}`;
}

export function formatRange(ports: Ports): string {
  const end = endPortOf(ports);
  return `${ports.startPort}${end === ports.startPort ? '' : `-${end}`}`;
}

export function sameBlock(a: PortBlock, b: PortBlock): boolean {
  return a.protocol === b.protocol && a.startPort === b.startPort && a.numberOfPorts === b.numberOfPorts;
}

/** Whether two ranges have a port in common. Protocols are not compared. */
export function overlaps(a: PortRange, b: PortRange): boolean {
  return a.startPort <= b.endPort && b.startPort <= a.endPort;
}

/** Whether a range has all ports of a block. Protocols are not compared. */
export function contains(range: PortRange, block: Ports): boolean {
  return range.startPort <= block.startPort && range.endPort >= endPortOf(block);
}

/** The ports of a block, from first to last. */
export function rangeOf(ports: Ports): PortRange {
  return { startPort: ports.startPort, endPort: endPortOf(ports) };
}

/** Consecutive ports, from first to last. */
export interface PortRange {
  readonly startPort: number;
  readonly endPort: number;
}

/** A port as a block of its own. */
export function singlePort(protocol: Protocol, port: number): PortBlock {
  return { protocol, startPort: port, numberOfPorts: 1 };
}

/** A block without a token or a known owner. */
export function blockWithoutToken(block: PortBlock, kind: Kind, store: Store | null): Reservation {
  const { protocol, startPort, numberOfPorts } = block;
  return { protocol, startPort, endPort: endPortOf(block), numberOfPorts, kind, token: null, addressFamily: null, owningProcess: null, store };
}

export function containsPort(ports: Ports, port: number): boolean {
  return port >= ports.startPort && port <= endPortOf(ports);
}

/** Converts a reservation to plain data for JSON, with its token as a decimal string. */
export function toData(reservation: Reservation): ReservationData {
  const { protocol, startPort, endPort, numberOfPorts, kind, token, addressFamily, owningProcess, store } = reservation;
  return {
    protocol, startPort, endPort, numberOfPorts, kind, token: token === null ? null : token.toString(), addressFamily, owningProcess, store,
  };
}
