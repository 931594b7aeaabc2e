import test from 'ava';
import { CATEGORIES, createPortMap } from '../../src/map/port-map.js';
import type { PortMapInput } from '../../src/map/port-map.js';
import { renderText } from '../../src/map/text.js';
import { DEFAULT_VOICE } from '../../src/texts/text.js';

const block = (kind: PortMapInput['blocks'][number]['kind'], startPort: number, numberOfPorts: number) => ({
  protocol: 'tcp', kind, startPort, numberOfPorts, endPort: startPort + numberOfPorts - 1, token: null, addressFamily: null, owningProcess: null, store: 'active',
} as const);
const listener = (localPort: number, processId = 7, processName: string | null = 'server.exe') => ({ localPort, listening: true, processId, processName });
const connection = (localPort: number, processId: number) => ({ ...listener(localPort, processId), listening: false });
const map = createPortMap({
  voice: DEFAULT_VOICE,
  protocol: 'tcp',
  blocks: [block('persistent', 1024, 512), block('exclusion', 65535, 1), block('system', 50_000, 300), { ...block('system', 1, 9), protocol: 'udp' }],
  users: [listener(50_010), listener(50_010, 8), listener(80, 0, null), connection(80, 9), connection(60_000, 9), connection(50_001, 0)],
  dynamic: { startPort: 49_152, numberOfPorts: 16_384 },
});
/** One of every category. */
const full = createPortMap({
  voice: DEFAULT_VOICE,
  protocol: 'tcp',
  blocks: [block('persistent', 1024, 512), block('runtime', 2000, 20), block('exclusion', 65535, 1), block('system', 50_000, 300)],
  users: [listener(80), listener(443), connection(60_000, 9), connection(60_001, 9), connection(61_000, 9)],
  dynamic: { startPort: 49_152, numberOfPorts: 16_384 },
});
const categoryOf = (port: number) => CATEGORIES[map.ports[port] ?? -1];

test('each port is what lies on top: a listener, a connection, then blocks, then the dynamic range', (t) => {
  t.deepEqual([1, 80, 1024, 1535, 1536, 49_152, 50_000, 50_001, 50_010, 60_000, 65_535].map(categoryOf),
    ['free', 'listener', 'persistent', 'persistent', 'free', 'dynamic', 'system', 'connection', 'listener', 'connection', 'exclusion']);
});

test('the counts are of all 65,535 ports', (t) => {
  t.is(Object.values(map.counts).reduce((sum, count) => sum + count), 65_535);
  t.like(map.counts, { listener: 2, connection: 2, persistent: 512, exclusion: 1, system: 298, dynamic: 16_384 - 300 - 1 - 1 });
});

test('text: a capital letter for a whole cell, a small one for a part of it', (t) => {
  const lines = renderText([map], { width: 80, height: null, color: false, voice: DEFAULT_VOICE }).split('\n');
  t.is(lines[0], 'TCP ports, 32 per cell; a small letter: only some of them');
  const cellOf = (port: number) => lines[1 + Math.floor(port / 2048)]?.[7 + Math.floor((port % 2048) / 32)];
  t.deepEqual([1024, 1535, 1536, 80, 65_535, 49_152, 50_048, 50_010].map(cellOf), ['P', 'P', '.', 'l', 'e', '-', 'S', 'l']);
});

for (const [width, columns] of [[20, 16], [79, 64], [80, 64], [135, 128], [263, 256], [1000, 256], [1, 16]] as const) {
  test(`text: a console of ${width} columns has a picture of ${columns}`, (t) => {
    const lines = renderText([map], { width, height: null, color: false, voice: DEFAULT_VOICE }).split('\n').slice(1, 33);
    t.true(lines.every((line) => line.length === 7 + columns));
  });
}

test('text: colors add nothing but escape sequences, and are always ended', (t) => {
  const plain = renderText([map], { width: 80, height: null, color: false, voice: DEFAULT_VOICE });
  const colored = renderText([map], { width: 80, height: null, color: true, voice: DEFAULT_VOICE });
  t.not(colored, plain);
  t.is(colored.replaceAll(/\u001B\[[\d;]*m/g, ''), plain);
  for (const line of colored.split('\n').filter((text) => text.includes('\u001B'))) t.regex(line, /\u001B\[0m[^\u001B]*$/);
});

for (const [width, height, rows, maps] of [
  [80, 24, 16, 1], [80, 24, 8, 2], [80, 25, 8, 2], [120, 30, 8, 2], [120, 40, 16, 2], [80, 50, 32, 1], [200, 80, 32, 2],
] as const) {
  test(`text: ${maps} of them fit a console of ${width} by ${height}`, (t) => {
    const lines = renderText(Array.from({ length: maps }, () => full), { width, height, color: false, voice: DEFAULT_VOICE }).trimEnd().split('\n');
    // The last line is for the prompt.
    t.true(lines.length < height, `${lines.length} lines`);
    t.deepEqual(lines.filter((line) => line.length > width), []);
    t.is(lines.filter((line) => /^ *\d+ \S+$/.test(line)).length, rows * maps);
  });
}

test('text: the legend says each kind by its name, in as few lines as there is room for', (t) => {
  const legend = (width: number) => renderText([full], { width, height: null, color: false, voice: DEFAULT_VOICE }).trimEnd().split('\n').slice(33);
  t.deepEqual(legend(80), [
    'L in use: 2   C connection: 3   P persistent: 512   R runtime: 20',
    `E exclusion: 1   S system: 300   - dynamic: ${full.counts.dynamic}   . free: ${full.counts.free}`,
  ]);
  t.is(legend(200).length, 1);
  t.is(legend(16).length, 8);
});
