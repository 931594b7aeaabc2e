import { formatBlock, KIND_NAMES } from '../blocks.js';
import type { Protocol, Reservation } from '../blocks.js';
import { DEFAULT_DYNAMIC_PORT_RANGE } from '../reservations/dynamic-port-range.js';
import { describeNotRead } from '../reservations/not-read.js';
import type { NotRead } from '../reservations/not-read.js';
import type { ServiceState } from '../win32/services.js';
import { createExclusion, setDynamicRange } from './commands.js';
import type { DynamicRangeUse, DynamicRangeUser, ProtocolState } from './health.js';
import { wellKnownPorts } from './well-known-ports.js';

/** `Error`: programs fail now. `Warning`: they are going to. `Information`: nothing to do. */
export type Severity = 'Error' | 'Warning' | 'Information';

/**
 * What a finding is about:
 *
 * - `DynamicRangeExhausted`, `DynamicRangeFilling`: hardly a port, or few ports, of the dynamic range can still be assigned
 * - `DynamicRangeHeld`: blocks hold more than half of the dynamic range
 * - `DynamicRangeLow`, `DynamicRangeSmall`: it contains the ports of servers, or has few ports
 * - `DynamicRangeFamilies`: the ranges of IPv4 and IPv6 differ
 * - `DynamicRangeChanged`: it is not Windows' default, and nothing is wrong with it
 * - `WellKnownPortHeld`: a port that servers expect is in a block that refuses them
 * - `WinNatHolds`, `GuestsHold`: WinNAT, or Hyper-V's networking for guests, holds ports
 * - `NotRead`: something could not be read
 */
export type FindingName = 'DynamicRangeExhausted' | 'DynamicRangeFilling' | 'DynamicRangeHeld' | 'DynamicRangeLow' | 'DynamicRangeSmall'
  | 'DynamicRangeFamilies' | 'DynamicRangeChanged' | 'WellKnownPortHeld' | 'WinNatHolds' | 'GuestsHold' | 'NotRead';

/** One thing to know about the ports of a system, and what to do. Plain data, for JSON. */
export interface HealthFinding {
  readonly severity: Severity;
  readonly name: FindingName;
  /** `null` if it is not about one protocol. */
  readonly protocol: Protocol | null;
  /** What it is, in one or two sentences. */
  readonly text: string;
  /** What to do, in one or two sentences. */
  readonly advice: string;
}

const SEVERITIES: readonly Severity[] = ['Error', 'Warning', 'Information'];
/** Percent of the dynamic range that is used. */
const EXHAUSTED = 95;
const FILLING = 80;
const MUCH_HELD = 50;
/** A range that begins lower contains the ports of many servers. */
const LOW = 10_000;
/** A quarter of Windows' default. */
const SMALL = 4_096;

export function findingsOf(states: readonly ProtocolState[], winNat: ServiceState | null, notRead: readonly NotRead[]): HealthFinding[] {
  const mayBeWinNat = winNat !== null && winNat !== 'stopped';
  const findings = [
    ...states.flatMap(({ range }) => (range ? [...fillOf(range), ...shapeOf(range)] : [])),
    ...states.flatMap((state) => state.blocks.flatMap((block) => wellKnownIn(block, state, mayBeWinNat))),
    ...holdersOf(states, mayBeWinNat),
    ...notRead.map((failure): HealthFinding => ({
      severity: 'Warning', name: 'NotRead', protocol: failure.protocol, text: sentence(describeNotRead(failure)),
      advice: 'The rest is what the other sources know: run netsh yourself to see why it cannot be read.',
    })),
  ];
  return findings.sort((a, b) => SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity));
}

