import assert from 'node:assert/strict';
import fc from 'fast-check';
import { openPortReservations, isPortReservationError } from '../../src/index.js';
import type { AssociatedSocket, PortReservations, Reason, RuntimeReservation } from '../../src/index.js';
import { openSocket } from '../../src/sockets/native-socket.js';
import { decodeAddress, emptyAddress, encodeAddress } from '../../src/sockets/socket-address.js';
import type { Socket } from '../../src/win32/ws2_32.js';
import { createSimulator } from '../helpers/simulator.js';
import type { TestSimulator } from '../helpers/simulator.js';
import { TCP, UDP } from '../helpers/knobs.js';
import { endOf, listed, Model } from './model.js';
import type { Block, Bound } from './model.js';
import { attack } from './runs.js';
import type { Figures, Runs } from './runs.js';
import { DYNAMIC, steps } from './steps.js';
import type { Place, Step } from './steps.js';

const LENGTH = 100;
const ADDRESS = '127.0.0.1';

/** Random sequences on the simulator, through the library and koffi, against the model: each answer, and what is there at the end. */
export async function playModel(runs: Runs): Promise<Figures> {
  const simulator = await createSimulator();
  const figures = { sequences: 0, steps: 0 };
  const reservations = openPortReservations({ simulator: simulator.options });
  try {
    await attack('model', fc.asyncProperty(steps(LENGTH), async (sequence) => {
      const player = new Player(simulator, reservations);
      try {
        for (const step of sequence) await player.play(step);
        await player.compare();
      } finally {
        player.clear();
      }
      figures.sequences += 1;
      figures.steps += sequence.length;
    }), runs);
  } finally {
    reservations.close();
    await simulator.dispose();
  }
  return figures;
}

/** One sequence: the system, the model, and the objects of what the model knows. */
class Player {
  readonly #simulator: TestSimulator;
  readonly #reservations: PortReservations;
  readonly #model = new Model();
  readonly #owners = new Map<Block, RuntimeReservation>();
  readonly #sockets = new Map<Bound, AssociatedSocket | Socket>();
  /** Of blocks that are gone. */
  readonly #oldTokens: bigint[] = [1n];

  constructor(simulator: TestSimulator, reservations: PortReservations) {
    this.#simulator = simulator;
    this.#reservations = reservations;
    simulator.knob('portsim_reset');
    for (const protocol of [TCP, UDP]) simulator.knob('portsim_set_dynamic_range', protocol, DYNAMIC.start, DYNAMIC.count);
  }

