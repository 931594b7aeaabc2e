import { KINDS, PROTOCOLS } from '../blocks.js';
import type { Kind, Protocol, Reservation } from '../blocks.js';
import type { Source } from '../kinds/kind.js';
import { readDynamicPortRanges } from '../reservations/dynamic-port-range.js';
import { BlockList } from '../reservations/block-list.js';
import { hiddenBlocks } from '../reservations/inventory.js';
import { collectNotRead, readOr } from '../reservations/not-read.js';
import type { NotRead } from '../reservations/not-read.js';
import { winNatState } from '../reservations/winnat.js';
import type { WinNatState } from '../reservations/winnat.js';
import { usersOfPorts } from '../sockets/port-users.js';
import { say } from '../texts/text.js';
import { findingsOf } from './findings.js';
import type { HealthFinding } from './findings.js';
import { OwnerReader } from './owners.js';
import { portsOf, useOf } from './range-use.js';
import type { DynamicRangeUse, ProtocolState } from './range-use.js';

/** The ports that blocks of one kind hold, inside and outside of the dynamic range. */
export interface HeldPorts {
  /** Protocol of the blocks. */
  readonly protocol: Protocol;
  /** Kind of the blocks. */
  readonly kind: Kind;
  /** How many blocks there are. */
  readonly blocks: number;
  /** How many ports they have; one that several have counts once. */
  readonly ports: number;
}

/** The state of a system's ports, as {@link PortReservations.measure} returns it. Plain data, for JSON. */
export interface PortHealth {
  /** TCP first. A protocol whose range could not be read is missing. */
  readonly dynamicRanges: readonly DynamicRangeUse[];
  /** One for each protocol and kind of which there are blocks. */
  readonly heldPorts: readonly HeldPorts[];
  /** State of the service that holds ports for Hyper-V, Docker and WSL; `null` if it is not installed, `unknown` if this user may not ask. */
  readonly winNat: WinNatState | null;
  /** Ports that Hyper-V's networking holds for guests, such as WSL, in no list of netsh (rule N7). They are of kind `system`. */
  readonly guestPorts: number;
  /** What there is to say and to do: errors first, then warnings, then information. */
  readonly findings: readonly HealthFinding[];
  /** What could not be read. */
  readonly notRead: readonly NotRead[];
}

/** Reads the lists and tables, and judges how the ports of this system are. Tries no bind, and changes nothing. */
export async function measureHealth(source: Source): Promise<PortHealth> {
  const { native } = source;
  const { notRead, onNotRead } = collectNotRead();
  const owners = new OwnerReader(native);
  const states: ProtocolState[] = [];
  for (const protocol of PROTOCOLS) {
    const list = await BlockList.read(source, protocol, { onNotRead });
    const guestBlocks = hiddenBlocks(native, protocol, list);
    const ranges = await readOr(native, readDynamicPortRanges(native, [protocol]), [], { list: 'dynamicPortRange', protocol, onNotRead });
    const users = usersOfPorts(native, protocol);
    const blocks = [...list.all(), ...guestBlocks];
    states.push({
      protocol, blocks, guestBlocks,
      range: useOf(ranges, blocks, users, owners),
      listeners: new Set([...users].filter(([, all]) => all.some(({ listening }) => listening)).map(([port]) => port)),
    });
  }
  const winNat = winNatState(native);
  return {
    dynamicRanges: states.map(({ range }) => range).filter((range) => range !== null),
    heldPorts: states.flatMap(({ protocol, blocks }) => KINDS.map((kind) => heldPortsOf(protocol, kind, blocks)).filter(({ blocks: count }) => count > 0)),
    winNat,
    guestPorts: states.reduce((sum, { guestBlocks }) => sum + portsOf(guestBlocks).size, 0),
    findings: findingsOf(states, winNat, notRead).map((finding) =>
      ({ ...finding, text: say(finding.text, native.voice), advice: say(finding.advice, native.voice) })),
    notRead,
  };
}

function heldPortsOf(protocol: Protocol, kind: Kind, all: readonly Reservation[]): HeldPorts {
  const blocks = all.filter((block) => block.kind === kind);
  return { protocol, kind, blocks: blocks.length, ports: portsOf(blocks).size };
}
