import { LAST_PORT } from '../blocks.js';
import { say, text } from '../texts/text.js';
import type { Voice } from '../texts/text.js';
import { wordOf } from './markup.js';
import { CATEGORIES, totalsOf } from './port-map.js';
import type { Category, PortMap } from './port-map.js';

const LETTERS: Readonly<Record<Category, string>> = {
  listener: 'L', connection: 'C', persistent: 'P', runtime: 'R', exclusion: 'E', system: 'S', dynamic: '-', free: '.',
};

/** Background colors of the 256-color palette, readable with the dark letter on them. */
const COLORS: Readonly<Record<Category, number | null>> = {
  listener: 203, connection: 175, persistent: 78, runtime: 80, exclusion: 221, system: 141, dynamic: 250, free: null,
};
const LABEL_WIDTH = 7;
const ROWS = { least: 8, most: 32 };
const BETWEEN = '   ';

interface TextOptions {
  /** Columns of the console. The picture has the largest power of two that fits, from 16 to 256. */
  readonly width: number;
  /** Lines of the console, for all maps and a prompt; `null` for no limit. Each picture has a power of two, from 8 to 32. */
  readonly height: number | null;
  /** Colors by escape sequences; otherwise, only letters. */
  readonly color: boolean;
  readonly voice: Voice;
}

/**
 * The maps as text: each cell stands for several ports, and shows the first category of the legend among them. A capital
 * letter means all ports of the cell, a small one only some.
 */
export function renderText(maps: readonly PortMap[], options: TextOptions): string {
  const { height } = options;
  const legends = maps.map((map) => legend(map, options));
  // A title for each map, an empty line between two, and the prompt.
  const others = legends.flat().length + maps.length + (maps.length - 1) + 1;
  const rows = powerOfTwo(height === null ? ROWS.most : (height - others) / maps.length, ROWS);
  return maps.map((map, index) => `${[...picture(map, rows, options), ...legends[index] ?? []].join('\n')}\n`).join('\n');
}

function picture(map: PortMap, rows: number, { width, color, voice }: TextOptions): string[] {
  const columns = powerOfTwo(width - LABEL_WIDTH, { least: 16, most: 256 });
  const portsPerCell = (LAST_PORT + 1) / (columns * rows);
  const lines = Array.from({ length: rows }, (_, row) => {
    const first = row * columns * portsPerCell;
    const cells = Array.from({ length: columns }, (__, column) => {
      const start = first + column * portsPerCell;
      return cell(map.ports.subarray(start, start + portsPerCell));
    });
    return `${String(first).padStart(LABEL_WIDTH - 1)} ${paint(cells, color)}`;
  });
  return [say(text('map.title', { protocol: map.protocol.toUpperCase(), count: portsPerCell }), voice), ...lines];
}

/** The largest power of two that is not above the number, within limits that are powers of two themselves. */
function powerOfTwo(number: number, { least, most }: { least: number; most: number }): number {
  return Math.min(most, Math.max(least, 2 ** Math.floor(Math.log2(Math.max(1, number)))));
}

interface Cell {
  readonly category: Category;
  readonly letter: string;
}

function cell(ports: Uint8Array): Cell {
  const category = CATEGORIES[Math.min(...ports)] ?? 'free';
  const whole = ports.every((value) => CATEGORIES[value] === category);
  const letter = LETTERS[category];
  return { category, letter: whole ? letter : letter.toLowerCase() };
}

/** Neighbours of one color share one escape sequence. */
function paint(cells: readonly Cell[], color: boolean): string {
  if (!color) return cells.map(({ letter }) => letter).join('');
  let painted = '';
  let current: number | null = null;
  for (const { category, letter } of cells) {
    const next = COLORS[category];
    if (next !== current) painted += next === null ? '\u001B[0m' : `\u001B[38;5;16;48;5;${next}m`;
    current = next;
    painted += letter;
  }
  return current === null ? painted : `${painted}\u001B[0m`;
}

/** As few lines as the width allows. */
function legend(map: PortMap, { width, color, voice }: TextOptions): string[] {
  const totals = totalsOf(map);
  const lines: { length: number; entries: string[] }[] = [];
  for (const category of CATEGORIES.filter((candidate) => totals[candidate] > 0)) {
    const letter = LETTERS[category];
    const word = wordOf(category, voice);
    // German nouns have a capital letter.
    const total = `${voice.language === 'de' ? word : word.toLowerCase()}: ${totals[category]}`;
    const length = `${letter} ${total}`.length;
    const entry = `${paint([{ category, letter }], color)} ${total}`;
    const last = lines.at(-1);
    if (last && last.length + BETWEEN.length + length <= width) {
      last.entries.push(entry);
      last.length += BETWEEN.length + length;
    } else {
      lines.push({ length, entries: [entry] });
    }
  }
  return lines.map(({ entries }) => entries.join(BETWEEN));
}
