import { endPortOf, LAST_PORT } from '../blocks.js';
import type { Protocol, Reservation } from '../blocks.js';
import { kindOf } from '../kinds/kinds.js';
import type { DynamicPortRange } from '../reservations/dynamic-port-range.js';

/** What a port is shown as: the first category that applies. */
export const CATEGORIES = ['listener', 'connection', 'persistent', 'runtime', 'exclusion', 'system', 'dynamic', 'free'] as const;
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
export interface PortUser {
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
}

/** Layers the dynamic range, the blocks and the ports in use. */
export function createPortMap({ protocol, blocks, users, dynamic }: PortMapInput): PortMap {
  const layers: Span[] = [
    ...dynamic ? [dynamicSpan(dynamic)] : [],
    ...blocks.filter((block) => block.protocol === protocol).map((block): Span => ({
      category: block.kind,
      startPort: block.startPort,
      endPort: block.endPort,
      label: block.numberOfPorts === 1
        ? `${block.startPort}: ${kindOf(block).name}`
        : `${block.startPort}-${block.endPort}: ${kindOf(block).name}, ${block.numberOfPorts} ports`,
      owners: [],
    })),
    ...groupByPort(users),
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

function dynamicSpan(dynamic: DynamicPortRange): Span {
  const { startPort } = dynamic;
  const endPort = endPortOf(dynamic);
  return { category: 'dynamic', startPort, endPort, label: `${startPort}-${endPort}: dynamic range`, owners: [] };
}

/** One span per port, with all its processes: a server often has a socket for each family. */
function groupByPort(users: readonly PortUser[]): Span[] {
  const byPort = new Map<number, PortUser[]>();
  for (const user of users) {
    const same = byPort.get(user.localPort);
    if (same) same.push(user);
    else byPort.set(user.localPort, [user]);
  }
  return [...byPort].map(([port, all]) => {
    const listeners = all.filter(({ listening }) => listening);
    const category = listeners.length > 0 ? 'listener' : 'connection';
    const owners = [...new Set((listeners.length > 0 ? listeners : all).map(nameOf))];
    const use = category === 'listener' ? 'in use by' : 'connection of';
    return { category, startPort: port, endPort: port, label: `${port}: ${use} ${owners.join(', ')}`, owners };
  });
}

function nameOf({ listening, processId, processName }: PortUser): string {
  if (processId > 0) return `${processName ?? 'process'} (${processId})`;
  // A closed connection has no process (TIME_WAIT).
  return listening ? 'a process' : 'no process, closed';
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
  for (const category of ['listener', 'connection', 'persistent', 'runtime', 'exclusion', 'system'] as const) {
    totals[category] = runs.filter((run) => run.category === category).reduce((sum, { startPort, endPort }) => sum + endPort - startPort + 1, 0);
  }
  return totals;
}
