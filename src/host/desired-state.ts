import { readDesired, readDesiredValue } from '../block-files/desired.js';
import type { DesiredList } from '../block-files/desired.js';
import { checkAbsolute } from '../checks.js';
import { toChangeData } from '../desired-state/change-data.js';
import type { AppliedChange, Plan, PlannedChange } from '../desired-state/change.js';
import { parseRange } from '../desired-state/ranges.js';
import { invalid } from '../errors.js';
import type { PortReservations } from '../port-reservations.js';
import type { Params } from './schemas.js';
import { nameOf } from '../texts/surfaces.js';
import { text } from '../texts/text.js';
import type { Voice } from '../texts/text.js';

/** How many plans are kept for their application: the client asks about one at a time. */
const MAX_PLANS = 8;

/** The methods that compare a list of blocks with the machine (plan) and carry that plan out (apply), so that what was shown is what is done. */
export function createDesiredStateHandlers(reservations: PortReservations, voice: Voice) {
  const plans = new Map<number, { readonly plan: Plan; readonly restartWinNat: boolean }>();
  // Ids that differ from host to host: a client may still have the id of a plan of an ended host, and another plan must not be applied for it.
  let lastId = process.pid * 65_536;

  const toData = (change: PlannedChange | AppliedChange) => toChangeData(change, voice);

  async function makePlan({ path, blocks, previousPath, previousBlocks, purge, within, restartWinNat }: Params<'desiredState.plan'>) {
    const desired = await readList({ path: 'path', blocks: 'blocks', document: 'document' }, path, blocks);
    if (!desired) throw invalid('path', undefined, text('rule.givenOr', { other: nameOf('blocks') }));
    const previous = (await readList({ path: 'previousPath', blocks: 'previousBlocks', document: 'previousDocument' }, previousPath, previousBlocks))?.blocks;
    const plan = await reservations.plan(desired.blocks, { purge, within: within?.map(parseRange), previous, restartWinNat, placeOf: desired.placeOf });
    plans.set(++lastId, { plan, restartWinNat: restartWinNat ?? false });
    const [oldest] = plans.keys();
    if (plans.size > MAX_PLANS && oldest !== undefined) plans.delete(oldest);
    return { id: lastId, changes: plan.changes.map(toData) };
  }

  async function applyPlan({ id, skip = [], all }: Params<'desiredState.apply'>, signal: AbortSignal) {
    const planned = plans.get(id);
    if (!planned) throw invalid('id', id, text('rule.planId'));
    plans.delete(id);
    const { plan, restartWinNat } = planned;
    const left = new Set(skip);
    const changes = plan.changes.filter((_, index) => !left.has(index));
    const applied = await reservations.apply({ ...plan, changes }, { signal });
    if (!all) return { changes: applied.map(toData) };
    const done = applied.values();
    return { restartWinNat, changes: plan.changes.flatMap((change, index) => left.has(index) ? [change] : done.next().value ?? []).map(toData) };
  }

  return { 'desiredState.plan': makePlan, 'desiredState.apply': applyPlan };
}

/** What an error calls a list: given as a path, as an array of blocks, or as the content of a file that the client has read. */
interface ListNames {
  readonly path: string;
  readonly blocks: string;
  readonly document: string;
}

async function readList(names: ListNames, path: string | undefined, blocks: unknown): Promise<DesiredList | null> {
  if (path === undefined) return blocks === undefined ? null : readDesiredValue(Array.isArray(blocks) ? names.blocks : names.document, blocks);
  if (blocks !== undefined) throw invalid(names.blocks, blocks, text('rule.leftOutWith', { other: nameOf(names.path) }));
  // The host has another current folder than its client.
  checkAbsolute(names.path, path);
  return readDesired(names.path, path);
}
