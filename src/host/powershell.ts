import { formatRange } from '../blocks.js';
import type { Kind, PortBlock, Store } from '../blocks.js';
import type { ChangeData } from '../desired-state/change-data.js';
import type { PortExplanationData } from '../diagnosis/explain.js';
import type { PortHealth } from '../diagnosis/health.js';
import type { PortOwner } from '../diagnosis/owners.js';
import type { DynamicRangeUse } from '../diagnosis/range-use.js';
import type { DynamicPortRangeSetting } from '../reservations/dynamic-port-range.js';
import { hasStore } from '../kinds/kinds.js';
import { describeNotRead } from '../reservations/not-read.js';
import type { NotRead } from '../reservations/not-read.js';
import { capitalized } from '../util/plain-text.js';
import { say, text } from '../texts/text.js';
import type { Voice } from '../texts/text.js';
import type { BindData, ErrorData, HostData } from './data.js';
import type { Found } from './find.js';
import type { createHandlers } from './methods.js';
import { blockRow, failed, more, notice, rawText, time, Typed, wholeNumber, wordOf } from './rows.js';
import type { Fields } from './rows.js';
import type { Method, Params } from './schemas.js';

/** What is needed besides a result to show it. */
interface Context<Name extends Method = Method> {
  readonly params: Params<Name>;
  readonly voice: Voice;
  /** What the request is about. */
  readonly target: Typed | number | undefined;
}

type Results = { [Name in keyof ReturnType<typeof createHandlers>]: Awaited<ReturnType<ReturnType<typeof createHandlers>[Name]>> } & { 'host.get': HostData };

/** Makes of a result what a cmdlet outputs: objects with their types, and their members in order; warnings; and errors of single blocks. */
export function toPowerShell(method: Method, result: unknown, context: Omit<Context, 'params'> & { readonly params: unknown }): unknown {
  // Each shape takes the result and the parameters of its own method.
  return SHAPES[method]?.(result as never, context as never) ?? result;
}

const SHAPES: { readonly [Name in Method]?: (result: Name extends keyof Results ? Results[Name] : never, context: Context<Name>) => unknown } = {
  'host.get': ({ processId, nodeVersion, backend, isElevated, uptimeSeconds }) => new Typed('PortReservation.Host', {
    ProcessId: processId, NodeVersion: nodeVersion, Backend: backend === 'windows' ? 'Windows' : 'Simulator', IsElevated: isElevated,
    UptimeSeconds: uptimeSeconds,
  }),
  'reservation.create': (made, { voice }) => made.flatMap(({ asked, ...reservation }) => {
    if (!asked) return [reservation];
    const block = blockText({ protocol: reservation.protocol, ...asked });
    return [notice(say(text('exclusion.larger', { block, exclusion: blockText(reservation) }), voice)), reservation];
  }),
  'reservation.list': (listed, { voice }) => (Array.isArray(listed) ? listed : [...noticesOf(listed.notRead, voice), ...listed.reservations]),
  'reservation.find': ({ reservations, missing, notRead }, { voice, params }) =>
    [...noticesOf(notRead, voice), ...reservations, ...notFound(missing, params, voice)],
  'reservation.remove': (result, { params, voice, target }) => {
    if (!('failed' in result)) return result;
    return [...result.removed, ...result.failed.map((error) => failed({ ...error, target, action: actionOf(error, params, voice) }))];
  },
  'port.test': ({ ports, skip }, { params, voice }) => {
    const { quiet, several, protocols, numberOfPorts } = params;
    const isTable = several || protocols.length * numberOfPorts > 1;
    return [
      ...noticesOf(ports.flatMap(({ notRead }) => notRead), voice), ...ports.map((port) => (quiet ? port.canBind : portRow(port, isTable))),
      ...skip === null ? [] : [more(skip)],
    ];
  },
  // Split into lines, because a row has no line breaks.
  'map.render': ({ text: map, notRead }, { voice }) =>
    [...noticesOf(notRead, voice), ...map.replace(/\n$/, '').split('\n').map((line) => rawText(line.replaceAll('\t', ' ')))],
  'health.measure': healthRow,
  'dynamicRange.get': (ranges) => ranges.map(rangeRow),
  'dynamicRange.set': (ranges) => ranges.map(rangeRow),
  'desiredState.plan': ({ id, changes }) => ({ Id: id, Changes: changes.map(changeRow) }),
  // The errors last, because the first one may end the cmdlet.
  'desiredState.apply': (result, { voice }) => [...result.changes.map(changeRow), ...result.changes.flatMap(({ error }, target) =>
    error ? [failed({ ...error, target, action: actionOf(error, result, voice) })] : [])],
  'bind.create': (binds) => binds.map(bindRow),
};

