import { formatBlock } from '../blocks.js';
import type { PortBlock, PortRange, Protocol, Reservation, Store } from '../blocks.js';
import { blockOfRange } from '../checks.js';
import type { Source } from '../kinds/kind.js';
import { ASKED_IN_ORDER } from '../kinds/kinds.js';
import type { Native } from '../native.js';
import { RangeIndex } from '../range-index.js';
import { readExcludedPortRanges } from '../netsh/excluded-port-ranges.js';
import type { StoredPortRange } from '../netsh/excluded-port-ranges.js';
import { readOr } from './not-read.js';
import type { PartialOptions } from './not-read.js';

export interface ReadOptions extends PartialOptions {
  /** `active`, the default: the blocks in force now; `persistent`: those in force after a restart. */
  readonly store?: Store | undefined;
}

/** A row of netsh's lists, or a runtime reservation of this session that no list has. */
interface Entry extends PortRange {
  readonly row: StoredPortRange | null;
  /** `undefined` until it is asked for; `null` if it is not in the store that was asked for. */
  block: Reservation | null | undefined;
}

/**
 * The blocks that netsh lists for one protocol, and this session's runtime reservations, as they were when the list was read. Finding
 * out the kind of a row takes a call of Windows, so that is done only when somebody asks about its ports.
 */
export class BlockList {
  readonly #native: Native;
  readonly #protocol: Protocol;
  readonly #store: Store;
  readonly #own: ReadonlyMap<string, Reservation>;
  readonly #entries: readonly Entry[];
  readonly #index: RangeIndex<Entry>;

  private constructor({ native, runtimeReservations }: Source, protocol: Protocol, store: Store, rows: readonly StoredPortRange[]) {
    this.#native = native;
    this.#protocol = protocol;
    this.#store = store;
    const own = runtimeReservations.filter((reservation) => reservation.protocol === protocol);
    this.#own = new Map(own.map((reservation) => [formatBlock(reservation), reservation]));
    const unlisted = new Map(this.#own);
    for (const row of rows) unlisted.delete(formatBlock(blockOfRange(protocol, row)));
    this.#entries = [
      ...rows.map((row) => ({ startPort: row.startPort, endPort: row.endPort, row, block: undefined })),
      ...[...unlisted.values()].map((block) => ({ startPort: block.startPort, endPort: block.endPort, row: null, block: this.#ofStore(block) })),
    ];
    this.#index = new RangeIndex(this.#entries);
  }

  static async read({ native, runtimeReservations }: Source, protocol: Protocol, { store = 'active', onNotRead }: ReadOptions = {}): Promise<BlockList> {
    const rows = await readOr(native, readExcludedPortRanges(native, protocol, store), [], { list: 'excludedPortRanges', protocol, onNotRead });
    return new BlockList({ native, runtimeReservations }, protocol, store, rows.filter((row) => store === 'persistent' || row.inForce));
  }

  all(): Reservation[] {
    return this.#blocksOf(this.#entries);
  }

  /** The blocks that have a port in common with this range. */
  overlapping(range: PortRange): Reservation[] {
    return this.#blocksOf(this.#index.overlapping(range));
  }

  /** The blocks that contain one of these ports. */
  containing(ports: readonly number[]): Reservation[] {
    const wanted = new Set(ports.flatMap((port) => this.#index.at(port)));
    return this.#blocksOf(this.#entries.filter((entry) => wanted.has(entry)));
  }

  /** The first block that contains the port. */
  at(port: number): Reservation | null {
    return this.#blocksOf(this.#index.at(port))[0] ?? null;
  }

  /** Whether a block of any kind has a port in common with this range. */
  isAnyIn(range: PortRange): boolean {
    return this.#index.overlapping(range).length > 0;
  }

  #blocksOf(entries: readonly Entry[]): Reservation[] {
    return entries.map((entry) => (entry.block === undefined ? (entry.block = this.#identify(entry)) : entry.block)).filter((block) => block !== null);
  }

  #identify({ row }: Entry): Reservation | null {
    if (!row) return null;
    const block = blockOfRange(this.#protocol, row);
    const own = { findRuntime: (wanted: PortBlock) => this.#own.get(formatBlock(wanted)) ?? null };
    for (const kind of ASKED_IN_ORDER) {
      const identified = kind.identify(this.#native, block, row, own);
      if (identified) return this.#ofStore(identified);
    }
    return null;
  }

  #ofStore(block: Reservation): Reservation | null {
    return this.#store === 'active' || block.store === 'persistent' ? block : null;
  }
}
