import { grouped, joined, say, text } from '../texts/text.js';
import type { Voice } from '../texts/text.js';
import { describeCount, escape, wordOf } from './markup.js';
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
  readonly voice: Voice;
}

/** A self-contained picture: the maps one below the other, with a legend, and a tooltip for each block. No script. */
export function renderSvg(maps: readonly PortMap[], heading: Heading): string {
  const { machine, voice } = heading;
  let y = MARGIN;
  const panels = maps.map((map) => {
    const { content, height } = panel(map, heading);
    const placed = `<g transform="translate(${MARGIN} ${y})">\n${content}\n</g>`;
    y += height + MARGIN;
    return placed;
  });
  const bar = text('report.bar', { time: formatTime(heading), count: grouped(STRIP_PORTS, voice) });
  const captions = [say(bar, voice), ...heading.remarks.flatMap(wrap)];
  const footer = captions.map((line, index) => `<text class="quiet" x="${MARGIN}" y="${y + index * LEGEND_PITCH}">${escape(line)}</text>`);
  const height = y + captions.length * LEGEND_PITCH + MARGIN / 2;
  const size = `viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}"`;
  return `<svg xmlns="http://www.w3.org/2000/svg" lang="${voice.language}" ${size} role="img" aria-labelledby="title description">
<title id="title">${escape(say(text('report.map', { machine }), voice))}</title>
<desc id="description">${escape([...maps.map((map) => describe(map, voice)), ...captions].join(' '))}</desc>
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
export function describe(map: PortMap, voice: Voice): string {
  const counts = joined(legendOf(map, voice).map(({ count }) => count), ', ');
  return say(text('report.summary', { protocol: map.protocol.toUpperCase(), counts }), voice);
}

/** The categories that there are, and what to say of each. */
export function legendOf(map: PortMap, voice: Voice): { category: Category; count: string }[] {
  const totals = totalsOf(map);
  return CATEGORIES.filter((category) => totals[category] > 0)
    .map((category) => ({ category, count: describeCount(category, totals[category], voice) }));
}

/** `2026-11-25 14:15:03 +01:00` */
export function formatTime({ time }: Heading): string {
  return time.replace('T', ' ').replace(/([+-]\d\d:\d\d)$/, ' $1');
}

/** Lines that fit the picture, broken between words where there are any. */
function wrap(line: string): string[] {
  return line.match(/\S.{0,109}(?=\s|$)|\S{1,110}/g) ?? [];
}

function panel(map: PortMap, { machine, voice }: Heading): { content: string; height: number } {
  const entries = legendOf(map, voice);
  const legendRows = Math.ceil(entries.length / COLUMNS);
  const top = TITLE + legendRows * LEGEND_PITCH + 12;
  const strips = drawStrips(map, voice).map(({ startPort, content }, index) => {
    const [x, y] = [index % COLUMNS * COLUMN, top + Math.floor(index / COLUMNS) * STRIP.pitch];
    return `<text class="quiet" x="${x + AXIS - 8}" y="${y + 12}" text-anchor="end">${startPort}</text>`
      + `<svg x="${x + AXIS}" y="${y}" width="${STRIP.width}" height="${STRIP.height}">${content}</svg>`;
  });
  const legend = entries.map(({ category, count }, index) => {
    const [x, y] = [AXIS + Math.floor(index / legendRows) * COLUMN, TITLE + index % legendRows * LEGEND_PITCH];
    return `<rect class="${category}" x="${x}" y="${y - 11}" width="14" height="14" rx="2"/>`
      + `<text x="${x + 22}" y="${y}"><tspan font-weight="600">${escape(wordOf(category, voice))}</tspan>: ${escape(count)}</text>`;
  });
  const heading = escape(say(text('report.panel', { protocol: map.protocol.toUpperCase(), machine }), voice));
  const title = `<text x="${AXIS}" y="16" style="font-size:18px;font-weight:600">${heading}</text>`;
  return { content: [title, ...legend, ...strips].join('\n'), height: top + strips.length / COLUMNS * STRIP.pitch };
}
