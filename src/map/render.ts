import { hostname } from 'node:os';
import { PROTOCOLS, tcpFirst } from '../blocks.js';
import type { Protocol } from '../blocks.js';
import { checkCount, checkOneOf, checkProtocols, LARGEST_EXTENT } from '../checks.js';
import { OwnerReader } from '../diagnosis/owners.js';
import { usersOfPorts } from '../sockets/port-users.js';
import type { Source } from '../kinds/kind.js';
import { dynamicPortRangeOr } from '../reservations/dynamic-port-range.js';
import { listBlocks } from '../reservations/inventory.js';
import { describeNotRead } from '../reservations/not-read.js';
import type { NotRead, OnNotRead, PartialOptions } from '../reservations/not-read.js';
import { settleAll } from '../util/settle-all.js';
import { renderHtml } from './html.js';
import { createPortMap } from './port-map.js';
import type { PortMap } from './port-map.js';
import { renderSvg } from './svg.js';
import { renderText } from './text.js';
import { say, text } from '../texts/text.js';

/** The request of {@link PortReservations.renderMap}. */
export interface MapRequest extends PartialOptions {
  /** Default both; TCP comes first. */
  readonly protocols?: readonly Protocol[] | undefined;
  /**
   * `text` for a console, an `svg` picture, a self-contained `html` page, or `json`: a line with an array of one element per
   * protocol, `[{ protocol, counts, spans: [{ category, startPort, endPort, label }], notRead }]`.
   *
   * `category` is `listener`, `connection`, `persistent`, `runtime`, `exclusion`, `system` or `dynamic`; `label` is text for people. Spans may
   * overlap: a later one covers an earlier one. `counts` has the number of ports shown as each category, and as `free`;
   * `notRead` what could not be read of this protocol ({@link NotRead}).
   */
  readonly format: 'text' | 'svg' | 'html' | 'json';
  /** Text only: columns of the console, 1 to 10,000, default 80. The map is 23 to 263 columns wide. */
  readonly width?: number | undefined;
  /** Text only: lines of the console, 1 to 10,000, that the map fits into, if it has at least 12 for each protocol. Default no limit: 32 lines of map. */
  readonly height?: number | undefined;
  /** Text only: whether to use colors (escape sequences, 256-color palette). Default false. */
  readonly color?: boolean | undefined;
}

/** The picture that a file is of, by its ending; `null` for one of no picture. */
export function pictureOf(path: string): 'svg' | 'html' | null {
  const [, ending] = /\.(svg|html?)$/i.exec(path) ?? [];
  if (ending === undefined) return null;
  return ending.toLowerCase() === 'svg' ? 'svg' : 'html';
}

const FORMATS = ['text', 'svg', 'html', 'json'] as const satisfies readonly MapRequest['format'][];

/** The 65,536 ports as a picture: blocks by kind, listeners, the dynamic range. */
export async function renderMap(source: Source, request: MapRequest): Promise<string> {
  const { protocols: wanted = PROTOCOLS, format, width = 80, height, color = false, onNotRead } = request;
  const protocols = checkProtocols(wanted);
  checkOneOf('format', format, FORMATS);
  checkCount('width', width, LARGEST_EXTENT);
  if (height !== undefined) checkCount('height', height, LARGEST_EXTENT);
  const { native } = source;
  const { voice } = native;
  const notRead: NotRead[] = [];
  const maps = await readMaps(source, protocols, onNotRead && ((failure) => {
    notRead.push(failure);
    onNotRead(failure);
  }));
  if (format === 'json') {
    return `${JSON.stringify(maps.map((map) => ({ ...toData(map), notRead: notRead.filter(({ protocol }) => protocol === map.protocol) })))}\n`;
  }
  if (format === 'text') return renderText(maps, { width, height: height ?? null, color, voice });
  const remarks = [...native.backend === 'simulator' ? [say(text('report.simulator'), voice)] : [],
    ...notRead.map((failure) => say(text('health.notRead', { what: describeNotRead(failure) }), voice))];
  const heading = { machine: hostname(), time: localTime(new Date()), remarks, voice };
  return format === 'svg' ? renderSvg(maps, heading) : renderHtml(maps, heading);
}

/** ISO 8601 with the offset from UTC, to the second: `2026-11-25T14:15:03+01:00`. */
function localTime(now: Date): string {
  const minutes = -now.getTimezoneOffset();
  const two = (value: number) => String(Math.abs(value)).padStart(2, '0');
  const local = new Date(now.getTime() + minutes * 60_000).toISOString().slice(0, 19);
  return `${local}${minutes < 0 ? '-' : '+'}${two(Math.trunc(minutes / 60))}:${two(minutes % 60)}`;
}

function toData({ protocol, counts, spans }: PortMap) {
  return { protocol, counts, spans: spans.map(({ category, startPort, endPort, label }) => ({ category, startPort, endPort, label })) };
}

export async function readMaps(source: Source, protocols: readonly Protocol[], onNotRead: OnNotRead): Promise<PortMap[]> {
  const { native } = source;
  const blocks = await listBlocks(source, protocols, { onNotRead });
  const owners = new OwnerReader(native);
  return settleAll(tcpFirst(protocols).map(async (protocol) => createPortMap({
    protocol,
    blocks,
    voice: native.voice,
    users: [...usersOfPorts(native, protocol).values()].flat().map(({ localPort, listening, processId }) =>
      ({ localPort, listening, processId, processName: processId > 0 ? owners.processOf(processId).name : null })),
    dynamic: await dynamicPortRangeOr(native, protocol, onNotRead),
  })));
}
