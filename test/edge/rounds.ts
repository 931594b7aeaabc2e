import assert from 'node:assert/strict';
import type { AddressFamily, Protocol } from '../../src/blocks.js';
import type { Native } from '../../src/native.js';
import { openSocket } from '../../src/sockets/native-socket.js';
import { decodeAddress, emptyAddress, encodeAddress, unspecifiedAddress } from '../../src/sockets/socket-address.js';
import { describeCode } from '../../src/win32/codes.js';
import { SIO_ACQUIRE_PORT_RESERVATION, SIO_ASSOCIATE_PORT_RESERVATION, SIO_RELEASE_PORT_RESERVATION } from '../../src/win32/structures.js';
import { endpointRows } from './clr-native.js';
import type { Oracle } from './clr-native.js';

/** How many ports the rounds use from their base on. */
const ROUND_PORTS = 40;

export interface Opinions {
  /** The DLLs by koffi, and the same ones by the CLR. */
  readonly koffi: Native;
  readonly clr: Native;
  readonly oracle: Oracle;
  /** First of 40 ports that nobody uses. */
  readonly base: number;
}

interface Held { protocol: Protocol; startPort: number; numberOfPorts: number }

/**
 * Random calls, each asked of koffi and of the CLR on the same loaded libraries. What both can be asked, both must answer
 * alike; what changes something is done by one of them, drawn, undone by one of them, and done again by the other.
 *
 * @returns how often each call gave each code; throws at the first difference, with the seed and the round
 */
export async function playRounds(opinions: Opinions, rounds: number, seed: number): Promise<Map<string, number>> {
  const game = new Rounds(opinions, randomOf(seed));
  try {
    for (let round = 0; round < rounds; round += 1) {
      try {
        game.play();
      } catch (error) {
        throw new Error(`seed ${seed}, round ${round}: ${(error as Error).message}`, { cause: error });
      }
      // The calls do not wait, so without this no signal and no timer would be heard.
      if (round % 100 === 99) await new Promise(setImmediate);
    }
  } finally {
    game.giveBack();
  }
  return game.seen;
}

class Rounds {
  readonly seen = new Map<string, number>();
  readonly #held: Held[] = [];
  readonly #sockets: bigint[] = [];
  readonly #with: Opinions;
  readonly #random: (below: number) => number;

  constructor(opinions: Opinions, random: (below: number) => number) {
    this.#with = opinions;
    this.#random = random;
  }

  play(): void {
    const kind = this.#random(20);
    if (kind < 9) this.#persistent();
    else if (kind < 19) this.#runtime();
    else this.#tables();
  }