  async play(step: Step): Promise<void> {
    const { blocks, bound } = this.#model;
    switch (step.do) {
      case 'create': {
        const made = await outcome(this.#model.create(step.at), () => this.#reservations.createPersistent(step.at));
        if (made) this.#add('persistent', step.at, made.token, true);
        return;
      }
      case 'lookup': {
        const there = this.#model.find(step.at, 'persistent');
        const found = await outcome(there ? null : 'ReservationNotFound', () => this.#reservations.lookupPersistent(step.at));
        assert.equal(found?.token, there?.token);
        return;
      }
      case 'delete':
        if (await outcome(this.#model.delete(step.at), () => this.#reservations.deletePersistent(step.at) ?? true)) {
          this.#remove(this.#model.find(step.at, 'persistent'));
        }
        return;
      case 'acquire': {
        const taken = this.#model.isTaken(step.at) ? 'PortInUse' : null;
        const owner = await outcome(taken, () => this.#reservations.acquireRuntime(step.at));
        if (owner) this.#owners.set(this.#add('runtime', step.at, owner.token, false), owner);
        return;
      }
      case 'acquireAny': {
        const { protocol, numberOfPorts } = step;
        const owner = await outcome(this.#model.acquireAny(protocol, numberOfPorts), () => this.#reservations.acquireRuntime({ protocol, numberOfPorts }));
        if (!owner) return;
        assert.ok(owner.startPort >= DYNAMIC.start && endOf(owner) < DYNAMIC.start + DYNAMIC.count && owner.numberOfPorts === numberOfPorts);
        assert.ok(!this.#model.isTaken(owner), 'the block of the system\'s choice was free');
        this.#owners.set(this.#add('runtime', { protocol, startPort: owner.startPort, numberOfPorts }, owner.token, false), owner);
        return;
      }
      case 'release': {
        const block = pick(blocks.filter(({ kind }) => kind === 'runtime'), step.of);
        if (!block) return;
        await this.#owners.get(block)?.release();
        this.#remove(block);
        return;
      }
      case 'exclude': return this.#exclude(step);
      case 'unexclude': {
        const there = this.#model.find(step.at, 'exclusion');
        this.#knob(there ? 0 : 1168, 'portsim_remove_exclusion', step.at);
        this.#remove(there);
        return;
      }
      case 'bind': return this.#bind(step);
      case 'bindOutside': return this.#bindOutside(step);
      case 'listen': return this.#listen(pick(bound, step.of));
      case 'close': return this.#close(pick(bound, step.of));
      case 'restart': return this.#restart();
      case 'elevate':
        this.#simulator.knob('portsim_set_elevated', Number(step.elevated));
        this.#model.elevated = step.elevated;
    }
  }

  /** The list of the system is that of the model. */
  async compare(): Promise<void> {
    assert.deepEqual(listed(await this.#reservations.list()), listed(this.#model.blocks));
    assert.deepEqual(this.#reservations.sockets.map(({ localPort }) => localPort).sort(),
      this.#model.bound.filter((socket) => typeof this.#sockets.get(socket) !== 'bigint').map(({ port }) => port).sort());
  }

  /** Also what a failed step has made and nobody knows of. */
  clear(): void {
    for (const socket of [...this.#model.bound]) this.#close(socket);
    for (const made of [...this.#reservations.sockets, ...this.#reservations.runtimeReservations]) made[Symbol.dispose]();
  }

  async #bind({ of, protocol, port }: Step & { do: 'bind' }): Promise<void> {
    const withToken = this.#model.blocks.filter(({ kind }) => kind !== 'exclusion');
    const token = pick([...withToken.map((block) => block.token), ...this.#oldTokens.slice(-2)], of) ?? 1n;
    const block = withToken.find((candidate) => candidate.token === token);
    const free = block ? this.#model.freePorts(block) : [];
    const socket = await outcome(this.#model.bind(block, protocol, port), () => this.#reservations.bind({ protocol, token, port, localAddress: ADDRESS }));
    if (!socket) return;
    assert.ok(free.includes(socket.localPort) && (port === 0 || socket.localPort === port), `port ${socket.localPort}`);
    this.#addSocket(protocol, socket.localPort, socket);
  }

  #bindOutside({ protocol, port }: Step & { do: 'bindOutside' }): void {
    const { native } = this.#reservations;
    const socket = openSocket(native, protocol, 'IPv4');
    const code = native.ws2_32.bind(socket, encodeAddress('IPv4', ADDRESS, port));
    const expected = port !== 0 ? this.#model.bindOutside(protocol, port) : this.#model.acquireAny(protocol, 1) === null ? 0 : 10055;
    if (code !== 0 || code !== expected) native.ws2_32.closesocket(socket);
    assert.equal(code, expected);
    if (code !== 0) return;
    const name = emptyAddress('IPv4');
    assert.equal(native.ws2_32.getsockname(socket, name), 0);
    const given = decodeAddress('IPv4', name).port;
    if (port === 0) assert.ok(!this.#model.isTaken({ protocol, startPort: given, numberOfPorts: 1 }), `port ${given} is nobody's`);
    else assert.equal(given, port);
    this.#addSocket(protocol, given, socket);
  }

  async #listen(bound: Bound | undefined): Promise<void> {
    const socket = bound && this.#sockets.get(bound);
    if (!bound || !socket || typeof socket === 'bigint') return;
    if (await outcome(bound.protocol === 'udp' ? 'InvalidParameter' : null, () => socket.listen() ?? true)) bound.listening = true;
    assert.equal(socket.state, bound.listening ? 'listening' : 'bound');
  }

  #close(bound: Bound | undefined): void {
    const socket = bound && this.#sockets.get(bound);
    if (!bound || socket === undefined) return;
    if (typeof socket === 'bigint') this.#reservations.native.ws2_32.closesocket(socket);
    else socket.close();
    this.#sockets.delete(bound);
    this.#model.bound.splice(this.#model.bound.indexOf(bound), 1);
  }

  #exclude({ at, survives }: Step & { do: 'exclude' }): void {
    const expected = this.#model.exclude(at, survives);
    this.#knob(expected, 'portsim_add_exclusion', at, Number(survives));
    if (expected !== 0) return;
    const there = this.#model.find(at, 'exclusion');
    if (there) there.survives = true;
    else this.#add('exclusion', at, 0n, survives);
  }

  #restart(): void {
    this.#simulator.knob('portsim_restart');
    const before = this.#model.blocks;
    this.#model.restart();
    for (const block of before) {
      if (block.kind !== 'exclusion') this.#oldTokens.push(block.token);
      if (block.kind === 'runtime') this.#forget(block);
      if (block.kind !== 'persistent') continue;
      const { token } = this.#reservations.lookupPersistent(block);
      assert.notEqual(token, block.token, 'a restart gives another token (P2)');
      block.token = token;
    }
  }

  #knob(expected: number, name: string, { protocol, startPort, numberOfPorts }: Place, ...more: number[]): void {
    const call = () => this.#simulator.knob(name, protocol === 'tcp' ? TCP : UDP, startPort, numberOfPorts, ...more);
    if (expected === 0) call();
    else assert.throws(call, new RegExp(` gave ${expected}$`));
  }

  #add(kind: Block['kind'], { protocol, startPort, numberOfPorts }: Place, token: bigint, survives: boolean): Block {
    const block: Block = { kind, protocol, startPort, numberOfPorts, token, survives };
    assert.ok(kind === 'exclusion' || !this.#model.blocks.some((other) => other.token === token), 'no token is given twice');
    this.#model.blocks.push(block);
    return block;
  }

  #addSocket(protocol: Bound['protocol'], port: number, socket: AssociatedSocket | Socket): void {
    assert.ok(!this.#model.isBound(protocol, port), 'no port is given twice');
    const bound: Bound = { protocol, port, listening: false };
    this.#model.bound.push(bound);
    this.#sockets.set(bound, socket);
  }

  #remove(block: Block | undefined): void {
    if (!block) return;
    this.#model.blocks.splice(this.#model.blocks.indexOf(block), 1);
    if (block.kind !== 'exclusion') this.#oldTokens.push(block.token);
    this.#forget(block);
  }

  #forget(block: Block): void {
    this.#owners.get(block)?.[Symbol.dispose]();
    this.#owners.delete(block);
  }
}

const pick = <Item>(items: readonly Item[], of: number): Item | undefined => (items.length === 0 ? undefined : items[of % items.length]);

/** What a call gives, or `null` where it fails for the expected reason. */
async function outcome<Result>(expected: Reason | null, call: () => Result | Promise<Result>): Promise<Result | null> {
  let reason: Reason | null = null;
  let result: Result | null = null;
  try {
    result = await call();
  } catch (error) {
    if (!isPortReservationError(error)) throw error;
    reason = error.reason;
  }
  assert.equal(reason, expected);
  return result;
}
