import type { AddressFamily, Protocol } from '../../src/blocks.js';
import type { NativeName } from '../../src/win32/codes.js';

export { TCP, UDP } from '../helpers/knobs.js';

/**
 * A contract is a table of actions, each with the code it must give. Steps are plain data, so that another process can
 * play a part of them. A port is told from the base of the run (`at: 0` is its first port) or absolutely (`port`).
 */
export interface Place {
  at?: number;
  port?: number;
}
interface Outcome {
  /** The code it must give, or one of several; success when left out. */
  gives?: NativeName | NativeName[];
}
export interface PersistentStep extends Place, Outcome {
  do: 'create' | 'lookup' | 'delete';
  protocol: Protocol;
  count: number;
  /** Name of the token: used for the second time it must be the same token. */
  token?: string;
}
export interface OpenStep {
  do: 'open';
  socket: string;
  protocol: Protocol;
  family: AddressFamily;
}
/** Without a place it is the wildcard. */
export interface AcquireStep extends Place, Outcome {
  do: 'acquire';
  socket: string;
  count: number;
  token?: string;
  outputSize?: number;
}
export interface TokenStep extends Outcome {
  do: 'release' | 'associate';
  socket: string;
  token: string;
  inputSize?: number;
  outputSize?: number;
}
/** Without a place it is port 0. The port got must lie within, or outside, the block of the named token. */
export interface BindStep extends Place, Outcome {
  do: 'bind';
  socket: string;
  within?: string;
  outside?: string;
}
/** netsh's list of the protocol has this row, or has it not. */
export interface ListedStep extends Place {
  do: 'listed';
  protocol: Protocol;
  count: number;
  administered?: boolean;
  not?: true;
}
export interface KnobStep {
  do: 'knob';
  name: string;
  args: (number | string | Place)[];
}
/** Steps in another process, which ends, or is killed, before the next step. */
interface ElsewhereStep {
  do: 'elsewhere';
  steps: Step[];
  kill?: true;
}
export type Step = PersistentStep | OpenStep | AcquireStep | TokenStep | BindStep | ListedStep | KnobStep | ElsewhereStep
  | { do: 'close' | 'dualStack'; socket: string }
  | { do: 'differ'; tokens: [string, string] };

export interface Case {
  readonly rules: readonly string[];
  readonly title: string;
  readonly steps: readonly Step[];
  /** Needs the simulator's knobs: not played on Windows. */
  readonly simulatorOnly?: true;
  /** The rule is our choice where every source is silent (SIM): on Windows an observation, not a failure. */
  readonly choice?: true;
}

type Options<Of> = Partial<Omit<Of, 'do'>>;

export const create = (protocol: Protocol, at: number, count: number, options: Options<PersistentStep> = {}): Step =>
  ({ do: 'create', protocol, at, count, ...options });
export const lookup = (protocol: Protocol, at: number, count: number, options: Options<PersistentStep> = {}): Step =>
  ({ do: 'lookup', protocol, at, count, ...options });
export const remove = (protocol: Protocol, at: number, count: number, options: Options<PersistentStep> = {}): Step =>
  ({ do: 'delete', protocol, at, count, ...options });
export const open = (socket: string, protocol: Protocol, family: AddressFamily = 'IPv4'): Step =>
  ({ do: 'open', socket, protocol, family });
export const acquire = (socket: string, at: number, count: number, options: Options<AcquireStep> = {}): Step =>
  ({ do: 'acquire', socket, at, count, ...options });
export const acquireAny = (socket: string, count: number, options: Options<AcquireStep> = {}): Step =>
  ({ do: 'acquire', socket, count, ...options });
export const release = (socket: string, token: string, options: Options<TokenStep> = {}): Step =>
  ({ do: 'release', socket, token, ...options });
export const associate = (socket: string, token: string, options: Options<TokenStep> = {}): Step =>
  ({ do: 'associate', socket, token, ...options });
export const bindTo = (socket: string, at: number, options: Options<BindStep> = {}): Step =>
  ({ do: 'bind', socket, at, ...options });
export const bindAny = (socket: string, options: Options<BindStep> = {}): Step =>
  ({ do: 'bind', socket, ...options });
export const close = (socket: string): Step => ({ do: 'close', socket });
export const knob = (name: string, ...args: KnobStep['args']): Step => ({ do: 'knob', name, args });
export const elsewhere = (...steps: Step[]): Step => ({ do: 'elsewhere', steps });
export const killedElsewhere = (...steps: Step[]): Step => ({ do: 'elsewhere', steps, kill: true });
export const listed = (protocol: Protocol, at: number, count: number, administered?: boolean): Step =>
  ({ do: 'listed', protocol, at, count, ...(administered === undefined ? {} : { administered }) });
export const notListed = (protocol: Protocol, at: number, count: number): Step =>
  ({ do: 'listed', protocol, at, count, not: true });
