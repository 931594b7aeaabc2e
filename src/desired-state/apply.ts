import { setImmediate } from 'node:timers/promises';
import { formatBlock, sameBlock } from '../blocks.js';
import type { OwnKind, PortBlock, Reservation, Store } from '../blocks.js';
import { checkOneOf, checkRequest } from '../checks.js';
import { asPortReservationError, hasReason, invalid, isPortReservationError, messageOf } from '../errors.js';
import type { CreateRequest, CreateResult, WinNatStep } from '../reservations/create-request.js';
import { CHANGES } from './change.js';
import type { AppliedChange, Change, Plan, PlannedChange, ReplacedBlock } from './change.js';
import { checkDesiredBlock, isAsDesired, isLasting, keyOf, toDesired } from './desired.js';
import type { DesiredBlock } from './desired.js';
import type { Source } from '../kinds/kind.js';
import type { LookupRequest } from '../reservations/lookup.js';
import { settleAll } from '../util/settle-all.js';
import { tell } from '../util/tell.js';
import { joined, text } from '../texts/text.js';
import type { Text } from '../texts/text.js';

/** Options of {@link PortReservations.apply}. */
export interface ApplyOptions {
  /** An abort begins no further change. Those that were begun are finished. */
  readonly signal?: AbortSignal | undefined;
  /** Called after each block, with how many are done. */
  readonly onProgress?: ((done: number) => void) | undefined;
  /** Called at each step of a restart of winnat. */
  readonly onStep?: ((step: WinNatStep) => void) | undefined;
}

/** What carrying out a plan needs of {@link PortReservations}. */
interface Changer extends Pick<Source, 'native'> {
  createOrFind(request: CreateRequest): Promise<CreateResult[]>;
  remove(kind: OwnKind, block: PortBlock, options?: { readonly store?: Store }): Promise<Reservation>;
  lookup(request: LookupRequest): Promise<Reservation[]>;
}

/** Refuses what cannot be a plan before any of it is carried out. @returns a copy of its changes, because the caller may change them meanwhile */
export function checkPlan(plan: Plan): PlannedChange[] {
  checkRequest('plan', plan);
  const { changes } = plan;
  if (!Array.isArray(changes)) throw invalid('plan', plan, text('rule.plan'));
  return Array.from(changes as readonly PlannedChange[], checkChange);
}

function checkChange(given: PlannedChange): PlannedChange {
  checkRequest('plan', given);
  const { change, block, existing, replaces, reason, error, needsWinNat } = given;
  checkOneOf('change', change, CHANGES);
  if (!Array.isArray(replaces)) throw invalid('replaces', replaces, text('rule.plan'));
  const replaced = Array.from(replaces as readonly ReplacedBlock[], checkReplaced);
  return { change, block: checkDesiredBlock(block), existing, replaces: replaced, reason, error, needsWinNat };
}

function checkReplaced(block: ReplacedBlock): ReplacedBlock {
  checkRequest('block', block);
  return { ...checkDesiredBlock(block), inForce: block.inForce };
}

/** Changes that replace the same block, and so are made together. */
interface Group {
  readonly changes: PlannedChange[];
  /** What was removed for them. It is made again if they fail. */
  readonly removed: ReplacedBlock[];
}

/**
 * Carries out a plan. What is not listed is removed at the end. What is replaced is removed just before its successor is made, and made
 * again if that fails. A failure does not stop the rest. It is safe to run twice, and in several processes at once: what another one
 * has done meanwhile is found, and not done again.
 *
 * @returns one result for each change, in the order of the plan. Throws nothing
 */
export async function applyChanges(changer: Changer, changes: readonly PlannedChange[], options: ApplyOptions): Promise<AppliedChange[]> {
  const results = new Map<PlannedChange, AppliedChange>();
  const application = new Application(changer, options, (change, result) => {
    results.set(change, { ...change, changed: false, reservation: null, error: null, ...result });
    // By tell, because a listener that throws must not end this between a removal and its successor.
    tell(options.onProgress, results.size);
  });
  const changesOf = (...kinds: readonly Change[]) => changes.filter(({ change }) => kinds.includes(change));
  for (const change of changesOf('none', 'conflict')) application.keep(change);
  const groups = groupsOf(changesOf('create', 'replace'));
  const needsStop = (group: Group) => group.changes.some(({ needsWinNat }) => needsWinNat);
  for (const group of groups) if (!needsStop(group)) await application.make([group], false);
  // Together, so that they share one stop of the service.
  await application.make(groups.filter(needsStop), true);
  for (const change of changesOf('remove')) await application.remove(change);
  return changes.map((change) => results.get(change) as AppliedChange);
}

