import { endPortOf, formatRange } from '../blocks.js';
import type { PortBlock, Ports, Protocol } from '../blocks.js';
import { capitalized, shortened } from '../util/plain-text.js';

/** Whose words a text has: members of the library and its host, parameters of the cmdlets, or options of the command line. */
export type Surface = 'library' | 'powershell' | 'cli';

/** How one surface calls things. A text says `{$startPort}` for a name, and takes an operation as a value. */
interface SurfaceWords {
  readonly names: Readonly<Record<Name, string>> & Readonly<Record<string, string>>;
  /** What a member of a block is called. */
  member(name: string): string;
  /** A word of the library, such as `IPv4`; one that is none stays as it is. */
  word(word: string): string;
  createExclusion(block: PortBlock, restartWinNat: boolean): string;
  setDynamicRange(protocol: Protocol, range: Ports): string;
  explain(protocol: Protocol, port: number): string;
  closeSocket(protocol: Protocol, port: number): string;
}

/** An operation, in the words of whichever surface. */
export type Operation = (surface: SurfaceWords) => string;

/** How to create an exclusion. */
export function createExclusion(block: PortBlock, { restartWinNat = false } = {}): Operation {
  return (surface) => surface.createExclusion(block, restartWinNat);
}

/** How to set the dynamic range of a protocol. */
export function setDynamicRange(protocol: Protocol, range: Ports): Operation {
  return (surface) => surface.setDynamicRange(protocol, range);
}

/** How to ask who has a port. */
export function explainPort(protocol: Protocol, port: number): Operation {
  return (surface) => surface.explain(protocol, port);
}

/** How to close the sockets that this session has on a port. */
export function closeSocket(protocol: Protocol, port: number): Operation {
  return (surface) => surface.closeSocket(protocol, port);
}

/** What an argument or an operation of the library is called. Another name stays as it is. */
export function nameOf(name: string): Operation {
  return ({ names }) => (Object.hasOwn(names, name) ? names[name] ?? name : name);
}

/** A value that may be a word of the library, such as `IPv4`, between quotation marks. */
export function quotedWord(value: string): Operation {
  return (surface) => JSON.stringify(surface.word(value));
}

/** What a member of a block is called, such as `startPort`. */
export function memberOf(name: string): Operation {
  return (surface) => shortened(surface.member(name));
}

const LIBRARY_NAMES = {
  startPort: 'startPort', numberOfPorts: 'numberOfPorts', protocol: 'protocol', addressFamily: 'addressFamily', kind: 'kind', timeout: 'timeout',
  ifNotExists: 'ifNotExists', restartWinNat: 'restartWinNat', purge: 'purge', within: 'within', previous: 'previous', list: 'list()', bind: 'bind()',
  listLasting: "list({ kinds: ['persistent', 'exclusion'] })", setRange: 'setDynamicPortRange()',
} as const;
export type Name = keyof typeof LIBRARY_NAMES;

const LIBRARY: SurfaceWords = {
  names: { ...LIBRARY_NAMES, document: 'blocks', previousDocument: 'previousBlocks' },
  member: (name) => name,
  word: (word) => word,
  createExclusion: ({ protocol, startPort, numberOfPorts }, restartWinNat) => `create({ kind: 'exclusion', protocols: ['${protocol}'], `
    + `startPort: ${startPort}, numberOfPorts: ${numberOfPorts}${restartWinNat ? ', restartWinNat: true' : ''} })`,
  setDynamicRange: (protocol, { startPort, numberOfPorts }) =>
    `setDynamicPortRange({ protocols: ['${protocol}'], startPort: ${startPort}, numberOfPorts: ${numberOfPorts} })`,
  explain: (protocol, port) => `explain('${protocol}', ${port})`,
  closeSocket: () => 'close()',
};

/** Arguments whose values are words. */
export const WORDED: ReadonlySet<string> = new Set(['protocol', 'protocols', 'kind', 'kinds', 'store', 'addressFamily', 'addressFamilies']);

/** The words of PowerShell for those of the library. */
export const POWERSHELL_WORDS: Readonly<Record<string, string>> = {
  tcp: 'Tcp', udp: 'Udp', persistent: 'Persistent', runtime: 'Runtime', exclusion: 'Exclusion', system: 'System', active: 'Active',
  IPv4: 'InterNetwork', IPv6: 'InterNetworkV6', bound: 'Bound', listening: 'Listening', closed: 'Closed',
};

