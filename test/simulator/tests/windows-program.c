/*
 * A program as it is written for Windows, with nothing of the simulator in it: it reserves ports in both ways, opens
 * sockets in the reservations, and connects to one. Build it ahead of the system's libraries:
 *
 *     x86_64-w64-mingw32-gcc -fms-extensions windows-program.c -Lbuild/simulator -lportsim -lws2_32 -liphlpapi
 *     cc -Itest/simulator/include windows-program.c build/simulator/portsim.so
 *
 * It prints what it got, and ends with 0 when everything went as the Win32 pages say.
 */
#include <winsock2.h>
#include <ws2tcpip.h>
#include <mstcpip.h>
#include <iphlpapi.h>
#include <windows.h>

#include <stdio.h>
#include <string.h>

#define START_PORT 21000
#define LAST_TRY 29000
#define NUMBER_OF_PORTS 10

static int fail(const char *what, unsigned long code) {
  printf("%s failed: %lu\n", what, code);
  return 1;
}

static int associate(SOCKET s, ULONG64 token) {
  INET_PORT_RESERVATION_TOKEN input;
  DWORD returned;
  input.Token = token;
  return WSAIoctl(s, SIO_ASSOCIATE_PORT_RESERVATION, &input, sizeof input, NULL, 0, &returned, NULL, NULL);
}

static int bind_any(SOCKET s, struct sockaddr_in *name) {
  int length = sizeof *name;
  memset(name, 0, sizeof *name);
  name->sin_family = AF_INET;
  name->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (bind(s, (struct sockaddr *)name, sizeof *name) != 0) {
    return SOCKET_ERROR;
  }
  return getsockname(s, (struct sockaddr *)name, &length);
}

/* A server on a port of the block, and a client that reaches it. */
static int serve_once(ULONG64 token, USHORT first_port) {
  struct sockaddr_in name;
  SOCKET listener = socket(AF_INET, SOCK_STREAM, IPPROTO_TCP);
  if (associate(listener, token) != 0) {
    return fail("SIO_ASSOCIATE_PORT_RESERVATION", (unsigned long)WSAGetLastError());
  }
  if (bind_any(listener, &name) != 0 || listen(listener, 1) != 0) {
    return fail("bind", (unsigned long)WSAGetLastError());
  }
  USHORT port = ntohs(name.sin_port);
  SOCKET client = socket(AF_INET, SOCK_STREAM, IPPROTO_TCP);
  if (connect(client, (struct sockaddr *)&name, sizeof name) != 0) {
    return fail("connect", (unsigned long)WSAGetLastError());
  }
  SOCKET server = accept(listener, NULL, NULL);
  char data[8];
  int heard = send(client, "hello", 5, 0) == 5 ? recv(server, data, sizeof data, 0) : -1;
  closesocket(client);
  closesocket(server);
  closesocket(listener);
  printf("served on port %u of %u-%u\n", port, first_port, first_port + NUMBER_OF_PORTS - 1);
  return heard == 5 && port >= first_port && port < first_port + NUMBER_OF_PORTS ? 0 : fail("recv", 0);
}

static int persistent(void) {
  ULONG64 token = 0;
  ULONG64 found = 0;
  USHORT port = START_PORT;
  ULONG code = CreatePersistentTcpPortReservation(htons(port), NUMBER_OF_PORTS, &token);
  while (code == ERROR_SHARING_VIOLATION && port < LAST_TRY) {
    port += NUMBER_OF_PORTS;
    code = CreatePersistentTcpPortReservation(htons(port), NUMBER_OF_PORTS, &token);
  }
  if (code != NO_ERROR) {
    return fail("CreatePersistentTcpPortReservation", code);
  }
  code = LookupPersistentTcpPortReservation(htons(port), NUMBER_OF_PORTS, &found);
  if (code != NO_ERROR || found != token) {
    return fail("LookupPersistentTcpPortReservation", code);
  }
  int result = serve_once(token, port);
  code = DeletePersistentTcpPortReservation(htons(port), NUMBER_OF_PORTS);
  return code != NO_ERROR ? fail("DeletePersistentTcpPortReservation", code) : result;
}

static int runtime(void) {
  INET_PORT_RANGE range = {0, NUMBER_OF_PORTS};
  INET_PORT_RESERVATION_INSTANCE instance;
  INET_PORT_RESERVATION_TOKEN token;
  struct sockaddr_in name;
  DWORD returned;
  SOCKET s = socket(AF_INET, SOCK_DGRAM, IPPROTO_UDP);
  if (WSAIoctl(s, SIO_ACQUIRE_PORT_RESERVATION, &range, sizeof range, &instance, sizeof instance, &returned, NULL,
               NULL) != 0) {
    return fail("SIO_ACQUIRE_PORT_RESERVATION", (unsigned long)WSAGetLastError());
  }
  token.Token = instance.Token;
  if (associate(s, token.Token) != 0 || bind_any(s, &name) != 0) {
    return fail("bind on the acquiring socket", (unsigned long)WSAGetLastError());
  }
  USHORT first = ntohs(instance.StartPort);
  USHORT port = ntohs(name.sin_port);
  printf("bound port %u of %u-%u\n", port, first, first + instance.NumberOfPorts - 1);
  if (WSAIoctl(s, SIO_RELEASE_PORT_RESERVATION, &token, sizeof token, NULL, 0, &returned, NULL, NULL) != 0) {
    return fail("SIO_RELEASE_PORT_RESERVATION", (unsigned long)WSAGetLastError());
  }
  closesocket(s);
  return port >= first && port < first + NUMBER_OF_PORTS ? 0 : fail("the port", port);
}

int main(void) {
  WSADATA data;
  if (WSAStartup(MAKEWORD(2, 2), &data) != 0) {
    return 1;
  }
  int result = persistent() != 0 || runtime() != 0;
  WSACleanup();
  puts(result == 0 ? "all is well" : "something is wrong");
  return result;
}
