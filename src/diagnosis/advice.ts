import { formatBlock } from '../blocks.js';
import type { Protocol, Reservation } from '../blocks.js';
import { DEFAULT_DYNAMIC_PORT_RANGE } from '../reservations/dynamic-port-range.js';
import type { DynamicPortRange } from '../reservations/dynamic-port-range.js';
import type { Endpoint } from '../win32/endpoint-tables.js';
import { createExclusion, setDynamicRange } from './commands.js';
import type { PortReason } from './explain.js';
import { forwarder, isSystemProgram, knownService } from './known-services.js';
import type { PortOwner } from './owners.js';

/** What the lists and the bind say about a port. */
export interface Evidence {
  readonly protocol: Protocol;
  readonly port: number;
  /** Winsock code of the bind, 0 if it worked. */
  readonly code: number;
  readonly block: Reservation | null;
  /** Those who use the port, listeners first. */
  readonly users: readonly Endpoint[];
  readonly owners: readonly PortOwner[];
  /** Hyper-V's networking holds it for a guest, which netsh does not list (rule N7). */
  readonly heldForGuest: boolean;
  /** `null` if it could not be read. */
  readonly dynamic: DynamicPortRange | null;
  readonly inDynamicRange: boolean | null;
  /** The list of blocks could not be read. */
  readonly isUnlisted: boolean;
  readonly isElevated: boolean;
  /** Blocks of other programs may be WinNAT's. */
  readonly mayBeWinNat: boolean;
}

/** What to do about a port, in one sentence for each holder. */
export function adviceFor(reason: PortReason, evidence: Evidence): string {
  const { block, protocol, port, heldForGuest, isUnlisted } = evidence;
  const shown = block ? formatBlock(block) : '';
  const thisPort = { protocol, startPort: port, numberOfPorts: 1 };
  switch (reason) {
    case 'Free':
      return evidence.inDynamicRange
        ? `Port ${port} is free now, but Windows may assign it to any program at any time: exclude it (${createExclusion(thisPort)}), `
          + 'reserve it for a program that associates its sockets, or use a port outside the dynamic range.'
        : `Port ${port} is free.`;
    case 'InUse':
      return `${adviceForUse(evidence)}${block && block.kind !== 'exclusion'
        ? `; the port is also in ${shown} (${block.kind}), which refuses other binds` : ''}.`;
    case 'PersistentReservation':
      return `Bind a socket that is associated with the reservation ${shown}. For a program that binds the port itself, `
        + `remove the reservation and create an exclusion instead (${createExclusion(block ?? thisPort)}).`;
    case 'RuntimeReservation':
      return block?.kind === 'runtime'
        ? `This session reserved ${shown}: bind a socket that is associated with it, or release it.`
        : evidence.mayBeWinNat
          ? `Another program holds ${shown}, such as WinNAT for Hyper-V, Docker or WSL: take another port, or take this one back from WinNAT `
            + `with an exclusion (${createExclusion(thisPort, { restartWinNat: true })}), which interrupts the network of containers and virtual `
            + 'machines for a moment. With a reservation, a program that binds the port itself would still be refused.'
          : `Another program holds ${shown}: take another port, or end that program.`;
    case 'Exclusion':
      return `Port ${port} is in the exclusion ${shown}: Windows never assigns it on its own, and an explicit bind works. It keeps out nobody `
        + 'who binds the port explicitly, and programs that reserve it for themselves, such as Windows containers that publish it and QUIC '
        + 'servers, are refused by it (rule R7b).';
    case 'HiddenHolder':
      return heldForGuest
        ? 'Hyper-V\'s networking holds the port for a guest, such as WSL with mirrored networking: '
          + 'take another port, or change the guest\'s networking.'
        : isUnlisted
          ? 'It is not known who holds the port, because the list of blocks could not be read; it may be a reservation or a block of '
            + 'another program: take another port.'
          : 'No list shows who holds the port; it may be a program that bound it but does not listen (netstat -anoq shows it), '
            + 'or WSL with mirrored networking: take another port.';
  }
}

function adviceForUse(evidence: Evidence): string {
  const { owners, isElevated } = evidence;
  const known = [...new Map(owners.filter(({ processId }) => processId !== null).map((owner) => [owner.processId, owner])).values()];
  if (known.length > 0) {
    const others = known.filter((owner) => isOrdinary(owner));
    const remedies = known.filter((owner) => !isOrdinary(owner)).map((owner) => remedyFor(owner, evidence));
    return [...others.length > 0 ? [remedyForPrograms(others, evidence)] : [], ...remedies].join('. ');
  }
  return owners.length === 0
    ? 'A closed connection keeps the port for a few minutes (TIME_WAIT): wait, or take another port'
    : `Another process has the port${isElevated ? '' : '; run as an elevated administrator to see which'}: take another port`;
}

/** http.sys, which serves IIS and other services, and file sharing listen as this process. */
const SYSTEM_PROCESS = 4;

