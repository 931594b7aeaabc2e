import { formatBlock, sameBlock } from '../blocks.js';
import type { AppliedChange, Plan, PlannedChange } from '../desired-state/change.js';
import { inArray } from '../desired-state/places.js';
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
export async function answer(reservations: PortReservations, resource: ResourceName, operation: Exclude<Operation, 'export' | 'schema'>,
  instance: Instance, signal?: AbortSignal): Promise<Answer> {
  const plan = await planOf(reservations, instance);
  const state = (changes: readonly (PlannedChange | AppliedChange)[], extra: object = {}) => stateOf(resource, instance, changes, extra);
  const differs = [resource === 'ReservationList' ? 'reservations' : nameDifference(instance, plan.changes)];
  const diff = plan.inDesiredState ? [] : differs;
  if (operation === 'get') return { lines: [state(plan.changes)], errors: [] };
  if (operation === 'test') return { lines: [state(plan.changes, { _inDesiredState: plan.inDesiredState }), diff], errors: [] };
  if (operation === 'whatIf') {
    const told = plan.changes.filter(({ change }) => change !== 'none').map(({ change, block, reason }) => `${change} ${formatBlock(block)}${reason === null ? '' : `: ${reason}`}`);
    const will = plan.changes.map((change) => ({ ...change, ...change.change === 'conflict' ? {} : { changed: change.change !== 'none', error: null } }));
    const errors = plan.changes.flatMap(({ error }) => error ?? []);
    return { lines: [state(will, { _metadata: { whatIf: told } }), will.some((change) => 'changed' in change && change.changed) ? differs : []], errors };
  }
  const done = await reservations.apply(plan, { signal });
  return { lines: [state(done), done.some(({ changed }) => changed) ? differs : []], errors: done.flatMap(({ error }) => error ?? []) };
}

/** The blocks of the machine, as one list, or one line for each. @param filters only blocks that have all members of one of these; `null`: all */
export async function answerExport(reservations: PortReservations, resource: ResourceName,
  filters: readonly Readonly<Record<string, unknown>>[] | null): Promise<Answer> {
  const blocks = (await exportBlocks(reservations)).blocks.map((block) => toProperties(block, true))
    .filter((block) => filters?.some((filter) => Object.entries(filter).every(([name, value]) => block[name] === value)) ?? true);
  return { lines: resource === 'ReservationList' ? [{ reservations: blocks }] : blocks, errors: [] };
}

/** What shall be gone is purged as a list of its own. */
async function planOf(reservations: PortReservations, { present, absent, purge, within, restartWinNat }: Instance): Promise<Plan> {
  const options = purge || absent.length > 0 ? { purge: true, ...purge ? { within } : {}, ...absent.length > 0 ? { previous: absent } : {} } : {};
  return reservations.plan(present, { ...options, restartWinNat, placeOf: inArray('reservations') });
}

function stateOf(resource: ResourceName, instance: Instance, changes: readonly (PlannedChange | AppliedChange)[], extra: object): object {
  const { absent, input } = instance;
  const there = changes.flatMap((change) => blocksOf(change));
  const gone = absent.filter((block) => !there.some((other) => other['_exist'] === true && other['protocol'] === block.protocol
    && other['startPort'] === block.startPort && other['numberOfPorts'] === block.numberOfPorts)).map((block) => toProperties(block, false));
  if (resource === 'Reservation') return { ...there.find(({ _exist }) => _exist) ?? there[0] ?? gone[0], ...extra };
  const { within } = input;
  return { reservations: [...there, ...gone], ...within === undefined ? {} : { within }, ...extra };
}

/** What is there for a block: itself, what is in its place, or nothing. */
function blocksOf(change: PlannedChange | AppliedChange): Record<string, unknown>[] {
  const { block, replaces } = change;
  if (isThere(change)) return [toProperties(block, true)];
  if (change.change === 'remove') return [];
  // What went for it could not be made again.
  if ('changed' in change && change.changed) return [toProperties(block, false)];
  const instead = replaces.map((other) => toProperties(other, true));
  return instead.length > 0 ? instead : [toProperties(block, false)];
}

/** Whether the block itself is there: as planned, or after it was carried out. */
function isThere(change: PlannedChange | AppliedChange): boolean {
  const done = 'changed' in change ? change : null;
  switch (change.change) {
    case 'none': return true;
    case 'remove': return done === null || (!done.changed && done.error !== null);
    default: return done !== null && done.changed && done.reservation !== null;
  }
}

function toProperties({ protocol, startPort, numberOfPorts, kind, store }: DesiredBlock, exist: boolean): Record<string, unknown> {
  return { protocol, startPort, numberOfPorts, kind, ...hasStore(kind) ? { store: store ?? 'persistent' } : {}, _exist: exist };
}

/** Which property of a single block differs. */
function nameDifference({ present }: Instance, changes: readonly PlannedChange[]): string {
  const [wanted] = present;
  const [other] = changes[0]?.replaces ?? [];
  if (!wanted || !other || other.startPort !== wanted.startPort) return '_exist';
  if (other.kind !== wanted.kind) return 'kind';
  return sameBlock(other, wanted) ? 'store' : 'numberOfPorts';
}
