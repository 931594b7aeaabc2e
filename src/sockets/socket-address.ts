import { isIPv4, isIPv6 } from 'node:net';
import type { TypeObject } from 'koffi';
import type { AddressFamily } from '../blocks.js';
import { invalid } from '../errors.js';
import { text } from '../texts/text.js';
import koffi from '../win32/koffi.js';
import { AF_INET, AF_INET6, SOCKADDR_IN, SOCKADDR_IN6 } from '../win32/structures.js';

/** Memory for a SOCKADDR of the family: 16 bytes for AF_INET, 28 for AF_INET6 (rule A9). */
export function emptyAddress(family: AddressFamily): Buffer {
  return Buffer.alloc(koffi.sizeof(family === 'IPv4' ? SOCKADDR_IN : SOCKADDR_IN6));
}

export function unspecifiedAddress(family: AddressFamily): string {
  return family === 'IPv4' ? '0.0.0.0' : '::';
}

const LAST_SCOPE = 0xffff_ffff;

/** Refuses what is not a numeric address of the family. A scope is the number of an interface: `fe80::1%4`. */
function checkLocalAddress(address: unknown, family: AddressFamily): asserts address is string {
  const isOne = family === 'IPv4' ? isIPv4 : (text: string) => isIPv6(text) && /^[^%]*(%\d+)?$/.test(text);
  if (typeof address !== 'string' || !isOne(address)) throw invalid('localAddress', address, text('rule.addressOfFamily', { family }));
  // sin6_scope_id has 32 bits. A longer number would be cut off, and name another interface.
  if (Number(address.split('%')[1] ?? 0) > LAST_SCOPE) {
    throw invalid('localAddress', address, text('rule.addressScope', { most: LAST_SCOPE }));
  }
}

/** A numeric address of this computer, in its shortest form. */
export interface LocalAddress {
  readonly family: AddressFamily;
  readonly address: string;
}

/** The family and the shortest form of a numeric address of either family. */
export function parseLocalAddress(address: unknown): LocalAddress {
  const family = typeof address === 'string' && isIPv4(address) ? 'IPv4' : 'IPv6';
  if (typeof address !== 'string' || !isIPv4(address) && !isIPv6(address)) {
    throw invalid('localAddress', address, text('rule.anyAddress'));
  }
  return { family, address: decodeAddress(family, encodeAddress(family, address, 0)).address };
}

/**
 * @param port host byte order; the structure swaps it
 * @throws PortReservationError: InvalidParameter for what is not a numeric address of the family
 */
export function encodeAddress(family: AddressFamily, address: string, port: number): Buffer {
  checkLocalAddress(address, family);
  const buffer = emptyAddress(family);
  if (family === 'IPv4') {
    koffi.encode(buffer, SOCKADDR_IN, {
      sin_family: AF_INET, sin_port: port, sin_addr: address.split('.').map(Number), sin_zero: Array(8).fill(0),
    });
  } else {
    const [host = '', scope = '0'] = address.split('%');
    koffi.encode(buffer, SOCKADDR_IN6, {
      sin6_family: AF_INET6, sin6_port: port, sin6_flowinfo: 0, sin6_addr: bytesOf(host), sin6_scope_id: Number(scope),
    });
  }
  return buffer;
}

/**
 * Puts another port into an address of {@link encodeAddress}.
 *
 * @param port host byte order; the member's type swaps it
 */
export function changePort(buffer: Buffer, family: AddressFamily, port: number): void {
  const { offset, type } = PORT[family];
  koffi.encode(buffer, offset, type, port);
}

const PORT = { IPv4: memberOf(SOCKADDR_IN, 'sin_port'), IPv6: memberOf(SOCKADDR_IN6, 'sin6_port') };

function memberOf(structure: TypeObject, name: string) {
  const member = structure.members?.[name];
  if (!member) throw new Error(`${name} is not a member of ${structure.name}`);
  return member;
}

export function decodeAddress(family: AddressFamily, buffer: Buffer): { address: string; port: number } {
  if (family === 'IPv4') {
    const { sin_addr, sin_port } = koffi.decode(buffer, SOCKADDR_IN);
    return { address: formatAddress(family, sin_addr, 0), port: sin_port };
  }
  const { sin6_addr, sin6_port, sin6_scope_id } = koffi.decode(buffer, SOCKADDR_IN6);
  return { address: formatAddress(family, sin6_addr, sin6_scope_id), port: sin6_port };
}

/** @param bytes 4 or 16, in network byte order; `scopeId` 0 for none */
export function formatAddress(family: AddressFamily, bytes: Iterable<number>, scopeId: number): string {
  const all = [...bytes];
  if (family === 'IPv4') return all.join('.');
  const groups = Array.from({ length: 8 }, (_, i) => ((all[2 * i] ?? 0) * 256 + (all[2 * i + 1] ?? 0)).toString(16));
  return canonical(groups.join(':')) + (scopeId === 0 ? '' : `%${scopeId}`);
}

/** The shortest form of an IPv6 address, by the URL parser of Node.js. */
function canonical(address: string): string {
  return new URL(`http://[${address}]`).hostname.slice(1, -1);
}

function bytesOf(address: string): number[] {
  // The canonical form has no dotted tail and at most one '::'.
  const [head = '', tail] = canonical(address).split('::');
  const groups = (text: string | undefined) => (text ? text.split(':') : []);
  const front = groups(head);
  const back = groups(tail);
  const all = [...front, ...Array<string>(8 - front.length - back.length).fill('0'), ...back];
  return all.flatMap((group) => [parseInt(group, 16) >> 8, parseInt(group, 16) & 0xff]);
}
