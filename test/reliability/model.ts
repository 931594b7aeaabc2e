import type { Protocol, Reservation } from '../../src/blocks.js';
import type { Reason } from '../../src/errors.js';
import { DYNAMIC } from './steps.js';
import type { Place } from './steps.js';

/** What the rules say of a block; a stand-in for Windows that fits on one page. */
export interface Block extends Place {
  readonly kind: 'persistent' | 'runtime' | 'exclusion';
  /** Of a persistent or runtime reservation: the number the system gave. */
  token: bigint;
  /** An exclusion of store=active does not survive a restart (N4). */
  survives: boolean;
}

export interface Bound {
  readonly protocol: Protocol;
  readonly port: number;
  listening: boolean;
}

export const endOf = ({ startPort, numberOfPorts }: Place) => startPort + numberOfPorts - 1;
const has = (block: Place, port: number) => port >= block.startPort && port <= endOf(block);
const same = (a: Place, b: Place) => a.protocol === b.protocol && a.startPort === b.startPort && a.numberOfPorts === b.numberOfPorts;
const overlap = (a: Place, b: Place) => a.protocol === b.protocol && a.startPort <= endOf(b) && b.startPort <= endOf(a);

/** The rules of docs/rules.md for one process: what an operation gives, a reason where it fails, and what is there afterwards. */
export class Model {
  blocks: Block[] = [];
  bound: Bound[] = [];
  elevated = true;

  find(at: Place, kind: Block['kind']): Block | undefined {
    return this.blocks.find((block) => block.kind === kind && same(block, at));
  }

  isBound(protocol: Protocol, port: number): boolean {
    return this.bound.some((socket) => socket.protocol === protocol && socket.port === port);
  }

  /** P5, P6, R7b. */
  isTaken(at: Place): boolean {
    return this.blocks.some((block) => overlap(block, at)) || this.bound.some(({ protocol, port }) => protocol === at.protocol && has(at, port));
  }

  create(at: Place): Reason | null {
    if (!this.elevated) return 'AccessDenied';
    return this.isTaken(at) ? 'PortInUse' : null;
  }

  delete(at: Place): Reason | null {
    if (!this.elevated) return 'AccessDenied';
    return this.find(at, 'persistent') ? null : 'ReservationNotFound';
  }

  /** R2: whether there is a place in the dynamic range. */
  acquireAny(protocol: Protocol, numberOfPorts: number): Reason | null {
    for (let startPort = DYNAMIC.start; startPort + numberOfPorts <= DYNAMIC.start + DYNAMIC.count; startPort += 1) {
      if (!this.isTaken({ protocol, startPort, numberOfPorts })) return null;
    }
    return 'ReservationExhausted';
  }

  /** A2 to A5; `block` undefined: a token that is no longer valid. */
  bind(block: Block | undefined, protocol: Protocol, port: number): Reason | null {
    if (block?.protocol !== protocol) return 'TokenNotValid';
    if (block.kind === 'persistent' && !this.elevated) return 'AccessDenied';
    if (port !== 0 && !has(block, port)) return 'AccessDenied';
    if (port !== 0) return this.isBound(protocol, port) ? 'PortInUse' : null;
    return this.freePorts(block).length === 0 ? 'ReservationExhausted' : null;
  }

  freePorts(block: Place): number[] {
    const ports = Array.from({ length: block.numberOfPorts }, (_, index) => block.startPort + index);
    return ports.filter((port) => !this.isBound(block.protocol, port));
  }

  /** N1 to N3, P13: the Winsock code. */
  bindOutside(protocol: Protocol, port: number): number {
    if (this.blocks.some((block) => block.kind !== 'exclusion' && block.protocol === protocol && has(block, port))) return 10013;
    return this.isBound(protocol, port) ? 10048 : 0;
  }

  /** N3, N4. */
  exclude(at: Place, survives: boolean): number {
    const there = this.find(at, 'exclusion');
    if (there && survives && !there.survives) return 0;
    return this.blocks.some((block) => overlap(block, at)) ? 32 : 0;
  }

  /** P2, R3, N4. The tokens of what stays are asked for afterwards. */
  restart(): void {
    this.blocks = this.blocks.filter(({ kind, survives }) => kind === 'persistent' || (kind === 'exclusion' && survives));
  }
}

/** A list as text, to compare. */
export function listed(blocks: readonly (Block | Reservation)[]): string[] {
  return blocks.map(({ protocol, startPort, numberOfPorts, kind, token }) =>
    `${protocol} ${startPort}+${numberOfPorts} ${kind} ${token ?? 0n}`).sort();
}
