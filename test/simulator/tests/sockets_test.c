/* What no table of actions can say: buffers, addresses, options, the port pool, connections, texts. */
#include "check.h"

#include <stdio.h>
#include <string.h>

static DWORD returned;

static uint32_t control(SOCKET s, DWORD code, void *in, DWORD in_size, void *out, DWORD out_size) {
  returned = 77;
  return WSAIoctl(s, code, in, in_size, out, out_size, &returned, NULL, NULL) == 0 ? 0 : (uint32_t)WSAGetLastError();
}

static void acquire_buffers(void) {
  SOCKET s = open_socket(AF_INET, SOCK_STREAM);
  INET_PORT_RANGE range = {htons(base_port), 10};
  uint8_t out[20];
  CHECK_EQUAL(control(s, SIO_ACQUIRE_PORT_RESERVATION, &range, 4, out, 15), WSAEINVAL);
  CHECK_EQUAL(returned, 0);
  CHECK_EQUAL(control(s, SIO_ACQUIRE_PORT_RESERVATION, &range, 4, NULL, 16), WSAEINVAL);
  CHECK_EQUAL(control(s, SIO_ACQUIRE_PORT_RESERVATION, &range, 3, out, 16), WSAEFAULT);
  CHECK_EQUAL(control(s, SIO_ACQUIRE_PORT_RESERVATION, NULL, 4, out, 16), WSAEFAULT);
  memset(out, 0xEE, sizeof out);
  CHECK_EQUAL(control(s, SIO_ACQUIRE_PORT_RESERVATION, &range, 4, out, 20), 0);
  CHECK_EQUAL(returned, 16);
  CHECK(out[0] == base_port >> 8 && out[1] == (base_port & 0xff)); /* the port in network byte order */
  CHECK(out[2] == 10 && out[3] == 0);                              /* the count in host byte order */
  CHECK(out[16] == 0xEE);
  closesocket(s);
}

static void token_buffers(void) {
  SOCKET s = open_socket(AF_INET, SOCK_STREAM);
  INET_PORT_RESERVATION_INSTANCE instance;
  uint8_t out[8];
  CHECK_EQUAL(acquire_block(s, base_port, 10, &instance), 0);
  CHECK_EQUAL(control(s, SIO_ASSOCIATE_PORT_RESERVATION, &instance.Token, 8, out, 8), WSAEINVAL);
  CHECK_EQUAL(control(s, SIO_ASSOCIATE_PORT_RESERVATION, &instance.Token, 7, NULL, 0), WSAEFAULT);
  CHECK_EQUAL(control(s, SIO_ASSOCIATE_PORT_RESERVATION, NULL, 8, NULL, 0), WSAEFAULT);
  CHECK_EQUAL(control(s, SIO_ASSOCIATE_PORT_RESERVATION, &instance.Token, 8, NULL, 0), 0);
  CHECK_EQUAL(returned, 0);
  CHECK_EQUAL(control(s, SIO_RELEASE_PORT_RESERVATION, &instance.Token, 8, NULL, 0), 0);
  CHECK_EQUAL(returned, 0);
  CHECK_EQUAL(WSAIoctl(s, SIO_RELEASE_PORT_RESERVATION, &instance.Token, 8, NULL, 0, NULL, NULL, NULL), SOCKET_ERROR);
  CHECK_EQUAL(WSAGetLastError(), WSAEFAULT);
  closesocket(s);
}

static void other_sockets(void) {
  INET_PORT_RESERVATION_INSTANCE instance;
  CHECK_EQUAL(acquire_block((SOCKET)0x7ffffff0, base_port, 1, &instance), WSAENOTSOCK);
  CHECK_EQUAL(acquire_block(INVALID_SOCKET, base_port, 1, &instance), WSAENOTSOCK);
  CHECK_EQUAL(give_token(INVALID_SOCKET, SIO_ASSOCIATE_PORT_RESERVATION, 1), WSAENOTSOCK);
  CHECK_EQUAL(closesocket(INVALID_SOCKET), SOCKET_ERROR);
  CHECK_EQUAL(WSAGetLastError(), WSAENOTSOCK);
#ifndef _WIN32
  FILE *file = tmpfile(); /* A descriptor that is no socket is not closesocket's to close. */
  CHECK_EQUAL(closesocket((SOCKET)fileno(file)), SOCKET_ERROR);
  CHECK_EQUAL(fclose(file), 0);
  SOCKET s = open_socket(AF_UNIX, SOCK_STREAM);
  CHECK(s != INVALID_SOCKET);
  CHECK_EQUAL(acquire_block(s, base_port, 1, &instance), WSAEOPNOTSUPP);
  CHECK_EQUAL(give_token(s, SIO_ASSOCIATE_PORT_RESERVATION, 1), WSAEOPNOTSUPP);
  CHECK_EQUAL(give_token(s, SIO_RELEASE_PORT_RESERVATION, 1), WSAEOPNOTSUPP);
  closesocket(s);
#endif
}

