import { OWN_KINDS } from '../blocks.js';
import type { AddressFamily, OwnKind, Protocol, Reservation, Store } from '../blocks.js';
import { CheckedBlock, checkKind, checkPort, checkPorts, checkProtocols, checkRequest } from '../checks.js';
import { invalid } from '../errors.js';
import type { OwnBlockKind } from '../kinds/kind.js';
import { ownKindOf } from '../kinds/kinds.js';
import type { WaitOptions } from '../sockets/control-code.js';
import { text } from '../texts/text.js';
import { DEFAULT_FROM } from './free-block.js';

/** A step of `restartWinNat`: the service is stopping, the reservations are created, the service is starting (rule N9). */
export type WinNatStep = 'stopping' | 'creating' | 'starting';

/** The request of {@link PortReservations.create}. `timeout` applies only to runtime reservations. */
export interface CreateRequest extends WaitOptions {
  /** Kind of the block to create. */
  readonly kind: OwnKind;
  /**
   * One or both. With both, the result is two reservations of the same ports, or none; of a runtime reservation without
   * `startPort`, the system chooses the ports in each protocol for itself.
   */
  readonly protocols: readonly Protocol[];
  /**
   * First port, 1 to 65535, host byte order. Without it, the system chooses the block of a runtime reservation (also with
   * 0, rule R2); for the other kinds, a search takes the first free block from `from` upwards.
   */
  readonly startPort?: number | undefined;
  /** Where a search for a free block begins, 1 to 65535, host byte order. Default 20000. */
  readonly from?: number | undefined;
  /** Number of ports, 1 to 65535. */
  readonly numberOfPorts: number;
  /** Runtime only: family of the acquiring socket, default IPv4. */
  readonly addressFamily?: AddressFamily | undefined;
  /**
   * If there already is a reservation of this kind and exactly this block, return it. Needs `startPort`. For an exclusion, one
   * that contains the whole block will do: it is returned as it is, with its own ports. An exclusion of either store will do,
   * unless `store` is `persistent`.
   */
  readonly ifNotExists?: boolean | undefined;
  /** If WinNAT may hold a part of the block, stop the service winnat, create, and start it again (rule N9). */
  readonly restartWinNat?: boolean | undefined;
  /** With `restartWinNat`: called at the beginning of each step, if the service has to be stopped. A start may take two minutes. */
  readonly onStep?: ((step: WinNatStep) => void) | undefined;
  /** Exclusions only: whether it survives a restart (rule N4). Default `persistent`. */
  readonly store?: Store | undefined;
}

/** What became of a block that was asked for. */
export interface CreateResult {
  /** The reservation, new or found. */
  readonly reservation: Reservation;
  /** Whether it was made now; `false` if `ifNotExists` found it. */
  readonly created: boolean;
}

/** A request that contradicts neither itself nor a rule. */
export interface CheckedCreateRequest extends Omit<CreateRequest, 'kind' | 'protocols' | 'startPort'> {
  readonly kind: OwnBlockKind;
  /** Each once. */
  readonly protocols: readonly Protocol[];
  /** One for each protocol, all of the same ports; `null` if the system or a search chooses them. */
  readonly blocks: readonly CheckedBlock[] | null;
}

/**
 * Refuses a request before anything is done. Each member is read by its name, and once: a request may have it from another object or a
 * getter, which a copy of its own members would leave out.
 */
export function checkCreateRequest(request: CreateRequest): CheckedCreateRequest {
  checkRequest('request', request);
  const { kind: wanted, protocols: given, startPort, from, numberOfPorts, addressFamily, ifNotExists, restartWinNat, onStep, store, timeout, signal } = request;
  checkKind(wanted, OWN_KINDS);
  const protocols = checkProtocols(given);
  const kind = ownKindOf(wanted);
  kind.check({ addressFamily, store, timeout });
  const choosesItself = kind.createAny !== undefined;
  if (startPort === undefined) checkPort('numberOfPorts', numberOfPorts);
  else checkPorts({ startPort, numberOfPorts }, choosesItself ? 0 : 1);
  const isSearch = startPort === undefined && !choosesItself;
  if (isSearch) checkPort('from', from ?? DEFAULT_FROM);
  else if (from !== undefined) throw invalid('from', from, text('rule.onlySearch'));
  if (isSearch && ifNotExists) throw invalid('ifNotExists', true, text('rule.needsStartPort'));
  const blocks = startPort ? protocols.map((protocol) => CheckedBlock.of({ protocol, startPort, numberOfPorts })) : null;
  return { kind, protocols, blocks, from, numberOfPorts, addressFamily, ifNotExists, restartWinNat, onStep, store, timeout, signal };
}
