import { capitalized } from '../util/plain-text.js';
import { grouped, say, text } from '../texts/text.js';
import type { PlainId, Text, Voice } from '../texts/text.js';
import { escape, formatCount, formatPorts, wordOf } from './markup.js';
import { DARK, FILLS, INK, LIGHT, pictureStyle } from './palette.js';
import type { Scheme } from './palette.js';
import type { Category, PortMap, Run } from './port-map.js';
import { drawStrips, STRIP_PORTS } from './strips.js';
import { describe, formatTime, legendOf } from './svg.js';
import type { Heading } from './svg.js';

/** A self-contained page, for a screen of any width and for paper: of each protocol a summary, the picture, and a table. */
export function renderHtml(maps: readonly PortMap[], heading: Heading): string {
  const { voice } = heading;
  const title = escape(say(text('report.title', { machine: heading.machine }), voice));
  return `<!doctype html>
<html lang="${voice.language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${title}</title>
<style>
${STYLE}
${pictureStyle()}
</style>
</head>
<body>
<main>
<h1>${title}</h1>
<p class="when"><time datetime="${escape(heading.time)}">${escape(formatTime(heading))}</time></p>
${heading.remarks.map((remark) => `<p class="remark">${escape(remark)}</p>\n`).join('')}${maps.map((map) => section(map, voice)).join('\n')}
</main>
</body>
</html>
`;
}

function section(map: PortMap, voice: Voice): string {
  const words = (what: Text) => escape(say(what, voice));
  const name = map.protocol.toUpperCase();
  const id = map.protocol;
  const summary = legendOf(map, voice).map(({ category, count }) => `<li>${chip(category, voice)} <span>${escape(count)}</span></li>`);
  // A narrow screen has no room for the free strips.
  const strips = drawStrips(map, voice).map(({ startPort, empty, content }) =>
    `<div class="strip${empty ? ' empty' : ''}"><span>${startPort}</span><svg width="100%" height="16">${content}</svg></div>`);
  const inOrder = map.runs.toSorted((a, b) => a.startPort - b.startPort || b.endPort - a.endPort);
  const rows = [...inOrder.filter(({ category }) => category !== 'connection').map((run) => row(run, voice)), ...connectionRows(inOrder, voice)];
  return `<section aria-labelledby="${id}">
<h2 id="${id}">${name}</h2>
<ul class="summary">
${summary.join('\n')}
</ul>
<figure>
<div class="strips" role="img" aria-label="${words(text('report.picture', { map: describe(map, voice) }))}">
${strips.join('\n')}
</div>
<figcaption>${words(text('report.bars', { count: grouped(STRIP_PORTS, voice) }))}</figcaption>
</figure>
<table>
<caption>${words(text('report.table', { protocol: name }))}</caption>
<thead><tr>${(['ports', 'kind', 'details'] as const).map((column) => `<th scope="col">${words(text(`report.column.${column}`))}</th>`).join('')}</tr></thead>
<tbody>
${rows.join('\n')}
</tbody>
</table>
</section>`;
}

function row(run: Run, voice: Voice): string {
  return tableRow(withCount(formatPorts(run), run.endPort - run.startPort + 1, voice), run.category, detailsOf(run, voice), voice);
}

/** Rows for connections: one for each process and not for each port, because they are many and change all the time. */
function connectionRows(runs: readonly Run[], voice: Voice): string[] {
  const byOwners = new Map<string, { first: number; last: number; count: number }>();
  for (const run of runs) {
    if (run.category !== 'connection') continue;
    const key = detailsOf(run, voice);
    const { first = run.startPort, count = 0 } = byOwners.get(key) ?? {};
    byOwners.set(key, { first, last: run.endPort, count: count + run.endPort - run.startPort + 1 });
  }
  return [...byOwners].map(([details, { first, last, count }]) => {
    const ports = formatPorts({ startPort: first, endPort: last });
    const within = `${formatCount(count, voice)} <small>${escape(say(text('report.within', { ports }), voice))}</small>`;
    return tableRow(count === last - first + 1 ? withCount(ports, count, voice) : within, 'connection', details, voice);
  });
}

function withCount(ports: string, count: number, voice: Voice): string {
  return count === 1 ? ports : `${ports} <small>${formatCount(count, voice)}</small>`;
}

