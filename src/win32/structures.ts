import koffi from './koffi.js';

/**
 * Structures of the Windows headers, with fixed-width members so that they have one layout on every system.
 * `uint16_be_t` marks what Windows keeps in network byte order.
 */

/** INET_PORT_RANGE (mstcpip.h), 4 bytes. */
export const INET_PORT_RANGE = koffi.struct({ StartPort: 'uint16_be_t', NumberOfPorts: 'uint16_t' });

/** INET_PORT_RESERVATION_INSTANCE (mstcpip.h), 16 bytes: the range, 4 bytes of padding, the token. */
export const INET_PORT_RESERVATION_INSTANCE = koffi.struct({ Reservation: INET_PORT_RANGE, Token: 'uint64_t' });

/** INET_PORT_RESERVATION_TOKEN (mstcpip.h), 8 bytes. */
export const INET_PORT_RESERVATION_TOKEN = koffi.struct({ Token: 'uint64_t' });

/** WSAOVERLAPPED (winsock2.h), 32 bytes on 64-bit Windows. */
export const WSAOVERLAPPED = koffi.struct({
  Internal: 'uintptr_t', InternalHigh: 'uintptr_t', Offset: 'uint32_t', OffsetHigh: 'uint32_t', hEvent: 'uintptr_t',
});

/** In Internal of an operation that has not ended (winnt.h). */
export const STATUS_PENDING = 0x103;

/** SOCKADDR_IN (ws2def.h), 16 bytes. */
export const SOCKADDR_IN = koffi.struct({
  sin_family: 'uint16_t', sin_port: 'uint16_be_t', sin_addr: koffi.array('uint8_t', 4, 'Array'),
  sin_zero: koffi.array('uint8_t', 8, 'Array'),
});

/** SOCKADDR_IN6 (ws2ipdef.h), 28 bytes. */
export const SOCKADDR_IN6 = koffi.struct({
  sin6_family: 'uint16_t', sin6_port: 'uint16_be_t', sin6_flowinfo: 'uint32_t',
  sin6_addr: koffi.array('uint8_t', 16, 'Array'), sin6_scope_id: 'uint32_t',
});

/** WSAPROTOCOL_INFOW and WSADATA (winsock2.h): memory whose members are not read here. WSADATA is smaller on 32-bit Windows. */
export const WSAPROTOCOL_INFOW = koffi.array('uint8_t', 628);
export const WSADATA = koffi.array('uint8_t', 408);

/** Values from ws2def.h, winsock2.h and mstcpip.h, the same on every system: AF_INET6 is 23 even on Linux. */
export const AF_INET = 2;
export const AF_INET6 = 23;
export const SOCK_STREAM = 1;
export const SOCK_DGRAM = 2;
export const IPPROTO_TCP = 6;
export const IPPROTO_UDP = 17;
export const IPPROTO_IPV6 = 41;
export const IPV6_V6ONLY = 27;
export const SOMAXCONN = 0x7fffffff;
export const INVALID_SOCKET = 0xffff_ffff_ffff_ffffn;
export const WSA_FLAG_OVERLAPPED = 0x01;
export const WSA_FLAG_NO_HANDLE_INHERIT = 0x80;
export const SIO_ACQUIRE_PORT_RESERVATION = 0x98000064;
export const SIO_RELEASE_PORT_RESERVATION = 0x98000065;
export const SIO_ASSOCIATE_PORT_RESERVATION = 0x98000066;
