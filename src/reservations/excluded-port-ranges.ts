import { LAST_PORT } from '../blocks.js';
import { PortReservationError } from '../errors.js';

/** One row of `netsh interface ipv4 show excludedportrange`. */
export interface ExcludedPortRange {
  readonly startPort: number;
  readonly endPort: number;
  /** The row has a `*`: an administered exclusion. Blocks of WinNAT and others have none (rule N4). */
  readonly administered: boolean;
}

/** `%10d%12d     %c`: the same in every language (rule N5); a few languages indent the table. */
const ROW = /^\s*(\d{1,10})\s+(\d{1,10})\s*(\*?)\s*$/;
/** The line under the header: two groups of dashes. The table of the dynamic range has one and is another table. */
const RULER = /^\s*-{3,}\s+-{3,}\s*$/;

/**
 * Reads the table that `netsh interface ipv4|ipv6 show excludedportrange` prints, in any language, code page and line
 * end, by its rows of numbers alone (rules N4, N5). Adjacent blocks are not merged.
 *
 * @returns the rows in their order; empty for a table without rows
 * @throws PortReservationError (EPROTO) for a text without a table, or with a row that is no block of ports
 */
export function parseExcludedPortRanges(text: string): ExcludedPortRange[] {
  const ranges: ExcludedPortRange[] = [];
  let table = false;
  for (const line of text.split(/[\r\n]+/)) {
    if (RULER.test(line)) table = true;
    const row = ROW.exec(line);
    if (!row) continue;
    const [startPort, endPort] = [Number(row[1]), Number(row[2])];
    if (startPort > endPort || endPort > LAST_PORT) {
      throw unreadable(`the row "${line.trim()}" is no block of ports`, text);
    }
    ranges.push({ startPort, endPort, administered: row[3] === '*' });
  }
  if (!table && ranges.length === 0) throw unreadable('there is no table in it', text);
  return ranges;
}

function unreadable(why: string, text: string): PortReservationError {
  const start = text.trim().slice(0, 120).replace(/\s+/g, ' ');
  return new PortReservationError(`EPROTO: cannot read netsh's list of excluded ports: ${why} (rule N5): "${start}"`, {
    reason: 'NativeError', code: 'EPROTO', syscall: 'netsh',
    advice: 'Run "netsh interface ipv4 show excludedportrange protocol=tcp" by hand and read what it says.',
  });
}
