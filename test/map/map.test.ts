import test from 'ava';
import { renderHtml } from '../../src/map/html.js';
import { CATEGORIES, createPortMap } from '../../src/map/port-map.js';
import type { PortMapInput } from '../../src/map/port-map.js';
import { renderSvg } from '../../src/map/svg.js';
import { renderText } from '../../src/map/text.js';

const block = (kind: PortMapInput['blocks'][number]['kind'], startPort: number, numberOfPorts: number) => ({
  protocol: 'tcp', kind, startPort, numberOfPorts, endPort: startPort + numberOfPorts - 1, token: null, addressFamily: null, owningProcess: null, store: 'active',
} as const);
const listener = (localPort: number, processId = 7, processName: string | null = 'server.exe') => ({ localPort, processId, processName });
const map = createPortMap({
  protocol: 'tcp',
  blocks: [block('persistent', 1024, 512), block('exclusion', 65535, 1), block('system', 50_000, 300), { ...block('system', 1, 9), protocol: 'udp' }],
  listeners: [listener(50_010), listener(50_010, 8, '<b>&"evil"'), listener(80, 0, null)],
  dynamic: { startPort: 49_152, numberOfPorts: 16_384 },
});
const categoryOf = (port: number) => CATEGORIES[map.ports[port] ?? -1];

test('each port is what lies on top: a listener, then blocks, then the dynamic range', (t) => {
  t.deepEqual([1, 80, 1024, 1535, 1536, 49_152, 50_000, 50_010, 65_535].map(categoryOf),
    ['free', 'listener', 'persistent', 'persistent', 'free', 'dynamic', 'system', 'listener', 'exclusion']);
});

test('the counts are of all 65,535 ports', (t) => {
  t.is(Object.values(map.counts).reduce((sum, count) => sum + count), 65_535);
  t.like(map.counts, { listener: 2, persistent: 512, exclusion: 1, system: 299, dynamic: 16_384 - 300 - 1 });
});

test('text: a capital letter for a whole cell, a small one for a part of it', (t) => {
  const lines = renderText(map, { width: 80, color: false }).split('\n');
  t.is(lines[0], 'TCP ports, 32 per cell');
  const cellOf = (port: number) => lines[1 + Math.floor(port / 2048)]?.[7 + Math.floor((port % 2048) / 32)];
  t.deepEqual([1024, 1535, 1536, 80, 65_535, 49_152, 50_048, 50_010].map(cellOf), ['P', 'P', '.', 'l', 'e', '-', 'S', 'l']);
});

for (const [width, columns] of [[20, 16], [79, 64], [80, 64], [135, 128], [263, 256], [1000, 256], [1, 16]] as const) {
  test(`text: a console of ${width} columns has a picture of ${columns}`, (t) => {
    const lines = renderText(map, { width, color: false }).split('\n').slice(1, 33);
    t.true(lines.every((line) => line.length === 7 + columns));
  });
}

test('text: colors add nothing but escape sequences, and are always ended', (t) => {
  const plain = renderText(map, { width: 80, color: false });
  const colored = renderText(map, { width: 80, color: true });
  t.not(colored, plain);
  t.is(colored.replaceAll(/\u001B\[[\d;]*m/g, ''), plain);
  for (const line of colored.split('\n').filter((text) => text.includes('\u001B'))) t.regex(line, /\u001B\[0m[^\u001B]*$/);
});

test('SVG: names come out escaped, in tooltips and captions', (t) => {
  const svg = renderSvg([map], { caption: 'a < b & "c"' });
  t.true(svg.includes('<title>50010: in use by server.exe (7), &lt;b&gt;&amp;&quot;evil&quot; (8)</title>'));
  t.true(svg.includes('a &lt; b &amp; &quot;c&quot;'));
  t.true(svg.includes('<title>80: in use by a process</title>'));
  t.notRegex(svg, /<b>|<script/);
});

test('SVG: every span is drawn, of the very ports it has', (t) => {
  const svg = renderSvg([map], { caption: '' });
  const paths = [...svg.matchAll(/<path class="span (\w+)" d="([^"]+)"/g)];
  t.is(paths.length, map.spans.length);
  for (const [index, [, category, outline = '']] of paths.entries()) {
    const span = map.spans[index];
    t.is(category, span?.category);
    const grow = span?.startPort === span?.endPort ? 2 : 0;
    const area = [...outline.matchAll(/h(\d+)v(\d+)h/g)].reduce((sum, [, width, height]) => sum + (Number(width) - grow) * (Number(height) - grow), 0);
    t.is(area / 16, (span?.endPort ?? 0) - (span?.startPort ?? 0) + 1, span?.label);
  }
});

test('HTML: a page of its own that loads nothing and runs nothing', (t) => {
  const html = renderHtml([map], { caption: 'here' });
  t.true(html.startsWith('<!doctype html>'));
  t.regex(html, /Content-Security-Policy" content="default-src 'none'/);
  t.notRegex(html, /<script|src=|href=/);
  t.is([...html.matchAll(/<tr><td>/g)].length, map.spans.length);
});