const POWERSHELL: SurfaceWords = {
  names: {
    startPort: '-StartPort', numberOfPorts: '-NumberOfPorts', protocol: '-Protocol', protocols: '-Protocol', addressFamily: '-AddressFamily',
    addressFamilies: '-AddressFamily', localAddress: '-LocalAddress', dualStack: '-DualStack', ifNotExists: '-IfNotExists',
    restartWinNat: '-RestartWinNat', backlog: '-Backlog', count: '-Count', from: '-From', kind: '-Kind', listen: '-Listen', port: '-Port',
    store: '-Store', timeout: '-TimeoutSec', token: '-Token', list: 'Get-PortReservation',
    listLasting: 'Get-PortReservation -Kind Persistent, Exclusion', bind: 'Invoke-AssociatedBind', setRange: 'Set-DynamicPortRange',
    path: '-Path', blocks: '-InputObject', document: '-Path', previous: '-PreviousPath', previousPath: '-PreviousPath', previousBlocks: '-PreviousPath',
    previousDocument: '-PreviousPath', purge: '-Purge', within: '-Within',
  },
  member: capitalized,
  word: (word) => (Object.hasOwn(POWERSHELL_WORDS, word) ? POWERSHELL_WORDS[word] ?? word : word),
  createExclusion: (block, restartWinNat) => `New-PortReservation${block.protocol === 'udp' ? ' -Protocol Udp' : ''} -StartPort ${block.startPort}`
    + `${endPortOf(block) === block.startPort ? '' : ` -NumberOfPorts ${block.numberOfPorts}`} -Kind Exclusion${restartWinNat ? ' -RestartWinNat' : ''}`,
  setDynamicRange: (protocol, { startPort, numberOfPorts }) =>
    `Set-DynamicPortRange -Protocol ${protocol === 'tcp' ? 'Tcp' : 'Udp'} -StartPort ${startPort} -NumberOfPorts ${numberOfPorts}`,
  explain: (protocol, port) => `Test-PortReservation -Port ${port}${protocol === 'udp' ? ' -Protocol Udp' : ''}`,
  closeSocket: (protocol, port) => `Close-AssociatedBind -LocalPort ${port}${protocol === 'udp' ? ' -Protocol Udp' : ''}`,
};

/** The command line speaks English only, so its names may be words. */
const CLI: SurfaceWords = {
  names: {
    startPort: 'the first port', numberOfPorts: 'the number of ports (--count)', protocol: '--protocol', protocols: '--protocol',
    addressFamily: '--address-family', addressFamilies: '--address-family', localAddress: '--local-address', dualStack: '--dual-stack',
    ifNotExists: '--if-not-exists', restartWinNat: '--restart-winnat', backlog: '--backlog', count: '--count', from: '--from', kind: '--kind',
    listen: '--listen', port: '--port', store: '--store', timeout: '--timeout', token: '--token', input: '--input', path: '--path',
    delimiter: '--delimiter', ports: 'the argument ports', file: 'the file', shell: 'the shell', resource: 'the resource',
    operation: 'the operation', purge: '--purge', within: '--within', previous: '--previous', start: '--start', simulator: '--simulator',
    'simulator-state': '--simulator-state', 'local-address': '--local-address', 'address-family': '--address-family',
    'until-signal': '--until-signal',
    list: 'port-reservation list', listLasting: 'port-reservation list --kind persistent,exclusion', bind: 'port-reservation bind',
    setRange: 'port-reservation dynamic-range set',
  },
  member: (name) => name,
  word: (word) => word,
  createExclusion: (block, restartWinNat) => `port-reservation create ${formatRange(block)}${block.protocol === 'udp' ? ' --protocol udp' : ''}`
    + ` --kind exclusion${restartWinNat ? ' --restart-winnat' : ''}`,
  setDynamicRange: (protocol, { startPort, numberOfPorts }) =>
    `port-reservation dynamic-range set --protocol ${protocol} --start ${startPort} --count ${numberOfPorts}`,
  explain: (protocol, port) => `port-reservation explain ${port}${protocol === 'udp' ? ' --protocol udp' : ''}`,
  closeSocket: () => 'close()',
};

export const SURFACES: Readonly<Record<Surface, SurfaceWords>> = { library: LIBRARY, powershell: POWERSHELL, cli: CLI };
export const SURFACE_NAMES = Object.keys(SURFACES) as readonly Surface[];
