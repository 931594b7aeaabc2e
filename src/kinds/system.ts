import { blockWithoutToken } from '../blocks.js';
import { storeOf } from '../netsh/excluded-port-ranges.js';
import type { BlockKind } from './kind.js';

/** Blocks of other programs, such as WinNAT, or another process's runtime reservations (rules N2, N7): what no other kind is. */
export const system: BlockKind = {
  kind: 'system',
  isOfOthers: true,
  endsWithProcess: false,
  onlyStore: null,
  whenBound: 'Free',
  whenRefused: 'RuntimeReservation',
  whenWellKnown: { what: 'a.system', advice: 'health.wellKnown.system.advice' },
  identify: (_native, block, row) => blockWithoutToken(block, 'system', storeOf(row.survivesRestart)),
};