/** A program that somebody started, and may end. */
function isOrdinary({ processId, processName, services }: PortOwner): boolean {
  return processId !== SYSTEM_PROCESS && services.length === 0 && !isSystemProgram(processName) && forwarder(processName) === undefined;
}

function remedyForPrograms(programs: readonly PortOwner[], { dynamic, inDynamicRange, port, protocol }: Evidence): string {
  const names = programs.map(nameOf).join(' and ');
  if (dynamic && inDynamicRange && programs.every(({ state }) => state !== null && state !== 'Listen')) {
    return `${names} has the port for a connection, because it is in the dynamic range (from ${dynamic.startPort}): wait until the connection `
      + `ends, then exclude the port (${createExclusion({ protocol, startPort: port, numberOfPorts: 1 })}), or use one outside that range`;
  }
  return `Stop ${names}, or use another port for one of the ${programs.length === 1 ? 'two ' : ''}programs`;
}

function remedyFor(owner: PortOwner, evidence: Evidence): string {
  if (owner.processId === SYSTEM_PROCESS) return remedyForSystem(evidence);
  const forwards = forwarder(owner.processName);
  if (forwards !== undefined) return `${nameOf(owner)} ${forwards}`;
  return owner.services.length > 0 ? remedyForServices(owner, evidence)
    : `A part of Windows, ${nameOf(owner)}, has the port, and must not be ended: ${evadeRpc(evidence) ?? 'take another port'}`
      + (owner.processName?.toLowerCase() === 'svchost.exe' ? ` (tasklist /svc /fi "PID eq ${owner.processId}" names the service)` : '');
}

/** NetBIOS and SMB. */
const FILE_SHARING = { tcp: [139, 445], udp: [137, 138] } as const satisfies Record<Protocol, readonly number[]>;
/** WinRM, which http.sys serves too. */
const WINRM: readonly number[] = [5985, 5986, 47001];

function remedyForSystem({ protocol, port }: Evidence): string {
  if ((FILE_SHARING[protocol] as readonly number[]).includes(port)) {
    const [name, short] = port === 445 ? ['the service LanmanServer', 'that service'] : ['NetBIOS over TCP/IP', 'NetBIOS'];
    return `Windows' file sharing has the port (${name}): take another port, or turn ${short} off, only where this computer shares no files `
      + 'or printers, and restart Windows';
  }
  if (protocol === 'udp') {
    return 'A driver of Windows has the port, such as http.sys for HTTP/3, file sharing over QUIC, or a VPN: turn off what uses it, or take another port';
  }
  const user = WINRM.includes(port) ? 'Windows Remote Management (the service WinRM)' : 'IIS or another service';
  return `Windows' http.sys has the port for ${user} ("netsh http show servicestate" lists the URLs and their processes): `
    + 'stop that service, or take another port';
}

function remedyForServices(owner: PortOwner, evidence: Evidence): string {
  const { processName } = owner;
  const services = owner.services.map((name) => ({ name, known: knownService(name) }));
  const list = services.map(({ name, known }) => (known ? `${name} (${known.title})` : name));
  const rpc = isSystemProgram(processName) ? evadeRpc(evidence) : null;
  const [first, ...more] = services;
  if (more.length > 0) {
    return `One of the services ${list.slice(0, -1).join(', ')} and ${list.at(-1)} in ${nameOf(owner)} has the port: `
      + (rpc ?? (services.some(({ known }) => known?.isEssential) ? 'Windows needs them: take another port'
        : 'take another port, or stop the one that has it, where nothing needs it ("netstat -abno" in an elevated console names it)'));
  }
  const who = `The service ${list.join()} in ${nameOf(owner)} has the port`;
  if (rpc !== null) return `${who}: ${rpc}`;
  if (first?.known) return `${who}; ${first.known.remedy}`;
  const stop = `Stop-Service '${first?.name}'`;
  // Ending the process would not do: the service control manager may start it again.
  return isSystemProgram(processName)
    ? `${who}: take another port, or stop the service where nothing needs it (${stop})`
    : `${who}: stop the service (${stop}), or use another port for one of the two programs`;
}

/** What to do where RPC gave a service of Windows a port that is meant for servers; `null` where it did not. */
function evadeRpc({ dynamic, inDynamicRange, protocol }: Evidence): string | null {
  if (!dynamic || !inDynamicRange || protocol !== 'tcp' || dynamic.startPort >= DEFAULT_DYNAMIC_PORT_RANGE.startPort) return null;
  return `services of Windows that use RPC get such a port because the dynamic range begins low, at ${dynamic.startPort}: set it back `
    + `(${setDynamicRange(protocol, DEFAULT_DYNAMIC_PORT_RANGE)}) and restart Windows, or take another port`;
}

function nameOf({ processName, processId }: PortOwner): string {
  return `${processName ?? 'the process'} (process ${processId})`;
}
