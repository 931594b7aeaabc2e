import { formatBlock, PROTOCOLS, sameBlock, tcpFirst } from '../blocks.js';
import type { Reservation } from '../blocks.js';
import { invalid, PortReservationError } from '../errors.js';
import type { Session } from '../kinds/kind.js';
import { areOfOthers, servesRequest, ownKindOf } from '../kinds/kinds.js';
import { mayWinNatHoldPorts } from '../reservations/winnat.js';
import { say, sentences, text } from '../texts/text.js';
import type { Text, Value, Voice } from '../texts/text.js';
import type { Plan, PlannedChange, ReplacedBlock } from './change.js';
import { checkDesired, checkDesiredBlocks, isAsDesired, isLasting, isWithin, keyOf, toDesired } from './desired.js';
import type { DeclaredRange, DesiredBlock, LastingKind } from './desired.js';
import { Machine } from './machine.js';
import type { ExistingBlock } from './machine.js';
import type { PlaceOf } from './places.js';
import { checkRange } from './ranges.js';

/** Options of {@link PortReservations.plan}. */
export interface PlanOptions {
  /**
   * Removes persistent reservations and exclusions that are not listed. Windows stores no owner of a block, so this reaches
   * only what is declared: needs `within`, `previous` or both.
   */
  readonly purge?: boolean | undefined;
  /** Needs `purge`: blocks that lie in one of these ranges with all their ports belong to this list, and to nobody else. */
  readonly within?: readonly DeclaredRange[] | undefined;
  /** Needs `purge`: the list that was applied before. Exactly its blocks belong to this list. */
  readonly previous?: readonly DesiredBlock[] | undefined;
  /** Plans a stop of the service winnat, one for all, for the blocks that only it may hold (rule N9). */
  readonly restartWinNat?: boolean | undefined;
  /** What a block of the list, or a member of it, is called in an error. Default `desired[0]`, `desired[0].startPort`. */
  readonly placeOf?: PlaceOf | undefined;
}

/** How often the machine is read for one plan while other processes keep changing it. */
const MOST_READINGS = 5;

/** Compares a list of blocks with the machine. Changes nothing. */
export async function planChanges(session: Session, list: readonly DesiredBlock[], given: PlanOptions): Promise<Plan> {
  const desired = checkDesired(list, given.placeOf);
  const options = checkPurge(given);
  // A purge may remove blocks of a protocol that the list no longer has.
  const protocols = options.purge ? PROTOCOLS : tcpFirst(desired.map(({ protocol }) => protocol));
  if (protocols.length === 0) return { changes: [], inDesiredState: true };
  const read = async () => {
    const mayStop = options.restartWinNat === true && mayWinNatHoldPorts(session.native);
    return new Planner(await Machine.read(session, protocols), desired, { ...options, mayStop, voice: session.native.voice }).plan();
  };
  let changes = await read();
  // Conflicts are read again until they stay the same: a reservation that is just being removed looks like a block of another program.
  for (let before = '', left = MOST_READINGS; left > 1 && conflictsIn(changes) !== before; left -= 1) {
    before = conflictsIn(changes);
    changes = await read();
  }
  return { changes, inDesiredState: changes.every(({ change }) => change === 'none') };
}

/** The blocks that somebody else holds, and the reasons, as one text to compare. */
function conflictsIn(changes: readonly PlannedChange[]): string {
  return changes.filter(({ change, needsWinNat }) => change === 'conflict' || needsWinNat).map(({ block, reason }) => `${keyOf(block)}: ${reason}`).join('\n');
}

/** @returns a copy of the options */
function checkPurge({ purge, within, previous, restartWinNat }: PlanOptions): PlanOptions {
  if (purge && !within && !previous) {
    throw invalid('purge', true, text('rule.needsDeclared'));
  }
  if (!purge && within !== undefined) throw invalid('within', true, text('rule.onlyPurge'));
  if (!purge && previous !== undefined) throw invalid('previous', true, text('rule.onlyPurge'));
  if (within !== undefined && !Array.isArray(within)) throw invalid('within', within, text('rule.ranges'));
  return {
    purge, restartWinNat, within: within && Array.from(within as readonly DeclaredRange[], checkRange),
    previous: previous === undefined ? undefined : checkDesiredBlocks('previous', previous),
  };
}

