import type { Protocol, Reservation } from '../blocks.js';
import { isLasting, LASTING_KINDS, toDesired } from './desired.js';
import type { DesiredBlock } from './desired.js';
import type { ListFilter } from '../reservations/inventory.js';

/** The JSON schema of a file of blocks. It is in the package, under schemas/. */
const BLOCKS_SCHEMA = 'https://raw.githubusercontent.com/port-reservation/port-reservation/main/schemas/blocks.schema.json';

/** What an export needs of {@link PortReservations}. */
interface Lister {
  list(filter: ListFilter): Promise<Reservation[]>;
}

/** A file of blocks, as `apply` reads it. */
interface BlockDocument {
  readonly $schema: string;
  readonly blocks: readonly DesiredBlock[];
}

/** The persistent reservations and exclusions in force, as a file of blocks. */
export async function exportBlocks(reservations: Lister, protocols?: readonly Protocol[]): Promise<BlockDocument> {
  const listed = await reservations.list({ protocols, kinds: LASTING_KINDS });
  return { $schema: BLOCKS_SCHEMA, blocks: listed.filter(isLasting).map(toDesired) };
}