static void addresses(void) {
  SOCKET six = open_socket(AF_INET6, SOCK_STREAM);
  SOCKET four = open_socket(AF_INET, SOCK_STREAM);
  struct sockaddr_in6 name;
  int length = sizeof name;
  memset(&name, 0, sizeof name);
  CHECK_EQUAL(sizeof(struct sockaddr_in), 16);
  CHECK_EQUAL(sizeof(struct sockaddr_in6), 28);
  name.sin6_family = AF_INET6;
  CHECK_EQUAL(bind(six, (struct sockaddr *)&name, 27), SOCKET_ERROR);
  CHECK_EQUAL(WSAGetLastError(), WSAEFAULT);
  CHECK_EQUAL(bind(four, (struct sockaddr *)&name, 28), SOCKET_ERROR);
  CHECK_EQUAL(WSAGetLastError(), WSAEFAULT);
  CHECK_EQUAL(getsockname(six, (struct sockaddr *)&name, &length), SOCKET_ERROR);
  CHECK_EQUAL(WSAGetLastError(), WSAEINVAL);
  CHECK_EQUAL(bind(six, (struct sockaddr *)&name, 28), 0);
  CHECK_EQUAL(getsockname(six, (struct sockaddr *)&name, &length), 0);
  CHECK_EQUAL(name.sin6_family, AF_INET6);
  CHECK_EQUAL(length, 28);
  CHECK(name.sin6_port != 0);
  length = 27;
  CHECK_EQUAL(getsockname(six, (struct sockaddr *)&name, &length), SOCKET_ERROR);
  CHECK_EQUAL(WSAGetLastError(), WSAEFAULT);
  closesocket(six);
  closesocket(four);
}

/* Three ports in the pool, and something of every kind in it. */
static void pool(void) {
  const uint8_t kinds = 5;
  INET_PORT_RESERVATION_INSTANCE instance;
  ULONG64 token;
  SOCKET holder = open_socket(AF_INET, SOCK_STREAM);
  CHECK_EQUAL(portsim_set_dynamic_range(PORTSIM_TCP, base_port, kinds + 3u), 0);
  CHECK_EQUAL(CreatePersistentTcpPortReservation(htons(base_port), 1, &token), 0);
  CHECK_EQUAL(acquire_block(holder, (uint16_t)(base_port + 2), 1, &instance), 0);
  CHECK_EQUAL(portsim_add_system_block(PORTSIM_TCP, base_port + 3u, 1, 0), 0);
  CHECK_EQUAL(portsim_add_exclusion(PORTSIM_TCP, base_port + 5u, 1, PORTSIM_STORE_ACTIVE), 0);
  CHECK_EQUAL(portsim_add_hidden_holder(PORTSIM_TCP, base_port + 7u, 1), 0);
  SOCKET sockets[3];
  unsigned seen = 0;
  for (int index = 0; index < 3; index++) {
    sockets[index] = open_socket(AF_INET, SOCK_STREAM);
    CHECK_EQUAL(bind_port(sockets[index], AF_INET, 0), 0);
    seen |= 1u << (bound_port(sockets[index]) - base_port);
  }
  CHECK_EQUAL(seen, 1u << 1 | 1u << 4 | 1u << 6);
  SOCKET late = open_socket(AF_INET, SOCK_STREAM);
  CHECK_EQUAL(bind_port(late, AF_INET, 0), WSAENOBUFS);
  CHECK_EQUAL(acquire_block(holder, 0, 1, &instance), WSAENOBUFS);
  closesocket(sockets[1]);
  CHECK_EQUAL(acquire_block(holder, 0, 1, &instance), 0);
  CHECK_EQUAL(bind_port(late, AF_INET, 0), WSAENOBUFS);
  closesocket(late);
  closesocket(holder);
  closesocket(sockets[0]);
  closesocket(sockets[2]);
}

