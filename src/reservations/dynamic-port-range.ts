import { endPortOf, LAST_PORT } from '../blocks.js';
import type { Protocol } from '../blocks.js';
import { PortReservationError } from '../errors.js';
import type { Native } from '../native.js';
import { showDynamicPort } from '../win32/netsh.js';

/** The ports that Windows hands out by itself, and where WinNAT takes its blocks (rule N8). */
export interface DynamicPortRange {
  readonly startPort: number;
  readonly numberOfPorts: number;
}

export async function getDynamicPortRange(native: Native, protocol: Protocol): Promise<DynamicPortRange> {
  return parseDynamicPortRange(await showDynamicPort(native.libraries, protocol));
}

/**
 * Reads what `netsh interface ipv4 show dynamicport tcp` prints, in any language, by the two numbers that end a line.
 *
 * @throws PortReservationError (EPROTO) for a text with other than two, or with numbers that are no range of ports
 */
export function parseDynamicPortRange(text: string): DynamicPortRange {
  const numbers = text.split(/[\r\n]+/).flatMap((line) => /\D(\d{1,10})\s*$/.exec(line)?.[1] ?? []).map(Number);
  const [startPort = 0, numberOfPorts = 0] = numbers;
  if (numbers.length !== 2 || startPort < 1 || numberOfPorts < 1 || endPortOf({ startPort, numberOfPorts }) > LAST_PORT) {
    const start = text.trim().slice(0, 120).replace(/\s+/g, ' ');
    throw new PortReservationError(`EPROTO: cannot read netsh's dynamic port range (rule N8): "${start}"`, {
      reason: 'NativeError', code: 'EPROTO', syscall: 'netsh',
      advice: 'Run "netsh interface ipv4 show dynamicport tcp" by hand and read what it says.',
    });
  }
  return { startPort, numberOfPorts };
}
