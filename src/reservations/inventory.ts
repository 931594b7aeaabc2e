import { blockWithoutToken, containsPort, KINDS, PROTOCOLS, tcpFirst } from '../blocks.js';
import type { Kind, Protocol, Reservation, Store } from '../blocks.js';
import { blockOfRange, checkKinds, checkPort, checkProtocols, checkStore } from '../checks.js';
import type { Source } from '../kinds/kind.js';
import type { Native } from '../native.js';
import { settleAll } from '../util/settle-all.js';
import { BlockList } from './block-list.js';
import type { ReadOptions } from './block-list.js';
import { keyOf } from '../netsh/excluded-port-ranges.js';
import type { PartialOptions } from './not-read.js';

/** Which blocks {@link PortReservations.list} returns. */
export interface ListFilter extends PartialOptions {
  /** Default both. */
  readonly protocols?: readonly Protocol[] | undefined;
  /** Default every kind. */
  readonly kinds?: readonly Kind[] | undefined;
  /** `active`, the default: the blocks in force now; `persistent`: those in force after a restart (rule N4). */
  readonly store?: Store | undefined;
  /** Only blocks that contain this port, or one of these, 1 to 65535, host byte order. */
  readonly port?: number | readonly number[] | undefined;
}

/** What {@link PortReservations.list} returns. */
export async function listFiltered(source: Source, filter: ListFilter): Promise<Reservation[]> {
  const { protocols: wanted = PROTOCOLS, kinds: given = KINDS, store, port, onNotRead } = filter;
  const protocols = checkProtocols(wanted);
  const kinds = checkKinds(given);
  checkStore(store);
  const ports = port === undefined ? undefined : checkPortOrPorts(port);
  const blocks = await listBlocks(source, protocols, { store, onNotRead, ports });
  return blocks.filter((block) => kinds.includes(block.kind));
}

function checkPortOrPorts(given: unknown): number[] {
  const ports: readonly unknown[] = Array.isArray(given) ? Array.from(given) : [given];
  return ports.map((port) => {
    checkPort('port', port);
    return port;
  });
}

/**
 * Every block that can be found, by protocol and first port. Some holders are in no list (rule N7): "not listed" does not
 * mean "free".
 *
 * @param options `ports`: only the blocks that contain one of them
 */
export async function listBlocks(source: Source, protocols: readonly Protocol[],
  { ports, ...options }: ReadOptions & { readonly ports?: readonly number[] | undefined } = {}): Promise<Reservation[]> {
  const lists = await settleAll(tcpFirst(protocols).map(async (protocol) => {
    const list = await BlockList.read(source, protocol, options);
    const listed = ports ? list.containing(ports) : list.all();
    const hidden = options.store === 'persistent' ? [] : hiddenBlocks(source.native, protocol, list);
    return [...listed, ...ports ? hidden.filter((block) => ports.some((port) => containsPort(block, port))) : hidden]
      .sort((a, b) => a.startPort - b.startPort);
  }));
  return lists.flat();
}

/** The blocks that Hyper-V's networking, if it is installed, holds for its guests and that netsh does not list (rule N7). */
export function hiddenBlocks(native: Native, protocol: Protocol, list: BlockList | null): Reservation[] {
  const entries = native.computenetwork.enumerateGuestNetworkPortReservations() ?? [];
  const hidden = entries.filter((entry) => entry.protocols.includes(protocol) && entry.startPort > 0 && !list?.isAnyIn(entry));
  // Several guests may share the same ports.
  return [...new Map(hidden.map((entry) => [keyOf(entry), entry])).values()]
    .map((entry) => blockWithoutToken(blockOfRange(protocol, entry), 'system', 'active'));
}
