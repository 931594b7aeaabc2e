import { setImmediate } from 'node:timers/promises';
import { containsPort, formatBlock, LAST_PORT, toData } from '../blocks.js';
import type { Protocol, Reservation, ReservationData } from '../blocks.js';
import { checkPort, checkPorts, checkProtocol, checkRequest } from '../checks.js';
import { invalid } from '../errors.js';
import type { Source } from '../kinds/kind.js';
import { kindOf, refusesBinds } from '../kinds/kinds.js';
import type { Native } from '../native.js';
import { dynamicPortRangeOr } from '../reservations/dynamic-port-range.js';
import type { DynamicPortRange } from '../reservations/dynamic-port-range.js';
import { BlockList } from '../reservations/block-list.js';
import { hiddenBlocks } from '../reservations/inventory.js';
import { collectNotRead } from '../reservations/not-read.js';
import type { NotRead } from '../reservations/not-read.js';
import { mayWinNatHoldPorts } from '../reservations/winnat.js';
import { RangeIndex } from '../range-index.js';
import { settleAll } from '../util/settle-all.js';
import { isSomebody, usersOfPorts } from '../sockets/port-users.js';
import { formatAddress, parseLocalAddress, unspecifiedAddress } from '../sockets/socket-address.js';
import type { LocalAddress } from '../sockets/socket-address.js';
import { BindTries } from '../sockets/try-bind.js';
import type { Access } from '../sockets/try-bind.js';
import { say, text } from '../texts/text.js';
import type { Text } from '../texts/text.js';
import { describeCode } from '../win32/codes.js';
import type { Endpoint } from '../win32/endpoint-tables.js';
import { adviceFor } from './advice.js';
import type { Evidence, PortReason } from './evidence.js';
import { OwnerReader } from './owners.js';
import type { PortOwner } from './owners.js';

/** Why a port can or cannot be bound, as {@link PortReservations.explain} returns it. */
export interface PortExplanation {
  /** Protocol of the port. */
  readonly protocol: Protocol;
  /** The port, 1 to 65535, host byte order. */
  readonly port: number;
  /** The one address that was tried, in its shortest form; `null` for all addresses of both families. */
  readonly localAddress: string | null;
  /** Whether a bind really worked, whatever the lists say. */
  readonly canBind: boolean;
  /** Why it can or cannot be bound. */
  readonly reason: PortReason;
  /** The listed block that contains the port, `null` if there is none. */
  readonly block: Reservation | null;
  /** Everybody who has the port, listeners first: each process at each address. There may be some even if the port can be bound. */
  readonly owners: readonly PortOwner[];
  /** Id of the first owner's process, `null` if there is none or it is not known. */
  readonly owningProcess: number | null;
  /** Name of that process's executable, without its folder; `null` if it is not known. */
  readonly processName: string | null;
  /** Start time of that process, ISO 8601, UTC; `null` if it is not known. */
  readonly processStartTime: string | null;
  /** Whether Windows may assign the port for a bind to port 0 (rule N8); `null` if the dynamic range could not be read. */
  readonly inDynamicRange: boolean | null;
  /** The Winsock code of the failed bind: its name, such as WSAEACCES, or else its number. `null` if the bind worked. */
  readonly bindError: string | null;
  /** How the bind contradicts the lists, in one sentence; otherwise `null`. */
  readonly disagreement: string | null;
  /** The lists that could not be read: the port may be in one of them. Empty if all were. */
  readonly notRead: readonly NotRead[];
  /** What to do, in one sentence for each holder. */
  readonly advice: string;
}

/** A {@link PortExplanation} as plain data for JSON: the token of its block is a decimal string. */
export type PortExplanationData = Omit<PortExplanation, 'block'> & { readonly block: ReservationData | null };

/** Converts an explanation to plain data for JSON, with the token of its block as a decimal string. */
export function toExplanationData(explanation: PortExplanation): PortExplanationData {
  return { ...explanation, block: explanation.block && toData(explanation.block) };
}

