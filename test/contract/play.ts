import assert from 'node:assert/strict';
import type { AddressFamily, PortBlock } from '../../src/blocks.js';
import { containsPort } from '../../src/blocks.js';
import type { Native } from '../../src/native.js';
import { readExcludedPortRanges } from '../../src/netsh/excluded-port-ranges.js';
import { openSocket } from '../../src/sockets/native-socket.js';
import { decodeAddress, emptyAddress, encodeAddress, unspecifiedAddress } from '../../src/sockets/socket-address.js';
import { describeCode } from '../../src/win32/codes.js';
import {
  IPPROTO_IPV6, IPV6_V6ONLY, SIO_ACQUIRE_PORT_RESERVATION, SIO_ASSOCIATE_PORT_RESERVATION, SIO_RELEASE_PORT_RESERVATION,
} from '../../src/win32/structures.js';
import type {
  AcquireStep, BindStep, KnobStep, ListedStep, OpenStep, PersistentStep, Place, Step, TokenStep,
} from './steps.js';

/** What a case is played on. */
export interface Stage {
  readonly native: Native;
  /** First of 40 ports that nobody uses. */
  readonly base: number;
  /** Turns a knob of the simulator; not there on Windows. */
  readonly knob?: (name: string, args: (number | string)[]) => void;
  /** Plays steps in another process. */
  readonly elsewhere: (steps: Step[], tokens: Tokens, kill: boolean) => Promise<void>;
}

interface Token {
  readonly value: string;
  readonly block?: PortBlock;
}
export type Tokens = Record<string, Token>;

/** Plays a case and gives back everything it took, also after a failure. */
export async function play(steps: readonly Step[], stage: Stage): Promise<void> {
  const player = new Player(stage, {});
  try {
    for (const [index, step] of steps.entries()) {
      try {
        await player.step(step);
      } catch (error) {
        throw new Error(`step ${index + 1} ${JSON.stringify(step)}: ${(error as Error).message}`, { cause: error });
      }
    }
  } finally {
    player.cleanUp();
  }
}

export class Player {
  readonly #sockets = new Map<string, { handle: bigint; family: AddressFamily; protocol: PortBlock['protocol'] }>();
  readonly #blocks: PortBlock[] = [];
  readonly stage: Stage;
  readonly tokens: Tokens;

  constructor(stage: Stage, tokens: Tokens) {
    this.stage = stage;
    this.tokens = tokens;
  }

  cleanUp(): void {
    const { ws2_32, iphlpapi } = this.stage.native;
    for (const { handle } of this.#sockets.values()) ws2_32.closesocket(handle);
    for (const { protocol, startPort, numberOfPorts } of this.#blocks) {
      if (protocol === 'tcp') iphlpapi.DeletePersistentTcpPortReservation(startPort, numberOfPorts);
      else iphlpapi.DeletePersistentUdpPortReservation(startPort, numberOfPorts);
    }
  }

  async step(step: Step): Promise<void> {
    switch (step.do) {
      case 'create': case 'lookup': case 'delete': return this.#persistent(step);
      case 'open': return this.#open(step);
      case 'acquire': return this.#acquire(step);
      case 'release': case 'associate': return this.#withToken(step);
      case 'bind': return this.#bind(step);
      case 'close': return this.#close(step.socket);
      case 'dualStack': return expect(this.stage.native.ws2_32.setsockopt(this.#socket(step.socket).handle, IPPROTO_IPV6, IPV6_V6ONLY, 0));
      case 'differ': return assert.notEqual(this.#token(step.tokens[0]).value, this.#token(step.tokens[1]).value);
      case 'listed': return this.#listed(step);
      case 'knob': return this.#knob(step);
      case 'elsewhere': return this.stage.elsewhere(step.steps, this.tokens, step.kill ?? false);
    }
  }

  /** 0, which is the wildcard, where no place is given. */
  #port({ at, port }: Place): number {
    return port ?? (at === undefined ? 0 : this.stage.base + at);
  }

  #persistent(step: PersistentStep): void {
    const { iphlpapi } = this.stage.native;
    const [verb, name] = [step.do[0]?.toUpperCase() + step.do.slice(1), step.protocol === 'tcp' ? 'Tcp' : 'Udp'];
    const block = { protocol: step.protocol, startPort: this.#port(step), numberOfPorts: step.count };
    const call = iphlpapi[`${verb}Persistent${name}PortReservation` as keyof typeof iphlpapi];
    const result = call(block.startPort, block.numberOfPorts) as { error: number; token?: bigint };
    expect(result.error, step.gives);
    if (result.error !== 0) return;
    if (step.do === 'create') this.#blocks.push(block);
    if (step.do !== 'delete') {
      assert.notEqual(result.token, 0n, 'a token is never 0');
      this.#keep(step.token, result.token ?? 0n, block);
    }
  }

  #open({ socket, protocol, family }: OpenStep): void {
    this.#close(socket);
    this.#sockets.set(socket, { handle: openSocket(this.stage.native, protocol, family), family, protocol });
  }

  #close(name: string): void {
    const socket = this.#sockets.get(name);
    if (!socket) return;
    this.#sockets.delete(name);
    expect(this.stage.native.ws2_32.closesocket(socket.handle));
  }

  #acquire(step: AcquireStep): void {
    const { handle, protocol } = this.#socket(step.socket);
    const input = Buffer.alloc(4);
    const asked = this.#port(step);
    input.writeUInt16BE(asked, 0);
    input.writeUInt16LE(step.count, 2);
    const output = Buffer.alloc(16);
    const returned = Buffer.alloc(4);
    expect(this.stage.native.ws2_32.WSAIoctl(handle, SIO_ACQUIRE_PORT_RESERVATION, input, 4, output, step.outputSize ?? 16, returned, null), step.gives);
    if (step.gives) return assert.equal(returned.readUInt32LE(0), 0, 'a failure returns 0 bytes');
    const block = { protocol, startPort: output.readUInt16BE(0), numberOfPorts: output.readUInt16LE(2) };
    assert.equal(block.numberOfPorts, step.count);
    if (asked === 0) assert.notEqual(block.startPort, 0);
    else assert.equal(block.startPort, asked);
    const token = output.readBigUInt64LE(8);
    assert.notEqual(token, 0n, 'a token is never 0');
    this.#keep(step.token, token, block);
  }

