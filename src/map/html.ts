import { CHIPS, escape, formatCount, formatPorts } from './markup.js';
import { DARK, FILLS, INK, LIGHT, pictureStyle } from './palette.js';
import type { Scheme } from './palette.js';
import type { Category, PortMap, Run } from './port-map.js';
import { drawStrips, STRIP_PORTS } from './strips.js';
import { describe, formatTime, legendOf } from './svg.js';
import type { Heading } from './svg.js';

/** A self-contained page, for a screen of any width and for paper: of each protocol a summary, the picture, and a table. */
export function renderHtml(maps: readonly PortMap[], heading: Heading): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>Ports of ${escape(heading.machine)}</title>
<style>
${STYLE}
${pictureStyle()}
</style>
</head>
<body>
<main>
<h1>Ports of <bdi>${escape(heading.machine)}</bdi></h1>
<p class="when"><time datetime="${escape(heading.time)}">${escape(formatTime(heading))}</time></p>
${heading.remarks.map((remark) => `<p class="remark">${escape(remark)}</p>\n`).join('')}${maps.map(section).join('\n')}
</main>
</body>
</html>
`;
}

function section(map: PortMap): string {
  const name = map.protocol.toUpperCase();
  const id = map.protocol;
  const summary = legendOf(map).map(({ category, text }) => `<li>${chip(category)} <span>${escape(text)}</span></li>`);
  // A narrow screen has no room for the free strips.
  const strips = drawStrips(map).map(({ startPort, empty, content }) =>
    `<div class="strip${empty ? ' empty' : ''}"><span>${startPort}</span><svg width="100%" height="16">${content}</svg></div>`);
  const inOrder = map.runs.toSorted((a, b) => a.startPort - b.startPort || b.endPort - a.endPort);
  const rows = [...inOrder.filter(({ category }) => category !== 'connection').map(row), ...connectionRows(inOrder)];
  return `<section aria-labelledby="${id}">
<h2 id="${id}">${name}</h2>
<ul class="summary">
${summary.join('\n')}
</ul>
<figure>
<div class="strips" role="img" aria-label="Map of the ${escape(describe(map))}">
${strips.join('\n')}
</div>
<figcaption>Each bar has ${STRIP_PORTS.toLocaleString('en-US')} ports, from the number beside it; they go on like lines of text.</figcaption>
</figure>
<table>
<caption>What is on the ${name} ports</caption>
<thead><tr><th scope="col">Ports</th><th scope="col">Kind</th><th scope="col">Details</th></tr></thead>
<tbody>
${rows.join('\n')}
</tbody>
</table>
</section>`;
}

function row(run: Run): string {
  return cells(formatPorts(run), run.endPort - run.startPort + 1, run.category, detailsOf(run));
}

/** A row for each process instead of one for each port: they are many, and change all the time. */
function connectionRows(runs: readonly Run[]): string[] {
  const byOwners = new Map<string, { first: number; last: number; count: number }>();
  for (const run of runs) {
    if (run.category !== 'connection') continue;
    const key = detailsOf(run);
    const { first = run.startPort, count = 0 } = byOwners.get(key) ?? {};
    byOwners.set(key, { first, last: run.endPort, count: count + run.endPort - run.startPort + 1 });
  }
  return [...byOwners].map(([details, { first, last, count }]) => {
    const ports = formatPorts({ startPort: first, endPort: last });
    return count === last - first + 1 ? cells(ports, count, 'connection', details)
      : tableRow(`${formatCount(count)} <small>in ${ports}</small>`, 'connection', details);
  });
}

function cells(ports: string, count: number, category: Category, details: string): string {
  const small = count === 1 ? '' : ` <small>${formatCount(count)}</small>`;
  return tableRow(`${ports}${small}`, category, details);
}

function tableRow(ports: string, category: Category, details: string): string {
  return `<tr><th scope="row">${ports}</th><td>${chip(category)}</td><td>${details}</td></tr>`;
}

function chip(category: Category): string {
  return `<span class="chip ${category}">${CHIPS[category]}</span>`;
}

function detailsOf({ category, numberOfSpans, owners }: Run): string {
  const blocks = numberOfSpans > 1 ? `, ${numberOfSpans} neighbours` : '';
  switch (category) {
    case 'listener':
    case 'connection': return owners.map((owner) => `<bdi>${escape(owner)}</bdi>`).join(', ');
    case 'persistent': return `Persistent reservation${blocks}`;
    case 'runtime': return `Runtime reservation of this session${blocks}`;
    case 'exclusion': return `Out of the dynamic range; an explicit bind works${blocks}`;
    case 'system': return `Held by another program${blocks}`;
    case 'dynamic': return 'Windows hands these out on its own';
  }
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
