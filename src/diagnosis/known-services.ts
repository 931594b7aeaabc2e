/** What a service of Windows has ports for, and what to do about it. */
export interface KnownService {
  /** Its English name in the list of services. */
  readonly title: string;
  /** A clause, or several: what it has the port for, and what to do. */
  readonly remedy: string;
  /** Windows cannot do without it. */
  readonly isEssential?: boolean;
}

function essential(title: string): KnownService {
  return { title, remedy: 'Windows needs it: take another port', isEssential: true };
}

/** RPC gives it a port of the dynamic range. */
function essentialRpc(title: string): KnownService {
  return { title, remedy: 'Windows needs it, and RPC gives it a port of the dynamic range when it starts: take another port', isEssential: true };
}

/**
 * Services of Windows that people find in their way, by their name in lower case.
 * Source: https://learn.microsoft.com/troubleshoot/windows-server/networking/service-overview-and-network-port-requirements
 */
const SERVICES: Readonly<Record<string, KnownService>> = {
  iphlpsvc: {
    title: 'IP Helper',
    remedy: 'it listens for the rules of netsh\'s port proxy ("netsh interface portproxy show all" lists them): delete the rule of this port, '
      + 'or take another port',
  },
  sharedaccess: {
    title: 'Internet Connection Sharing',
    remedy: 'it serves DNS and DHCP to a mobile hotspot, WSL and Hyper-V\'s Default Switch: bind your program to one address instead of all, '
      + 'or stop the service where nothing needs it',
  },
  dns: {
    title: 'DNS Server',
    remedy: 'besides port 53 it keeps a pool of 2,500 UDP ports (socket pool): leave this port out of the pool '
      + '("dnscmd /Config /SocketPoolExcludedPortRanges" takes ranges) and restart the service, or take another port',
  },
  dnscache: {
    title: 'DNS Client',
    remedy: 'it shares UDP 5353 (mDNS) and 5355 (LLMNR) with programs that bind with SO_REUSEADDR, and cannot be stopped: do the same, '
      + 'or take another port',
  },
  spooler: {
    title: 'Print Spooler',
    remedy: 'RPC gives it a port of the dynamic range when it starts: restart the service to move it, stop it where nobody prints, '
      + 'or take another port',
  },
  hns: { title: 'Host Network Service', remedy: 'it forwards ports to containers and WSL: change what the container publishes, or take another port' },
  vmms: { title: 'Hyper-V Virtual Machine Management', remedy: 'it manages virtual machines (port 2179): take another port' },
  termservice: { title: 'Remote Desktop Services', remedy: 'it serves Remote Desktop (port 3389): turn Remote Desktop off, change its port, or take another port' },
  w32time: { title: 'Windows Time', remedy: 'it uses UDP 123: stop it only where another program sets the clock, or take another port' },
  ssdpsrv: { title: 'SSDP Discovery', remedy: 'it shares UDP 1900 with programs that bind with SO_REUSEADDR: do the same, or stop it where nothing uses UPnP' },
  ikeext: { title: 'IKE and AuthIP IPsec Keying Modules', remedy: 'it uses UDP 500 and 4500: stop it only where nothing uses IPsec, or take another port' },
  remoteaccess: { title: 'Routing and Remote Access', remedy: 'it routes, or serves VPN clients: change its settings, or take another port' },
  dhcpserver: { title: 'DHCP Server', remedy: 'it serves DHCP (UDP 67): change its bindings, or take another port' },
  dosvc: { title: 'Delivery Optimization', remedy: 'it shares updates with other computers (port 7680): turn that off in the settings of Windows Update, or take another port' },
  cdpsvc: { title: 'Connected Devices Platform', remedy: 'it finds other devices (port 5040): stop it where that is not needed, or take another port' },
  rpcss: essential('Remote Procedure Call'),
  rpceptmapper: essential('RPC Endpoint Mapper'),
  dcomlaunch: essential('DCOM Server Process Launcher'),
  eventlog: essentialRpc('Windows Event Log'),
  schedule: essentialRpc('Task Scheduler'),
  sessionenv: essentialRpc('Remote Desktop Configuration'),
  policyagent: essentialRpc('IPsec Policy Agent'),
  samss: essentialRpc('Security Accounts Manager'),
  netlogon: essentialRpc('Netlogon'),
  keyiso: essentialRpc('CNG Key Isolation'),
  ntds: essentialRpc('Active Directory Domain Services'),
  kdc: essential('Kerberos Key Distribution Center'),
};

export function knownService(name: string): KnownService | undefined {
  return Object.hasOwn(SERVICES, name.toLowerCase()) ? SERVICES[name.toLowerCase()] : undefined;
}

/** Programs of Windows that run its services and system: none of them is ever to be ended. */
const SYSTEM_PROGRAMS: ReadonlySet<string> = new Set([
  'svchost.exe', 'lsass.exe', 'lsaiso.exe', 'services.exe', 'wininit.exe', 'winlogon.exe', 'csrss.exe', 'smss.exe', 'spoolsv.exe', 'dns.exe', 'vmms.exe',
]);

export function isSystemProgram(processName: string | null): boolean {
  return processName !== null && SYSTEM_PROGRAMS.has(processName.toLowerCase());
}

/** Programs that have ports for containers and guests, and what to do about them. */
const FORWARDERS: Readonly<Record<string, string>> = {
  'com.docker.backend.exe': 'has the port for a container ("docker ps" shows which): change what the container publishes, or take another port',
  'wslrelay.exe': 'has the port for a program in WSL that listens on it: stop that program, or take another port',
  'vpnkit.exe': 'has the port for a container ("docker ps" shows which): change what the container publishes, or take another port',
};

export function forwarder(processName: string | null): string | undefined {
  const name = processName?.toLowerCase() ?? '';
  return Object.hasOwn(FORWARDERS, name) ? FORWARDERS[name] : undefined;
}
