import { LAST_PORT } from '../blocks.js';
import type { AddressFamily, PortRange, Protocol, Store } from '../blocks.js';
import { checkText } from '../checks.js';
import { isPortReservationError } from '../errors.js';
import type { PortReservationError } from '../errors.js';
import type { Native } from '../native.js';
import { settleAll } from '../util/settle-all.js';
import { text } from '../texts/text.js';
import { quoted, showExcludedPortRange, unreadable } from './netsh.js';

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

/** The store of a row; `null` if it is not known. */
export function storeOf(survivesRestart: boolean | null): Store | null {
  if (survivesRestart === null) return null;
  return survivesRestart ? 'persistent' : 'active';
}

/** A number that is the same for the same range, as a key of a map. */
export function keyOf({ startPort, endPort }: PortRange): number {
  return startPort * (LAST_PORT + 1) + endPort;
}

/** `null` where netsh refuses the command, as without IPv6 or on a Windows that knows no stores. Any other error is thrown. */
export function nullWhenRefused(error: unknown): null {
  if (isPortReservationError(error) && error.code === 'EIO') return null;
  throw error;
}

/** `%10d%12d     %c`: the same in every language (rule N5); a few languages indent the table. */
const ROW = /^(\d{1,10})\s+(\d{1,10})(\s*\*)?$/;
/** The line under the header: two groups of dashes. The dynamic range is printed with only one. */
const RULER = /^-{3,}\s+-{3,}$/;
/** A digit of any script, or a character that no text has: a line below the ruler with one is a damaged row. */
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
  /** Ends with an empty line or the footer, which begins with `*`. Below these, people may have pasted what else their console shows. */
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
 * As {@link parseExcludedPortRanges}, but for the whole output of netsh: below the ruler there are rows, and then a footer in words. If
 * that is missing, the output was cut off, and rows may be missing too.
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
  // The footer of some language may have no `*`. Where there is one, words above it are damaged rows.
  if (footer.findIndex((line) => line.includes('*')) > 0) throw unreadableText(output, footer[0]);
  return ranges;
}

/** Whether a line is words, such as `* - Administered port exclusions.` in the language of Windows, or question marks in their place. */
function isWords(line: string): boolean {
  return /[^\s*]/.test(line) && !/\p{Nd}/u.test(line);
}

/** Lines without the blanks around them, so that the time of a regular expression stays linear. */
function linesOf(output: string): string[] {
  return output.split(/\r*\n|\r+/).map((line) => line.trim());
}

function unreadableText(output: string, row?: string): PortReservationError {
  const start = quoted(output);
  return unreadable(row === undefined ? text('netsh.unreadableTable', { start }) : text('netsh.unreadableRow', { row: quoted(row), start }),
    'netsh.unreadableTable.advice');
}
