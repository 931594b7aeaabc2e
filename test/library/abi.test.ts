import test from 'ava';
import koffi from 'koffi';
import { decodeAddress, encodeAddress } from '../../src/sockets/socket-address.js';
import {
  INET_PORT_RANGE, INET_PORT_RESERVATION_INSTANCE, SOCKADDR_IN, SOCKADDR_IN6, WSAOVERLAPPED,
} from '../../src/win32/structures.js';

test('the structures have the sizes and offsets of the Windows headers', (t) => {
  t.is(koffi.sizeof(INET_PORT_RANGE), 4);
  t.is(koffi.offsetof(INET_PORT_RANGE, 'NumberOfPorts'), 2);
  t.is(koffi.sizeof(INET_PORT_RESERVATION_INSTANCE), 16);
  t.is(koffi.offsetof(INET_PORT_RESERVATION_INSTANCE, 'Token'), 8);
  t.is(koffi.sizeof(WSAOVERLAPPED), 32);
  t.is(koffi.offsetof(WSAOVERLAPPED, 'hEvent'), 24);
  t.is(koffi.sizeof(SOCKADDR_IN), 16);
  t.is(koffi.offsetof(SOCKADDR_IN, 'sin_addr'), 4);
  t.is(koffi.sizeof(SOCKADDR_IN6), 28);
  t.is(koffi.offsetof(SOCKADDR_IN6, 'sin6_addr'), 8);
  t.is(koffi.offsetof(SOCKADDR_IN6, 'sin6_scope_id'), 24);
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
});
