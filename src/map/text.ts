import { LAST_PORT } from '../blocks.js';
import { BLOCK_NAMES, CATEGORIES } from './port-map.js';
import type { Category, PortMap } from './port-map.js';

/** The letter of each category, and its text in the legend. */
const LEGEND: Readonly<Record<Category, { letter: string; text: string }>> = {
  listener: { letter: 'L', text: 'in use by a program' },
  connection: { letter: 'C', text: 'connection' },
  persistent: { letter: 'P', text: BLOCK_NAMES.persistent },
  runtime: { letter: 'R', text: BLOCK_NAMES.runtime },
  exclusion: { letter: 'E', text: BLOCK_NAMES.exclusion },
  system: { letter: 'S', text: BLOCK_NAMES.system },
  dynamic: { letter: '-', text: 'dynamic range' },
  free: { letter: '.', text: 'free' },
};

/** Background colors of the 256-color palette, readable with the dark letter on them. */
const COLOURS: Readonly<Record<Category, number | null>> = {
  listener: 203, connection: 175, persistent: 78, runtime: 80, exclusion: 221, system: 141, dynamic: 250, free: null,
};
const LABEL_WIDTH = 7;
const ROWS = 32;

export interface TextOptions {
  /** Columns of the console. The picture has the largest power of two that fits, from 16 to 256. */
  readonly width: number;
  /** Colors by escape sequences; otherwise, only letters. */
  readonly color: boolean;
}

/**
 * The map as text: each cell stands for several ports, and shows the first category of the legend among them. A capital
 * letter means all ports of the cell, a small one only some.
 */
export function renderText(map: PortMap, { width, color }: TextOptions): string {
  const columns = Math.min(256, Math.max(16, 2 ** Math.floor(Math.log2(Math.max(1, width - LABEL_WIDTH)))));
  const portsPerCell = (LAST_PORT + 1) / (columns * ROWS);
  const lines = [`${map.protocol.toUpperCase()} ports, ${portsPerCell} per cell`];
  for (let row = 0; row < ROWS; row += 1) {
    const first = row * columns * portsPerCell;
    const cells = Array.from({ length: columns }, (_, column) => {
      const start = first + column * portsPerCell;
      return cell(map.ports.subarray(start, start + portsPerCell));
    });
    lines.push(`${String(first).padStart(LABEL_WIDTH - 1)} ${paint(cells, color)}`);
  }
  lines.push('', ...legend(map, color), 'A small letter: only a part of the cell.');
  return `${lines.join('\n')}\n`;
}

interface Cell {
  readonly category: Category;
  readonly letter: string;
}

function cell(ports: Uint8Array): Cell {
  const category = CATEGORIES[Math.min(...ports)] ?? 'free';
  const whole = ports.every((value) => CATEGORIES[value] === category);
  const { letter } = LEGEND[category];
  return { category, letter: whole ? letter : letter.toLowerCase() };
}

/** Neighbours of one color share one escape sequence. */
function paint(cells: readonly Cell[], color: boolean): string {
  if (!color) return cells.map(({ letter }) => letter).join('');
  let text = '';
  let current: number | null = null;
  for (const { category, letter } of cells) {
    const next = COLOURS[category];
    if (next !== current) text += next === null ? '\u001B[0m' : `\u001B[38;5;16;48;5;${next}m`;
    current = next;
    text += letter;
  }
  return current === null ? text : `${text}\u001B[0m`;
}

function legend({ counts }: PortMap, color: boolean): string[] {
  return CATEGORIES.filter((category) => counts[category] > 0 || category === 'free').map((category) => {
    const { letter, text } = LEGEND[category];
    return `  ${paint([{ category, letter }], color)} ${text}: ${counts[category]}`;
  });
}
