import pLimit from 'p-limit';
import { OWN_KINDS } from './blocks.js';
import type { OwnKind, PortBlock, Protocol, Reservation, Store } from './blocks.js';
import { checkBlock, checkKind, checkRequest } from './checks.js';
import { explainPorts } from './diagnosis/explain.js';
import type { ExplainOptions, PortExplanation } from './diagnosis/explain.js';
import { createOrSayWhy } from './diagnosis/refusal.js';
import { measureHealth } from './diagnosis/health.js';
import type { PortHealth } from './diagnosis/health.js';
import { applyChanges, checkPlan } from './desired-state/apply.js';
import type { ApplyOptions } from './desired-state/apply.js';
import type { AppliedChange, Plan } from './desired-state/change.js';
import type { DesiredBlock } from './desired-state/desired.js';
import { planChanges } from './desired-state/plan.js';
import type { PlanOptions } from './desired-state/plan.js';
import { ownKindOf } from './kinds/kinds.js';
import { renderMap } from './map/render.js';
import type { MapRequest } from './map/render.js';
import { checkCreateRequest } from './reservations/create-request.js';
import type { CreateRequest, CreateResult } from './reservations/create-request.js';
import { changeDynamicPortRange, checkDynamicPortRangeRequest, readDynamicPortRanges } from './reservations/dynamic-port-range.js';
import type { DynamicPortRangeRequest, DynamicPortRangeSetting } from './reservations/dynamic-port-range.js';
import { freeBlocks } from './reservations/free-block.js';
import type { FreeBlockRequest } from './reservations/free-block.js';
import { listFiltered } from './reservations/inventory.js';
import type { ListFilter } from './reservations/inventory.js';
import { lookupExactly } from './reservations/lookup.js';
import type { LookupRequest } from './reservations/lookup.js';
import { WinNatQueue } from './reservations/winnat-queue.js';
import { OwnSession } from './session.js';
import type { WaitOptions } from './sockets/control-code.js';

/**
 * The port reservations of one system; {@link openPortReservations} makes one. It owns the runtime reservations and the
 * sockets that it makes: closing it closes them. Persistent reservations and exclusions stay.
 *
 * Ports are in host byte order, in arguments and in results. Besides the reasons named below, a call to Windows may fail
 * with NativeError, for a code that has no reason of its own (rule P12), or NotSupported, if this Windows lacks the function.
 */
export class PortReservations extends OwnSession {
  readonly #winNat = new WinNatQueue(this);
  /** Changes of the dynamic range run one after the other, and so do applications of plans. */
  readonly #rangeTurn = pLimit(1);
  readonly #applyTurn = pLimit(1);
  /** The changes that are under way. */
  readonly #changes = new Set<Promise<unknown>>();

  /**
   * Creates a reservation or exclusion for each protocol: all of them, or none if one fails. Without `startPort`, it looks for
   * a free block and reserves it; if another program is first, it goes on to the next. Every kind but `runtime` needs an
   * elevated administrator. Calls with `restartWinNat` that do not await one another share one stop of the service.
   *
   * An abort rejects with the signal's reason, after removing what was made and starting winnat again if it was stopped.
   *
   * @returns the reservations in the order of `protocols`; with `ifNotExists`, an exclusion may be larger than what was asked for
   * @throws PortReservationError: InvalidParameter; AccessDenied; PortInUse if a port is in use, reserved or excluded;
   *   ReservationExhausted if a search finds no free block; NotSupported (runtime, rule W1); OperationTimeout of a control
   *   code (runtime), netsh or winnat; NativeError if netsh refuses. The message of PortInUse names the ports, blocks and processes that
   *   stood in the way; any message names what could not be removed again
   * @see {@link createPersistent}, {@link acquireRuntime}; netsh interface ipv4 add excludedportrange (rule N3)
   */
  async create(request: CreateRequest): Promise<Reservation[]> {
    return (await this.createOrFind(request)).map(({ reservation }) => reservation);
  }

  /** As {@link create}, which also tells of each reservation whether it was made now, or found because of `ifNotExists`. */
  async createOrFind(request: CreateRequest): Promise<CreateResult[]> {
    const checked = checkCreateRequest(request);
    return this.#underWay(checked.restartWinNat ? this.#winNat.create(checked) : createOrSayWhy(this, checked));
  }

  /**
   * Compares a list of blocks with the machine: one change for each block, in the order of the list, then what goes. Changes
   * nothing, and needs no administrator.
   *
   * A block that is in the way is replaced only if it is certain to belong to the list: all its ports are listed or declared
   * (`purge` with `within` or `previous`), or it is the same block, of the same kind and first port, with another size. Any
   * other one is a conflict, and its holder is named.
   *
   * @throws PortReservationError: InvalidParameter for a block that breaks a rule or overlaps another one of the list, and for a
   *   purge without a limit; NativeError if a table cannot be read; the error of netsh (NotSupported if there is none,
   *   OperationTimeout, NativeError)
   */
  async plan(desired: readonly DesiredBlock[], options: PlanOptions = {}): Promise<Plan> {
    checkRequest('options', options);
    return planChanges(this, desired, options);
  }

