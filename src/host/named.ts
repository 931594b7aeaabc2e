import { endPortOf, formatRange, KINDS, LAST_PORT, PROTOCOLS } from '../blocks.js';
import type { Kind, Protocol } from '../blocks.js';
import { notOneOf, readPiped, ROW_ADVICE } from '../block-files/piped.js';
import type { PipedBlock, Purpose } from '../block-files/piped.js';
import { PortReservationError } from '../errors.js';
import type { Reason } from '../errors.js';
import type { BlockKind } from '../kinds/kind.js';
import { canBeIn, kindOf } from '../kinds/kinds.js';
import { text } from '../texts/text.js';
import type { PlainId, Text } from '../texts/text.js';
import { blockRow, wordOf, wordsOf } from './rows.js';
import type { Typed } from './rows.js';
import { parseRow } from './schemas.js';
import type { Method } from './schemas.js';

/** The block that a cmdlet names: by its parameters, by the piped object, and by the defaults. Not checked yet: the schema does that. */
export interface Named extends Pick<PipedBlock, 'store' | 'addressFamily' | 'owningProcess'> {
  readonly protocols: readonly Protocol[];
  readonly startPort?: number;
  readonly numberOfPorts: number;
  readonly kind?: Kind;
}

type Given = Readonly<Record<string, unknown>>;

/** Is told what a request is about: a block, or the index of an object in a list. */
export type Tell = (target: Typed | number | undefined) => void;

/** How a method understands a block that a cmdlet names. */
interface Reading {
  /** What a piped object is read as. */
  readonly purpose: Purpose;
  /** For what neither the parameters nor the object say. The default of the number of ports is 1 for every method. */
  readonly defaults: Pick<Named, 'protocols' | 'kind'>;
  /** Whether the target of an error is the block even if an object was piped in; if not, it is the object. */
  readonly isAboutBlock: boolean;
  /** Refuses a block that the method has no use for. */
  check?(named: Named): void;
  /** The parameters of the method. @param given those of the cmdlet, already under the method's names */
  toParams(named: Named, given: Given): object;
}

const DEFAULTS = { protocols: ['tcp'], kind: 'persistent' } as const;

/** The methods that take piped objects, and how each understands them. */
const READINGS = {
  'reservation.create': {
    purpose: 'blockOrPort', defaults: DEFAULTS, isAboutBlock: true,
    check(named) {
      refuseOthers(named, 'row.notCreated', 'row.notCreated.advice');
      refuseOtherStore(named);
    },
    toParams: (named, given) => ({ ...withoutChoices(given), ...toBlock(named), ...named.addressFamily && { addressFamily: named.addressFamily } }),
  },
  'reservation.remove': {
    purpose: 'block', defaults: DEFAULTS, isAboutBlock: false,
    check(named) {
      refuseOthers(named, 'row.notRemoved', 'row.notRemoved.advice');
      refuseOtherStore(named);
      refuseGone(named);
    },
    toParams: (named, given) => ({ ...withoutChoices(given), ...toBlock(named) }),
  },
  'reservation.find': {
    purpose: 'blockOrPort', defaults: { protocols: PROTOCOLS }, isAboutBlock: true,
    toParams(named, given) {
      const kinds = kindsOf(named, given);
      // If no protocol was named, finding the block in one of the two is enough.
      const any = !('protocols' in given) && named.protocols.length > 1;
      return { ...toPorts(named), protocols: named.protocols, ...kinds && { kinds }, any };
    },
  },
  'port.test': {
    purpose: 'port', defaults: { protocols: ['tcp'] }, isAboutBlock: true,
    toParams: (named, given) => ({ ...given, ...toPorts(named), protocols: named.protocols }),
  },
  'dynamicRange.set': {
    purpose: 'range', defaults: { protocols: [] }, isAboutBlock: false,
    check({ kind, protocols }) {
      if (kind) throw refusal(text('row.isBlock', { kind: wordsOf(kind).join(', ') }), 'row.advice.range');
      if (wordsOf(protocols).length === 0) throw refusal(notOneOf('protocol', ['Tcp', 'Udp'], ''), 'row.advice.range');
    },
    toParams: (named) => ({ ...toPorts(named), protocols: named.protocols, ...named.addressFamily && { addressFamilies: [named.addressFamily] } }),
  },
  'desiredState.plan': {
    purpose: 'block', defaults: DEFAULTS, isAboutBlock: false,
    toParams: (named) => named,
  },
  'bind.create': {
    purpose: 'block', defaults: DEFAULTS, isAboutBlock: false,
    check(named) {
      const kind = kindNamed(named);
      if (kind && !kind.byToken) throw refusal(text('row.notBound', { kind: wordOf(kind.kind) }), 'row.notBound.advice');
      const protocols = wordsOf(named.protocols);
      if (protocols.length !== 1) throw refusal(notOneOf('protocol', ['Tcp', 'Udp'], protocols.join(', ')), 'row.advice');
      refuseGone(named);
    },
    toParams: (named, given) => ({ ...withBindDefaults(given), ...toPorts(named), kind: named.kind, protocol: named.protocols[0] }),
  },
} as const satisfies Partial<Record<Method, Reading>>;

