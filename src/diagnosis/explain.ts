import { setImmediate } from 'node:timers/promises';
import { checkPort, checkProtocol, containsPort, formatBlock, toData } from '../blocks.js';
import type { Protocol, Reservation, ReservationData } from '../blocks.js';
import type { Native } from '../native.js';
import { getDynamicPortRange } from '../reservations/dynamic-port-range.js';
import type { DynamicPortRange } from '../reservations/dynamic-port-range.js';
import { hiddenBlocks, listedBlocks } from '../reservations/inventory.js';
import { settleAll } from '../settle-all.js';
import { usersOfPorts } from '../sockets/listeners.js';
import { tryBothFamilies } from '../sockets/try-bind.js';
import { describeCode } from '../win32/codes.js';
import type { Endpoint } from '../win32/endpoint-tables.js';

export type PortReason = 'Free' | 'InUse' | 'PersistentReservation' | 'RuntimeReservation' | 'Exclusion' | 'HiddenHolder';

/** Why a port can or cannot be bound. */
export interface PortExplanation {
  readonly protocol: Protocol;
  readonly port: number;
  /** The outcome of a real bind, not of the lists. */
  readonly canBind: boolean;
  readonly reason: PortReason;
  /** The block that contains the port. */
  readonly block: Reservation | null;
  readonly owningProcess: number | null;
  readonly processName: string | null;
  /** ISO 8601, UTC. */
  readonly processStartTime: string | null;
  readonly inDynamicRange: boolean;
  /** Name of the Winsock code that the bind gave, `null` when it worked. */
  readonly bindError: string | null;
  /** One sentence where the bind and the lists tell different things, else `null`. */
  readonly disagreement: string | null;
  /** One sentence: what to do. */
  readonly advice: string;
}

/** The same as plain data for JSON. */
export type PortExplanationData = Omit<PortExplanation, 'block'> & { readonly block: ReservationData | null };

export function toExplanationData(explanation: PortExplanation): PortExplanationData {
  return { ...explanation, block: explanation.block && toData(explanation.block) };
}

export interface ExplainOptions {
  /** The dynamic range where the caller knows it, as from MSFT_NetTCPSetting; else netsh is asked (rule N8). */
  readonly dynamicRange?: DynamicPortRange | undefined;
  /** Ends it between two ports. */
  readonly signal?: AbortSignal | undefined;
}

/** What the lists and the try say, before it is judged. */
interface Evidence {
  readonly protocol: Protocol;
  readonly port: number;
  /** Winsock code of the bind, 0 when it worked. */
  readonly code: number;
  readonly block: Reservation | null;
  readonly endpoint: Endpoint | null;
  /** Hyper-V's networking holds it for a guest, which no list of netsh shows (rule N7). */
  readonly heldForGuest: boolean;
  readonly inDynamicRange: boolean;
  readonly isElevated: boolean;
}

/**
 * Explains ports one after the other: asks every list, and really tries the binds.
 *
 * @param own the runtime reservations of this session
 */
export async function* explainPorts(native: Native, protocol: Protocol, ports: Iterable<number>, own: readonly Reservation[],
  { dynamicRange, signal }: ExplainOptions): AsyncGenerator<PortExplanation> {
  checkProtocol(protocol);
  const all = [...ports];
  for (const port of all) checkPort('port', port);
  const [listed, dynamic] = await settleAll([
    listedBlocks(native, protocol, own), dynamicRange ?? getDynamicPortRange(native, protocol),
  ]);
  const lists = { listed, hidden: hiddenBlocks(native, protocol, listed), dynamic, users: usersOfPorts(native, protocol), isElevated: native.isElevated() };
  for (const port of all) {
    signal?.throwIfAborted();
    yield explainPort(native, protocol, port, lists);
    // A try does not wait for anything; whoever else has work here has a turn after each.
    await setImmediate();
  }
}

interface Lists {
  readonly listed: readonly Reservation[];
  readonly hidden: readonly Reservation[];
  readonly dynamic: DynamicPortRange;
  readonly users: ReadonlyMap<number, Endpoint>;
  readonly isElevated: boolean;
}