  /**
   * Carries out a plan: makes what is missing, replaces what is wrong, and removes what is not listed at the end. A failure
   * does not stop the rest, and a block that could not be replaced is there again. What another process has done since the plan
   * was made is found, not done again. Blocks that WinNAT may hold share one stop of the service. Needs an elevated administrator.
   *
   * An abort begins no further change; those left out have the signal's reason as their error.
   *
   * @returns what became of each block, in the order of the plan
   * @throws PortReservationError: InvalidParameter for what is no plan, and nothing else
   */
  async apply(plan: Plan, options: ApplyOptions = {}): Promise<AppliedChange[]> {
    const changes = checkPlan(plan);
    checkRequest('options', options);
    const { signal, onProgress, onStep } = options;
    return this.#underWay(this.#applyTurn(() => applyChanges(this, changes, { signal, onProgress, onStep })));
  }

  /**
   * Resolves when every call of {@link create}, {@link remove}, {@link setDynamicPortRange} and {@link apply} made so far has
   * ended, so that winnat is not left stopped, one of two protocols not left without the other, nor a block removed whose
   * successor is not made. It never rejects. Await it before you end a process that may have such a call under way.
   */
  async settled(): Promise<void> {
    await Promise.allSettled(this.#changes);
  }

  #underWay<Result>(change: Promise<Result>): Promise<Result> {
    this.#changes.add(change);
    const end = () => void this.#changes.delete(change);
    change.then(end, end);
    return change;
  }

  /**
   * Explains why a port can or cannot be bound: reads the lists of blocks and of ports in use, and tries a bind. Needs no
   * administrator. Tries both families, so the port is free only if a dual-stack server could have it; with `localAddress`
   * that address alone.
   *
   * An abort rejects with the signal's reason; it is noticed before the port is tried.
   *
   * What netsh cannot read is in `notRead`, and the explanation has what the other sources know.
   *
   * @throws PortReservationError: InvalidParameter; NativeError if a table cannot be read
   * @see GetExtendedTcpTable, GetExtendedUdpTable, HcnEnumerateGuestNetworkPortReservations, bind; netsh (rules N4 to N8)
   */
  async explain(protocol: Protocol, port: number, options: ExplainOptions = {}): Promise<PortExplanation> {
    for await (const explanation of this.explainEach(protocol, [port], options)) return explanation;
    throw new Error('one port has one explanation');
  }

  /**
   * Explains many ports one after the other, as {@link explain} does, and reads the lists of blocks only once. Nothing
   * happens, and no error is thrown, before the first explanation is asked for.
   *
   * An abort rejects with the signal's reason; it is noticed between two ports.
   *
   * @throws PortReservationError: as {@link explain}
   */
  explainEach(protocol: Protocol, ports: Iterable<number>, options: ExplainOptions = {}): AsyncGenerator<PortExplanation> {
    return explainPorts(this, protocol, ports, options);
  }

  /**
   * Draws the 65,536 ports as text for a console, SVG or an HTML page, or returns them as JSON: blocks by kind, ports in
   * use, the dynamic range. Needs no administrator.
   *
   * @throws PortReservationError: InvalidParameter; NativeError if a table cannot be read; the error of netsh (NotSupported if
   *   there is none, OperationTimeout, NativeError), unless `onNotRead` is given
   */
  async renderMap(request: MapRequest): Promise<string> {
    checkRequest('request', request);
    return renderMap(this, request);
  }

  /**
   * Finds the first block, upwards from `from`, that overlaps no listed block, port in use or dynamic range. It may still have
   * a holder that no list shows (rule N7), or be taken in the meantime: {@link create} without `startPort` also reserves it.
   *
   * @returns the first port of the block, host byte order
   * @throws PortReservationError: InvalidParameter; ReservationExhausted if there is no such block; NativeError if a table
   *   cannot be read; the error of netsh (NotSupported if there is none, OperationTimeout, NativeError), unless `onNotRead` is given
   */
  async findFree(request: FreeBlockRequest): Promise<number> {
    checkRequest('request', request);
    for await (const candidate of freeBlocks(this.native, request)) return candidate;
    throw new Error('a search ends with a block or an error');
  }

