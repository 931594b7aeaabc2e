import { endPortOf, LAST_PORT } from '../blocks.js';
import type { Protocol, Reservation } from '../blocks.js';
import type { DynamicPortRange } from '../reservations/dynamic-port-range.js';

/** What a port is shown as: the first category that applies. */
export const CATEGORIES = ['listener', 'persistent', 'runtime', 'exclusion', 'system', 'dynamic', 'free'] as const;
export type Category = (typeof CATEGORIES)[number];

/** Text for the legend, and the letter for a map in text. */
export const LEGEND: Readonly<Record<Category, { letter: string; text: string }>> = {
  listener: { letter: 'L', text: 'in use by a process' },
  persistent: { letter: 'P', text: 'persistent reservation' },
  runtime: { letter: 'R', text: 'runtime reservation of this session' },
  exclusion: { letter: 'E', text: 'administered exclusion' },
  system: { letter: 'S', text: 'block of another program' },
  dynamic: { letter: '-', text: 'dynamic range' },
  free: { letter: '.', text: 'free' },
};

/** Consecutive ports that are shown as one, with the text of their tooltip. */
export interface Span {
  readonly category: Exclude<Category, 'free'>;
  readonly startPort: number;
  readonly endPort: number;
  readonly label: string;
}

/** The 65,536 ports of one protocol. */
export interface PortMap {
  readonly protocol: Protocol;
  /** In drawing order: a later span covers an earlier one. */
  readonly spans: readonly Span[];
  /** Category of each port, as an index into {@link CATEGORIES}. */
  readonly ports: Uint8Array;
  readonly counts: Readonly<Record<Category, number>>;
}

export interface PortMapInput {
  readonly protocol: Protocol;
  readonly blocks: readonly Reservation[];
  readonly listeners: readonly { readonly localPort: number; readonly processId: number; readonly processName: string | null }[];
  readonly dynamic: DynamicPortRange;
}

/** Layers the dynamic range, the blocks and the listeners. */
export function createPortMap({ protocol, blocks, listeners, dynamic }: PortMapInput): PortMap {
  const dynamicEnd = endPortOf(dynamic);
  const layers: Span[] = [
    { category: 'dynamic', startPort: dynamic.startPort, endPort: dynamicEnd, label: `${dynamic.startPort}-${dynamicEnd}: dynamic range` },
    ...blocks.filter((block) => block.protocol === protocol).map((block): Span => ({
      category: block.kind,
      startPort: block.startPort,
      endPort: block.endPort,
      label: block.numberOfPorts === 1
        ? `${block.startPort}: ${LEGEND[block.kind].text}`
        : `${block.startPort}-${block.endPort}: ${LEGEND[block.kind].text}, ${block.numberOfPorts} ports`,
    })),
    ...groupByPort(listeners),
  ];
  const spans = layers.sort((a, b) => CATEGORIES.indexOf(b.category) - CATEGORIES.indexOf(a.category));

  const ports = new Uint8Array(LAST_PORT + 1).fill(CATEGORIES.indexOf('free'));
  for (const { category, startPort, endPort } of spans) ports.fill(CATEGORIES.indexOf(category), startPort, endPort + 1);
  const counts = Object.fromEntries(CATEGORIES.map((category, index) =>
    [category, ports.reduce((sum, value) => sum + Number(value === index), 0)])) as Record<Category, number>;
  // Port 0 is not a port.
  counts.free -= 1;
  return { protocol, spans, ports, counts };
}

/** One span per port, with all its processes: a server often has a socket for each family. */
function groupByPort(listeners: PortMapInput['listeners']): Span[] {
  const byPort = new Map<number, Set<string>>();
  for (const { localPort, processId, processName } of listeners) {
    const who = processId === 0 ? 'a process' : `${processName ?? 'process'} (${processId})`;
    byPort.set(localPort, (byPort.get(localPort) ?? new Set()).add(who));
  }
  return [...byPort].map(([port, who]) => ({
    category: 'listener', startPort: port, endPort: port, label: `${port}: in use by ${[...who].join(', ')}`,
  }));
}