static void default_range(void) {
  SOCKET s = open_socket(AF_INET6, SOCK_DGRAM);
  CHECK_EQUAL(bind_port(s, AF_INET6, 0), 0);
  CHECK(bound_port(s) >= 49152);
  closesocket(s);
}

static void dual_stack(void) {
  SOCKET s = open_socket(AF_INET6, SOCK_STREAM);
  SOCKET four = open_socket(AF_INET, SOCK_STREAM);
  INET_PORT_RESERVATION_INSTANCE instance;
  DWORD only = 7;
  int length = sizeof only;
  CHECK_EQUAL(getsockopt(s, IPPROTO_IPV6, IPV6_V6ONLY, (char *)&only, &length), 0);
  CHECK_EQUAL(only, 1);
  only = 0;
  CHECK_EQUAL(setsockopt(s, IPPROTO_IPV6, IPV6_V6ONLY, (char *)&only, sizeof only), 0);
  CHECK_EQUAL(acquire_block(s, base_port, 1, &instance), 0);
  CHECK_EQUAL(give_token(s, SIO_ASSOCIATE_PORT_RESERVATION, instance.Token), 0);
  CHECK_EQUAL(bind_port(s, AF_INET6, 0), 0);
  CHECK_EQUAL(give_token(four, SIO_ASSOCIATE_PORT_RESERVATION, instance.Token), 0);
#ifndef _WIN32 /* There the genuine ws2_32.dll decides, and Wine's lets the second in. */
  CHECK_EQUAL(bind_port(four, AF_INET, 0), WSAEADDRINUSE);
#endif
  closesocket(s);
  closesocket(four);
}

static void options(void) {
  SOCKET s = open_socket(AF_INET, SOCK_STREAM);
  DWORD value = 1500;
  int length = sizeof value;
  CHECK_EQUAL(setsockopt(s, SOL_SOCKET, SO_RCVTIMEO, (char *)&value, sizeof value), 0);
  value = 0;
  CHECK_EQUAL(getsockopt(s, SOL_SOCKET, SO_RCVTIMEO, (char *)&value, &length), 0);
  CHECK_EQUAL(value, 1500);
  value = 1;
  CHECK_EQUAL(setsockopt(s, SOL_SOCKET, SO_EXCLUSIVEADDRUSE, (char *)&value, sizeof value), 0);
  CHECK_EQUAL(setsockopt(s, IPPROTO_TCP, TCP_NODELAY, (char *)&value, sizeof value), 0);
  CHECK_EQUAL(getsockopt(s, SOL_SOCKET, SO_TYPE, (char *)&value, &length), 0);
  CHECK_EQUAL(value, SOCK_STREAM);
  CHECK_EQUAL(setsockopt(s, SOL_SOCKET, 0x7777, (char *)&value, sizeof value), SOCKET_ERROR);
  CHECK_EQUAL(WSAGetLastError(), WSAENOPROTOOPT);
  closesocket(s);
}

/* A10, and that the port is a real one. */
static void connection(void) {
  SOCKET listener = open_socket(AF_INET, SOCK_STREAM);
  SOCKET client = open_socket(AF_INET, SOCK_STREAM);
  INET_PORT_RESERVATION_INSTANCE instance;
  struct sockaddr_in name;
  int length = sizeof name;
  char data[4] = {0};
  CHECK_EQUAL(listen(listener, 1), SOCKET_ERROR);
  CHECK_EQUAL(WSAGetLastError(), WSAEINVAL);
  CHECK_EQUAL(acquire_block(listener, base_port, 8, &instance), 0);
  CHECK_EQUAL(give_token(listener, SIO_ASSOCIATE_PORT_RESERVATION, instance.Token), 0);
  CHECK_EQUAL(bind_port(listener, AF_INET, 0), 0);
  CHECK_EQUAL(listen(listener, SOMAXCONN), 0);
  CHECK_EQUAL(getsockname(listener, (struct sockaddr *)&name, &length), 0);
  name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  CHECK_EQUAL(connect(client, (struct sockaddr *)&name, sizeof name), 0);
  CHECK(bound_port(client) >= 49152); /* N1 */
  SOCKET server = accept(listener, (struct sockaddr *)&name, &length);
  CHECK(server != INVALID_SOCKET);
  CHECK_EQUAL(ntohs(name.sin_port), bound_port(client));
  CHECK_EQUAL(send(client, "port", 4, 0), 4);
  CHECK_EQUAL(recv(server, data, 4, 0), 4);
  CHECK(memcmp(data, "port", 4) == 0);
  /* The client closes first: the state that lingers is at its port, not at ours. */
  closesocket(client);
  CHECK_EQUAL(recv(server, data, 4, 0), 0);
  closesocket(server);
  closesocket(listener);
}