  /**
   * Lists the blocks that Windows knows, and the runtime reservations of this object, by protocol and first port. Needs no
   * administrator. Not every holder is in a list: "not listed" does not mean "free" (rules N4 to N7).
   *
   * @throws PortReservationError: InvalidParameter; the error of netsh (NotSupported if there is none, OperationTimeout,
   *   NativeError), unless `onNotRead` is given
   * @see LookupPersistentTcpPortReservation, HcnEnumerateGuestNetworkPortReservations; netsh interface ipv4 show excludedportrange
   */
  async list(filter: ListFilter = {}): Promise<Reservation[]> {
    checkRequest('filter', filter);
    return listFiltered(this, filter);
  }

  /**
   * Looks up exactly these ports: what is reserved, excluded or held there as one block. Needs no administrator. Runtime
   * reservations of this object and persistent ones are found without netsh (rule P9), which is asked only for what is still missing:
   * a block of each protocol that is named, or, where none is named, any block at all.
   *
   * @returns one block for each protocol at the most, TCP first; empty if there is none
   * @throws PortReservationError: InvalidParameter; the error of netsh (NotSupported if there is none, OperationTimeout,
   *   NativeError), unless `onNotRead` is given
   * @see LookupPersistentTcpPortReservation; netsh interface ipv4 show excludedportrange
   */
  async lookup(request: LookupRequest): Promise<Reservation[]> {
    checkRequest('request', request);
    return lookupExactly(this, request);
  }

  /**
   * Measures how the ports of this system are: how much of each dynamic range is used and by whom, which blocks hold ports,
   * and findings with what to do. Needs no administrator; other users' processes may have no name without one. What netsh
   * could not tell is missing and told in `notRead`.
   *
   * @throws PortReservationError: NativeError if a table of Windows cannot be read
   * @see GetExtendedTcpTable, GetExtendedUdpTable, HcnEnumerateGuestNetworkPortReservations; netsh (rules N4 to N8)
   */
  async measure(): Promise<PortHealth> {
    return measureHealth(this);
  }

  /**
   * Reads the dynamic ranges, from which Windows assigns ports to whoever asks for any (rule N8): one for each protocol and
   * family, TCP and IPv4 first. Needs no administrator.
   *
   * @param protocols default both
   * @throws PortReservationError: InvalidParameter; OperationTimeout or NativeError if netsh cannot be read
   * @see netsh interface ipv4 show dynamicport
   */
  async getDynamicPortRanges(protocols?: readonly Protocol[]): Promise<DynamicPortRangeSetting[]> {
    return readDynamicPortRanges(this.native, protocols);
  }

  /**
   * Changes the dynamic range of each protocol and family, at once and through restarts (rule N10): all of them, or none if one
   * fails. It is read back. Ports that are bound stay bound. Needs an elevated administrator.
   *
   * An abort rejects with the signal's reason; one that comes after the first change has no effect.
   *
   * @returns the ranges as they are now, TCP and IPv4 first
   * @throws PortReservationError: InvalidParameter for what Windows refuses: a start below 1025, fewer than 255 ports, an end
   *   past port 65535; AccessDenied; OperationTimeout or NativeError of netsh. The message names what could not be set back
   * @see netsh interface ipv4 set dynamicport
   */
  async setDynamicPortRange(request: DynamicPortRangeRequest): Promise<DynamicPortRangeSetting[]> {
    const checked = checkDynamicPortRangeRequest(request);
    return this.#underWay(this.#rangeTurn(() => changeDynamicPortRange(this.native, checked)));
  }

  /**
   * Ends the reservation of exactly this block: deletes a persistent one or an exclusion, which needs an elevated
   * administrator, or releases a runtime one of this object. Sockets already bound from it stay bound (rule A11).
   *
   * An abort rejects with the signal's reason; a runtime reservation is ended all the same (see
   * {@link RuntimeReservation.release}). The signal and the time-out have no effect on the other kinds.
   *
   * @param options `store`, for an exclusion: `persistent`, the default, removes it permanently, `active` until the next
   *   restart
   * @returns the reservation as it was
   * @throws PortReservationError: InvalidParameter; AccessDenied; ReservationNotFound (rule P10); TokenNotValid for a runtime
   *   block that is not of this object (rules R4, R5); OperationTimeout or NativeError of netsh
   * @see DeletePersistentTcpPortReservation, SIO_RELEASE_PORT_RESERVATION; netsh interface ipv4 delete excludedportrange
   */
  async remove(kind: OwnKind, block: PortBlock, options: WaitOptions & { store?: Store | undefined } = {}): Promise<Reservation> {
    checkRequest('options', options);
    checkKind(kind, OWN_KINDS);
    const removed = ownKindOf(kind);
    const { store, timeout, signal } = options;
    // Not checked with the others: a time-out is accepted for every kind, and has no effect where nothing is waited for.
    removed.check({ store });
    return this.#underWay(removed.remove(this, checkBlock(block), { store, timeout, signal }));
  }
}
