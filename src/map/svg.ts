import { CHIPS, describeCount, escape } from './markup.js';
import { pictureStyle } from './palette.js';
import { CATEGORIES, totalsOf } from './port-map.js';
import type { Category, PortMap } from './port-map.js';
import { drawStrips, STRIP_PORTS } from './strips.js';

const MARGIN = 24;
const COLUMNS = 2;
const AXIS = 48;
const STRIP = { width: 340, height: 16, pitch: 21 };
const COLUMN = AXIS + STRIP.width + MARGIN;
const WIDTH = MARGIN + COLUMNS * COLUMN;
const LEGEND_PITCH = 20;
const TITLE = 44;

/** What a picture or a page says about itself. */
export interface Heading {
  /** The computer. */
  readonly machine: string;
  /** Local time with its offset, ISO 8601. */
  readonly time: string;
  /** What else to know of the data, such as what could not be read. */
  readonly remarks: readonly string[];
}

/** A self-contained picture: the maps one below the other, with a legend, and a tooltip for each block. No script. */
export function renderSvg(maps: readonly PortMap[], heading: Heading): string {
  let y = MARGIN;
  const panels = maps.map((map) => {
    const { content, height } = panel(map, heading);
    const placed = `<g transform="translate(${MARGIN} ${y})">\n${content}\n</g>`;
    y += height + MARGIN;
    return placed;
  });
  const captions = [`${formatTime(heading)}. One bar is ${STRIP_PORTS.toLocaleString('en-US')} ports.`, ...heading.remarks.flatMap(wrap)];
  const footer = captions.map((line, index) => `<text class="quiet" x="${MARGIN}" y="${y + index * LEGEND_PITCH}">${escape(line)}</text>`);
  const height = y + captions.length * LEGEND_PITCH + MARGIN / 2;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img" aria-labelledby="title description">
<title id="title">Map of the ports of ${escape(heading.machine)}</title>
<desc id="description">${escape([...maps.map(describe), ...captions].join(' '))}</desc>
<style>
${pictureStyle()}
</style>
<rect class="paper" width="${WIDTH}" height="${height}"/>
${panels.join('\n')}
${footer.join('\n')}
</svg>
`;
}

/** The map in a sentence. */
export function describe(map: PortMap): string {
  return `${map.protocol.toUpperCase()}: ${legendOf(map).map(({ text }) => text).join(', ')}.`;
}

/** The categories that there are, and what to say of each. */
export function legendOf(map: PortMap): { category: Category; text: string }[] {
  const totals = totalsOf(map);
  return CATEGORIES.filter((category) => totals[category] > 0)
    .map((category) => ({ category, text: describeCount(category, totals[category]) }));
}

/** `2026-11-25 14:15:03 +01:00` */
export function formatTime({ time }: Heading): string {
  return time.replace('T', ' ').replace(/([+-]\d\d:\d\d)$/, ' $1');
}

/** Lines that fit the picture, broken between words where there are any. */
function wrap(text: string): string[] {
  return text.match(/\S.{0,109}(?=\s|$)|\S{1,110}/g) ?? [];
}

function panel(map: PortMap, { machine }: Heading): { content: string; height: number } {
  const entries = legendOf(map);
  const legendRows = Math.ceil(entries.length / COLUMNS);
  const top = TITLE + legendRows * LEGEND_PITCH + 12;
  const strips = drawStrips(map).map(({ startPort, content }, index) => {
    const [x, y] = [index % COLUMNS * COLUMN, top + Math.floor(index / COLUMNS) * STRIP.pitch];
    return `<text class="quiet" x="${x + AXIS - 8}" y="${y + 12}" text-anchor="end">${startPort}</text>`
      + `<svg x="${x + AXIS}" y="${y}" width="${STRIP.width}" height="${STRIP.height}">${content}</svg>`;
  });
  const legend = entries.map(({ category, text }, index) => {
    const [x, y] = [AXIS + Math.floor(index / legendRows) * COLUMN, TITLE + index % legendRows * LEGEND_PITCH];
    return `<rect class="${category}" x="${x}" y="${y - 11}" width="14" height="14" rx="2"/>`
      + `<text x="${x + 22}" y="${y}"><tspan font-weight="600">${CHIPS[category]}</tspan>: ${escape(text)}</text>`;
  });
  const title = `<text x="${AXIS}" y="16" style="font-size:18px;font-weight:600">${map.protocol.toUpperCase()} ports of ${escape(machine)}</text>`;
  return { content: [title, ...legend, ...strips].join('\n'), height: top + strips.length / COLUMNS * STRIP.pitch };
}