/** Groups the changes: those that replace a common block belong together. */
function groupsOf(changes: readonly PlannedChange[]): Group[] {
  const byBlock = new Map<string, Group>();
  const groups = new Set<Group>();
  for (const change of changes) {
    const related = new Set(change.replaces.flatMap((block) => byBlock.get(keyOf(block)) ?? []));
    const group: Group = { changes: [...[...related].flatMap((other) => other.changes), change], removed: [] };
    for (const other of related) groups.delete(other);
    groups.add(group);
    for (const member of group.changes) for (const block of member.replaces) byBlock.set(keyOf(block), group);
  }
  return [...groups];
}

type Report = (change: PlannedChange, result: Partial<AppliedChange>) => void;

class Application {
  readonly #changer: Changer;
  readonly #options: ApplyOptions;
  readonly #report: Report;

  constructor(changer: Changer, options: ApplyOptions, report: Report) {
    this.#changer = changer;
    this.#options = options;
    this.#report = report;
  }

  /** Reports a change that needs nothing, or is a conflict. */
  keep(change: PlannedChange): void {
    this.#report(change, { reservation: change.existing, error: change.error });
  }

  /** Removes a block that is not listed. It is no error if it is gone already. */
  async remove(change: PlannedChange): Promise<void> {
    if (await this.#isInterrupted(change)) return;
    try {
      this.#report(change, { changed: await this.#removeIfThere(change.block) !== null });
    } catch (error) {
      this.#fail(change, error);
    }
  }

  async make(groups: readonly Group[], restartWinNat: boolean): Promise<void> {
    const begun: Group[] = [];
    for (const group of groups) {
      if (await this.#isInterrupted(...group.changes)) continue;
      if (await this.#makeRoom(group)) begun.push(group);
    }
    // All are begun before the first is awaited, because requests that are made together share one stop of the service. allSettled handles
    // every rejection at once, also that of a request that is awaited later.
    const outcomes = begun.map((group) => Promise.allSettled(group.changes.map((change) => this.#create(change.block, restartWinNat))));
    for (const [index, group] of begun.entries()) await this.#settle(group, await outcomes[index] ?? []);
  }

  /** Removes what a group replaces. If something cannot be removed, the rest is put back, and the group has failed. */
  async #makeRoom(group: Group): Promise<boolean> {
    const blocks = [...new Map(group.changes.flatMap(({ replaces }) => replaces).map((block) => [keyOf(block), block])).values()];
    let going: ReplacedBlock | undefined;
    try {
      // Another process may have carried out the same plan meanwhile. What it made must stay.
      if (blocks.length > 0 && await this.#isDone(group)) return true;
      for (going of blocks) {
        const removed = await this.#removeIfThere(going);
        if (removed && isLasting(removed)) group.removed.push({ ...toDesired(removed), inForce: going.inForce });
      }
      return true;
    } catch (error) {
      // The one that failed may be gone too, for example if netsh removed it but did not end.
      await this.#giveUp(group, error, [...group.removed, ...going && isPortReservationError(error) && error.left === 'removed' ? [going] : []]);
      return false;
    }
  }

  async #isDone(group: Group): Promise<boolean> {
    return (await settleAll(group.changes.map(({ block }) => this.#find(block)))).every((found) => found !== null);
  }

  /** The reservation of a block, if it is there as it shall be; otherwise `null`. */
  async #find(block: DesiredBlock): Promise<Reservation | null> {
    const { protocol, startPort, numberOfPorts, kind } = block;
    const [found] = await this.#changer.lookup({ protocols: [protocol], startPort, numberOfPorts, kinds: [kind] });
    return found && isAsDesired(found, block) ? found : null;
  }

  async #settle(group: Group, outcomes: readonly PromiseSettledResult<CreateResult>[]): Promise<void> {
    const failure = outcomes.find((outcome) => outcome.status === 'rejected')?.reason as unknown;
    if (failure === undefined || group.removed.length === 0) return this.#reportEach(group, outcomes);
    // Nothing can come back where its successors are.
    if (await this.#isDone(group).catch(() => false)) return this.#reportEach(group, outcomes);
    // All or nothing: what was there before is better than a part of what shall be.
    for (const outcome of outcomes) {
      if (outcome.status === 'fulfilled' && outcome.value.created) await this.#removeIfThere(outcome.value.reservation as DesiredBlock).catch(() => null);
    }
    await this.#giveUp(group, failure, group.removed);
  }

  async #reportEach({ changes, removed }: Group, outcomes: readonly PromiseSettledResult<CreateResult>[]): Promise<void> {
    for (const [index, change] of changes.entries()) {
      const outcome = outcomes[index];
      if (outcome?.status === 'fulfilled') {
        const { created, reservation } = outcome.value;
        this.#report(change, { changed: created || removed.length > 0, reservation });
      } else {
        // The block may be there all the same, for example if only winnat could not be started again.
        const found = change.needsWinNat || removed.length > 0 ? await this.#find(change.block).catch(() => null) : null;
        this.#fail(change, outcome?.reason, found !== null || removed.length > 0, found);
      }
    }
  }

  /** Puts back what was there before, and reports every change of the group as failed. */
  async #giveUp(group: Group, failure: unknown, before: readonly ReplacedBlock[]): Promise<void> {
    const lost = await this.#putBack(before);
    for (const change of group.changes) this.#fail(change, withLost(failure, lost), lost.length > 0);
  }

  async #create({ kind, protocol, startPort, numberOfPorts, store }: DesiredBlock, restartWinNat: boolean): Promise<CreateResult> {
    const results = await this.#changer.createOrFind({
      kind, protocols: [protocol], startPort, numberOfPorts, store, ifNotExists: true, restartWinNat,
      ...restartWinNat ? { onStep: this.#options.onStep } : {},
    });
    return results[0] as CreateResult;
  }

  /** Removes a block; `null` if it is gone already. */
  async #removeIfThere(block: DesiredBlock): Promise<Reservation | null> {
    const { kind, protocol, startPort, numberOfPorts } = block;
    try {
      return await this.#changer.remove(kind, { protocol, startPort, numberOfPorts });
    } catch (error) {
      if (hasReason(error, 'ReservationNotFound')) return null;
      throw error;
    }
  }

  /** Makes blocks again that are gone. @returns what is not as it was before, and why */
  async #putBack(blocks: readonly ReplacedBlock[]): Promise<Text[]> {
    const lost: Text[] = [];
    for (const block of blocks) {
      try {
        const { created, reservation } = await this.#create(block, false);
        // Another process has made a larger block with these ports.
        if (!sameBlock(reservation, block)) lost.push(lostOf(block, text('exclusion.overlaps', { range: `${reservation.startPort}-${reservation.endPort}` })));
        else if (created && block.inForce === false) await this.#changer.remove(block.kind, block, { store: 'active' });
      } catch (error) {
        lost.push(lostOf(block, messageOf(error)));
      }
    }
    return lost;
  }

  #fail(change: PlannedChange, error: unknown, changed = false, reservation: Reservation | null = null): void {
    const known = isPortReservationError(error) ? error : asPortReservationError(error).amend({ advice: text('apply.again.advice') });
    const isConflict = known.reason === 'PortInUse' && !changed;
    const reason = known.toData(this.#changer.native.voice).message;
    this.#report(change, { ...isConflict ? { change: 'conflict' } : {}, changed, reservation, reason, error: known });
  }

  /** Whether an abort came, whose changes are then reported as failed. Yields first, because a change may be synchronous. */
  async #isInterrupted(...changes: readonly PlannedChange[]): Promise<boolean> {
    await setImmediate();
    const { signal } = this.#options;
    if (signal?.aborted !== true) return false;
    for (const change of changes) this.#fail(change, signal.reason);
    return true;
  }
}

function lostOf(block: DesiredBlock, cause: Text): Text {
  return text('apply.lost', { block: formatBlock(block), cause });
}

/** Adds to an error what is missing now. */
function withLost(error: unknown, lost: readonly Text[]): unknown {
  if (lost.length === 0) return error;
  return asPortReservationError(error).amend({
    message: text('andAlso', { first: messageOf(error), second: joined(lost, text('semicolon')) }), advice: text('apply.again.advice'),
    reason: 'NativeError', cause: error,
  });
}
