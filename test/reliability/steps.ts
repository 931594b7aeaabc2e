import fc from 'fast-check';
import type { Protocol } from '../../src/blocks.js';
import { portsOf } from '../helpers/ports.js';

/** Few ports, so that blocks meet. Wildcards take theirs from the dynamic range beside them. */
export const FIRST = portsOf(new URL('reliability.test.ts', import.meta.url).href);
const WIDTH = 12;
export const DYNAMIC = { start: FIRST + 50, count: 12 } as const;

export interface Place {
  readonly protocol: Protocol;
  readonly startPort: number;
  readonly numberOfPorts: number;
}

/** `of` is an index into what there is, modulo its length. */
export type Step =
  | { readonly do: 'create' | 'lookup' | 'delete' | 'acquire' | 'unexclude'; readonly at: Place }
  | { readonly do: 'exclude'; readonly at: Place; readonly survives: boolean }
  | { readonly do: 'acquireAny'; readonly protocol: Protocol; readonly numberOfPorts: number }
  | { readonly do: 'release' | 'close' | 'listen'; readonly of: number }
  | { readonly do: 'bind'; readonly of: number; readonly protocol: Protocol; readonly port: number }
  | { readonly do: 'bindOutside'; readonly protocol: Protocol; readonly port: number }
  | { readonly do: 'restart' }
  | { readonly do: 'elevate'; readonly elevated: boolean };

const protocol = fc.constantFrom<Protocol>('tcp', 'udp');
const port = fc.integer({ min: FIRST, max: FIRST + WIDTH - 1 });
const place: fc.Arbitrary<Place> = fc.record({ protocol, startPort: port, numberOfPorts: fc.integer({ min: 1, max: 4 }) });
const of = fc.nat({ max: 1000 });
const doing = <Name extends Step['do']>(...names: Name[]) => fc.constantFrom(...names);

export const steps = (length: number): fc.Arbitrary<Step[]> => fc.array(fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: doing('create', 'lookup', 'delete'), at: place }) },
  { weight: 4, arbitrary: fc.record({ do: doing('acquire'), at: place }) },
  { weight: 2, arbitrary: fc.record({ do: doing('acquireAny'), protocol, numberOfPorts: fc.integer({ min: 1, max: 6 }) }) },
  { weight: 2, arbitrary: fc.record({ do: doing('exclude'), at: place, survives: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ do: doing('unexclude'), at: place }) },
  { weight: 5, arbitrary: fc.record({ do: doing('release', 'close', 'listen'), of }) },
  { weight: 6, arbitrary: fc.record({ do: doing('bind'), of, protocol, port: fc.oneof(fc.constant(0), port) }) },
  { weight: 2, arbitrary: fc.record({ do: doing('bindOutside'), protocol, port: fc.oneof(fc.constant(0), port) }) },
  { weight: 1, arbitrary: fc.record({ do: doing('restart') }) },
  { weight: 2, arbitrary: fc.record({ do: doing('elevate'), elevated: fc.boolean() }) },
), { minLength: 1, maxLength: length, size: 'max' });
