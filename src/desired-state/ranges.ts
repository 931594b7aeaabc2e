import { PROTOCOLS } from '../blocks.js';
import { checkPort } from '../checks.js';
import { invalid } from '../errors.js';
import { english } from '../texts/text.js';
import type { DeclaredRange } from './desired.js';

/** Parses `20000-39999`, `udp:5000-5999` or a single port: the ranges that a purge may reach. */
export function parseRange(text: string): DeclaredRange {
  const [, name, first, last = first] = /^(?:([a-z]+):)?(\d{1,5})(?:-(\d{1,5}))?$/i.exec(text) ?? [];
  const protocol = PROTOCOLS.find((known) => known === name?.toLowerCase());
  if (first === undefined || (name !== undefined && protocol === undefined)) {
    throw invalid('within', text, english('must be a range of ports such as 20000-39999 or udp:5000-5999'));
  }
  const [startPort, endPort] = [Number(first), Number(last)];
  checkPort('within', startPort);
  checkPort('within', endPort);
  if (endPort < startPort) throw invalid('within', text, english('must not end before its first port'));
  return { startPort, endPort, ...protocol === undefined ? {} : { protocol } };
}