  #withToken(step: TokenStep): void {
    const code = step.do === 'release' ? SIO_RELEASE_PORT_RESERVATION : SIO_ASSOCIATE_PORT_RESERVATION;
    const input = Buffer.alloc(8);
    input.writeBigUInt64LE(BigInt(this.#token(step.token).value));
    const { inputSize = 8, outputSize = 0 } = step;
    expect(this.stage.native.ws2_32.WSAIoctl(this.#sockets.get(step.socket)?.handle ?? 0x7fff_fffcn, code, input, inputSize,
      outputSize === 0 ? null : Buffer.alloc(outputSize), outputSize, Buffer.alloc(4), null), step.gives);
  }

  #bind(step: BindStep): void {
    const { handle, family } = this.#socket(step.socket);
    const { ws2_32 } = this.stage.native;
    const asked = this.#port(step);
    expect(ws2_32.bind(handle, encodeAddress(family, unspecifiedAddress(family), asked)), step.gives);
    if (step.gives) return;
    const name = emptyAddress(family);
    expect(ws2_32.getsockname(handle, name));
    const { port } = decodeAddress(family, name);
    if (asked !== 0) assert.equal(port, asked);
    if (step.within) assert.ok(containsPort(this.#block(step.within), port), `port ${port} is in the block`);
    if (step.outside) assert.ok(!containsPort(this.#block(step.outside), port), `port ${port} is outside the block`);
  }

  async #listed(step: ListedStep): Promise<void> {
    const rows = (await readExcludedPortRanges(this.stage.native, step.protocol)).filter(({ inForce }) => inForce);
    const start = this.#port(step);
    const row = rows.find(({ startPort, endPort }) => startPort === start && endPort === start + step.count - 1);
    assert.equal(row !== undefined, !step.not, `netsh lists ${JSON.stringify(rows)}`);
    if (step.administered !== undefined) assert.equal(row?.administered, step.administered);
  }

  #knob({ name, args }: KnobStep): void {
    assert.ok(this.stage.knob, 'this case needs the simulator');
    this.stage.knob(name, args.map((arg) => (typeof arg === 'object' ? this.#port(arg) : arg)));
  }

  #socket(name: string) {
    const socket = this.#sockets.get(name);
    assert.ok(socket, `socket ${name} is open`);
    return socket;
  }

  #token(name: string): Token {
    return this.tokens[name] ?? { value: '12345678901234567890' };
  }

  #block(name: string): PortBlock {
    const { block } = this.#token(name);
    assert.ok(block, `token ${name} has a block`);
    return block;
  }

  /** A name used for the second time must stand for the same token. */
  #keep(name: string | undefined, token: bigint, block: PortBlock): void {
    if (name === undefined) return;
    if (this.tokens[name]) assert.equal(token.toString(), this.tokens[name].value, 'the same token as before');
    this.tokens[name] = { value: token.toString(), block };
  }
}

function expect(code: number, gives?: string | string[]): void {
  const got = code === 0 ? 'success' : describeCode(code)?.name ?? String(code);
  const allowed = gives === undefined ? ['success'] : [gives].flat();
  assert.ok(allowed.includes(got), `gives ${got}, not ${allowed.join(' or ')}`);
}

