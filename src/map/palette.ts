import type { Category } from './port-map.js';

/**
 * Background of each category. INK is readable on all of them (contrast of at least 4.5), they stand out from both papers (at
 * least 3), and they differ in hue or lightness also with red-green color blindness.
 */
export const FILLS: Readonly<Record<Exclude<Category, 'dynamic' | 'free'>, string>> = {
  listener: '#e5484d', connection: '#d8709f', persistent: '#2a9d6f', runtime: '#129fb5', exclusion: '#c08a00', system: '#8f7bf0',
};
/** Text on a fill, in both schemes. */
export const INK = '#0b0d10';

export interface Scheme {
  readonly paper: string;
  readonly ink: string;
  /** Less important text. */
  readonly quiet: string;
  readonly line: string;
  readonly free: string;
  readonly dynamic: string;
}
export const LIGHT: Scheme = { paper: '#ffffff', ink: '#1f2328', quiet: '#59636e', line: '#d0d7de', free: '#f0f2f5', dynamic: '#d3dbe4' };
export const DARK: Scheme = { paper: '#0d1117', ink: '#e6edf3', quiet: '#9aa4af', line: '#30363d', free: '#1a2028', dynamic: '#3a434e' };

/** Rules for the shapes and labels of a picture. No custom properties: not every viewer of SVG knows them. */
export function pictureStyle(): string {
  return [
    'svg text { font: 12px system-ui, "Segoe UI", sans-serif; }',
    // Outlined, so that a port in use below it does not make it unreadable.
    'svg .label { font-size: 11px; stroke-width: 3px; paint-order: stroke; }',
    ...Object.entries(FILLS).map(([category, fill]) => `svg .${category} { fill: ${fill}; stroke: ${fill}; }`),
    `svg text.label { fill: ${INK}; }`,
    ...picture(LIGHT),
    '@media (prefers-color-scheme: dark) {', ...picture(DARK), '}',
  ].join('\n');
}

function picture({ paper, ink, quiet, free, dynamic }: Scheme): string[] {
  return [
    `svg .paper, svg .cut { fill: ${paper}; }`,
    `svg .free { fill: ${free}; }`,
    `svg .dynamic { fill: ${dynamic}; stroke: ${dynamic}; }`,
    `svg text { fill: ${ink}; }`,
    `svg .quiet { fill: ${quiet}; }`,
    `svg text.label.dynamic { fill: ${ink}; }`,
  ];
}
