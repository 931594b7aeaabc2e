import type { PortMap } from './port-map.js';
import { escape, renderSvg } from './svg.js';
import type { SvgOptions } from './svg.js';

/** A self-contained page: the picture, and a table of every block and listener. */
export function renderHtml(maps: readonly PortMap[], options: SvgOptions): string {
  const rows = maps.flatMap((map) => map.spans
    .toSorted((a, b) => a.startPort - b.startPort)
    .map((span) => `<tr><td>${map.protocol.toUpperCase()}</td><td>${span.startPort}</td><td>${span.endPort}</td>`
      + `<td>${span.endPort - span.startPort + 1}</td><td>${escape(span.label)}</td></tr>`));
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>Ports: ${escape(options.caption)}</title>
<style>
  body { margin: 2rem; font: 15px system-ui, "Segoe UI", sans-serif; }
  svg.ports { width: 100%; height: auto; max-width: 2300px; }
  table { border-collapse: collapse; margin-top: 2rem; }
  th, td { padding: 0.25rem 1rem 0.25rem 0; text-align: left; border-bottom: 1px solid #8884; }
  td:nth-child(n+2):nth-child(-n+4), th:nth-child(n+2):nth-child(-n+4) { text-align: right; font-variant-numeric: tabular-nums; }
</style>
</head>
<body>
<h1>Ports</h1>
${renderSvg(maps, options)}
<table>
<thead><tr><th>Protocol</th><th>Start</th><th>End</th><th>Ports</th><th>Description</th></tr></thead>
<tbody>
${rows.join('\n')}
</tbody>
</table>
</body>
</html>
`;
}
