import { LAST_PORT } from '../blocks.js';
import type { Voice } from '../texts/text.js';
import { escape, formatPorts, wordOf } from './markup.js';
import type { PortMap, Run, Span } from './port-map.js';

/** Ports of one strip. */
export const STRIP_PORTS = 1024;
const STRIPS = (LAST_PORT + 1) / STRIP_PORTS;
/** A port in use is drawn at least as wide as this many ports, so that nobody overlooks it. */
const LEAST_PORTS = 6;
/** A strip is at least this wide where it is shown, and a character of a label at most this, both in pixels. */
const LEAST_WIDTH = 230;
const CHARACTER_WIDTH = 6.5;
const PADDING = 4;

/** A bar of {@link STRIP_PORTS} ports. */
interface Strip {
  readonly startPort: number;
  /** Whether all its ports are free. */
  readonly empty: boolean;
  /** What goes into an `<svg>` of the size of the bar: shapes in percent of its width, and text that keeps its size. */
  readonly content: string;
}

/** The ports as bars, one below the other or side by side: they wrap like lines of text. */
export function drawStrips(map: PortMap, voice: Voice): Strip[] {
  const shapes = Array.from({ length: STRIPS }, () => ['<rect class="free" width="100%" height="100%"/>']);
  let previous: Span | null = null;
  for (const span of map.spans) {
    const joins = previous?.category === span.category && span.owners.length === 0 && previous.endPort + 1 === span.startPort;
    for (const piece of piecesOf(span)) shapes[piece.strip]?.push(drawPiece(span, piece, joins && piece.first === span.startPort));
    previous = span;
  }
  for (const run of map.runs) {
    const label = drawLabel(run, voice);
    if (label) shapes[label.strip]?.push(label.text);
  }
  return shapes.map((content, strip) => ({ startPort: strip * STRIP_PORTS, empty: content.length === 1, content: content.join('') }));
}

interface Piece {
  readonly strip: number;
  readonly first: number;
  readonly last: number;
}

/** The parts of a range in the strips that it crosses. */
function piecesOf({ startPort, endPort }: Pick<Span, 'startPort' | 'endPort'>): Piece[] {
  const firstStrip = Math.floor(startPort / STRIP_PORTS);
  const lastStrip = Math.floor(endPort / STRIP_PORTS);
  return Array.from({ length: lastStrip - firstStrip + 1 }, (_, index) => firstStrip + index).map((strip) => ({
    strip, first: Math.max(startPort, strip * STRIP_PORTS), last: Math.min(endPort, (strip + 1) * STRIP_PORTS - 1),
  }));
}

function drawPiece({ category, label }: Span, { strip, first, last }: Piece, cut: boolean): string {
  const width = Math.max(last - first + 1, LEAST_PORTS);
  const x = Math.min(first - strip * STRIP_PORTS, STRIP_PORTS - width);
  const shape = `<rect class="${category}" x="${percent(x)}" width="${percent(width)}" height="100%"><title>${escape(label)}</title></rect>`;
  return cut ? `${shape}<rect class="cut" x="${percent(x)}" width="1" height="100%"/>` : shape;
}

/** The longest text that fits into the first part of a run that has room for one. */
function drawLabel(run: Run, voice: Voice): { strip: number; text: string } | null {
  const ports = formatPorts(run);
  const word = escape(wordOf(run.category, voice));
  const texts = [`${word} ${ports}`, ports, word];
  for (const { strip, first, last } of piecesOf(run)) {
    const width = (last - first + 1) / STRIP_PORTS * LEAST_WIDTH - 2 * PADDING;
    const text = texts.find(({ length }) => length * CHARACTER_WIDTH <= width);
    if (text === undefined) continue;
    const x = percent(first - strip * STRIP_PORTS);
    return { strip, text: `<svg x="${x}" width="${percent(last - first + 1)}"><text class="label ${run.category}" x="${PADDING}" y="12">${text}</text></svg>` };
  }
  return null;
}

function percent(ports: number): string {
  return `${Number((ports / STRIP_PORTS * 100).toFixed(3))}%`;
}
