import { countOfPorts, grouped, say, text } from '../texts/text.js';
import type { Voice } from '../texts/text.js';
import type { Category, Run } from './port-map.js';

/** Text for XML and HTML, in elements and attributes. What neither allows, and what turns the direction of text, becomes a space. */
export function escape(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}\p{Cn}\p{Cs}\u2028\u2029]/gu, ' ')
    .replaceAll(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** The word for each category. */
export function wordOf(category: Category, voice: Voice): string {
  return say(text(`map.word.${category}`), voice);
}

export function formatPorts({ startPort, endPort }: Pick<Run, 'startPort' | 'endPort'>): string {
  return startPort === endPort ? String(startPort) : `${startPort}\u2013${endPort}`;
}

/** `1 port`, `1,900 ports`. */
export function formatCount(count: number, voice: Voice): string {
  return say(countOfPorts(count, grouped(count, voice)), voice);
}

/** What a number of ports of a category are, for a summary. */
export function describeCount(category: Category, count: number, voice: Voice): string {
  if (category === 'free') return say(text(count === 1 ? 'count.otherPort' : 'count.otherPorts', { count: grouped(count, voice) }), voice);
  return say(text(`count.${category}`, { ports: formatCount(count, voice) }), voice);
}
