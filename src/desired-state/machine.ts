import { formatBlock, rangeOf } from '../blocks.js';
import type { Kind, PortBlock, Protocol, Reservation } from '../blocks.js';
import { CheckedBlock } from '../checks.js';
import { describeObstacles, readObstacles, usersIn } from '../diagnosis/refusal.js';
import type { Lists, User } from '../diagnosis/refusal.js';
import { groupBy } from '../util/group-by.js';
import type { Session } from '../kinds/kind.js';
import { findByToken } from '../kinds/kinds.js';
import { RangeIndex } from '../range-index.js';
import { nullWhenRefused } from '../netsh/excluded-port-ranges.js';
import { listBlocks } from '../reservations/inventory.js';
import { settleAll } from '../util/settle-all.js';
import { joined } from '../texts/text.js';
import type { Value } from '../texts/text.js';

/** A block of the machine, now or after a restart. */
export interface ExistingBlock extends Reservation {
  /** False for an exclusion that only comes back after a restart. */
  readonly inForce: boolean;
}

/** The blocks and used ports of a machine, read once. */
export class Machine {
  /** First those in force, then the others; each by protocol and first port. */
  readonly blocks: readonly ExistingBlock[];
  readonly #session: Session;
  readonly #lists: ReadonlyMap<Protocol, Lists>;
  readonly #index: ReadonlyMap<Protocol, RangeIndex<ExistingBlock>>;

  private constructor(session: Session, blocks: readonly ExistingBlock[], lists: ReadonlyMap<Protocol, Lists>) {
    this.#session = session;
    this.#lists = lists;
    this.blocks = blocks;
    this.#index = new Map([...groupBy(blocks, ({ protocol }) => protocol)].map(([protocol, same]) => [protocol, new RangeIndex(same)]));
  }

  /** Reads all lists of these protocols. Fails if netsh cannot be read: with an incomplete list, the wrong blocks would be changed. */
  static async read(session: Session, protocols: readonly Protocol[]): Promise<Machine> {
    // Asked at the same time, so that they share netsh's answers.
    const [active, persistent, ...lists] = await settleAll([
      listBlocks(session, protocols),
      listBlocks(session, protocols, { store: 'persistent' }).catch(nullWhenRefused),
      ...protocols.map(async (protocol) => [protocol, await readObstacles(session, protocol)] as const),
    ]);
    const inForce = new Set(active.map(formatBlock));
    const dormant = (persistent ?? []).filter((block) => !inForce.has(formatBlock(block)));
    const blocks = [...active.map((block) => ({ ...block, inForce: true })), ...dormant.map((block) => ({ ...block, inForce: false }))];
    return new Machine(session, blocks, new Map(lists));
  }

  /** The blocks that have a port in common with this one. */
  overlapping(block: PortBlock): ExistingBlock[] {
    return this.#index.get(block.protocol)?.overlapping(rangeOf(block)) ?? [];
  }

  /** The reservation of exactly this block that has a token. No source says whether netsh lists all of these. */
  lookup(block: PortBlock & { readonly kind: Kind }): ExistingBlock | null {
    const found = findByToken(this.#session, CheckedBlock.of(block), [block.kind]);
    return found && { ...found, inForce: true };
  }

  /** Who holds ports of a block, in sentences. @param held the blocks that stay */
  describeHolders(block: PortBlock, held: readonly ExistingBlock[], users: readonly User[]): Value {
    return joined(describeObstacles(block, { blocks: held, users, hidden: [], unknown: null }), '. ');
  }

  /**
   * Who is in the way of a block. Connections do not count, because they may be gone when the change is made, unless it replaces others:
   * these would go first, and another connection may keep them from coming back.
   */
  usersInTheWay(block: PortBlock, replaced: readonly PortBlock[]): readonly User[] {
    const lists = this.#lists.get(block.protocol);
    return lists && (replaced.length > 0 || this.#isListenedOn(block)) ? usersIn(block, lists) : [];
  }

  #isListenedOn(block: PortBlock): boolean {
    const users = this.#lists.get(block.protocol)?.users;
    for (let port = block.startPort; port < block.startPort + block.numberOfPorts; port += 1) if (users?.get(port)?.[0]?.listening) return true;
    return false;
  }
}