  giveBack(): void {
    this.#closeAll();
    for (const block of this.#held.splice(0)) persistent(this.#with.koffi, 'Delete', block);
  }

  #persistent(): void {
    if (this.#held.length > 5 || (this.#held.length > 0 && this.#random(4) === 0)) return this.#deleteHeld();
    const block = { protocol: this.#protocol(), startPort: this.#startPort(), numberOfPorts: this.#count() };
    this.#lookup(block);
    const [first, second] = this.#bothInTurn();
    const done = persistent(first, 'Create', block);
    if (done.error === 0) {
      this.#sameToken(block, done.token);
      assert.equal(persistent(this.#either(), 'Delete', block).error, 0, 'what one has created the other deletes');
    }
    const again = persistent(second, 'Create', block);
    this.#same('Create', done.error, again.error, block);
    if (again.error === 0) {
      this.#sameToken(block, again.token);
      this.#held.push(block);
      return;
    }
    // Nothing is there to be deleted, unless the very block is one of those held.
    if (this.#held.some((held) => JSON.stringify(held) === JSON.stringify(block))) return;
    this.#same('Delete', persistent(first, 'Delete', block).error, persistent(second, 'Delete', block).error, block);
  }

  #deleteHeld(): void {
    const [block] = this.#held.splice(this.#random(this.#held.length), 1);
    if (!block) return;
    assert.equal(this.#lookup(block), 0, 'what was created is found');
    assert.equal(persistent(this.#either(), 'Delete', block).error, 0);
    this.#count1('Delete', 0);
    this.#lookup(block);
  }

  /** Both must find the same. */
  #lookup(block: Held): number {
    const [one, other] = [persistent(this.#with.koffi, 'Lookup', block), persistent(this.#with.clr, 'Lookup', block)];
    this.#same('Lookup', one.error, other.error, block);
    assert.equal(one.token, other.token, 'the tokens are the same');
    return one.error;
  }

  #sameToken(block: Held, token: bigint): void {
    assert.equal(this.#lookup(block), 0);
    assert.equal(persistent(this.#with.koffi, 'Lookup', block).token, token, 'lookup finds the token of create');
  }

  #runtime(): void {
    const [protocol, family] = [this.#protocol(), this.#family()];
    const block = { protocol, startPort: this.#random(4) === 0 ? 0 : this.#startPort(), numberOfPorts: this.#count() };
    const outputSize = this.#random(8) === 0 ? 15 : 16;
    const [first, second] = this.#bothInTurn();
    const socket = this.#open(protocol, family);
    const done = acquire(first, socket, block, outputSize);
    if (done.error === 0) assert.equal(withToken(this.#either(), socket, SIO_RELEASE_PORT_RESERVATION, done.token).error, 0, 'what one has acquired the other releases');
    const again = acquire(second, socket, block, outputSize);
    this.#same('Acquire', done.error, again.error, { ...block, outputSize });
    assert.deepEqual([done.numberOfPorts, done.bytesReturned], [again.numberOfPorts, again.bytesReturned], 'count and bytesReturned');
    if (block.startPort !== 0) assert.equal(done.startPort, again.startPort, 'the block');
    if (again.error === 0) {
      this.#bind(protocol, family, again);
      // It was bound from, so whether it can be released is not known (docs/rules.md); of a wrong token it is.
      this.#bothWithToken('Release', socket, SIO_RELEASE_PORT_RESERVATION, again.token ^ 1n);
    }
    this.#closeAll();
  }

  /** A socket associated by one of them gets a port of the block that either has acquired. */
  #bind(protocol: Protocol, family: AddressFamily, { startPort, numberOfPorts, token }: ReturnType<typeof acquire>): void {
    const socket = this.#open(protocol, family);
    this.#bothWithToken('Associate', socket, SIO_ASSOCIATE_PORT_RESERVATION, token ^ 1n);
    this.#bothWithToken('Associate', socket, SIO_ASSOCIATE_PORT_RESERVATION, token, 8);
    assert.equal(withToken(this.#either(), socket, SIO_ASSOCIATE_PORT_RESERVATION, token).error, 0);
    this.#count1('Associate', 0);
    const { ws2_32 } = this.#with.koffi;
    assert.equal(ws2_32.bind(socket, encodeAddress(family, unspecifiedAddress(family), 0)), 0);
    const name = emptyAddress(family);
    assert.equal(ws2_32.getsockname(socket, name), 0);
    const { port } = decodeAddress(family, name);
    assert.ok(port >= startPort && port < startPort + numberOfPorts, `port ${port} is in ${startPort}+${numberOfPorts}`);
  }

  /** Two sockets of this process must be in both tables, with the same rows. */
  #tables(): void {
    const [protocol, addressFamily] = [this.#protocol(), this.#family()];
    const socket = this.#open(protocol, addressFamily);
    const { koffi, oracle } = this.#with;
    assert.equal(koffi.ws2_32.bind(socket, encodeAddress(addressFamily, addressFamily === 'IPv4' ? '127.0.0.1' : '::1', 0)), 0);
    if (protocol === 'tcp') assert.equal(koffi.ws2_32.listen(socket, 1), 0);
    const name = emptyAddress(addressFamily);
    assert.equal(koffi.ws2_32.getsockname(socket, name), 0);
    const { port } = decodeAddress(addressFamily, name);
    const own = ({ error, rows }: { error: number; rows: string[] }) => ({ error, rows: rows.filter((row) => row.split(' ')[2] === String(port)).sort() });
    const [one, other] = [own(endpointRows(koffi, protocol, addressFamily)), own(oracle.Endpoints({ protocol, addressFamily }))];
    assert.deepEqual(one, other, `the ${addressFamily} ${protocol} table`);
    // 0 where the system does not say, as Wine at times.
    const processes = one.rows.map((row) => Number(row.split(' ')[3]));
    assert.ok(processes.some((id) => id === process.pid || id === 0), `port ${port} of this process is in the table: ${one.rows.join('; ')}`);
    this.#count1(`Endpoints ${protocol} ${addressFamily}`, one.error);
    this.#closeAll();
  }

  /** A call that changes nothing because it fails. */
  #bothWithToken(call: string, socket: bigint, code: number, token: bigint, outputSize = 0): void {
    const [one, other] = [this.#with.koffi, this.#with.clr].map((native) => withToken(native, socket, code, token, outputSize));
    assert.notEqual(one?.error, 0, `${call} fails`);
    assert.deepEqual(one, other, `${call} with the token ${token}`);
    this.#count1(call, one?.error ?? 0);
  }

  #same(call: string, one: number, other: number, asked: object): void {
    assert.equal(one, other, `${call} ${JSON.stringify(asked)}: one gives ${one}, the other ${other}`);
    this.#count1(call, one);
  }

  #count1(call: string, code: number): void {
    const key = `${call}: ${code === 0 ? 'success' : describeCode(code)?.name ?? String(code)}`;
    this.seen.set(key, (this.seen.get(key) ?? 0) + 1);
  }

  #bothInTurn(): [Native, Native] {
    const { koffi, clr } = this.#with;
    return this.#random(2) === 0 ? [koffi, clr] : [clr, koffi];
  }

  #either(): Native {
    return this.#bothInTurn()[0];
  }

  #open(protocol: Protocol, family: AddressFamily): bigint {
    const socket = openSocket(this.#with.koffi, protocol, family);
    this.#sockets.push(socket);
    return socket;
  }

  #closeAll(): void {
    for (const socket of this.#sockets.splice(0)) this.#with.koffi.ws2_32.closesocket(socket);
  }

  #protocol(): Protocol {
    return this.#random(2) === 0 ? 'tcp' : 'udp';
  }

  #family(): AddressFamily {
    return this.#random(2) === 0 ? 'IPv4' : 'IPv6';
  }

  #startPort(): number {
    const rare = this.#random(20);
    return rare === 0 ? 65_530 + this.#random(6) : this.#with.base + this.#random(ROUND_PORTS - 8);
  }

  /** 0 is no count, and 8 runs past the last port from some of the starts. */
  #count(): number {
    return this.#random(10) === 0 ? 0 : 1 + this.#random(8);
  }
}

function persistent({ iphlpapi }: Native, verb: 'Create' | 'Lookup' | 'Delete', { protocol, startPort, numberOfPorts }: Held): { error: number; token: bigint } {
  const call = iphlpapi[`${verb}Persistent${protocol === 'tcp' ? 'Tcp' : 'Udp'}PortReservation`];
  return { token: 0n, ...call(startPort, numberOfPorts) };
}

function acquire({ ws2_32 }: Native, socket: bigint, { startPort, numberOfPorts }: Held, outputSize: number) {
  const [input, output, returned] = [Buffer.alloc(4), Buffer.alloc(16), Buffer.alloc(4)];
  input.writeUInt16BE(startPort, 0);
  input.writeUInt16LE(numberOfPorts, 2);
  const error = ws2_32.WSAIoctl(socket, SIO_ACQUIRE_PORT_RESERVATION, input, 4, output, outputSize, returned, null);
  return {
    error, startPort: output.readUInt16BE(0), numberOfPorts: output.readUInt16LE(2), token: output.readBigUInt64LE(8), bytesReturned: returned.readUInt32LE(),
  };
}

function withToken({ ws2_32 }: Native, socket: bigint, code: number, token: bigint, outputSize = 0): { error: number; bytesReturned: number } {
  const [input, returned] = [Buffer.alloc(8), Buffer.alloc(4)];
  input.writeBigUInt64LE(token);
  const output = outputSize === 0 ? null : Buffer.alloc(outputSize);
  return { error: ws2_32.WSAIoctl(socket, code, input, 8, output, outputSize, returned, null), bytesReturned: returned.readUInt32LE() };
}

/** mulberry32: the same numbers for the same seed. */
export function randomOf(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b_79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}