/** The recommended action for an error, if that of its reason does not fit. */
export function actionOf({ reason, advice, nativeCode, nativeName }: ErrorData, params: unknown, voice: Voice): string | undefined {
  const isRestart = typeof params === 'object' && params !== null && (params as { restartWinNat?: unknown }).restartWinNat === true;
  switch (reason) {
    // The advice is specific, unless only a code without a name is known.
    case 'NativeError': return nativeCode === null || nativeName !== null ? advice : undefined;
    // The service did not stop or start in time: Invoke-AssociatedBind cannot help.
    case 'OperationTimeout': return isRestart ? advice : undefined;
    // The usual action is -RestartWinNat, which was just used.
    case 'PortInUse': return isRestart ? say(text('action.portInUse.restarted'), voice) : undefined;
    default: return undefined;
  }
}

/** A block in the words of PowerShell: `Tcp 5000-5019 (Exclusion, Active)`. */
function blockText({ protocol, kind, store, ...range }: PortBlock & { readonly kind?: Kind; readonly store?: Store | null }): string {
  const words = kind ? [kind, ...hasStore(kind) && store === 'active' ? [store] : []] : [];
  return `${wordOf(protocol)} ${formatRange(range)}${words.length > 0 ? ` (${words.map(wordOf).join(', ')})` : ''}`;
}

/** A warning for each list that could not be read. The objects are what the other sources know. */
function noticesOf(notRead: readonly NotRead[], voice: Voice): Fields[] {
  const texts = notRead.map((failure) => say(text('health.notRead', { what: describeNotRead({ ...failure, protocol: wordOf(failure.protocol) }) }), voice));
  return [...new Set(texts)].map(notice);
}

/** Why a block was not found: for each protocol, or once where one of them would have been enough. */
function notFound(missing: Found['missing'], params: Params<'reservation.find'>, voice: Voice): Fields[] {
  const { protocols, startPort, numberOfPorts, kinds = [], any = false } = params;
  return missing.slice(0, any ? 1 : missing.length).map(({ protocol, error }) => {
    const asked = { protocols: any ? protocols : [protocol], startPort, numberOfPorts, kind: kinds.map(wordOf).join(' ') };
    // The error of Windows is only about a look-up by token. Where other kinds were searched as well, it would mislead.
    if (error && ['Persistent', 'Runtime'].includes(asked.kind)) return failed({ ...error, target: blockRow(asked) });
    const block = `${asked.protocols.map(wordOf).join(', ')} ${formatRange({ startPort, numberOfPorts })}${asked.kind ? ` (${asked.kind})` : ''}`;
    return failed({
      reason: 'ReservationNotFound', message: say(text('find.none', { block }), voice),
      advice: say(text('find.none.advice', { startPort: String(startPort) }), voice),
      nativeCode: error?.nativeCode ?? null, nativeName: error?.nativeName ?? null, target: blockRow(asked),
    });
  });
}

/** A bind, in the words of PowerShell. */
function bindRow({ id, protocol, addressFamily, localAddress, localPort, state, owningProcess, reservation }: BindData): Typed {
  return new Typed('Bind', {
    Id: id, Protocol: wordOf(protocol), AddressFamily: wordOf(addressFamily), LocalAddress: localAddress, LocalPort: localPort, State: wordOf(state),
    OwningProcess: owningProcess, Reservation: reservation,
  });
}

