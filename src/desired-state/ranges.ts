import { PROTOCOLS } from '../blocks.js';
import { checkPort, checkProtocol, checkRequest } from '../checks.js';
import { invalid } from '../errors.js';
import { text } from '../texts/text.js';
import type { DeclaredRange } from './desired.js';

/** Parses `20000-39999`, `udp:5000-5999` or a single port: the ranges that a purge may reach. */
export function parseRange(range: string): DeclaredRange {
  const [, name, first, last = first] = /^(?:([a-z]+):)?(\d{1,5})(?:-(\d{1,5}))?$/i.exec(range) ?? [];
  const protocol = PROTOCOLS.find((known) => known === name?.toLowerCase());
  if (first === undefined || (name !== undefined && protocol === undefined)) {
    throw invalid('within', range, text('rule.range'));
  }
  return checkRange({ startPort: Number(first), endPort: Number(last), protocol });
}

/** @returns a copy */
export function checkRange(range: DeclaredRange): DeclaredRange {
  checkRequest('within', range);
  const { protocol, startPort, endPort } = range;
  if (protocol !== undefined) checkProtocol(protocol);
  checkPort('within', startPort);
  checkPort('within', endPort);
  if (endPort < startPort) throw invalid('within', `${startPort}-${endPort}`, text('rule.range.order'));
  return { startPort, endPort, ...protocol === undefined ? {} : { protocol } };
}
