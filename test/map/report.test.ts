import test from 'ava';
import { load } from 'cheerio';
import { renderHtml } from '../../src/map/html.js';
import { DARK, FILLS, INK, LIGHT } from '../../src/map/palette.js';
import { createPortMap } from '../../src/map/port-map.js';
import type { PortMapInput } from '../../src/map/port-map.js';
import { renderSvg } from '../../src/map/svg.js';
import { DEFAULT_VOICE } from '../../src/texts/text.js';

const block = (kind: PortMapInput['blocks'][number]['kind'], startPort: number, numberOfPorts: number) => ({
  protocol: 'tcp', kind, startPort, numberOfPorts, endPort: startPort + numberOfPorts - 1, token: null, addressFamily: null, owningProcess: null, store: 'active',
} as const);
const user = (localPort: number, processId = 7, processName: string | null = 'server.exe', listening = true) => ({ localPort, listening, processId, processName });
const EVIL = '<b>&"evil\'\u009B\u202E\uD800';
const map = createPortMap({
  voice: DEFAULT_VOICE,
  protocol: 'tcp',
  blocks: [
    block('persistent', 1000, 512), block('exclusion', 65_535, 1),
    // As WinNAT takes them.
    ...Array.from({ length: 19 }, (_, index) => block('system', 50_060 + 100 * index, 100)), block('system', 60_000, 300),
  ],
  users: [
    user(50_070), user(50_070, 8, EVIL), user(80, 0, null), user(445), user(446, 9, 'other.exe'),
    ...[52_000, 52_001, 53_000].map((port) => user(port, 10, 'browser.exe', false)), user(54_000, 0, null, false),
  ],
  dynamic: { startPort: 49_152, numberOfPorts: 16_384 },
});
const heading = { machine: 'HOST <1> & "2"', time: '2026-11-25T14:15:03-03:30', remarks: ['On a & b', 'x'.repeat(300)], voice: DEFAULT_VOICE };
const html = renderHtml([map, createPortMap({ voice: DEFAULT_VOICE, protocol: 'udp', blocks: [], users: [], dynamic: { startPort: 1025, numberOfPorts: 64_511 } })], heading);
const page = load(html);
const svg = renderSvg([map], heading);
const picture = load(svg, { xml: true });
const rows = () => page('section').first().find('tbody tr').toArray().map((row) => page(row).children().toArray().map((cell) => page(cell).text()));

test('the page parses without an error of the HTML standard', (t) => {
  const faults: string[] = [];
  const onParseError = ({ code }: { code: string }) => faults.push(code);
  load('<p', { onParseError });
  t.true(faults.length > 0);
  faults.length = 0;
  load(html, { onParseError, sourceCodeLocationInfo: true });
  t.deepEqual(faults, []);
});

