import fc from 'fast-check';
import { formatBlock } from '../../src/blocks.js';
import type { PortBlock, Protocol } from '../../src/blocks.js';
import type { DesiredBlock } from '../../src/desired-state/desired.js';
import { FIRST as RULED } from './steps.js';

/** Few ports, so that blocks meet; WinNAT's dynamic range is beside them. */
export const FIRST = RULED + 200;
const WIDTH = 5;

const IS = ['persistent', 'exclusion', 'active', 'dormant', 'winnat', 'other'] as const;
/** What may go wrong with a call of netsh: before the change, after it, or with the lists after it. */
export const FAULTS_OF_NETSH = {
  add: ['refused', 'killed', 'killed-after', 'silent', 'blind-3', 'blind-6'],
  delete: ['refused', 'killed', 'killed-after', 'silent', 'blind-3', 'blind-6'],
  show: ['unreadable', 'killed'],
} as const;
const FAULTS_OF_WINDOWS = ['CreatePersistentTcpPortReservation', 'DeletePersistentTcpPortReservation', 'ControlService', 'StartServiceW'];

/** A machine, what is asked of it, and what goes wrong. */
export interface Case {
  readonly there: readonly { readonly is: (typeof IS)[number]; readonly at: PortBlock }[];
  readonly ask: 'apply' | 'create' | 'find' | 'remove';
  /** The list to apply, or the block. */
  readonly list: readonly DesiredBlock[];
  /** For a list, the first port of what it may purge; otherwise anything but `null` asks for both protocols. */
  readonly purge: number | null;
  readonly restartWinNat: boolean;
  /** After how many blocks of a list an abort comes. */
  readonly abortAfter: number;
  readonly faults: readonly { readonly of: string; readonly how: string }[];
}

const protocol = fc.oneof({ weight: 4, arbitrary: fc.constant<Protocol>('tcp') }, { weight: 1, arbitrary: fc.constant<Protocol>('udp') });
const port = fc.integer({ min: FIRST, max: FIRST + WIDTH - 1 });
const at = fc.record({ protocol, startPort: port, numberOfPorts: fc.integer({ min: 1, max: 6 }) });
const desired: fc.Arbitrary<DesiredBlock> = fc.tuple(at, fc.constantFrom({ kind: 'persistent' } as const,
  { kind: 'exclusion', store: 'persistent' } as const, { kind: 'exclusion', store: 'active' } as const)).map(([block, what]) => ({ ...block, ...what }));
const fault = fc.oneof(
  ...Object.entries(FAULTS_OF_NETSH).map(([of, hows]) => fc.record({ of: fc.constant(of), how: fc.constantFrom<string>(...hows) })),
  fc.record({ of: fc.constantFrom(...FAULTS_OF_WINDOWS), how: fc.constant('1450') }),
);

export const cases: fc.Arbitrary<Case> = fc.record({
  // An exclusion that only comes back after a restart cannot be told from a block of another program with the same ports.
  there: fc.uniqueArray(fc.record({ is: fc.constantFrom(...IS), at }), { maxLength: 6, selector: (one) => formatBlock(one.at) }),
  ask: fc.constantFrom('apply', 'apply', 'apply', 'create', 'find', 'remove'),
  list: fc.array(desired, { maxLength: 4 }),
  purge: fc.option(port, { freq: 2 }),
  restartWinNat: fc.boolean(),
  abortAfter: fc.integer({ min: 1, max: 8 }),
  faults: fc.array(fault, { maxLength: 3 }),
});
