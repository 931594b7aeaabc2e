import { containsPort, sameBlock } from '../blocks.js';
import type { PortBlock, Protocol, Reservation } from '../blocks.js';
import { describeObstacles, overlapping, readObstacles } from '../diagnosis/refusal.js';
import type { Lists } from '../diagnosis/refusal.js';
import type { Native } from '../native.js';
import type { OwnReservations } from '../reservations/creation.js';
import { nullWhenRefused } from '../reservations/excluded-port-ranges.js';
import { listBlocks } from '../reservations/inventory.js';
import { findPersistent } from '../reservations/persistent.js';
import { settleAll } from '../settle-all.js';
import { joined, say } from '../texts/text.js';

/** A block of the machine, now or after a restart. */
export interface ExistingBlock extends Reservation {
  /** False for an exclusion that only comes back after a restart. */
  readonly inForce: boolean;
}

/** The blocks and used ports of a machine, read once. */
export class Machine {
  /** By protocol and first port, first those in force. */
  readonly blocks: readonly ExistingBlock[];
  readonly #native: Native;
  readonly #lists: ReadonlyMap<Protocol, Lists>;
  /** For each protocol, port -> the blocks that have it. */
  readonly #at = new Map<Protocol, (ExistingBlock[] | undefined)[]>();

  private constructor(native: Native, blocks: readonly ExistingBlock[], lists: ReadonlyMap<Protocol, Lists>) {
    this.#native = native;
    this.#lists = lists;
    this.blocks = blocks;
    for (const protocol of lists.keys()) this.#at.set(protocol, []);
    for (const block of blocks) {
      const at = this.#at.get(block.protocol);
      for (let port = block.startPort; at && port <= block.endPort; port += 1) (at[port] ??= []).push(block);
    }
  }

  /** Reads all lists of these protocols; fails if netsh cannot be read: a list that lacks something would change the wrong blocks. */
  static async read(native: Native, own: OwnReservations, protocols: readonly Protocol[]): Promise<Machine> {
    // Together, so that they share what netsh says.
    const [active, persistent, ...lists] = await settleAll([
      listBlocks(native, protocols, own.runtimeReservations),
      listBlocks(native, protocols, own.runtimeReservations, 'persistent').catch(nullWhenRefused),
      ...protocols.map(async (protocol) => [protocol, await readObstacles(native, own, protocol)] as const),
    ]);
    const dormant = (persistent ?? []).filter((block) => !active.some((other) => other.startPort === block.startPort && sameBlock(other, block)));
    const blocks = [...active.map((block) => ({ ...block, inForce: true })), ...dormant.map((block) => ({ ...block, inForce: false }))];
    return new Machine(native, blocks, new Map(lists));
  }

  /** The blocks that have a port in common with this one. */
  overlapping({ protocol, startPort, numberOfPorts }: PortBlock): ExistingBlock[] {
    const at = this.#at.get(protocol) ?? [];
    const found = new Set<ExistingBlock>();
    for (let port = startPort; port < startPort + numberOfPorts; port += 1) for (const block of at[port] ?? []) found.add(block);
    return [...found];
  }

  /** The persistent reservation of exactly this block, asked of the stack: whether netsh lists it is not known. */
  lookup(block: PortBlock): ExistingBlock | null {
    const found = findPersistent(this.#native, block);
    return found && { ...found, inForce: true };
  }

  /** Who holds ports of a block, in sentences; '' if nobody is known. @param held the blocks that stay */
  describeHolders(block: PortBlock, held: readonly ExistingBlock[]): string {
    const lists = this.#lists.get(block.protocol);
    const users = lists && this.isInUse(block) ? overlapping(block, { ...lists, blocks: [] }).users : [];
    return say(joined(describeObstacles(block, { blocks: held, users, hidden: [], unknown: null }), '. '), this.#native.voice);
  }

  /** Whether a process listens on a port of the block. A connection alone may be gone by the time of the change. */
  isInUse(block: PortBlock): boolean {
    for (const [port, [first]] of this.#lists.get(block.protocol)?.users ?? []) if (containsPort(block, port) && first?.listening) return true;
    return false;
  }
}
