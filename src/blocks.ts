import { invalid } from './errors.js';

/** Transport protocol. TCP and UDP are separate port spaces (rule P7). */
export type Protocol = 'tcp' | 'udp';
/** Address family by the names Node.js uses. Both families share one set of blocks (rule N6). */
export type AddressFamily = 'IPv4' | 'IPv6';
/** `system`: a block of another program (WinNAT, Hyper-V, another process' runtime reservation). */
export type Kind = 'persistent' | 'runtime' | 'exclusion' | 'system';
/** How long a block stays, in netsh's words: `persistent` survives a restart, `active` ends with it at the latest (rule N4). */
export type Store = 'persistent' | 'active';

export const PROTOCOLS = ['tcp', 'udp'] as const satisfies readonly Protocol[];
export const ADDRESS_FAMILIES = ['IPv4', 'IPv6'] as const satisfies readonly AddressFamily[];
export const KINDS = ['persistent', 'runtime', 'exclusion', 'system'] as const satisfies readonly Kind[];
export const STORES = ['persistent', 'active'] as const satisfies readonly Store[];
export const LAST_PORT = 65535;

/** A block of consecutive ports of one protocol. Ports are in host byte order everywhere in this API. */
export interface PortBlock {
  readonly protocol: Protocol;
  /** First port, 1 to 65535. */
  readonly startPort: number;
  /** How many consecutive ports, 1 to 65535. */
  readonly numberOfPorts: number;
}

/** A block in force, as {@link PortReservations.list} gives it. JSON-safe but for the token. */
export interface Reservation extends PortBlock {
  readonly endPort: number;
  readonly kind: Kind;
  /** Opaque 64-bit number; it may change at every restart (rule P2). `null` where there is none. */
  readonly token: bigint | null;
  /** Family of the socket that acquired a runtime reservation, else `null`. */
  readonly addressFamily: AddressFamily | null;
  /** The process that holds a runtime reservation of this session, else `null`. */
  readonly owningProcess: number | null;
  /** `null` where netsh does not tell. */
  readonly store: Store | null;
}

/** A persistent reservation: it always has a token. */
export interface PersistentReservation extends Reservation {
  readonly kind: 'persistent';
  readonly token: bigint;
}

/** A reservation as plain data for JSON: the token as a decimal string, because it never passes through a double. */
export type ReservationData = Omit<Reservation, 'token'> & { readonly token: string | null };

/** Last port of a block, host byte order. */
export function endPortOf({ startPort, numberOfPorts }: Pick<PortBlock, 'startPort' | 'numberOfPorts'>): number {
  return startPort + numberOfPorts - 1;
}

export function formatBlock(block: PortBlock): string {
  return `${block.protocol} ${formatRange(block)}`;
}

export function formatRange(block: PortBlock): string {
  const end = endPortOf(block);
  return `${block.startPort}${end === block.startPort ? '' : `-${end}`}`;
}

export function sameBlock(a: PortBlock, b: PortBlock): boolean {
  return a.protocol === b.protocol && a.startPort === b.startPort && a.numberOfPorts === b.numberOfPorts;
}

/** Whether two ranges of ports, of one protocol, have a port in common. */
export function overlaps(a: PortRange, b: PortRange): boolean {
  return a.startPort <= b.endPort && b.startPort <= a.endPort;
}

/** Consecutive ports, from the first to the last. */
export interface PortRange {
  readonly startPort: number;
  readonly endPort: number;
}

/** A block that has neither a token nor an owner we know. */
export function blockWithoutToken(block: PortBlock, kind: 'exclusion' | 'system', store: Store | null): Reservation {
  const { protocol, startPort, numberOfPorts } = block;
  return { protocol, startPort, endPort: endPortOf(block), numberOfPorts, kind, token: null, addressFamily: null, owningProcess: null, store };
}

export function containsPort(block: PortBlock, port: number): boolean {
  return port >= block.startPort && port <= endPortOf(block);
}

/** In this order of members: the cmdlets read a line of them by one match (`ReservationAnswer` in ps/Private). */
export function toData(reservation: Reservation): ReservationData {
  const { protocol, startPort, endPort, numberOfPorts, kind, token, addressFamily, owningProcess, store } = reservation;
  return {
    protocol, startPort, endPort, numberOfPorts, kind, token: token === null ? null : token.toString(), addressFamily, owningProcess, store,
  };
}

export function checkProtocol(protocol: unknown): asserts protocol is Protocol {
  if (protocol !== 'tcp' && protocol !== 'udp') throw invalid('protocol', protocol, "must be 'tcp' or 'udp' (rule P7)");
}

export function checkProtocols(protocols: unknown): asserts protocols is readonly Protocol[] {
  if (!Array.isArray(protocols) || protocols.length === 0) throw invalid('protocols', protocols, "must be an array of 'tcp', 'udp' or both");
  protocols.forEach(checkProtocol);
}

export function checkKind<Wanted extends Kind>(kind: unknown, kinds: readonly Wanted[]): asserts kind is Wanted {
  if (!(kinds as readonly unknown[]).includes(kind)) throw invalid('kind', kind, `must be one of ${kinds.join(', ')}`);
}

export function checkAddressFamily(family: unknown): asserts family is AddressFamily {
  if (family !== 'IPv4' && family !== 'IPv6') throw invalid('addressFamily', family, "must be 'IPv4' or 'IPv6' (rule A9)");
}

/** @param lowest 0 where 0 means "the system's choice" (rules R2, A2), else 1. */
export function checkPort(name: string, value: unknown, lowest: 0 | 1 = 1): asserts value is number {
  if (!Number.isInteger(value) || (value as number) < lowest || (value as number) > LAST_PORT) {
    throw invalid(name, value, `must be an integer from ${lowest} to ${LAST_PORT} (rule ${lowest === 1 ? 'P3' : 'A2'})`);
  }
}

/** Refuses what Windows would refuse with ERROR_INVALID_PARAMETER, but says which value and why (rules P3, P4). */
export function checkBlock(block: PortBlock): void {
  if (typeof block !== 'object' || (block as unknown) === null) throw invalid('block', block, 'must be an object with protocol, startPort and numberOfPorts');
  checkProtocol(block.protocol);
  checkPort('startPort', block.startPort);
  checkPort('numberOfPorts', block.numberOfPorts);
  if (endPortOf(block) > LAST_PORT) {
    throw invalid('numberOfPorts', block.numberOfPorts, pastLastPort(block));
  }
}

/** What such a number of ports must be. */
export function pastLastPort({ startPort }: Pick<PortBlock, 'startPort'>): string {
  return `must be at most ${LAST_PORT + 1 - startPort} with startPort ${startPort}: no block runs past port ${LAST_PORT} (rule P4)`;
}

/** Refuses a token that is not an unsigned 64-bit bigint; 0 is not one that Windows gives. */
export function checkToken(token: unknown): asserts token is bigint {
  if (typeof token !== 'bigint' || token <= 0n || token > 0xffff_ffff_ffff_ffffn) {
    throw invalid('token', token, 'must be a bigint from 1 to 18446744073709551615 (INET_PORT_RESERVATION_TOKEN)');
  }
}
