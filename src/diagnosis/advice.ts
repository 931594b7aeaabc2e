import { formatBlock, singlePort } from '../blocks.js';
import type { PortBlock, Protocol } from '../blocks.js';
import { kindOf, refusesBinds } from '../kinds/kinds.js';
import { DEFAULT_DYNAMIC_PORT_RANGE } from '../reservations/dynamic-port-range.js';
import { closeSocket, createExclusion, setDynamicRange } from '../texts/surfaces.js';
import { joined, text } from '../texts/text.js';
import type { Text, Value } from '../texts/text.js';
import type { Evidence, PortReason } from './evidence.js';
import { forwarder, isSystemProgram, knownService } from './known-services.js';
import { describeOwner } from './owners.js';
import type { PortOwner } from './owners.js';

/** What to do about a port, in one sentence for each holder. */
export function adviceFor(reason: PortReason, evidence: Evidence): Text {
  return ADVICE[reason](evidence);
}

const ADVICE: Readonly<Record<PortReason, (evidence: Evidence) => Text>> = {
  Free: ({ port, protocol, inDynamicRange }) => (inDynamicRange
    ? text('port.freeInDynamicRange', { port, exclude: createExclusion(singlePort(protocol, port)) }) : text('port.free', { port })),
  InUse(evidence) {
    const { block } = evidence;
    const use = adviceForUse(evidence);
    return block && refusesBinds(block) ? text('port.useInBlock', { use, block: formatBlock(block), kind: text(`kind.${block.kind}`) })
      : text('port.use', { use });
  },
  PersistentReservation: ({ block, port, protocol }) =>
    text('port.persistent', { block: shown(block), exclude: createExclusion(block ?? singlePort(protocol, port)) }),
  RuntimeReservation({ block, port, protocol, mayBeWinNat }) {
    if (block && !kindOf(block.kind).isOfOthers) return text('port.ownRuntime', { block: formatBlock(block) });
    return mayBeWinNat ? text('port.winNat', { block: shown(block), exclude: createExclusion(singlePort(protocol, port), { restartWinNat: true }) })
      : text('port.system', { block: shown(block) });
  },
  Exclusion: ({ block, port }) => text('port.exclusion', { port, block: shown(block) }),
  HiddenHolder({ heldForGuest, isUnlisted }) {
    if (heldForGuest) return text('port.guest');
    return text(isUnlisted ? 'port.unlisted' : 'port.hidden');
  },
};

function shown(block: PortBlock | null): string {
  return block ? formatBlock(block) : '';
}

function adviceForUse(evidence: Evidence): Value {
  const { owners, isElevated } = evidence;
  const known = [...new Map(owners.filter(({ processId }) => processId !== null).map((owner) => [owner.processId, owner])).values()];
  if (known.length > 0) {
    const others = known.filter((owner) => isOrdinary(owner));
    const remedies = known.filter((owner) => !isOrdinary(owner)).map((owner) => remedyFor(owner, evidence));
    return joined([...others.length > 0 ? [remedyForPrograms(others, evidence)] : [], ...remedies], '. ');
  }
  if (owners.length === 0) return text('use.timeWait');
  return text(isElevated ? 'use.unknown' : 'use.unknownUnelevated');
}

/** http.sys, which serves IIS and other services, and file sharing listen as this process. */
const SYSTEM_PROCESS = 4;

/** Whether this is a program that a user may end: not this one, whose session would end with it, not a service, and not a part of Windows, Docker or WSL. */
function isOrdinary({ processId, processName, services }: PortOwner): boolean {
  const isOwn = processId === process.pid;
  return !isOwn && processId !== SYSTEM_PROCESS && services.length === 0 && !isSystemProgram(processName) && forwarder(processName) === undefined;
}

