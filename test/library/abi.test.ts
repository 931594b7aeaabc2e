import test from 'ava';
import koffi from '../../src/win32/koffi.js';
import { openNative } from '../../src/native.js';
import { openSocket } from '../../src/sockets/native-socket.js';
import { decodeAddress, encodeAddress } from '../../src/sockets/socket-address.js';
import { Code } from '../../src/win32/codes.js';
import { HCN_PORT_RANGE_ENTRY } from '../../src/win32/computenetwork.js';
import {
  INET_PORT_RANGE, INET_PORT_RESERVATION_INSTANCE, INET_PORT_RESERVATION_TOKEN, INVALID_SOCKET, SIO_ACQUIRE_PORT_RESERVATION, SOCKADDR_IN, SOCKADDR_IN6,
  WSAOVERLAPPED,
} from '../../src/win32/structures.js';
import { portsOf } from '../helpers/ports.js';
import { createSimulator } from '../helpers/simulator.js';

const simulator = await createSimulator();
const native = openNative(simulator.options);
const portsim = koffi.load(simulator.options.library);
test.after.always(() => simulator.dispose());

const base = portsOf(import.meta.url);

test('the structures have the sizes and offsets of the Windows headers', (t) => {
  t.is(koffi.sizeof(INET_PORT_RANGE), 4);
  t.is(koffi.offsetof(INET_PORT_RANGE, 'NumberOfPorts'), 2);
  t.is(koffi.sizeof(INET_PORT_RESERVATION_INSTANCE), 16);
  t.is(koffi.offsetof(INET_PORT_RESERVATION_INSTANCE, 'Token'), 8);
  t.is(koffi.sizeof(INET_PORT_RESERVATION_TOKEN), 8);
  t.is(koffi.sizeof(WSAOVERLAPPED), 32);
  t.is(koffi.offsetof(WSAOVERLAPPED, 'hEvent'), 24);
  t.is(koffi.sizeof(SOCKADDR_IN), 16);
  t.is(koffi.offsetof(SOCKADDR_IN, 'sin_addr'), 4);
  t.is(koffi.sizeof(SOCKADDR_IN6), 28);
  t.is(koffi.offsetof(SOCKADDR_IN6, 'sin6_addr'), 8);
  t.is(koffi.offsetof(SOCKADDR_IN6, 'sin6_scope_id'), 24);
  t.is(koffi.sizeof(HCN_PORT_RANGE_ENTRY), 64);
  t.is(koffi.offsetof(HCN_PORT_RANGE_ENTRY, 'Priority'), 40);
  t.is(koffi.offsetof(HCN_PORT_RANGE_ENTRY, 'StartingPort'), 60);
});

test('ports are in network byte order, counts in host byte order', (t) => {
  const range = Buffer.alloc(4);
  koffi.encode(range, INET_PORT_RANGE, { StartPort: 0x1234, NumberOfPorts: 0x0005 });
  t.deepEqual([...range], [0x12, 0x34, 0x05, 0x00]);
});

test('a token of 64 bits is read without loss', (t) => {
  const instance = Buffer.alloc(16);
  for (const token of [1n, 2n ** 53n + 1n, 2n ** 63n + 1n, 2n ** 64n - 1n]) {
    instance.writeBigUInt64LE(token, 8);
    t.is(BigInt(koffi.decode(instance, INET_PORT_RESERVATION_INSTANCE).Token), token);
  }
});

const travels = test.macro((t, family: 'IPv4' | 'IPv6', address: string, bytes: number[], canonical = address) => {
  const buffer = encodeAddress(family, address, 0x1f90);
  const start = family === 'IPv4' ? 4 : 8;
  t.deepEqual([...buffer.subarray(start, start + bytes.length)], bytes);
  t.deepEqual([...buffer.subarray(2, 4)], [0x1f, 0x90]);
  t.deepEqual(decodeAddress(family, buffer), { address: canonical, port: 0x1f90 });
});
test('IPv4 loopback (A9)', travels, 'IPv4', '127.0.0.1', [127, 0, 0, 1]);
test('IPv6 loopback (A9)', travels, 'IPv6', '::1', [...Array(15).fill(0), 1]);
test('the unspecified IPv6 address', travels, 'IPv6', '::', Array(16).fill(0));
test('an IPv6 address in full', travels, 'IPv6', '2001:db8:1:2:3:4:5:6', [0x20, 1, 0xd, 0xb8, 0, 1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6]);
test('an IPv6 address that is not canonical', travels, 'IPv6', '2001:0DB8::0001', [0x20, 1, 0xd, 0xb8, ...Array(11).fill(0), 1], '2001:db8::1');
test('an IPv6 address that ends in zeros', travels, 'IPv6', 'fe80::', [0xfe, 0x80, ...Array(14).fill(0)]);
test('a mapped IPv4 address', travels, 'IPv6', '::ffff:10.0.0.1', [...Array(10).fill(0), 0xff, 0xff, 10, 0, 0, 1], '::ffff:a00:1');