function fillOf(range: DynamicRangeUse): HealthFinding[] {
  const { protocol, percentUsed, portsInUse, portsHeld, portsFree, numberOfPorts, timeWait } = range;
  const findings: HealthFinding[] = [];
  if (percentUsed >= FILLING) {
    // Not one that has hardly any part in it.
    const [most] = range.processes.filter(({ processId, ports }) => processId !== null && ports * 10 >= numberOfPorts);
    const what = `${portsInUse} of the ${numberOfPorts} ports of the ${protocol} dynamic range are in use and ${portsHeld} held by blocks: ${portsFree} are left`;
    findings.push({
      severity: percentUsed >= EXHAUSTED ? 'Error' : 'Warning', name: percentUsed >= EXHAUSTED ? 'DynamicRangeExhausted' : 'DynamicRangeFilling', protocol,
      text: `${what}${most ? `, and ${formatUser(most)} has ${most.ports} of them` : ''}. `
        + 'Where none is left, connections fail (WSAENOBUFS 10055, WSAEADDRINUSE 10048).',
      advice: [
        ...most ? [`Look at ${formatUser(most)}: a program that opens connections and does not close or reuse them`] : [],
        ...timeWait > portsInUse / 2 ? [`${timeWait} connections are closed and keep their port for a few minutes (TIME_WAIT): reuse connections`] : [],
        ...portsHeld > portsInUse ? ['the blocks hold most of it: remove what is not needed, or restart WinNAT to give back what containers do not use'] : [],
        `a larger range helps: ${setDynamicRange(protocol, larger(range))}`,
      ].join('; ').replace(/^./, (first) => first.toUpperCase()).concat('.'),
    });
  } else if (portsHeld * 100 >= numberOfPorts * MUCH_HELD) {
    findings.push({
      severity: 'Warning', name: 'DynamicRangeHeld', protocol,
      text: `Blocks hold ${portsHeld} of the ${numberOfPorts} ports of the ${protocol} dynamic range: Windows can assign only the rest.`,
      advice: `List them (Get-PortReservation, on the command line: list), and remove those that are not needed, or make the range larger: `
        + `${setDynamicRange(protocol, larger(range))}.`,
    });
  }
  return findings;
}

/** Twice as many ports if there is room for them, downwards from the last port; Windows' default at least. */
function larger({ numberOfPorts }: DynamicRangeUse) {
  const wanted = Math.min(Math.max(numberOfPorts * 2, DEFAULT_DYNAMIC_PORT_RANGE.numberOfPorts), 65_536 - LOW);
  return { startPort: 65_536 - wanted, numberOfPorts: wanted };
}

function shapeOf(range: DynamicRangeUse): HealthFinding[] {
  const { protocol, startPort, endPort, numberOfPorts, isDefault, ranges } = range;
  const restore = `Set it back to Windows' default: ${setDynamicRange(protocol, DEFAULT_DYNAMIC_PORT_RANGE)}. WinNAT keeps the blocks it has until it `
    + 'starts again (restart Windows, or "net stop winnat" and "net start winnat").';
  const findings: HealthFinding[] = [];
  if (startPort < LOW) {
    const inside = wellKnownPorts(protocol, startPort, endPort).map(({ port, name }) => `${port} (${name})`);
    findings.push({
      severity: 'Warning', name: 'DynamicRangeLow', protocol,
      text: `The ${protocol} dynamic range is ${startPort}-${endPort}: it begins so low that Windows assigns ports of servers`
        + `${inside.length > 0 ? `, such as ${inside.slice(0, 5).join(', ')},` : ''} to any program, and WinNAT takes blocks among them.`,
      advice: restore,
    });
  }
  if (numberOfPorts < SMALL) {
    findings.push({
      severity: 'Warning', name: 'DynamicRangeSmall', protocol,
      text: `The ${protocol} dynamic range ${startPort}-${endPort} has only ${numberOfPorts} ports, for all outgoing ${protocol === 'tcp' ? 'connections' : 'traffic'} and WinNAT's blocks.`,
      advice: restore,
    });
  }
  const [first, ...others] = ranges;
  if (first && others.some((other) => other.startPort !== first.startPort || other.numberOfPorts !== first.numberOfPorts)) {
    findings.push({
      severity: 'Warning', name: 'DynamicRangeFamilies', protocol,
      text: `The ${protocol} dynamic range differs: ${ranges.map((each) => `${each.startPort}-${each.endPort} for ${each.addressFamily}`).join(', ')}.`,
      advice: `Set one for both: ${setDynamicRange(protocol, DEFAULT_DYNAMIC_PORT_RANGE)}.`,
    });
  }
  if (findings.length === 0 && !isDefault) {
    findings.push({
      severity: 'Information', name: 'DynamicRangeChanged', protocol,
      text: `The ${protocol} dynamic range is ${startPort}-${endPort}, which is not Windows' default.`,
      advice: `Nothing to do if that is meant. Windows' default: ${setDynamicRange(protocol, DEFAULT_DYNAMIC_PORT_RANGE)}.`,
    });
  }
  return findings;
}