type LastingBlock = ExistingBlock & { readonly kind: LastingKind };

/** A block of the list, and what is decided about it. */
interface Entry {
  readonly block: DesiredBlock;
  /** The block of the machine that satisfies it, or `null`. */
  existing: ExistingBlock | null;
  replaces: LastingBlock[];
  /** Why it cannot be made, or `null`. */
  conflict: Value | null;
  needsWinNat: boolean;
}

interface PlannerOptions extends PlanOptions {
  /** Whether the service winnat runs and may be stopped. */
  readonly mayStop: boolean;
  readonly voice: Voice;
}

class Planner {
  readonly #machine: Machine;
  readonly #options: PlannerOptions;
  readonly #entries: Entry[];
  /** For each protocol, the ports that the list names. */
  readonly #listed = new Map(PROTOCOLS.map((protocol) => [protocol, new Uint8Array(65_537)]));
  readonly #previous: ReadonlySet<string>;

  constructor(machine: Machine, desired: readonly DesiredBlock[], options: PlannerOptions) {
    this.#machine = machine;
    this.#options = options;
    for (const { protocol, startPort, numberOfPorts } of desired) this.#listed.get(protocol)?.fill(1, startPort, startPort + numberOfPorts);
    this.#previous = new Set((options.previous ?? []).map(keyOf));
    this.#entries = desired.map((block) => ({ block, existing: null, replaces: [], conflict: null, needsWinNat: false }));
  }

  plan(): PlannedChange[] {
    // What one block replaces is not there for the others any more, so all are decided again until nothing changes.
    const going = new Set<ExistingBlock>();
    for (let before = -1; before < going.size;) {
      before = going.size;
      for (const entry of this.#entries) {
        this.#decide(entry, going);
        if (entry.conflict === null) for (const block of entry.replaces) going.add(block);
      }
    }
    this.#keepWhatConflicts();
    return [...this.#entries.map((entry) => this.#changeOf(entry)), ...this.#purged()];
  }

  #decide(entry: Entry, going: ReadonlySet<ExistingBlock>): void {
    const { block } = entry;
    const there = this.#machine.overlapping(block);
    if (!there.some((other) => other.kind === block.kind && sameBlock(other, block))) {
      const hidden = this.#machine.lookup(block);
      if (hidden) there.push(hidden);
    }
    entry.existing = there.find((other) => !going.has(other) && this.#satisfies(other, block)) ?? null;
    if (entry.existing) {
      entry.replaces = [];
      return;
    }
    // What is replaced for another block is out of the way of this one too. The two are made together.
    entry.replaces = there.filter((other): other is LastingBlock => going.has(other) || this.#isReplaceable(other, block));
    const held = there.filter((other) => !entry.replaces.some((one) => one === other));
    const users = this.#machine.usersInTheWay(block, entry.replaces);
    entry.needsWinNat = this.#options.mayStop && users.length === 0 && held.length > 0 && areOfOthers(held);
    const isFree = entry.needsWinNat || held.length + users.length === 0;
    entry.conflict = isFree ? null : withAdvice(this.#machine.describeHolders(block, held, users), block, held);
  }

  /** As with `ifNotExists`, an exclusion may be inside a larger one, but not if that will be removed because it is not listed. */
  #satisfies(other: ExistingBlock, block: DesiredBlock): boolean {
    if (!other.inForce) return false;
    if (sameBlock(other, block)) return isAsDesired(other, block);
    return servesRequest(ownKindOf(block.kind), other, block, block.store ?? 'persistent') && !this.#isDeclared(other);
  }

  /** Only what certainly belongs to this list: all its ports are listed or declared, or it is the same block with another size. */
  #isReplaceable(other: ExistingBlock, block: DesiredBlock): other is LastingBlock {
    if (!isLasting(other)) return false;
    if (this.#isDeclared(other) || (other.kind === block.kind && other.startPort === block.startPort)) return true;
    const listed = this.#listed.get(other.protocol);
    return listed !== undefined && !listed.subarray(other.startPort, other.endPort + 1).includes(0);
  }

  #isDeclared(other: ExistingBlock): boolean {
    const { purge, within = [] } = this.#options;
    return purge === true && isLasting(other)
      && (isWithin(other, within) || this.#previous.has(keyOf(other)));
  }

  /** A block that a conflicting change would replace stays, so every other change that would replace it conflicts too. */
  #keepWhatConflicts(): void {
    for (let changed = true; changed;) {
      changed = false;
      const kept = new Map<ExistingBlock, Entry>();
      for (const entry of this.#entries) if (entry.conflict !== null) for (const block of entry.replaces) kept.set(block, entry);
      for (const entry of this.#entries) {
        const block = entry.conflict === null ? entry.replaces.find((other) => kept.has(other)) : undefined;
        const because = block && kept.get(block);
        if (!block || !because) continue;
        entry.conflict = text('plan.stays', { block: describe(block), other: formatBlock(because.block) });
        changed = true;
      }
    }
  }

  #changeOf({ block, existing, replaces, conflict, needsWinNat }: Entry): PlannedChange {
    if (existing) {
      const reason = sameBlock(existing, block) ? null : this.#say(text('plan.inExclusion', { block: formatBlock(existing) }));
      return { change: 'none', block, existing: toReservation(existing), replaces: [], reason, error: null, needsWinNat: false };
    }
    if (conflict !== null) {
      const error = conflictError(block, conflict);
      return { change: 'conflict', block, existing: null, replaces: [], reason: this.#say(conflict), error, needsWinNat: false };
    }
    if (replaces.length === 0) {
      const reason = needsWinNat ? this.#say(text('plan.winNat')) : null;
      return { change: 'create', block, existing: null, replaces: [], reason, error: null, needsWinNat };
    }
    const reason = this.#say(text('plan.inPlaceOf', { blocks: replaces.map(describeExisting) }));
    return { change: 'replace', block, existing: null, replaces: replaces.map(toReplaced), reason, error: null, needsWinNat };
  }

  #say(reason: Value): string {
    return say(reason, this.#options.voice);
  }

  #purged(): PlannedChange[] {
    if (!this.#options.purge) return [];
    const spoken = new Set<ExistingBlock>();
    for (const { block, existing, replaces, conflict } of this.#entries) {
      if (existing) spoken.add(existing);
      for (const other of replaces) spoken.add(other);
      // Where a block of the list cannot be made, what has its ports now stays: a wrong block is better than none.
      if (conflict !== null) for (const other of this.#machine.overlapping(block)) spoken.add(other);
    }
    return this.#machine.blocks.filter(isLasting).filter((block) => this.#isDeclared(block) && !spoken.has(block)).map((block) => ({
      change: 'remove', block: toDesired(block), existing: toReservation(block), replaces: [],
      reason: this.#say(text('plan.notListed')), error: null, needsWinNat: false,
    }));
  }
}