type ReadMethod = keyof typeof READINGS;

export function isReadMethod(method: Method): method is ReadMethod {
  return Object.hasOwn(READINGS, method);
}

/** Makes the parameters of a method from those of a cmdlet, which are under the method's names already. `row` is the piped object. */
export function readBlock(method: ReadMethod, { row, ...given }: { readonly row?: unknown }, tell: Tell): object {
  const reading: Reading = READINGS[method];
  const { purpose, defaults, isAboutBlock } = reading;
  const named: Named = { ...defaults, numberOfPorts: 1, ...row === undefined ? {} : asAnotherKind(readPiped(parseRow(row), purpose), given), ...given };
  if (row === undefined || isAboutBlock) tell(blockRow({ ...named, kind: wordsOf(kindsOf(named, given) ?? []).join(' ') }));
  refusePastLastPort(named, purpose);
  reading.check?.(named);
  return reading.toParams(named, given);
}

/**
 * What an object says of a block of which a parameter names another kind. Store and address family are those of its own kind: a system
 * block is gone after a restart, the exclusion in its place shall not be.
 */
function asAnotherKind(piped: PipedBlock, { kind }: Given): object {
  return kind === undefined || piped.kind === undefined || kind === piped.kind ? piped : withoutChoices({ ...piped });
}

/** A backlog implies `listen`, and a local address with a colon implies IPv6. */
export function withBindDefaults(given: object): object {
  const { addressFamily, localAddress, backlog } = given as Given;
  const isSixth = addressFamily === undefined && typeof localAddress === 'string' && localAddress.includes(':');
  return { ...given, ...backlog === undefined ? {} : { listen: true }, ...isSixth ? { addressFamily: 'IPv6' } : {} };
}

function toPorts({ startPort, numberOfPorts }: Named): object {
  return { ...startPort === undefined ? {} : { startPort }, numberOfPorts };
}

/** The block, with its store only if its kind can be in either store. */
function toBlock(named: Named): object {
  const { kind, protocols, store } = named;
  return { ...toPorts(named), kind, protocols, ...store && kindNamed(named)?.onlyStore === null ? { store } : {} };
}

/** Without the parameters that are in `Named` already. */
function withoutChoices(given: Given): object {
  return Object.fromEntries(Object.entries(given).filter(([name]) => name !== 'store' && name !== 'addressFamily'));
}

function kindsOf({ kind }: Named, given: Given): readonly Kind[] | undefined {
  return given['kinds'] as readonly Kind[] | undefined ?? (kind && [kind]);
}

/** The named kind; `undefined` for a word that is no kind, which the schema refuses. */
function kindNamed({ kind }: Named): BlockKind | undefined {
  return kind && KINDS.includes(kind) ? kindOf(kind) : undefined;
}

function refusePastLastPort(named: Named, purpose: Purpose): void {
  const { startPort = 0, numberOfPorts } = named;
  // The schema refuses what is no whole number.
  if (![startPort, numberOfPorts].every(Number.isInteger)) return;
  const end = endPortOf({ startPort, numberOfPorts });
  if (startPort > 0 && end > LAST_PORT) throw refusal(text('row.pastLastPort', { startPort, numberOfPorts, end }), ROW_ADVICE[purpose]);
}

function refuseOthers(named: Named, message: 'row.notCreated' | 'row.notRemoved', advice: PlainId): void {
  const kind = kindNamed(named);
  if (kind?.isOfOthers) throw refusal(text(message, { kind: wordOf(kind.kind) }), advice);
}

/** A store that the kind is always in is no mistake: every reservation that is piped in has one. */
function refuseOtherStore(named: Named): void {
  const kind = kindNamed(named);
  if (kind && named.store && !canBeIn(kind.kind, named.store)) throw refusal(text('row.store', { kind: wordOf(kind.kind) }), 'row.store.advice');
}

/** Refuses a runtime reservation of another host, which ended with it (rule R3): this host may have acquired the same ports again. */
function refuseGone(named: Named): void {
  const { protocols, startPort = 0, numberOfPorts, owningProcess } = named;
  const kind = kindNamed(named);
  if (!kind?.endsWithProcess || owningProcess === undefined || owningProcess === process.pid) return;
  const block = `${wordsOf(protocols).join(' ')} ${formatRange({ startPort, numberOfPorts })} (${wordOf(kind.kind)})`;
  throw refusal(text('row.gone', { block, processId: String(owningProcess) }), 'row.gone.advice', 'TokenNotValid');
}

function refusal(message: Text, advice: PlainId, reason: Reason = 'InvalidParameter'): PortReservationError {
  return new PortReservationError(message, { reason, code: 'EINVAL', advice: text(advice) });
}
