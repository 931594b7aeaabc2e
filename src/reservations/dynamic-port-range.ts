import { endPortOf, LAST_PORT } from '../blocks.js';
import type { Protocol } from '../blocks.js';
import { PortReservationError } from '../errors.js';
import type { Native } from '../native.js';
import { showDynamicPort } from '../win32/netsh.js';

/** The ports that Windows assigns for a bind to port 0, and from which WinNAT takes its blocks (rule N8). */
export interface DynamicPortRange {
  /** First port, 1 to 65535, host byte order. */
  readonly startPort: number;
  /** Number of ports, 1 to 65535. */
  readonly numberOfPorts: number;
}

export async function getDynamicPortRange(native: Native, protocol: Protocol): Promise<DynamicPortRange> {
  return parseDynamicPortRange(await showDynamicPort(native.libraries, protocol));
}

/**
 * Parses the output of `netsh interface ipv4 show dynamicport tcp` (or `udp`) in any language, by the two numbers that each
 * end a line (rule N8).
 *
 * @throws PortReservationError: NativeError (code EPROTO) if there are not two such numbers, or they are not a range of ports
 */
export function parseDynamicPortRange(text: string): DynamicPortRange {
  const numbers = text.split(/[\r\n]+/).flatMap((line) => /\D(\d{1,10})\s*$/.exec(line)?.[1] ?? []).map(Number);
  const [startPort = 0, numberOfPorts = 0] = numbers;
  if (numbers.length !== 2 || startPort < 1 || numberOfPorts < 1 || endPortOf({ startPort, numberOfPorts }) > LAST_PORT) {
    const start = text.trim().slice(0, 120).replace(/\s+/g, ' ');
    throw new PortReservationError(`EPROTO: cannot read netsh's dynamic port range (rule N8): "${start}"`, {
      reason: 'NativeError', code: 'EPROTO', syscall: 'netsh',
      advice: 'Run "netsh interface ipv4 show dynamicport tcp" yourself and read its output.',
    });
  }
  return { startPort, numberOfPorts };
}
