import { KINDS, PROTOCOLS, sameBlock, tcpFirst } from '../blocks.js';
import type { Kind, Protocol, Reservation } from '../blocks.js';
import { checkBlock, checkKinds, checkProtocols } from '../checks.js';
import type { CheckedBlock } from '../checks.js';
import type { Session } from '../kinds/kind.js';
import { findByToken, needsList } from '../kinds/kinds.js';
import { settleAll } from '../util/settle-all.js';
import { listBlocks } from './inventory.js';
import type { PartialOptions } from './not-read.js';

/** The request of {@link PortReservations.lookup}. Ports in host byte order. */
export interface LookupRequest extends PartialOptions {
  /** In which protocols the block is wanted. Default: in either of them, and one with a token is enough. */
  readonly protocols?: readonly Protocol[] | undefined;
  /** First port, 1 to 65535. */
  readonly startPort: number;
  /** Exact number of ports. */
  readonly numberOfPorts: number;
  /** Default every kind. */
  readonly kinds?: readonly Kind[] | undefined;
}

/** Finds the blocks of exactly these ports. netsh, which costs a process and the list of everything, is asked only for what is not found by token. */
export async function lookupExactly(session: Session, request: LookupRequest): Promise<Reservation[]> {
  const { protocols: wanted, startPort, numberOfPorts, kinds: given = KINDS, onNotRead } = request;
  const protocols = checkProtocols(wanted === undefined ? PROTOCOLS : wanted);
  const kinds = checkKinds(given);
  const blocks = tcpFirst(protocols).map((protocol) => checkBlock({ protocol, startPort, numberOfPorts }));
  const found = new Map<CheckedBlock, Reservation>();
  for (const block of blocks) {
    const reservation = findByToken(session, block);
    if (reservation) found.set(block, reservation);
  }
  const isWanted = (reservation: Reservation) => kinds.includes(reservation.kind);
  const isEnough = wanted === undefined && [...found.values()].some(isWanted);
  const missing = isEnough || !kinds.some(needsList) ? [] : blocks.filter((block) => !found.has(block));
  await settleAll(missing.map(async (block) => {
    const listed = await listBlocks(session, [block.protocol], { onNotRead, ports: [startPort] });
    const exact = listed.find((other) => sameBlock(other, block));
    if (exact) found.set(block, exact);
  }));
  return blocks.flatMap((block) => found.get(block) ?? []).filter(isWanted);
}
