import { formatBlock, LAST_PORT, singlePort } from '../blocks.js';
import type { Ports, Protocol, Reservation } from '../blocks.js';
import { kindOf } from '../kinds/kinds.js';
import { DEFAULT_DYNAMIC_PORT_RANGE, isSameRange } from '../reservations/dynamic-port-range.js';
import { describeNotRead } from '../reservations/not-read.js';
import type { NotRead } from '../reservations/not-read.js';
import { mayHoldPorts } from '../reservations/winnat.js';
import type { WinNatState } from '../reservations/winnat.js';
import { createExclusion, setDynamicRange } from '../texts/surfaces.js';
import { joined, text } from '../texts/text.js';
import type { Text, Value } from '../texts/text.js';
import type { DynamicRangeUse, DynamicRangeUser, ProtocolState } from './range-use.js';
import { wellKnownPorts } from './well-known-ports.js';

/** `Error`: programs fail now. `Warning`: they soon may. `Information`: there is nothing to do. */
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
  /** How bad it is. */
  readonly severity: Severity;
  /** What it is about, for programs. */
  readonly name: FindingName;
  /** `null` if it is not about one protocol. */
  readonly protocol: Protocol | null;
  /** What it is, in one or two sentences. */
  readonly text: string;
  /** What to do, in one or two sentences. */
  readonly advice: string;
}

const SEVERITIES: readonly Severity[] = ['Error', 'Warning', 'Information'];
/** Percent of the dynamic range: used, used, and held by blocks. */
const EXHAUSTED = 95;
const FILLING = 80;
const MUCH_HELD = 50;
/** A range that begins lower contains the ports of many servers. */
const LOW = 10_000;
/** A quarter of Windows' default. */
const SMALL = 4_096;

/** A finding whose texts are not in any language yet. */
type Finding = Omit<HealthFinding, 'text' | 'advice'> & { readonly text: Text; readonly advice: Value };

export function findingsOf(states: readonly ProtocolState[], winNat: WinNatState | null, notRead: readonly NotRead[]): Finding[] {
  const mayBeWinNat = mayHoldPorts(winNat);
  const findings = [
    ...states.flatMap(({ range }) => (range ? [...fillOf(range), ...shapeOf(range)] : [])),
    ...states.flatMap((state) => state.blocks.flatMap((block) => wellKnownIn(block, state, mayBeWinNat))),
    ...holdersOf(states, mayBeWinNat && winNat !== 'unknown'),
    ...notRead.map((failure): Finding => ({
      severity: 'Warning', name: 'NotRead', protocol: failure.protocol,
      text: text('health.notRead', { what: describeNotRead(failure) }), advice: text('health.notRead.advice'),
    })),
  ];
  return findings.sort((a, b) => SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity));
}

function fillOf(range: DynamicRangeUse): Finding[] {
  const { protocol, percentUsed, portsInUse, portsHeld, portsFree, numberOfPorts, timeWait } = range;
  const larger = largerThan(range);
  const set = larger && setDynamicRange(protocol, larger);
  if (percentUsed >= FILLING) {
    // A process with a small part is named only if there is nothing else to advise.
    const [most] = range.processes.filter(({ processId, ports }) => processId !== null && (ports * 10 >= numberOfPorts || !set));
    const use = { inUse: portsInUse, count: numberOfPorts, protocol, held: portsHeld, free: portsFree };
    return [{
      severity: percentUsed >= EXHAUSTED ? 'Error' : 'Warning', name: percentUsed >= EXHAUSTED ? 'DynamicRangeExhausted' : 'DynamicRangeFilling', protocol,
      text: most ? text('health.useMost', { ...use, user: describeUser(most), ports: most.ports }) : text('health.use', use),
      advice: joined([
        ...most ? [text('health.lookAt.advice', { user: describeUser(most) })] : [],
        ...timeWait > portsInUse / 2 ? [text('health.timeWait.advice', { count: timeWait })] : [],
        ...portsHeld > portsInUse ? [text('health.blocks.advice')] : [],
        ...set ? [text('health.larger.advice', { set })] : [],
      ], ' '),
    }];
  }
  return portsHeld * 100 < numberOfPorts * MUCH_HELD ? [] : [{
    severity: 'Warning', name: 'DynamicRangeHeld', protocol,
    text: text('health.held', { held: portsHeld, count: numberOfPorts, protocol }),
    advice: set ? text('health.held.advice', { set }) : text('health.blocks.advice'),
  }];
}

/** A range up to the last port with twice as many ports, at least Windows' default, as far as there is room. `null` if it cannot be larger. */
function largerThan({ numberOfPorts }: DynamicRangeUse): Ports | null {
  const wanted = Math.min(Math.max(numberOfPorts * 2, DEFAULT_DYNAMIC_PORT_RANGE.numberOfPorts), LAST_PORT + 1 - LOW);
  return wanted > numberOfPorts ? { startPort: LAST_PORT + 1 - wanted, numberOfPorts: wanted } : null;
}

