import { endPortOf, formatRange, KINDS, LAST_PORT } from '../blocks.js';
import type { Protocol, Reservation } from '../blocks.js';
import { groupBy } from '../util/group-by.js';
import type { DynamicPortRange } from '../reservations/dynamic-port-range.js';
import { joined, say, text } from '../texts/text.js';
import type { Voice } from '../texts/text.js';

/** What holds a port: a socket, or a block of a kind. */
const HOLDERS = ['listener', 'connection', ...KINDS] as const;
/** What a port is shown as: the first category that applies. */
export const CATEGORIES = [...HOLDERS, 'dynamic', 'free'] as const;
export type Category = (typeof CATEGORIES)[number];

/** Consecutive ports that are shown as one, with the text of their tooltip. */
export interface Span {
  readonly category: Exclude<Category, 'free'>;
  readonly startPort: number;
  readonly endPort: number;
  readonly label: string;
  /** Who uses the ports, as text; empty for a block. */
  readonly owners: readonly string[];
}

/** Neighbouring or overlapping spans of one category. */
export interface Run {
  readonly category: Span['category'];
  readonly startPort: number;
  readonly endPort: number;
  readonly numberOfSpans: number;
  readonly owners: readonly string[];
}

/** The 65,536 ports of one protocol. */
export interface PortMap {
  readonly protocol: Protocol;
  /** In drawing order: a later span covers an earlier one. */
  readonly spans: readonly Span[];
  /** The spans with neighbours merged, by category and first port. */
  readonly runs: readonly Run[];
  /** Category of each port, as an index into {@link CATEGORIES}. */
  readonly ports: Uint8Array;
  /** How many ports are shown as each category. */
  readonly counts: Readonly<Record<Category, number>>;
}

/** A port in use: a listener, a UDP socket, or else a connection. */
interface PortUser {
  readonly localPort: number;
  readonly listening: boolean;
  /** 0 where the system does not say. */
  readonly processId: number;
  readonly processName: string | null;
}

export interface PortMapInput {
  readonly protocol: Protocol;
  readonly blocks: readonly Reservation[];
  readonly users: readonly PortUser[];
  /** `null` if it could not be read. */
  readonly dynamic: DynamicPortRange | null;
  /** The voice of tooltips and owners. */
  readonly voice: Voice;
}

/** Layers the dynamic range, the blocks and the ports in use. */
export function createPortMap({ protocol, blocks, users, dynamic, voice }: PortMapInput): PortMap {
  const layers: Span[] = [
    ...dynamic ? [dynamicSpan(dynamic, voice)] : [],
    ...blocks.filter((block) => block.protocol === protocol).map((block): Span => ({
      category: block.kind,
      startPort: block.startPort,
      endPort: block.endPort,
      label: say(block.numberOfPorts === 1 ? text('map.block', { ports: block.startPort, kind: text(`kind.${block.kind}`) })
        : text('map.block.several', { ports: formatRange(block), kind: text(`kind.${block.kind}`), count: block.numberOfPorts }), voice),
      owners: [],
    })),
    ...spansOfUsers(users, voice),
  ];
  const spans = layers.sort((a, b) => CATEGORIES.indexOf(b.category) - CATEGORIES.indexOf(a.category) || a.startPort - b.startPort);

  const ports = new Uint8Array(LAST_PORT + 1).fill(CATEGORIES.indexOf('free'));
  for (const { category, startPort, endPort } of spans) ports.fill(CATEGORIES.indexOf(category), startPort, endPort + 1);
  const counts = Object.fromEntries(CATEGORIES.map((category, index) =>
    [category, ports.reduce((sum, value) => sum + Number(value === index), 0)])) as Record<Category, number>;
  // Port 0 is not a port.
  counts.free -= 1;
  return { protocol, spans, runs: merge(spans), ports, counts };
}

function dynamicSpan(dynamic: DynamicPortRange, voice: Voice): Span {
  const { startPort } = dynamic;
  const endPort = endPortOf(dynamic);
  const label = say(text('map.dynamicRange', { ports: `${startPort}-${endPort}` }), voice);
  return { category: 'dynamic', startPort, endPort, label, owners: [] };
}

/** One span per port, with all its processes: a server often has a socket for each family. */
function spansOfUsers(users: readonly PortUser[], voice: Voice): Span[] {
  return [...groupBy(users, ({ localPort }) => localPort)].map(([port, all]) => {
    const listeners = all.filter(({ listening }) => listening);
    const category = listeners.length > 0 ? 'listener' : 'connection';
    const owners = [...new Set((listeners.length > 0 ? listeners : all).map((user) => nameOf(user, voice)))];
    const label = say(text(`map.${category}`, { port, owners: joined(owners, ', ') }), voice);
    return { category, startPort: port, endPort: port, label, owners };
  });
}

function nameOf({ listening, processId, processName }: PortUser, voice: Voice): string {
  if (processId > 0) return say(text('map.owner', { name: processName ?? text('map.owner.unnamed'), processId: String(processId) }), voice);
  // A closed connection has no process (TIME_WAIT).
  return say(text(listening ? 'owner.process' : 'map.owner.closed'), voice);
}

function merge(spans: readonly Span[]): Run[] {
  const runs: { category: Run['category']; startPort: number; endPort: number; numberOfSpans: number; owners: Set<string> }[] = [];
  for (const { category, startPort, endPort, owners } of spans) {
    const last = runs.at(-1);
    if (last?.category !== category || startPort > last.endPort + 1) {
      runs.push({ category, startPort, endPort, numberOfSpans: 1, owners: new Set(owners) });
    } else {
      last.endPort = Math.max(last.endPort, endPort);
      last.numberOfSpans += 1;
      for (const owner of owners) last.owners.add(owner);
    }
  }
  return runs.map((run) => ({ ...run, owners: [...run.owners] }));
}

/** How many ports each category has, also where another one is shown on top. `dynamic` and `free` are what is left. */
export function totalsOf({ counts, runs }: PortMap): Readonly<Record<Category, number>> {
  const totals = { ...counts };
  for (const category of HOLDERS) {
    totals[category] = runs.filter((run) => run.category === category).reduce((sum, { startPort, endPort }) => sum + endPort - startPort + 1, 0);
  }
  return totals;
}