function explainPort(native: Native, protocol: Protocol, port: number, { listed, hidden: allHidden, dynamic, users, isElevated }: Lists): PortExplanation {
  const hidden = allHidden.find((block) => containsPort(block, port));
  let code = tryBothFamilies(native, protocol, port, 'exclusive');
  // Who came since the first look is in the way now.
  const endpoint = (code === 0 ? users : usersOfPorts(native, protocol)).get(port) ?? null;
  // A listener on one address is in the way too. A connection may only be in the way of exclusive access.
  if (code !== 0 && !endpoint?.listening) code = tryBothFamilies(native, protocol, port, 'plain');
  const evidence: Evidence = {
    protocol,
    port,
    code,
    block: listed.find((block) => containsPort(block, port)) ?? hidden ?? null,
    endpoint,
    heldForGuest: hidden !== undefined,
    inDynamicRange: port >= dynamic.startPort && port < dynamic.startPort + dynamic.numberOfPorts,
    isElevated,
  };
  const reason = judge(evidence);
  const owner = endpoint && endpoint.processId > 0 ? endpoint.processId : null;
  const { name, startTime } = owner === null ? { name: null, startTime: null } : native.processes.get(owner);
  return {
    protocol, port, reason,
    canBind: evidence.code === 0,
    block: evidence.block,
    owningProcess: owner,
    processName: name,
    processStartTime: startTime?.toISOString() ?? null,
    inDynamicRange: evidence.inDynamicRange,
    bindError: evidence.code === 0 ? null : describeCode(evidence.code)?.name ?? String(evidence.code),
    disagreement: disagreementOf(evidence),
    advice: adviceFor(reason, evidence, name),
  };
}

function judge({ code, block, endpoint, heldForGuest }: Evidence): PortReason {
  // An exclusion is told also where nothing is wrong: it explains why the port is never handed out (rule N3).
  if (code === 0) return block?.kind === 'exclusion' ? 'Exclusion' : 'Free';
  if (endpoint && isSomebody(endpoint)) return 'InUse';
  if (heldForGuest) return 'HiddenHolder';
  if (block?.kind === 'persistent') return 'PersistentReservation';
  if (block?.kind === 'runtime' || block?.kind === 'system') return 'RuntimeReservation';
  // Neither a list nor a table knows who it is.
  return endpoint ? 'InUse' : 'HiddenHolder';
}

/** A connection that is closed keeps its port for some minutes (TIME_WAIT), in nobody's name. */
function isSomebody({ listening, processId }: Endpoint): boolean {
  return listening || processId > 0;
}

function disagreementOf({ code, block, endpoint, heldForGuest, protocol, port }: Evidence): string | null {
  if (code === 0) {
    if (endpoint?.listening) return `A process has ${protocol} port ${port}, and yet it can be bound.`;
    if (block && block.kind !== 'exclusion' && !heldForGuest) return `${formatBlock(block)} is listed as ${block.kind}, and yet port ${port} can be bound.`;
    if (heldForGuest) return `Hyper-V's networking holds port ${port} for a guest, and yet it can be bound.`;
    return null;
  }
  return endpoint || heldForGuest || (block && block.kind !== 'exclusion') ? null : `No list shows a holder of port ${port}, and yet it cannot be bound.`;
}

function adviceFor(reason: PortReason, { block, endpoint, inDynamicRange, port, heldForGuest, isElevated }: Evidence, processName: string | null): string {
  const shown = block ? formatBlock(block) : '';
  switch (reason) {
    case 'Free':
      return inDynamicRange
        ? `Port ${port} is free now, but any program may be given it at any time: reserve or exclude it, or use a port outside the dynamic range.`
        : `Port ${port} is free.`;
    case 'InUse':
      if (endpoint && endpoint.processId > 0) return `Stop ${processName ?? 'the process'} (process ${endpoint.processId}) or give one of the two another port.`;
      return endpoint && !isSomebody(endpoint)
        ? 'A closed connection keeps the port for some minutes (TIME_WAIT): wait, or take another port.'
        : `Another process has the port${isElevated ? '' : '; run as an elevated administrator to see which'}: take another port.`;
    case 'PersistentReservation':
      return `Bind a socket that is associated with the reservation ${shown}, or remove the reservation.`;
    case 'RuntimeReservation':
      return block?.kind === 'runtime'
        ? `This session reserved ${shown}: bind a socket that is associated with it, or release it.`
        : `Another program holds ${shown}, such as WinNAT for Hyper-V, Docker or WSL: take another port, or stop the service winnat, reserve the block and start it again.`;
    case 'Exclusion':
      return `Port ${port} lies in the exclusion ${shown}: Windows never hands it out, and an explicit bind works.`;
    case 'HiddenHolder':
      return heldForGuest
        ? 'Hyper-V\'s networking holds the port for a guest, such as WSL with mirrored networking: take another port or change the guest\'s networking.'
        : 'A holder that no list shows has the port, such as a program that bound it and does not listen (netstat -anoq shows it), or WSL with mirrored networking: take another port.';
  }
}
