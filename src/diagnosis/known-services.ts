import { text } from '../texts/text.js';
import type { Text, TextId } from '../texts/text.js';

/** A service of Windows that has ports, and what to do about it. */
interface KnownService {
  /** Its name in the list of services. */
  readonly title: Text;
  /** A clause, or several: what it has the port for, and what to do. */
  readonly remedy: Text;
  /** Whether Windows cannot do without it. */
  readonly isEssential: boolean;
}

/** A service, by its name in lower case. */
type Name = TextId extends infer Id ? (Id extends `service.${infer Service}` ? Service : never) : never;
type Remedy = TextId extends infer Id ? (Id extends `remedy.${infer Service}` ? Service : never) : never;

/**
 * Services of Windows that people find in their way, and which remedy is for each.
 * Source: https://learn.microsoft.com/troubleshoot/windows-server/networking/service-overview-and-network-port-requirements
 */
const SERVICES: Readonly<Record<Name, Remedy>> = {
  iphlpsvc: 'iphlpsvc', sharedaccess: 'sharedaccess', dns: 'dns', dnscache: 'dnscache', spooler: 'spooler', hns: 'hns', vmms: 'vmms',
  termservice: 'termservice', w32time: 'w32time', ssdpsrv: 'ssdpsrv', ikeext: 'ikeext', remoteaccess: 'remoteaccess',
  dhcpserver: 'dhcpserver', dosvc: 'dosvc', cdpsvc: 'cdpsvc',
  // Windows needs these; RPC gives some of them a port of the dynamic range.
  rpcss: 'essential', rpceptmapper: 'essential', dcomlaunch: 'essential', kdc: 'essential',
  eventlog: 'essentialRpc', schedule: 'essentialRpc', sessionenv: 'essentialRpc', policyagent: 'essentialRpc', samss: 'essentialRpc',
  netlogon: 'essentialRpc', keyiso: 'essentialRpc', ntds: 'essentialRpc',
};

export function knownService(name: string): KnownService | undefined {
  const key = name.toLowerCase();
  if (!isKnown(key)) return undefined;
  const remedy = SERVICES[key];
  return { title: text(`service.${key}`), remedy: text(`remedy.${remedy}`), isEssential: remedy === 'essential' || remedy === 'essentialRpc' };
}

function isKnown(key: string): key is Name {
  return Object.hasOwn(SERVICES, key);
}

/** Programs of Windows that run its services and system: none of them is ever to be ended. */
const SYSTEM_PROGRAMS: ReadonlySet<string> = new Set([
  'svchost.exe', 'lsass.exe', 'lsaiso.exe', 'services.exe', 'wininit.exe', 'winlogon.exe', 'csrss.exe', 'smss.exe', 'spoolsv.exe', 'dns.exe', 'vmms.exe',
]);

export function isSystemProgram(processName: string | null): boolean {
  return processName !== null && SYSTEM_PROGRAMS.has(processName.toLowerCase());
}

/** Programs that have ports for containers and guests, and what to do about them. */
const FORWARDERS: Readonly<Record<string, Text>> = {
  'com.docker.backend.exe': text('forwarder.container'), 'vpnkit.exe': text('forwarder.container'), 'wslrelay.exe': text('forwarder.wsl'),
};

export function forwarder(processName: string | null): Text | undefined {
  const name = processName?.toLowerCase() ?? '';
  return Object.hasOwn(FORWARDERS, name) ? FORWARDERS[name] : undefined;
}