function changeRow(change: ChangeData): Typed {
  return new Typed('PortReservation.ReservationChange', {
    Protocol: wordOf(change.protocol), StartPort: change.startPort, EndPort: change.endPort, NumberOfPorts: change.numberOfPorts, Kind: wordOf(change.kind),
    Token: change.token && wholeNumber(change.token), AddressFamily: null, OwningProcess: null, Store: change.store && wordOf(change.store),
    Change: capitalized(change.change), Changed: change.changed, Reason: change.reason,
  });
}

function rangeRow({ protocol, addressFamily, startPort, endPort, numberOfPorts, isDefault }: DynamicPortRangeSetting): Typed {
  return new Typed('PortReservation.DynamicPortRange', {
    Protocol: wordOf(protocol), AddressFamily: wordOf(addressFamily), StartPort: startPort, EndPort: endPort, NumberOfPorts: numberOfPorts,
    IsDefault: isDefault,
  });
}

function portRow(port: PortExplanationData, isTable: boolean): Typed {
  // Two type names select the table view of PortReservation.Format.ps1xml.
  return new Typed(isTable ? 'PortReservation.PortTest PortReservation.PortTest#Several' : 'PortReservation.PortTest', {
    Protocol: wordOf(port.protocol), Port: port.port, LocalAddress: port.localAddress, CanBind: port.canBind, Reason: port.reason, Block: port.block,
    OwningProcess: port.owningProcess, ProcessName: port.processName, ProcessStartTime: port.processStartTime && time(port.processStartTime),
    Owners: port.owners.map(ownerRow), InDynamicRange: port.inDynamicRange, BindError: port.bindError, Disagreement: port.disagreement, Advice: port.advice,
  });
}

function ownerRow({ protocol, localAddress, addressFamily, state, processId, processName, path, startTime, services }: PortOwner): Typed {
  return new Typed('PortReservation.PortOwner', {
    Protocol: wordOf(protocol), LocalAddress: localAddress, AddressFamily: wordOf(addressFamily), State: state, ProcessId: processId, ProcessName: processName,
    Path: path, StartTime: startTime && time(startTime), Service: services,
  });
}

function healthRow({ dynamicRanges, heldPorts, winNat, guestPorts, findings }: PortHealth): Typed {
  return new Typed('PortReservation.Health', {
    IsHealthy: findings.every(({ severity }) => severity === 'Information'),
    DynamicRanges: dynamicRanges.map(useRow),
    HeldPorts: heldPorts.map(({ protocol, kind, blocks, ports }) =>
      new Typed('PortReservation.HeldPorts', { Protocol: wordOf(protocol), Kind: wordOf(kind), Blocks: blocks, Ports: ports })),
    // As in Get-Service.
    WinNat: winNat && capitalized(winNat),
    GuestPorts: guestPorts,
    Findings: findings.map(({ severity, name, protocol, text, advice }) => new Typed('PortReservation.HealthFinding', {
      Severity: severity, Name: name, Protocol: protocol && wordOf(protocol), Text: text, Advice: advice,
    })),
  });
}

function useRow(use: DynamicRangeUse): Typed {
  return new Typed('PortReservation.DynamicRangeUse', {
    Protocol: wordOf(use.protocol), StartPort: use.startPort, EndPort: use.endPort, NumberOfPorts: use.numberOfPorts, IsDefault: use.isDefault,
    Ranges: use.ranges.map(rangeRow), PortsInUse: use.portsInUse, PortsHeld: use.portsHeld, PortsFree: use.portsFree, PercentUsed: use.percentUsed,
    Connections: use.connections, TimeWait: use.timeWait,
    Processes: use.processes.map(({ processId, processName, services, ports, connections }) => new Typed('PortReservation.DynamicRangeUser', {
      ProcessId: processId, ProcessName: processName, Service: services, Ports: ports, Connections: connections,
    })),
  });
}