function shapeOf(use: DynamicRangeUse): Finding[] {
  const { protocol, startPort, endPort, numberOfPorts, isDefault, ranges } = use;
  const range = `${startPort}-${endPort}`;
  const set = setDynamicRange(protocol, DEFAULT_DYNAMIC_PORT_RANGE);
  const restore = text('health.restore.advice', { set });
  const findings: Finding[] = [];
  if (startPort < LOW) {
    const inside = wellKnownPorts(protocol, startPort, endPort).map((known) => text('health.wellKnown.name', known));
    findings.push({
      severity: 'Warning', name: 'DynamicRangeLow', protocol, advice: restore,
      text: inside.length > 0 ? text('health.lowWith', { protocol, range, ports: joined(inside.slice(0, 5), ', ') }) : text('health.low', { protocol, range }),
    });
  }
  if (numberOfPorts < SMALL) {
    findings.push({
      severity: 'Warning', name: 'DynamicRangeSmall', protocol, advice: restore,
      text: text('health.small', { protocol, range, count: numberOfPorts }),
    });
  }
  const [first, ...others] = ranges;
  if (first && others.some((other) => !isSameRange(other, first))) {
    const each = ranges.map((one) => text('health.families.one', { range: `${one.startPort}-${one.endPort}`, family: one.addressFamily }));
    findings.push({
      severity: 'Warning', name: 'DynamicRangeFamilies', protocol,
      text: text('health.families', { protocol, ranges: joined(each, ', ') }), advice: text('health.families.advice', { set }),
    });
  }
  if (findings.length === 0 && !isDefault) {
    findings.push({
      severity: 'Information', name: 'DynamicRangeChanged', protocol,
      text: text('health.changed', { protocol, range }), advice: text('health.changed.advice', { set }),
    });
  }
  return findings;
}

/** Not reported: a port on which a server listens, because the block is its own; and a block of one port, which was made for that port. */
function wellKnownIn(block: Reservation, { protocol, guestBlocks, listeners }: ProtocolState, mayBeWinNat: boolean): Finding[] {
  const { whenWellKnown, isOfOthers } = kindOf(block.kind);
  if (whenWellKnown === null || block.numberOfPorts === 1) return [];
  const inside = wellKnownPorts(protocol, block.startPort, block.endPort).filter(({ port }) => !listeners.has(port));
  const [first] = inside;
  if (!first) return [];
  const { port } = first;
  const { what, advice: adviceId } = whenWellKnown;
  const isOfGuest = guestBlocks.includes(block);
  const ports = joined(inside.map((known) => text('health.wellKnown.port', { protocol, ...known })), ', ');
  return [{
    severity: 'Warning', name: 'WellKnownPortHeld', protocol,
    text: text(inside.length === 1 ? 'health.wellKnown' : 'health.wellKnownSeveral',
      { ports, block: formatBlock(block), what: text(isOfGuest ? 'a.guest' : what) }),
    advice: advice(),
  }];

  function advice(): Text {
    if (isOfGuest) return text('health.wellKnown.guest.advice');
    const restartWinNat = isOfOthers && mayBeWinNat;
    return text(restartWinNat ? 'health.wellKnown.winNat.advice' : adviceId, { exclude: createExclusion(singlePort(protocol, port), { restartWinNat }) });
  }
}

function holdersOf(states: readonly ProtocolState[], isWinNat: boolean): Finding[] {
  const findings: Finding[] = [];
  const count = (pick: (state: ProtocolState) => readonly Reservation[]) => states
    .map((state) => ({ protocol: state.protocol, count: pick(state).reduce((sum, { numberOfPorts }) => sum + numberOfPorts, 0) }))
    .filter((held) => held.count > 0).map((held) => text(held.count === 1 ? 'health.port' : 'health.ports', held));
  const others = count(({ blocks, guestBlocks }) => {
    const ofGuests = new Set(guestBlocks);
    return blocks.filter((block) => kindOf(block.kind).isOfOthers && !ofGuests.has(block));
  });
  if (isWinNat && others.length > 0) {
    findings.push({
      severity: 'Information', name: 'WinNatHolds', protocol: null,
      text: text('health.winNat', { ports: others }), advice: text('health.winNat.advice'),
    });
  }
  const guests = count(({ guestBlocks }) => guestBlocks);
  if (guests.length > 0) {
    findings.push({
      severity: 'Information', name: 'GuestsHold', protocol: null,
      text: text('health.guests', { ports: guests }), advice: text('health.guests.advice'),
    });
  }
  return findings;
}

/** A process as in a table: `svchost.exe (812, Dnscache)`. */
export function describeUser({ processId, processName, services }: DynamicRangeUser): Text {
  return processId === null ? text('user.nobody')
    : text('user', { name: processName ?? text('owner.process'), numbers: joined([processId, ...services], ', ') });
}