function toReplaced(block: LastingBlock): ReplacedBlock {
  return { ...toDesired(block), ...block.inForce ? {} : { inForce: false } };
}

function toReservation(block: ExistingBlock): Reservation {
  const { protocol, startPort, endPort, numberOfPorts, kind, token, addressFamily, owningProcess, store } = block;
  return { protocol, startPort, endPort, numberOfPorts, kind, token, addressFamily, owningProcess, store };
}

function describe(block: ExistingBlock, id: 'plan.block' | 'plan.block.dormant' | 'plan.block.passing' = 'plan.block'): Text {
  return text(id, { block: formatBlock(block), kind: text(`kind.${block.kind}`) });
}

function describeExisting(block: ExistingBlock): Text {
  if (!block.inForce) return describe(block, 'plan.block.dormant');
  return describe(block, block.store === 'active' ? 'plan.block.passing' : 'plan.block');
}

/** Adds how the list can declare a block that is in the way as its own. */
function withAdvice(holders: Value, block: DesiredBlock, held: readonly ExistingBlock[]): Value {
  const own = held.find(isLasting);
  return own ? sentences(holders, text('plan.whose', { block: formatBlock(own), wanted: formatBlock(block) })) : holders;
}

/** The error of a block whose ports somebody else has. */
function conflictError(wanted: DesiredBlock, why: Value): PortReservationError {
  const { kind, protocol, startPort, numberOfPorts } = wanted;
  return new PortReservationError(text('error.refused', { code: 'EBUSY', attempt: text(ownKindOf(kind).attempt, { block: formatBlock(wanted) }), why }), {
    reason: 'PortInUse', code: 'EBUSY', block: { protocol, startPort, numberOfPorts }, advice: text('plan.conflict.advice'),
  });
}
