import type { Category, Run } from './port-map.js';

/** Text for XML and HTML, in elements and attributes. What neither allows, and what turns the direction of text, becomes a space. */
export function escape(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}\p{Cn}\p{Cs}\u2028\u2029]/gu, ' ')
    .replaceAll(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** The word for each category. */
export const CHIPS: Readonly<Record<Category, string>> = {
  listener: 'In use', connection: 'Connection', persistent: 'Persistent', runtime: 'Runtime', exclusion: 'Exclusion', system: 'System',
  dynamic: 'Dynamic', free: 'Free',
};

export function formatPorts({ startPort, endPort }: Pick<Run, 'startPort' | 'endPort'>): string {
  return startPort === endPort ? String(startPort) : `${startPort}\u2013${endPort}`;
}

/** `1 port`, `1,900 ports`. */
export function formatCount(count: number, what = 'port'): string {
  return `${count.toLocaleString('en-US')} ${what}${count === 1 ? '' : 's'}`;
}

/** What a number of ports of a category are, for a summary. */
export function describeCount(category: Category, count: number): string {
  const ports = formatCount(count);
  switch (category) {
    case 'listener': return `${ports} in use by programs`;
    case 'connection': return `${ports} taken by connections`;
    case 'persistent': return `${ports} in persistent reservations`;
    case 'runtime': return `${ports} in runtime reservations of this session`;
    case 'exclusion': return `${ports} in exclusions`;
    case 'system': return `${ports} held by other programs`;
    case 'dynamic': return `${ports} left of the dynamic range`;
    case 'free': return formatCount(count, 'other port');
  }
}