/** A server that listens has its port: the block is its own. A block of one port was made for that port. */
function wellKnownIn(block: Reservation, { protocol, guestBlocks, listeners }: ProtocolState, mayBeWinNat: boolean): HealthFinding[] {
  if (block.kind === 'exclusion' || block.kind === 'runtime' || block.numberOfPorts === 1) return [];
  const ports = wellKnownPorts(protocol, block.startPort, block.endPort).filter(({ port }) => !listeners.has(port));
  const [first] = ports;
  if (!first) return [];
  const isOfGuest = guestBlocks.includes(block);
  const one = { protocol, startPort: first.port, numberOfPorts: 1 };
  return [{
    severity: 'Warning', name: 'WellKnownPortHeld', protocol,
    text: `${ports.map(({ port, name }) => `${protocol} ${port} (${name})`).join(', ')}: a server cannot bind ${ports.length === 1 ? 'it' : 'them'}, because `
      + `${formatBlock(block)} is a ${isOfGuest ? 'block that Hyper-V\'s networking holds for a guest' : KIND_NAMES[block.kind]}.`,
    advice: isOfGuest ? 'Where the port is needed, change the guest\'s networking, such as WSL\'s networkingMode.'
      : block.kind === 'persistent'
        ? `Where a server binds the port itself, remove the reservation and create an exclusion (${createExclusion(one)}).`
        : mayBeWinNat
          ? `Where the port is needed, take it back from WinNAT with an exclusion (${createExclusion(one, { restartWinNat: true })}).`
          : 'Where the port is needed, end the program that holds the block, then exclude the port '
            + `(${createExclusion(one)}).`,
  }];
}

function holdersOf(states: readonly ProtocolState[], mayBeWinNat: boolean): HealthFinding[] {
  const findings: HealthFinding[] = [];
  const count = (pick: (state: ProtocolState) => readonly Reservation[]) => states
    .map((state) => ({ protocol: state.protocol, ports: pick(state).reduce((sum, { numberOfPorts }) => sum + numberOfPorts, 0) }))
    .filter(({ ports }) => ports > 0).map(({ protocol, ports }) => `${ports} ${protocol} ports`).join(' and ');
  const others = count(({ blocks, guestBlocks }) => blocks.filter((block) => block.kind === 'system' && !guestBlocks.includes(block)));
  if (mayBeWinNat && others) {
    findings.push({
      severity: 'Information', name: 'WinNatHolds', protocol: null,
      text: `The service winnat is running, for Hyper-V, Docker or WSL. Other programs, WinNAT among them, hold ${others}.`,
      advice: 'Nothing to do, unless you need one of these ports: exclude it before WinNAT takes it, and it stays out of its blocks.',
    });
  }
  const guests = count(({ guestBlocks }) => guestBlocks);
  if (guests) {
    findings.push({
      severity: 'Information', name: 'GuestsHold', protocol: null,
      text: `Hyper-V's networking holds ${guests} for guests, such as WSL with mirrored networking; netsh does not list them.`,
      advice: 'Nothing to do, unless you need one of these ports: change the guest\'s networking.',
    });
  }
  return findings;
}

export function formatUser({ processId, processName, services }: DynamicRangeUser): string {
  if (processId === null) return 'closed connections and unknown processes';
  return `${processName ?? 'a process'} (${[processId, ...services].join(', ')})`;
}

function sentence(text: string): string {
  const start = text.slice(0, 1).toUpperCase() + text.slice(1);
  return /[.!?]$/.test(start) ? start : `${start}.`;
}