/** Options of {@link PortReservations.explain} and {@link PortReservations.explainEach}. */
export interface ExplainOptions {
  /** The dynamic range, if you know it. Default: netsh is asked (rule N8). */
  readonly dynamicRange?: DynamicPortRange | undefined;
  /**
   * Numeric address of this computer to try alone, such as `127.0.0.1`; `0.0.0.0` or `::` for one family. Only owners that such
   * a bind meets are named. Default: all addresses of both families.
   */
  readonly localAddress?: string | undefined;
  /** Stops before the next port; the promise is then rejected with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

/** Explains ports one after the other: reads every list, and tries to bind each port. */
export async function* explainPorts(source: Source, protocol: Protocol, ports: Iterable<number>, options: ExplainOptions): AsyncGenerator<PortExplanation> {
  const { native } = source;
  checkProtocol(protocol);
  checkRequest('ports', ports);
  checkRequest('options', options);
  const { localAddress, signal } = options;
  if (typeof ports[Symbol.iterator] !== 'function') throw invalid('ports', ports, text('rule.numbers'));
  const all: number[] = [];
  for (const port of ports) {
    checkPort('port', port);
    // An iterable may have no end.
    if (all.push(port) > LAST_PORT) throw invalid('ports', ports, text('rule.list', { least: 0, most: LAST_PORT }));
  }
  const dynamicRange = checkRange(options.dynamicRange);
  const local = localAddress === undefined ? null : parseLocalAddress(localAddress);
  const { notRead, onNotRead } = collectNotRead();
  const [listed, dynamic] = await settleAll([
    BlockList.read(source, protocol, { onNotRead }),
    dynamicRange ?? dynamicPortRangeOr(native, protocol, onNotRead),
  ]);
  const lists: Lists = {
    native, protocol, local, tries: new BindTries(native, protocol, local), notRead,
    listed, hidden: new RangeIndex(hiddenBlocks(native, protocol, listed)), dynamic,
    users: usersOfPorts(native, protocol), owners: new OwnerReader(native), isElevated: native.isElevated(),
    mayBeWinNat: lazily(() => mayWinNatHoldPorts(native)),
  };
  for (const port of all) {
    signal?.throwIfAborted();
    yield explainPort(port, lists);
    // Binding is synchronous: yield to other work after each port.
    await setImmediate();
  }
}

/** @returns a copy */
function checkRange(range: DynamicPortRange | undefined): DynamicPortRange | undefined {
  if (range === undefined) return undefined;
  checkRequest('dynamicRange', range);
  const { startPort, numberOfPorts } = range;
  checkPorts({ startPort, numberOfPorts });
  return { startPort, numberOfPorts };
}

/** What is read once for all ports. */
interface Lists {
  readonly native: Native;
  readonly protocol: Protocol;
  /** The one address to try; `null` for all of them. */
  readonly local: LocalAddress | null;
  readonly tries: BindTries;
  readonly notRead: readonly NotRead[];
  readonly listed: BlockList;
  readonly hidden: RangeIndex<Reservation>;
  readonly dynamic: DynamicPortRange | null;
  readonly users: ReadonlyMap<number, readonly Endpoint[]>;
  readonly owners: OwnerReader;
  readonly isElevated: boolean;
  readonly mayBeWinNat: () => boolean;
}

/** Calls a function only when its value is first needed, and then never again. */
function lazily<Value>(ask: () => Value): () => Value {
  let answer: { readonly value: Value } | undefined;
  return () => (answer ??= { value: ask() }).value;
}

function explainPort(port: number, lists: Lists): PortExplanation {
  const evidence = examine(port, lists);
  const { protocol, code, block, owners, inDynamicRange } = evidence;
  const { native: { voice }, local, notRead } = lists;
  const reason = judge(evidence);
  const [first] = owners;
  const disagreement = disagreementOf(evidence);
  return {
    protocol, port, reason,
    localAddress: local?.address ?? null,
    canBind: code === 0,
    block,
    owners,
    owningProcess: first?.processId ?? null,
    processName: first?.processName ?? null,
    processStartTime: first?.startTime ?? null,
    inDynamicRange,
    bindError: code === 0 ? null : describeCode(code)?.name ?? String(code),
    disagreement: disagreement && say(disagreement, voice),
    notRead,
    advice: say(adviceFor(reason, evidence), voice),
  };
}

/** Tries to bind the port, and looks up who has it. */
function examine(port: number, lists: Lists): Evidence {
  const { protocol, local, tries, dynamic, notRead, isElevated } = lists;
  const [hidden] = lists.hidden.at(port);
  const block = lists.listed.at(port) ?? hidden ?? null;
  let code = tryPort(tries, port, 'exclusive', local);
  const users = usersOn(port, code !== 0 && !(block && refusesBinds(block)), lists);
  // Without a listener, only a connection may be in the way: that prevents exclusive access, but no plain bind.
  if (code !== 0 && !users.some(({ listening }) => listening)) code = tryPort(tries, port, 'plain', local);
  return {
    protocol,
    port,
    code,
    block,
    users,
    owners: lists.owners.ownersOf(users),
    heldForGuest: hidden !== undefined,
    dynamic,
    inDynamicRange: dynamic && containsPort(dynamic, port),
    isUnlisted: notRead.some(({ list }) => list === 'excludedPortRanges'),
    isElevated,
    mayBeWinNat: block !== null && kindOf(block.kind).isOfOthers && lists.mayBeWinNat(),
  };
}

/**
 * Who uses the port, at the address that is tried. A process may have taken it since the table was read: where there must be
 * somebody (`isExpected`) and the table shows nobody, it is read again.
 */
function usersOn(port: number, isExpected: boolean, { native, protocol, local, users }: Lists): readonly Endpoint[] {
  const known = users.get(port) ?? [];
  const all = isExpected && known.length === 0 ? usersOfPorts(native, protocol).get(port) ?? [] : known;
  return local ? usersAt(all, local) : all;
}

/** @returns the Winsock code, 0 for success. Refuses an address that the computer does not have */
function tryPort(tries: BindTries, port: number, access: Access, local: LocalAddress | null): number {
  const code = tries.at(port, access);
  if (code === null && local) throw invalid('localAddress', local.address, text('rule.addressOfComputer'));
  return code ?? 0;
}

/**
 * Those whose sockets are in the way of a bind to this address. An IPv6 socket on all addresses may be a dual-stack one, which has
 * the port for IPv4 as well: it counts where no IPv4 socket is in the way.
 */
function usersAt(users: readonly Endpoint[], { family, address }: LocalAddress): readonly Endpoint[] {
  const everywhere = unspecifiedAddress(family);
  const addressOf = (user: Endpoint) => formatAddress(user.addressFamily, user.address, user.scopeId);
  const met = users.filter((user) => user.addressFamily === family
    && (address === everywhere || [address, everywhere].includes(addressOf(user))));
  return met.length > 0 || family === 'IPv6' ? met : users.filter((user) => user.addressFamily === 'IPv6' && addressOf(user) === unspecifiedAddress('IPv6'));
}

function judge({ code, block, users, heldForGuest }: Evidence): PortReason {
  // A kind of block may be worth telling even if the bind worked: because of an exclusion, Windows never assigns the port (rule N3).
  if (code === 0) return block ? kindOf(block.kind).whenBound : 'Free';
  if (users.some(isSomebody)) return 'InUse';
  if (heldForGuest) return 'HiddenHolder';
  // The bind failed, and neither the lists nor the table shows a holder, so there is a hidden one.
  return (block && kindOf(block.kind).whenRefused) ?? (users.length > 0 ? 'InUse' : 'HiddenHolder');
}

function disagreementOf({ code, block, users, heldForGuest, isUnlisted, protocol, port }: Evidence): Text | null {
  if (code === 0) {
    if (users.some(({ listening }) => listening)) return text('disagree.process', { protocol, port });
    if (heldForGuest) return text('disagree.guest', { port });
    if (block && refusesBinds(block)) {
      return text('disagree.block', { block: formatBlock(block), kind: text(`kind.${block.kind}`), port });
    }
    return null;
  }
  const isListed = users.length > 0 || heldForGuest || (block !== null && refusesBinds(block));
  return isListed || isUnlisted ? null : text('disagree.nobody', { port });
}
