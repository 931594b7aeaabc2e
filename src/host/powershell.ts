import type { ChangeData } from '../desired-state/change-data.js';
import type { PortExplanationData } from '../diagnosis/explain.js';
import type { PortHealth } from '../diagnosis/health.js';
import type { PortOwner } from '../diagnosis/owners.js';
import type { DynamicRangeUse } from '../diagnosis/range-use.js';
import type { DynamicPortRangeSetting } from '../reservations/dynamic-port-range.js';
import type { NotRead } from '../reservations/not-read.js';
import type { Found } from './find.js';
import type { BindData } from './data.js';
import { bindRow, Raw, Time, Typed, wordOf } from './rows.js';
import type { Method } from './schemas.js';

/** What a method gives, as the object that a cmdlet outputs: its type, and its members in their order. */
export function toPowerShell(method: string, result: unknown): unknown {
  return (SHAPES as Partial<Record<string, (value: never) => unknown>>)[method]?.(result as never) ?? result;
}

const SHAPES: Partial<Record<Method, (result: never) => unknown>> = {
  'host.get': ({ processId, nodeVersion, backend, isElevated, uptimeSeconds }: {
    processId: number; nodeVersion: string; backend: string; isElevated: boolean; uptimeSeconds: number;
  }) => new Typed('PortReservation.Host', {
    ProcessId: processId, NodeVersion: nodeVersion, Backend: backend === 'windows' ? 'Windows' : 'Simulator', IsElevated: isElevated, UptimeSeconds: uptimeSeconds,
  }),
  'reservation.list': (result: { reservations: unknown; notRead: readonly NotRead[] } | readonly unknown[]) =>
    'notRead' in result ? { Items: result.reservations, NotRead: result.notRead.map(notReadRow) } : result,
  'reservation.find': ({ reservations, missing, notRead }: Found) => ({
    Items: reservations, NotRead: notRead.map(notReadRow),
    Missing: missing.map(({ protocol, error }) => new Typed('Missing', {
      Protocol: wordOf(protocol), NativeCode: error?.nativeCode ?? null, NativeName: error?.nativeName ?? null, Message: error?.message ?? '', Advice: error?.advice ?? '',
    })),
  }),
  'port.explain': (ports: readonly PortExplanationData[]) =>
    ({ Items: ports.map(portRow), NotRead: ports.flatMap(({ notRead }) => notRead.map(notReadRow)) }),
  // Line by line: a row has no line breaks.
  'map.render': ({ text, notRead }: { text: string; notRead: readonly NotRead[] }) =>
    ({ Items: text.replace(/\n$/, '').split('\n').map((line) => new Raw(line.replaceAll('\t', ' '))), NotRead: notRead.map(notReadRow) }),
  'health.measure': healthRow,
  'dynamicRange.get': (ranges: readonly DynamicPortRangeSetting[]) => ranges.map(rangeRow),
  'dynamicRange.set': (ranges: readonly DynamicPortRangeSetting[]) => ranges.map(rangeRow),
  'desiredState.plan': ({ id, changes }: { id: number; changes: readonly ChangeData[] }) => ({ Id: id, Changes: changes.map(changeRow) }),
  'desiredState.apply': ({ changes }: { changes: readonly ChangeData[] }) => ({ Changes: changes.map(changeRow) }),
  'bind.create': (binds: readonly BindData[]) => binds.map(bindRow),
};

function notReadRow({ list, protocol, message }: NotRead): Typed {
  return new Typed('NotRead', { List: list, Protocol: wordOf(protocol), Message: message });
}

function changeRow({ error, ...change }: ChangeData): Typed {
  return new Typed('PortReservation.ReservationChange', {
    Protocol: wordOf(change.protocol), StartPort: change.startPort, EndPort: change.endPort, NumberOfPorts: change.numberOfPorts, Kind: wordOf(change.kind),
    Token: change.token, AddressFamily: null, OwningProcess: null, Store: change.store && wordOf(change.store),
    Change: change.change.charAt(0).toUpperCase() + change.change.slice(1), Changed: change.changed, Reason: change.reason,
    Error: error && new Typed('Failure', { Reason: error.reason, Message: error.message, Advice: error.advice, NativeCode: error.nativeCode, NativeName: error.nativeName }),
  });
}

function rangeRow({ protocol, addressFamily, startPort, endPort, numberOfPorts, isDefault }: DynamicPortRangeSetting): Typed {
  return new Typed('PortReservation.DynamicPortRange', {
    Protocol: wordOf(protocol), AddressFamily: wordOf(addressFamily), StartPort: startPort, EndPort: endPort, NumberOfPorts: numberOfPorts, IsDefault: isDefault,
  });
}

function portRow(port: PortExplanationData): Typed {
  return new Typed('PortReservation.PortTest', {
    Protocol: wordOf(port.protocol), Port: port.port, LocalAddress: port.localAddress, CanBind: port.canBind, Reason: port.reason, Block: port.block,
    OwningProcess: port.owningProcess, ProcessName: port.processName, ProcessStartTime: port.processStartTime && new Time(port.processStartTime),
    Owners: port.owners.map(ownerRow), InDynamicRange: port.inDynamicRange, BindError: port.bindError, Disagreement: port.disagreement, Advice: port.advice,
  });
}

function ownerRow({ protocol, localAddress, addressFamily, state, processId, processName, path, startTime, services }: PortOwner): Typed {
  return new Typed('PortReservation.PortOwner', {
    Protocol: wordOf(protocol), LocalAddress: localAddress, AddressFamily: wordOf(addressFamily), State: state, ProcessId: processId, ProcessName: processName,
    Path: path, StartTime: startTime && new Time(startTime), Service: services,
  });
}

function healthRow({ dynamicRanges, heldPorts, winNat, guestPorts, findings }: PortHealth): Typed {
  return new Typed('PortReservation.Health', {
    IsHealthy: findings.every(({ severity }) => severity === 'Information'),
    DynamicRanges: dynamicRanges.map(useRow),
    HeldPorts: heldPorts.map(({ protocol, kind, blocks, ports }) =>
      new Typed('PortReservation.HeldPorts', { Protocol: wordOf(protocol), Kind: wordOf(kind), Blocks: blocks, Ports: ports })),
    // As in Get-Service.
    WinNat: winNat && winNat.charAt(0).toUpperCase() + winNat.slice(1),
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