test('the scope of a link-local address is the number of an interface', (t) => {
  const buffer = encodeAddress('IPv6', 'fe80::1%7', 80);
  t.is(buffer.readUInt32LE(24), 7);
  t.is(decodeAddress('IPv6', buffer).address, 'fe80::1%7');
  t.throws(() => encodeAddress('IPv6', 'fe80::1%eth0', 80), { message: /A9/ });
  t.is(decodeAddress('IPv6', encodeAddress('IPv6', 'fe80::1%4294967295', 80)).address, 'fe80::1%4294967295');
  for (const scope of ['4294967296', '4294967303', '99999999999999999999']) {
    t.throws(() => encodeAddress('IPv6', `fe80::1%${scope}`, 80), { message: /at most 4294967295/ });
  }
});

test('tokens above 2^53 and above 2^63 come out of the library as the eight bytes it wrote', (t) => {
  const lookup = portsim.func('uint32_t LookupPersistentTcpPortReservation(uint16_be_t start, uint16_t count, void *token)');
  const tokens: bigint[] = [];
  for (let port = base; port < base + 16; port += 1) {
    const { error, token } = native.iphlpapi.CreatePersistentTcpPortReservation(port, 1);
    t.is(error, 0);
    const bytes = Buffer.alloc(8);
    lookup(port, 1, bytes);
    t.is(token, bytes.readBigUInt64LE());
    t.is(native.iphlpapi.LookupPersistentTcpPortReservation(port, 1).token, token);
    tokens.push(token);
    native.iphlpapi.DeletePersistentTcpPortReservation(port, 1);
  }
  t.is(new Set(tokens).size, tokens.length);
  t.true(tokens.some((token) => token > 2n ** 53n && token < 2n ** 63n));
  t.true(tokens.some((token) => token > 2n ** 63n));
});

test('the library sees a port in network byte order and a count in host byte order', (t) => {
  const socket = openSocket(native, 'tcp', 'IPv4');
  const [input, output] = [Buffer.alloc(4), Buffer.alloc(16, 0xa5)];
  const port = base + 20;
  koffi.encode(input, INET_PORT_RANGE, { StartPort: port, NumberOfPorts: 3 });
  t.is(native.ws2_32.WSAIoctl(socket, SIO_ACQUIRE_PORT_RESERVATION, input, 4, output, 16, Buffer.alloc(4), null), 0);
  t.deepEqual([...output.subarray(0, 4)], [port >> 8, port & 0xff, 3, 0]);
  const { Reservation, Token } = koffi.decode(output, INET_PORT_RESERVATION_INSTANCE);
  t.deepEqual(Reservation, { StartPort: port, NumberOfPorts: 3 });
  t.is(BigInt(Token), output.readBigUInt64LE(8));
  t.is(native.ws2_32.closesocket(socket), 0);
});

test('a socket that cannot be made is INVALID_SOCKET, all of its bits', (t) => {
  const { error, socket } = native.ws2_32.WSASocketW(12345, 1, 6, 0);
  t.is(socket, INVALID_SOCKET);
  t.not(error, 0);
});

test('the last error outlives what koffi and JavaScript do between two calls', (t) => {
  const closesocket = portsim.func('int32_t closesocket(uintptr_t s)');
  const lastError = portsim.func('int32_t WSAGetLastError()');
  t.is(closesocket(0x7fff_fffcn), -1);
  const garbage = Array.from({ length: 2_000 }, (_, i) => Buffer.alloc(4_096, i));
  koffi.free(koffi.alloc('uint8_t', 1_000_000));
  t.is(garbage.length, 2_000);
  t.is(lastError(), Code.WSAENOTSOCK);
  t.is(lastError(), Code.WSAENOTSOCK);
});