static void faults(void) {
  ULONG64 token = 0;
  USHORT port = htons(base_port);
  CHECK_EQUAL(portsim_fail_next("CreatePersistentTcpPortReservation", 1722), 0);
  CHECK_EQUAL(portsim_fail_next("socket", WSAEMFILE), 0);
  CHECK_EQUAL(portsim_fail_next("CreatePersistentTcpPortReservation", 31), 0);
  CHECK_EQUAL(CreatePersistentUdpPortReservation(port, 1, &token), 0);
  CHECK_EQUAL(CreatePersistentTcpPortReservation(port, 1, &token), 1722);
  CHECK_EQUAL(CreatePersistentTcpPortReservation(port, 1, &token), 31);
  CHECK_EQUAL(CreatePersistentTcpPortReservation(port, 1, &token), 0);
  CHECK_EQUAL(socket(AF_INET, SOCK_STREAM, 0), INVALID_SOCKET);
  CHECK_EQUAL(WSAGetLastError(), WSAEMFILE);
  SOCKET s = socket(AF_INET, SOCK_STREAM, 0);
  CHECK(s != INVALID_SOCKET);
  closesocket(s);
  CHECK_EQUAL(portsim_fail_next("", 5), ERROR_INVALID_PARAMETER);
  CHECK_EQUAL(portsim_fail_next("bind", 0), ERROR_INVALID_PARAMETER);
}

static void messages(void) {
  WCHAR text[256];
  DWORD flags = FORMAT_MESSAGE_FROM_SYSTEM | FORMAT_MESSAGE_IGNORE_INSERTS;
  DWORD length = FormatMessageW(flags, NULL, ERROR_ACCESS_DENIED, 0, text, 256, NULL);
  CHECK(length > 4);
  CHECK(text[length] == 0 && text[length - 1] == '\n' && text[length - 2] == '\r');
  CHECK_EQUAL(FormatMessageW(flags, NULL, 0x2FFFFFFF, 0, text, 256, NULL), 0);
  CHECK_EQUAL(FormatMessageW(flags, NULL, ERROR_ACCESS_DENIED, 0, text, 4, NULL), 0);
  CHECK_EQUAL(GetLastError(), ERROR_INSUFFICIENT_BUFFER);
}

static void tokens(void) {
  enum { COUNT = 400 };
  ULONG64 seen[COUNT];
  unsigned above_double = 0;
  unsigned negative = 0;
  for (int index = 0; index < COUNT; index++) {
    CHECK_EQUAL(CreatePersistentUdpPortReservation(htons(base_port), 1, &seen[index]), 0);
    CHECK_EQUAL(DeletePersistentUdpPortReservation(htons(base_port), 1), 0);
    above_double += seen[index] > UINT64_C(1) << 53;
    negative += seen[index] >> 63 != 0;
    if (index == COUNT / 2) {
      CHECK_EQUAL(portsim_reset(), 0);
    }
    for (int earlier = 0; earlier < index; earlier++) {
      CHECK(seen[earlier] != seen[index]);
    }
  }
  CHECK(above_double > COUNT * 9 / 10);
  CHECK_EQUAL(negative, COUNT / 2);
}

const test_t socket_tests[] = {
    {"R8, A7: acquire checks its buffers", acquire_buffers},
    {"A7: associate and release check their buffers", token_buffers},
    {"A6: other sockets, and what is no socket", other_sockets},
    {"A9, A10: addresses of both families", addresses},
    {"N1: the pool leaves out every reservation, exclusion and holder", pool},
    {"N8: the dynamic range begins at 49152", default_range},
    {"A2b: a dual-stack socket takes its port in both families", dual_stack},
    {"Options have Windows' numbers and forms", options},
    {"A10: a port that was handed out can be connected to", connection},
    {"A fault fails the next call of its function alone", faults},
    {"P12: FormatMessage knows the codes, or says that it does not", messages},
    {"Tokens fill 64 bits, never repeat, and are never 0", tokens},
    {NULL, NULL},
};
