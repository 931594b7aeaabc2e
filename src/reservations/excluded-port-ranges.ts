import { LAST_PORT } from '../blocks.js';
import type { AddressFamily, PortRange, Protocol, Store } from '../blocks.js';
import { checkText } from '../checks.js';
import { isPortReservationError } from '../errors.js';
import type { PortReservationError } from '../errors.js';
import type { Native } from '../native.js';
import { settleAll } from '../settle-all.js';
import { text } from '../texts/text.js';
import { quoted, showExcludedPortRange, unreadable } from '../win32/netsh.js';

/** One row of `netsh interface ipv4 show excludedportrange`. */
export interface ExcludedPortRange {
  /** First port, 0 to 65535, host byte order. */
  readonly startPort: number;
  /** Last port, `startPort` to 65535. */
  readonly endPort: number;
  /** Whether the row has a `*`: an administered exclusion, unlike the blocks of WinNAT and other programs (rule N4). */
  readonly administered: boolean;
}

/** A row of netsh's lists, and which of them it is in. */
export interface StoredPortRange extends ExcludedPortRange {
  /** In the list of store=active. */
  readonly inForce: boolean;
  /** In the list of store=persistent; `null` where netsh refuses that list. */
  readonly survivesRestart: boolean | null;
}

/**
 * The rows of netsh's lists: in force now, for both families, and kept through a restart (rule N4). The families share one
 * set of blocks (rule N6), so a row that both have is returned once.
 *
 * @param needed `persistent`: fail if that list cannot be read
 */
export async function readExcludedPortRanges(native: Native, protocol: Protocol, needed: Store = 'active'): Promise<StoredPortRange[]> {
  const read = async (family: AddressFamily, store: Store) => {
    const ranges = parseWholeList(await showExcludedPortRange(native, family, protocol, store));
    // Port 0 is not a port.
    return ranges.filter(({ endPort }) => endPort > 0).map((range) => ({ ...range, startPort: Math.max(1, range.startPort) }));
  };
  const [ipv4, ipv6, persistent] = await settleAll([
    read('IPv4', 'active'),
    read('IPv6', 'active').catch(nullWhenRefused),
    read('IPv4', 'persistent').catch((error: unknown) =>
      (needed === 'persistent' ? Promise.reject(error as Error) : nullWhenRefused(error))),
  ]);
  const rows = new Map<number, StoredPortRange>();
  // No source says whether each list marks administered exclusions.
  const isAdministered = (range: ExcludedPortRange) => range.administered || rows.get(keyOf(range))?.administered === true;
  for (const range of [...ipv4, ...ipv6 ?? []]) {
    rows.set(keyOf(range), { ...range, administered: isAdministered(range), inForce: true, survivesRestart: persistent && false });
  }
  for (const range of persistent ?? []) {
    const inForce = rows.get(keyOf(range))?.inForce === true;
    rows.set(keyOf(range), { ...range, administered: isAdministered(range), inForce, survivesRestart: true });
  }
  return [...rows.values()];
}

/** The same, as netsh's name for a store. */
export function storeOf(survivesRestart: boolean | null): Store | null {
  if (survivesRestart === null) return null;
  return survivesRestart ? 'persistent' : 'active';
}

/** The same number for the same range. */
export function keyOf({ startPort, endPort }: PortRange): number {
  return startPort * (LAST_PORT + 1) + endPort;
}

/** A Windows without IPv6, or too old for stores, refuses the command. An answer that cannot be read is an error. */
export function nullWhenRefused(error: unknown): null {
  if (isPortReservationError(error) && error.code === 'EIO') return null;
  throw error;
}

/** `%10d%12d     %c`: the same in every language (rule N5); a few languages indent the table. */
const ROW = /^(\d{1,10})\s+(\d{1,10})(\s*\*)?$/;
/** The line under the header: two groups of dashes. The dynamic range is printed with only one. */
const RULER = /^-{3,}\s+-{3,}$/;
/** A digit of any script, or what is in no text: below the ruler, a row that cannot be read. */
const DAMAGED = /[\p{N}\0-\x08\x0E-\x1F\uFFFD]/u;
const WORDS = /\p{L}/u;

/**
 * Parses the output of `netsh interface ipv4 show excludedportrange` (or `ipv6`) by its rows of numbers, with any language,
 * code page and line ends (rules N4, N5). Adjacent blocks are not merged.
 *
 * @returns the rows in their order; empty for a table without rows
 * @throws PortReservationError: InvalidParameter for what is no text; NativeError (code EPROTO) for a text without a table, a row that is
 *   not a block of ports, or what is between the rows and cannot be read as one
 */
export function parseExcludedPortRanges(output: string): ExcludedPortRange[] {
  checkText('output', output);
  const ranges: ExcludedPortRange[] = [];
  let table = false;
  /** Up to an empty line, or the footer that begins with `*`: below, people paste what else their console shows. */
  let amongRows = false;
  for (const line of linesOf(output)) {
    if (RULER.test(line)) {
      table = amongRows = true;
      continue;
    }
    if (line === '' || line.startsWith('*')) amongRows = false;
    const row = ROW.exec(line);
    if (!row && table && DAMAGED.test(line) && (amongRows || !WORDS.test(line))) throw unreadableText(output, line);
    if (!row) continue;
    const [startPort, endPort] = [Number(row[1]), Number(row[2])];
    if (startPort > endPort || endPort > LAST_PORT) throw unreadableText(output, line);
    ranges.push({ startPort, endPort, administered: row[3] !== undefined });
  }
  if (!table && ranges.length === 0) throw unreadableText(output);
  return ranges;
}

/**
 * As {@link parseExcludedPortRanges}, for all that netsh says: below the ruler there are rows, and then the words of a footer. Without
 * it, rows may be missing.
 */
function parseWholeList(output: string): ExcludedPortRange[] {
  const ranges = parseExcludedPortRanges(output);
  const lines = linesOf(output).filter((line) => line !== '');
  const below = lines.slice(lines.findIndex((line) => RULER.test(line)) + 1);
  const end = below.findIndex((line) => !ROW.test(line));
  if (end < 0) throw unreadable(text('netsh.unreadableEnd', { last: quoted(lines.at(-1) ?? '') }), 'netsh.unreadableTable.advice');
  const footer = below.slice(end);
  const foreign = footer.find((line) => !isWords(line));
  if (foreign !== undefined) throw unreadableText(output, foreign);
  // Not every language need say it with a `*`; but where one does, words before it are in the place of rows.
  if (footer.findIndex((line) => line.includes('*')) > 0) throw unreadableText(output, footer[0]);
  return ranges;
}

/** Such as `* - Administered port exclusions.`, in the language of Windows, or question marks in its place: no part of a row. */
function isWords(line: string): boolean {
  return /[^\s*]/.test(line) && !/\p{Nd}/u.test(line);
}

/** Without the blanks around them, so that an expression takes no longer than the line is. */
function linesOf(output: string): string[] {
  return output.split(/\r*\n|\r+/).map((line) => line.trim());
}

function unreadableText(output: string, row?: string): PortReservationError {
  const start = quoted(output);
  return unreadable(row === undefined ? text('netsh.unreadableTable', { start }) : text('netsh.unreadableRow', { row: quoted(row), start }),
    'netsh.unreadableTable.advice');
}
