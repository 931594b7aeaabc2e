import { isAbsolute } from 'node:path';
import { readDesired, readDesiredValue } from '../block-files/desired.js';
import type { DesiredList } from '../block-files/desired.js';
import { toChangeData } from '../desired-state/change-data.js';
import type { Plan } from '../desired-state/change.js';
import { parseRange } from '../desired-state/ranges.js';
import { invalid } from '../errors.js';
import type { PortReservations } from '../port-reservations.js';
import type { Params } from './schemas.js';
import { english, text } from '../texts/text.js';

/** How many plans are kept for their application: the client asks about one at a time. */
const MAX_PLANS = 8;

/** The methods that compare a list of blocks with the machine, and carry it out: what was shown is what is done. */
export function createDesiredStateHandlers(reservations: PortReservations) {
  const plans = new Map<number, Plan>();
  let lastId = 0;

  async function makePlan({ path, blocks, previousPath, previousBlocks, purge, within, restartWinNat }: Params<'desiredState.plan'>) {
    const desired = await readList('path', path, 'blocks', blocks);
    if (!desired) throw invalid('path', undefined, english('must be given, or blocks'));
    const previous = (await readList('previousPath', previousPath, 'previousBlocks', previousBlocks))?.blocks;
    const plan = await reservations.plan(desired.blocks, { purge, within: within?.map(parseRange), previous, restartWinNat, placeOf: desired.placeOf });
    plans.set(++lastId, plan);
    const [oldest] = plans.keys();
    if (plans.size > MAX_PLANS && oldest !== undefined) plans.delete(oldest);
    return { id: lastId, changes: plan.changes.map(toChangeData) };
  }

  async function applyPlan({ id, skip = [] }: Params<'desiredState.apply'>, signal: AbortSignal) {
    const plan = plans.get(id);
    if (!plan) throw invalid('id', id, english('must be the id of one of the last plans that was not carried out yet'));
    plans.delete(id);
    const left = new Set(skip);
    const changes = plan.changes.filter((_, index) => !left.has(index));
    return { changes: (await reservations.apply({ ...plan, changes }, { signal })).map(toChangeData) };
  }

  return { 'desiredState.plan': makePlan, 'desiredState.apply': applyPlan };
}

async function readList(pathName: string, path: string | undefined, blocksName: string, blocks: unknown): Promise<DesiredList | null> {
  if (path === undefined) return blocks === undefined ? null : readDesiredValue(blocks);
  if (blocks !== undefined) throw invalid(blocksName, blocks, english(`must be left out with ${pathName}`));
  // The host's current folder is not that of its client.
  if (!isAbsolute(path)) throw invalid(pathName, path, text('rule.absolutePath'));
  return readDesired(path);
}