function tableRow(ports: string, category: Category, details: string, voice: Voice): string {
  return `<tr><th scope="row">${ports}</th><td>${chip(category, voice)}</td><td>${details}</td></tr>`;
}

function chip(category: Category, voice: Voice): string {
  return `<span class="chip ${category}">${escape(wordOf(category, voice))}</span>`;
}

/** What is said of ports that nobody uses. */
const WHAT = {
  persistent: 'kind.persistent', runtime: 'kind.runtime', exclusion: 'report.exclusion', system: 'kind.system', dynamic: 'report.dynamic',
} as const satisfies Record<Exclude<Run['category'], 'listener' | 'connection'>, PlainId>;

function detailsOf({ category, numberOfSpans, owners }: Run, voice: Voice): string {
  if (category === 'listener' || category === 'connection') return owners.map((owner) => `<bdi>${escape(owner)}</bdi>`).join(', ');
  const what = text(WHAT[category]);
  return escape(capitalized(say(numberOfSpans > 1 ? text('report.neighbours', { what, count: numberOfSpans }) : what, voice)));
}

const page = ({ paper, ink, quiet, line, free, dynamic }: Scheme) => `
  body { background: ${paper}; color: ${ink}; }
  .when, figcaption, small, thead { color: ${quiet}; }
  th, td { border-color: ${line}; }
  .chip.dynamic { background: ${dynamic}; color: ${ink}; }
  .chip.free { background: ${free}; color: ${ink}; outline: 1px solid ${line}; }`;

const STYLE = `
  * { box-sizing: border-box; }
  body { margin: 0; font: 15px/1.5 system-ui, "Segoe UI", sans-serif; -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }
  main { max-width: 1400px; margin: 0 auto; padding: 24px 16px 48px; }
  h1 { margin: 0; font-size: 26px; line-height: 1.2; overflow-wrap: anywhere; }
  h2 { margin: 40px 0 12px; font-size: 20px; }
  .when, .remark { margin: 4px 0 0; }
  .remark { font-weight: 600; overflow-wrap: anywhere; }
  .summary { display: flex; flex-wrap: wrap; gap: 6px 24px; margin: 0 0 20px; padding: 0; list-style: none; }
  .summary li { display: grid; grid-template-columns: max-content 1fr; gap: 8px; align-items: baseline; }
  .chip { display: inline-block; padding: 0 8px; border-radius: 4px; color: ${INK}; font-size: 13px; font-weight: 600; white-space: nowrap;
    -webkit-print-color-adjust: exact; print-color-adjust: exact; }
${Object.entries(FILLS).map(([category, fill]) => `  .chip.${category} { background: ${fill}; }`).join('\n')}
  figure { margin: 0; }
  .strips { display: grid; gap: 5px 24px; }
  .strip { display: grid; grid-template-columns: 44px 1fr; align-items: center; line-height: 16px; }
  .strip span { padding-right: 8px; font-size: 12px; text-align: right; font-variant-numeric: tabular-nums; }
  .strip svg { display: block; border-radius: 2px; }
  figcaption { margin-top: 8px; font-size: 13px; }
  table { width: 100%; margin-top: 24px; border-collapse: collapse; }
  caption { padding-bottom: 4px; font-weight: 600; text-align: left; }
  th, td { padding: 6px 16px 6px 0; border-bottom: 1px solid; text-align: left; vertical-align: top; overflow-wrap: anywhere; }
  th { font-weight: inherit; font-variant-numeric: tabular-nums; }
  tbody th { white-space: nowrap; }
  th:last-child, td:last-child { width: 100%; padding-right: 0; }
  small { margin-left: 8px; font-size: 13px; }
  @media (max-width: 679px) {
    .strip.empty span { visibility: hidden; line-height: 0; }
    .strip.empty svg { height: 5px; }
    th, td { padding-right: 10px; }
    .chip { padding: 0 6px; font-size: 12px; }
    small { display: block; margin: 0; }
  }
  @media (min-width: 680px) { .strips { grid-template-columns: 1fr 1fr; } }
  @media (min-width: 1240px) { .strips { grid-template-columns: repeat(4, 1fr); } }${page(LIGHT)}
  @media (prefers-color-scheme: dark) {${page(DARK)}
  }
  @media print {
    body { font-size: 10pt; }
    main { padding: 0; }
    h2 { break-after: avoid; }
    .strip, tr, figcaption { break-inside: avoid; }
  }`;
