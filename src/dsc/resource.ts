import { formatBlock, sameBlock } from '../blocks.js';
import type { AppliedChange, Plan, PlannedChange, ReplacedBlock } from '../desired-state/change.js';
import type { DesiredBlock } from '../desired-state/desired.js';
import { exportBlocks } from '../desired-state/export.js';
import type { PortReservationError } from '../errors.js';
import { hasStore } from '../kinds/kinds.js';
import type { PortReservations } from '../port-reservations.js';
import type { Instance } from './instance.js';
import type { ResourceName } from './schema.js';

/** The lines of an answer, and what went wrong. */
export interface Answer {
  readonly lines: readonly unknown[];
  readonly errors: readonly PortReservationError[];
}

export const OPERATIONS = ['get', 'set', 'test', 'whatIf', 'export', 'schema'] as const;
export type Operation = (typeof OPERATIONS)[number];

/**
 * What DSC asks of a resource. `set`, `test` and `whatIf` answer with the state and the properties that differ.
 *
 * @param signal for `set`: begins no further change; those that were begun are finished
 */
export async function answer(reservations: PortReservations, operation: Exclude<Operation, 'export' | 'schema'>,
  instance: Instance, signal?: AbortSignal): Promise<Answer> {
  const plan = await planOf(reservations, instance);
  if (operation === 'get') return { lines: [stateOf(instance, plan.changes)], errors: [] };
  const differs = [instance.resource === 'ReservationList' ? 'reservations' : nameDifference(instance, plan.changes)];
  if (operation === 'test') {
    const { inDesiredState } = plan;
    return { lines: [{ ...stateOf(instance, plan.changes), _inDesiredState: inDesiredState }, inDesiredState ? [] : differs], errors: [] };
  }
  if (operation === 'whatIf') {
    const will = plan.changes.map(asIfDone);
    const whatIf = plan.changes.filter(({ change }) => change !== 'none').map(describe);
    return { lines: [{ ...stateOf(instance, will), _metadata: { whatIf } }, isAnyChanged(will) ? differs : []], errors: errorsOf(plan.changes) };
  }
  const done = await reservations.apply(plan, { signal });
  return { lines: [stateOf(instance, done), isAnyChanged(done) ? differs : []], errors: errorsOf(done) };
}

function isAnyChanged(changes: readonly (PlannedChange | AppliedChange)[]): boolean {
  return changes.some((change) => 'changed' in change && change.changed);
}

function errorsOf(changes: readonly PlannedChange[]): PortReservationError[] {
  return changes.flatMap(({ error }) => error ?? []);
}

function asIfDone(change: PlannedChange) {
  return { ...change, ...change.change === 'conflict' ? {} : { changed: change.change !== 'none', error: null } };
}

function describe({ change, block, reason }: PlannedChange): string {
  return `${change} ${formatBlock(block)}${reason === null ? '' : `: ${reason}`}`;
}

/** The blocks of the machine, as one list or a line for each. @param filters only blocks that have all members of one of these; `null` for all */
export async function answerExport(reservations: PortReservations, resource: ResourceName,
  filters: readonly Readonly<Record<string, unknown>>[] | null): Promise<Answer> {
  const blocks = (await exportBlocks(reservations)).blocks.map((block) => toProperties(block, true))
    .filter((block) => filters?.some((filter) => Object.entries(filter).every(([name, value]) => block[name] === value)) ?? true);
  return { lines: resource === 'ReservationList' ? [{ reservations: blocks }] : blocks, errors: [] };
}

/** Plans an instance. What shall be absent is given as the previous list, all of which is purged. */
async function planOf(reservations: PortReservations, { present, placeOf, absent, purge, ranges, restartWinNat }: Instance): Promise<Plan> {
  return reservations.plan(present, {
    purge: purge || absent.length > 0, within: purge ? ranges : undefined, previous: absent.length > 0 ? absent : undefined,
    restartWinNat, placeOf,
  });
}

function stateOf({ resource, absent, within }: Instance, changes: readonly (PlannedChange | AppliedChange)[]): object {
  // A block that is in the place of several others is named once, so that the state can be given to `set` again.
  const there = [...new Map(changes.flatMap((change) => blocksOf(change)).map((block) => [JSON.stringify(block), block])).values()];
  const gone = absent.filter((block) => !there.some((other) => other['_exist'] === true && other['protocol'] === block.protocol
    && other['startPort'] === block.startPort && other['numberOfPorts'] === block.numberOfPorts)).map((block) => toProperties(block, false));
  if (resource === 'Reservation') return { ...there.find(({ _exist }) => _exist) ?? there[0] ?? gone[0] };
  return { reservations: [...there, ...gone], ...within === undefined ? {} : { within } };
}

/** What is there for a block: the block, what is in its place, or that it does not exist. */
function blocksOf(change: PlannedChange | AppliedChange): Record<string, unknown>[] {
  const { block, replaces } = change;
  if (isThere(change)) return [toProperties(block, true)];
  if (change.change === 'remove') return [];
  // What it was to replace is gone, and could not be made again.
  if ('changed' in change && change.changed) return [toProperties(block, false)];
  const instead = replaces.filter(isInForce).map((other) => toProperties(other, true));
  return instead.length > 0 ? instead : [toProperties(block, false)];
}

/** Whether the block itself is there, according to the plan or after it was carried out. */
function isThere(change: PlannedChange | AppliedChange): boolean {
  const done = 'changed' in change ? change : null;
  switch (change.change) {
    case 'none': return true;
    case 'remove': return done === null || (!done.changed && done.error !== null);
    default: return done !== null && done.changed && done.reservation !== null;
  }
}

/** What only comes back after a restart is not there. */
function isInForce({ inForce = true }: ReplacedBlock): boolean {
  return inForce;
}

function toProperties({ protocol, startPort, numberOfPorts, kind, store }: DesiredBlock, exist: boolean): Record<string, unknown> {
  return { protocol, startPort, numberOfPorts, kind, ...hasStore(kind) ? { store: store ?? 'persistent' } : {}, _exist: exist };
}

/** Which property of a single block differs. */
function nameDifference({ present }: Instance, changes: readonly PlannedChange[]): string {
  const [wanted] = present;
  const [other] = changes[0]?.replaces ?? [];
  if (!wanted || !other || !isInForce(other) || other.startPort !== wanted.startPort) return '_exist';
  if (other.kind !== wanted.kind) return 'kind';
  return sameBlock(other, wanted) ? 'store' : 'numberOfPorts';
}