function remedyForPrograms(programs: readonly PortOwner[], { dynamic, inDynamicRange, port, protocol }: Evidence): Value {
  if (dynamic && inDynamicRange && programs.every(({ state }) => state !== null && state !== 'Listen')) {
    const exclude = createExclusion(singlePort(protocol, port));
    return text('use.connection', { names: programs.map(nameOf), startPort: dynamic.startPort, exclude });
  }
  // Without a name, nobody can tell whether a process may be ended.
  const nameless = programs.filter(({ processName }) => processName === null).map(({ processId }) => text('use.nameless', { processId: String(processId) }));
  const named = programs.filter(({ processName }) => processName !== null);
  const stop = named.length === 0 ? [] : [text(named.length === 1 ? 'use.program' : 'use.programs', { names: named.map(nameOf) })];
  return joined([...stop, ...nameless], '. ');
}

function remedyFor(owner: PortOwner, evidence: Evidence): Text {
  if (owner.processId === process.pid) return text('use.own', { name: nameOf(owner), close: closeSocket(evidence.protocol, evidence.port) });
  if (owner.processId === SYSTEM_PROCESS) return remedyForSystem(evidence);
  const name = nameOf(owner);
  const what = forwarder(owner.processName);
  if (what) return text('use.forwarder', { name, what });
  if (owner.services.length > 0) return remedyForServices(owner, evidence);
  const remedy = evadeRpc(evidence) ?? text('use.takeAnother');
  return owner.processName?.toLowerCase() === 'svchost.exe' ? text('use.windowsServices', { name, remedy, processId: String(owner.processId) })
    : text('use.windows', { name, remedy });
}

/** Ports of NetBIOS. */
const NETBIOS: Readonly<Record<Protocol, readonly number[]>> = { tcp: [139], udp: [137, 138] };
const SMB = 445;
/** Ports of WinRM, which http.sys serves too. */
const WINRM: readonly number[] = [5985, 5986, 47001];

function remedyForSystem({ protocol, port }: Evidence): Text {
  if (NETBIOS[protocol].includes(port)) return text('use.netbios');
  if (protocol === 'udp') return text('use.driver');
  if (port === SMB) return text('use.smb');
  return text(WINRM.includes(port) ? 'use.winRm' : 'use.http');
}

function remedyForServices(owner: PortOwner, evidence: Evidence): Text {
  const services = owner.services.map((name) => ({ name, known: knownService(name) }));
  const titles = services.map(({ name, known }) => (known ? text('use.serviceTitle', { name, title: known.title }) : name));
  const isSystem = isSystemProgram(owner.processName);
  const rpc = isSystem ? evadeRpc(evidence) : null;
  const [first, ...more] = services;
  if (more.length > 0) {
    return text('use.oneOfServices', {
      services: titles, name: nameOf(owner),
      remedy: rpc ?? text(services.some(({ known }) => known?.isEssential) ? 'use.essentialServices' : 'use.someServices'),
    });
  }
  const service = first?.name ?? '';
  // Stopping the service, not ending its process: the service control manager may start that again.
  const remedy = rpc ?? first?.known?.remedy ?? text(isSystem ? 'use.stopSystemService' : 'use.stopService', { service: inQuotes(service) });
  return text('use.service', { service: titles, name: nameOf(owner), remedy });
}

/** A name for use between apostrophes in a command that people copy. PowerShell takes all of these characters for one, and doubles them to quote. */
function inQuotes(name: string): string {
  return name.replace(/['\u2018-\u201B]/g, '$&$&');
}

/** What to do if RPC gave a service of Windows this port because the dynamic range begins too low; `null` if that is not the case. */
function evadeRpc({ dynamic, inDynamicRange, protocol }: Evidence): Text | null {
  if (!dynamic || !inDynamicRange || protocol !== 'tcp' || dynamic.startPort >= DEFAULT_DYNAMIC_PORT_RANGE.startPort) return null;
  return text('use.rpc', { startPort: dynamic.startPort, restore: setDynamicRange(protocol, DEFAULT_DYNAMIC_PORT_RANGE) });
}

/** A process without its services, which the advice names by themselves. */
function nameOf(owner: PortOwner): Text {
  return describeOwner({ ...owner, services: [] });
}