test('the page loads nothing and runs nothing', (t) => {
  t.regex(page('meta[http-equiv="Content-Security-Policy"]').attr('content') ?? '', /^default-src 'none'; style-src 'unsafe-inline'$/);
  t.is(page('script, link, img, iframe, object, [src], [href], a').length, 0);
  t.deepEqual(page('*').toArray().flatMap((element) => Object.keys(page(element).attr() ?? {})).filter((name) => /^on/.test(name)), []);
  t.notRegex(html, /url\(|@import/);
});

test('the heading names the machine and the local time with its zone', (t) => {
  t.is(page('h1').text(), 'Ports of HOST <1> & "2"');
  t.is(page('title').first().text(), 'Ports of HOST <1> & "2"');
  t.is(page('time').attr('datetime'), '2026-11-25T14:15:03-03:30');
  t.is(page('time').text(), '2026-11-25 14:15:03 -03:30');
  t.deepEqual(page('.remark').toArray().map((remark) => page(remark).text()), ['On a & b', 'x'.repeat(300)]);
});

test('the summary counts every port of a kind, also below one in use', (t) => {
  t.deepEqual(page('.summary').first().find('li').toArray().map((item) => page(item).text()), [
    'In use 4 ports in use by programs', 'Connection 4 ports taken by connections', 'Persistent 512 ports in persistent reservations',
    'Exclusion 1 port in exclusions', 'System 2,200 ports in system blocks of other programs',
    `Dynamic ${map.counts.dynamic.toLocaleString('en-US')} ports left of the dynamic range`, `Free ${map.counts.free.toLocaleString('en-US')} other ports`,
  ]);
});

test('the table merges neighbours of one kind, and shows connections by process', (t) => {
  t.deepEqual(rows(), [
    ['80', 'In use', 'a process'], ['445\u2013446 2 ports', 'In use', 'server.exe (7), other.exe (9)'],
    ['1000\u20131511 512 ports', 'Persistent', 'Persistent reservation'], ['49152\u201365535 16,384 ports', 'Dynamic', 'Windows hands these out on its own'],
    ['50060\u201351959 1,900 ports', 'System', 'System block of another program, 19 neighbours'],
    ['50070', 'In use', 'server.exe (7), <b>&"evil\'\uFFFD\uFFFD\uFFFD (8)'],
    ['60000\u201360299 300 ports', 'System', 'System block of another program'], ['65535', 'Exclusion', 'Out of the dynamic range; an explicit bind works'],
    ['3 ports in 52000\u201353000', 'Connection', 'browser.exe (10)'], ['54000', 'Connection', 'no process, closed'],
  ]);
  for (const chip of page('tbody .chip').toArray()) t.regex(page(chip).attr('class') ?? '', /^chip (listener|connection|persistent|exclusion|system|dynamic)$/);
});

test('each protocol has one picture with a name, and a table with a caption and headers', (t) => {
  t.deepEqual(page('section h2').toArray().map((title) => page(title).text()), ['TCP', 'UDP']);
  t.is(page('[role="img"]').length, 2);
  for (const image of page('[role="img"]').toArray()) t.regex(page(image).attr('aria-label') ?? '', /^Map: (TCP|UDP): .*other ports/);
  t.is(page('table caption').length, 2);
  t.is(page('thead th[scope="col"]').length, 6);
  t.is(page('tbody th[scope="row"]').length, page('tbody tr').length);
  const ids = page('[id]').toArray().map((element) => page(element).attr('id'));
  t.is(new Set(ids).size, ids.length);
  for (const section of page('section').toArray()) t.true(ids.includes(page(section).attr('aria-labelledby')));
});

test('the picture wraps: bars as wide as the page gives, text of constant size', (t) => {
  const strips = page('.strips').first().children('.strip').toArray();
  t.deepEqual(strips.map((strip) => Number(page(strip).children('span').text())), Array.from({ length: 64 }, (_, index) => index * 1024));
  t.is(page('svg[viewBox]').length, 0);
  for (const bar of page('.strip > svg').toArray()) t.is(page(bar).attr('width'), '100%');
  for (const shape of page('.strip > svg > *').toArray()) t.regex(page(shape).attr('width') ?? '', /^(\d+(\.\d+)?%|1)$/);
  t.deepEqual(strips.filter((strip) => page(strip).is('.empty')).map((strip) => page(strip).find('rect').length).filter((count) => count !== 1), []);
});

test('the picture draws every span, of the very ports that it has', (t) => {
  const drawn = new Map<string, number>();
  for (const shape of picture('rect:has(title)').toArray()) {
    const label = picture(shape).children('title').text();
    drawn.set(label, (drawn.get(label) ?? 0) + Math.round(Number.parseFloat(picture(shape).attr('width') ?? '') * 10.24));
  }
  t.is(drawn.size, map.spans.length);
  for (const { startPort, endPort, label } of map.spans) {
    const count = endPort - startPort + 1;
    // Few ports are drawn wider.
    t.is(drawn.get(label), Math.max(count, 6), label);
  }
});

test('blocks that are wide enough have a label, once', (t) => {
  const labels = picture('text.label').toArray().map((label) => picture(label).text());
  // The shorter the block, the shorter its label.
  t.deepEqual(labels.toSorted(), ['1000\u20131511', 'Dynamic 49152\u201365535', 'System', 'System 50060\u201351959']);
});

test('what comes from elsewhere is text, in the page and in the picture', (t) => {
  t.is(page('b').length + picture('b').length, 0);
  for (const text of [html, svg]) {
    t.true(text.includes('&#60;b&#62;&#38;&#34;evil&#39;\uFFFD\uFFFD\uFFFD (8)'));
    t.notRegex(text, /[\u0000-\u0009\u000B-\u001F\u007F-\u009F\u202E\uD800]/);
  }
});

test('the picture as a file has a title, a description, and no script', (t) => {
  const root = picture('svg').first();
  t.deepEqual([root.attr('role'), root.attr('aria-labelledby')], ['img', 'title description']);
  t.is(picture('#title').text(), 'Map of the ports of HOST <1> & "2"');
  t.regex(picture('#description').text(), /2,200 ports in system blocks of other programs.*2026-11-25 14:15:03 -03:30.*On a & b/);
  t.is(picture('script').length, 0);
  // A long remark takes several lines.
  t.deepEqual(picture('text').toArray().map((line) => picture(line).text()).filter((line) => /^x+$/.test(line)).map(({ length }) => length), [110, 110, 80]);
});

test('text is readable on its background, and shapes stand out from the paper', (t) => {
  for (const scheme of [LIGHT, DARK]) {
    for (const [text, background] of [
      [scheme.ink, scheme.paper], [scheme.quiet, scheme.paper], [scheme.ink, scheme.free], [scheme.ink, scheme.dynamic],
      ...Object.values(FILLS).map((fill): [string, string] => [INK, fill]),
    ] as const) t.true(contrast(text, background) >= 4.5, `${text} on ${background}`);
    for (const fill of Object.values(FILLS)) t.true(contrast(fill, scheme.paper) >= 3, `${fill} on ${scheme.paper}`);
  }
});

/** As WCAG 2.2 defines it. */
function contrast(one: string, other: string): number {
  const [low = 0, high = 0] = [one, other].map(luminance).toSorted((a, b) => a - b);
  return (high + 0.05) / (low + 0.05);
}

function luminance(color: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((start) => Number.parseInt(color.slice(start, start + 2), 16) / 255)
    .map((value) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4));
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
