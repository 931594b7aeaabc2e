import { invalid } from './errors.js';
import { text } from './texts/text.js';
import type { Text } from './texts/text.js';

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
/** How long a block lasts, as netsh calls it (rule N4): `persistent` survives a restart, `active` ends at the next one at the latest. */
export type Store = 'persistent' | 'active';

export const PROTOCOLS = ['tcp', 'udp'] as const satisfies readonly Protocol[];
export const ADDRESS_FAMILIES = ['IPv4', 'IPv6'] as const satisfies readonly AddressFamily[];
export const KINDS = ['persistent', 'runtime', 'exclusion', 'system'] as const satisfies readonly Kind[];
export const STORES = ['persistent', 'active'] as const satisfies readonly Store[];
export const LAST_PORT = 65535;
/** What a block of each kind is called, wherever there is room for more than the kind. */
export const KIND_NAMES: Readonly<Record<Kind, string>> = {
  persistent: 'persistent reservation',
  runtime: 'runtime reservation of this session',
  exclusion: 'exclusion',
  system: 'system block of another program',
};

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
  readonly kind: 'persistent';
  /** Opaque 64-bit number; a restart may change it: look it up, never store it (rule P2). */
  readonly token: bigint;
}

/** A {@link Reservation} as plain data for JSON: its token is a decimal string, because a double cannot hold 64 bits. */
export type ReservationData = Omit<Reservation, 'token'> & { readonly token: string | null };

/** The last port of a block, host byte order: `startPort + numberOfPorts - 1`. */
export function endPortOf({ startPort, numberOfPorts }: Pick<PortBlock, 'startPort' | 'numberOfPorts'>): number {
  return startPort + numberOfPorts - 1;
}

/** A block as text: `tcp 5000-5019`, or `tcp 5000` for a single port. */
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

/** Consecutive ports, from first to last. */
export interface PortRange {
  readonly startPort: number;
  readonly endPort: number;
}

/** A block without a token or a known owner. */
export function blockWithoutToken(block: PortBlock, kind: 'exclusion' | 'system', store: Store | null): Reservation {
  const { protocol, startPort, numberOfPorts } = block;
  return { protocol, startPort, endPort: endPortOf(block), numberOfPorts, kind, token: null, addressFamily: null, owningProcess: null, store };
}

export function containsPort(block: PortBlock, port: number): boolean {
  return port >= block.startPort && port <= endPortOf(block);
}

/** Converts a reservation to plain data for JSON, with its token as a decimal string. */
export function toData(reservation: Reservation): ReservationData {
  const { protocol, startPort, endPort, numberOfPorts, kind, token, addressFamily, owningProcess, store } = reservation;
  return {
    protocol, startPort, endPort, numberOfPorts, kind, token: token === null ? null : token.toString(), addressFamily, owningProcess, store,
  };
}

export function checkProtocol(protocol: unknown): asserts protocol is Protocol {
  if (protocol !== 'tcp' && protocol !== 'udp') throw invalid('protocol', protocol, text('rule.protocol'));
}

export function checkProtocols(protocols: unknown): asserts protocols is readonly Protocol[] {
  if (!Array.isArray(protocols) || protocols.length === 0) throw invalid('protocols', protocols, text('rule.protocols'));
  protocols.forEach(checkProtocol);
}

export function checkKind<Wanted extends Kind>(kind: unknown, kinds: readonly Wanted[]): asserts kind is Wanted {
  if (!(kinds as readonly unknown[]).includes(kind)) throw invalid('kind', kind, text('rule.oneOf', { values: kinds.join(', ') }));
}

export function checkAddressFamily(family: unknown): asserts family is AddressFamily {
  if (family !== 'IPv4' && family !== 'IPv6') throw invalid('addressFamily', family, text('rule.addressFamily'));
}

/** @param lowest 0 where 0 means "the system's choice" (rules R2, A2), otherwise 1 */
export function checkPort(name: string, value: unknown, lowest: 0 | 1 = 1): asserts value is number {
  if (!Number.isInteger(value) || (value as number) < lowest || (value as number) > LAST_PORT) {
    throw invalid(name, value, text('rule.port', { lowest, highest: LAST_PORT, rule: lowest === 1 ? 'P3' : 'A2' }));
  }
}

/** Refuses what Windows would refuse with ERROR_INVALID_PARAMETER, but says which value and why (rules P3, P4). */
export function checkBlock(block: PortBlock): void {
  if (typeof block !== 'object' || (block as unknown) === null) {
    throw invalid('block', block, text('rule.block'));
  }
  checkProtocol(block.protocol);
  checkPort('startPort', block.startPort);
  checkPort('numberOfPorts', block.numberOfPorts);
  if (endPortOf(block) > LAST_PORT) {
    throw invalid('numberOfPorts', block.numberOfPorts, pastLastPort(block));
  }
}

/** The rule that a block past the last port breaks, for an error message. */
export function pastLastPort({ startPort }: Pick<PortBlock, 'startPort'>): Text {
  return text('rule.pastLastPort', { most: LAST_PORT + 1 - startPort, startPort, last: LAST_PORT });
}

/** Refuses a token that is not an unsigned 64-bit bigint, and 0, which Windows never returns. */
export function checkToken(token: unknown): asserts token is bigint {
  if (typeof token !== 'bigint' || token <= 0n || token > 0xffff_ffff_ffff_ffffn) {
    throw invalid('token', token, text('rule.token'));
  }
}
