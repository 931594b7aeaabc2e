// Identifiers that depend on names alone (RFC 9562, version 5), for what must have one and be the same in every build.
import { createHash } from 'node:crypto';

/** This project's own namespace. */
const NAMESPACE = Buffer.from('7f0c3f5e6a0e4a529d6e2b1c8e4f9a31', 'hex');

/** In capitals with braces, as Windows Installer writes it. */
export function guidOf(name) {
  const bytes = createHash('sha1').update(NAMESPACE).update(name).digest().subarray(0, 16);
  bytes[6] = (bytes[6] & 0x0f) | 0x50;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const digits = bytes.toString('hex').toUpperCase();
  return `{${[[0, 8], [8, 12], [12, 16], [16, 20], [20, 32]].map(([from, to]) => digits.slice(from, to)).join('-')}}`;
}
