import { CATEGORIES, LEGEND } from './port-map.js';
import type { PortMap, Span } from './port-map.js';

const CELL = 4;
const COLUMNS = 256;
const SIZE = COLUMNS * CELL;
const LEFT = 56;
const TOP = 64;
const GAP = 48;
const LEGEND_COLUMNS = 3;
const PANEL_WIDTH = LEFT + SIZE;

/** Colors that are distinct in light and dark schemes and with red-green color blindness; text colors per scheme. */
const STYLE = `
  svg.ports { --paper: #ffffff; --ink: #1f2328; --grid: #eef1f4; --line: #d0d7de; --dynamic: #dbe2ea;
    font: 13px system-ui, "Segoe UI", sans-serif; }
  @media (prefers-color-scheme: dark) {
    svg.ports { --paper: #0d1117; --ink: #e6edf3; --grid: #161b22; --line: #30363d; --dynamic: #262d36; } }
  svg.ports text { fill: var(--ink); }
  svg.ports .paper { fill: var(--paper); }
  svg.ports .free { fill: var(--grid); stroke: var(--line); }
  svg.ports .dynamic { fill: var(--dynamic); }
  svg.ports .system { fill: #9a6ee0; }
  svg.ports .exclusion { fill: #e0a800; }
  svg.ports .runtime { fill: #12a4b5; }
  svg.ports .persistent { fill: #2f9e58; }
  svg.ports .listener { fill: #e5484d; }
  svg.ports .axis { text-anchor: end; font-size: 11px; }
  svg.ports .title { font-size: 18px; font-weight: 600; }
  svg.ports .span:hover { opacity: 0.7; }`;

export interface SvgOptions {
  /** Shown with the picture, such as the computer and the time. */
  readonly caption: string;
}

/** The maps side by side, a square of 256 by 256 ports each, with a legend and a tooltip for each block. No script. */
export function renderSvg(maps: readonly PortMap[], { caption }: SvgOptions): string {
  const width = maps.length * PANEL_WIDTH + (maps.length + 1) * GAP / 2;
  const height = TOP + SIZE + 114;
  const panels = maps.map((map, index) => panel(map, GAP / 2 + index * (PANEL_WIDTH + GAP / 2))).join('\n');
  return `<svg class="ports" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img">
<title>Map of ports: ${escape(caption)}</title>
<style>${STYLE}
</style>
<rect class="paper" width="${width}" height="${height}"/>
${panels}
<text x="${GAP / 2 + LEFT}" y="${height - 16}">${escape(caption)}. One cell is one port, a row 256 ports.</text>
</svg>
`;
}

function panel(map: PortMap, x: number): string {
  const axis = Array.from({ length: 17 }, (_, index) => Math.min(index * 4096, 65535)).map((port) =>
    `<text class="axis" x="${LEFT - 6}" y="${TOP + Math.floor(port / COLUMNS) * CELL + 6}">${port}</text>`).join('');
  const spans = map.spans.map((span) =>
    `<path class="span ${span.category}" d="${outline(span)}"><title>${escape(span.label)}</title></path>`).join('\n');
  return `<g transform="translate(${x} 0)">
<text class="title" x="${LEFT}" y="${TOP - 28}">${map.protocol.toUpperCase()}</text>
<rect class="free" x="${LEFT}" y="${TOP}" width="${SIZE}" height="${SIZE}"/>
${axis}
${spans}
${legend(map)}
</g>`;
}

function legend({ counts }: PortMap): string {
  const entries = CATEGORIES.filter((category) => counts[category] > 0);
  return entries.map((category, index) => {
    const column = LEFT + (index % LEGEND_COLUMNS) * (SIZE / LEGEND_COLUMNS);
    const y = TOP + SIZE + 16 + Math.floor(index / LEGEND_COLUMNS) * 22;
    return `<rect class="${category}" x="${column}" y="${y}" width="12" height="12"/>`
      + `<text x="${column + 18}" y="${y + 11}">${LEGEND[category].text}: ${counts[category]}</text>`;
  }).join('\n');
}

/** A part of the first row, whole rows, and a part of the last. A single port is drawn a little larger. */
function outline({ startPort, endPort }: Span): string {
  const [firstRow, firstColumn] = [Math.floor(startPort / COLUMNS), startPort % COLUMNS];
  const [lastRow, lastColumn] = [Math.floor(endPort / COLUMNS), endPort % COLUMNS];
  if (startPort === endPort) return square(firstColumn, firstRow, 1, 1, 1);
  if (firstRow === lastRow) return square(firstColumn, firstRow, endPort - startPort + 1, 1);
  return square(firstColumn, firstRow, COLUMNS - firstColumn, 1)
    + (lastRow - firstRow > 1 ? square(0, firstRow + 1, COLUMNS, lastRow - firstRow - 1) : '')
    + square(0, lastRow, lastColumn + 1, 1);
}

function square(column: number, row: number, columns: number, rows: number, grow = 0): string {
  const [width, height] = [columns * CELL + 2 * grow, rows * CELL + 2 * grow];
  return `M${LEFT + column * CELL - grow} ${TOP + row * CELL - grow}h${width}v${height}h${-width}z`;
}

/** Escapes text and attributes of XML and HTML; control characters, which XML forbids, become spaces. */
export function escape(text: string): string {
  return Array.from(text, (character) => ESCAPES[character] ?? (character < ' ' ? ' ' : character)).join('');
}

const ESCAPES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', '\'': '&#39;' };
