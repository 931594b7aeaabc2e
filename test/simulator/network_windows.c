/*
 * network.h for Windows: the genuine ws2_32.dll. It is loaded by its full path in System32, because this library may lie
 * beside a program, or have been copied, under that very name.
 */
#include <winsock2.h>
#include <ws2tcpip.h>
#include <stdlib.h>
#include <string.h>
#include <windows.h>

#include "network.h"
#include "network_windows.h"
#include "platform.h"

static genuine_winsock_t winsock;
static INIT_ONCE winsock_once = INIT_ONCE_STATIC_INIT;

FARPROC genuine_function(const wchar_t *library, const char *name) {
  HMODULE module = LoadLibraryExW(library, NULL, LOAD_LIBRARY_SEARCH_SYSTEM32);
  FARPROC function = module != NULL ? GetProcAddress(module, name) : NULL;
  if (function == NULL) {
    abort(); /* No Windows this was built for lacks one of them. */
  }
  return function;
}

static BOOL CALLBACK load_winsock(PINIT_ONCE once, PVOID parameter, PVOID *context) {
  (void)once, (void)parameter, (void)context;
#define LOAD(name)                                                     \
  do {                                                                 \
    FARPROC function = genuine_function(L"ws2_32.dll", #name);         \
    memcpy(&winsock.name, &function, sizeof function);                 \
  } while (0)
  LOAD(WSAStartup);
  LOAD(WSACleanup);
  LOAD(WSASocketW);
  LOAD(WSADuplicateSocketW);
  LOAD(closesocket);
  LOAD(bind);
  LOAD(listen);
  LOAD(accept);
  LOAD(connect);
  LOAD(send);
  LOAD(recv);
  LOAD(shutdown);
  LOAD(getsockname);
  LOAD(setsockopt);
  LOAD(getsockopt);
  LOAD(ioctlsocket);
  LOAD(WSAIoctl);
  LOAD(WSAGetOverlappedResult);
  LOAD(WSACreateEvent);
  LOAD(WSACloseEvent);
  LOAD(WSASetEvent);
  LOAD(WSAResetEvent);
  LOAD(WSAWaitForMultipleEvents);
#undef LOAD
  return TRUE;
}

const genuine_winsock_t *genuine_winsock(void) {
  InitOnceExecuteOnce(&winsock_once, load_winsock, NULL, NULL);
  return &winsock;
}

static uint32_t outcome(int result) { return result == SOCKET_ERROR ? GetLastError() : 0; }

uint32_t network_startup(uint16_t version, void *data) { return (uint32_t)genuine_winsock()->WSAStartup(version, data); }

uint32_t network_cleanup(void) { return outcome(genuine_winsock()->WSACleanup()); }

uint32_t network_facts(uintptr_t s, network_facts_t *facts) {
  WSAPROTOCOL_INFOW info;
  int size = sizeof info;
  DWORD error = GetLastError();
  int result = genuine_winsock()->getsockopt(s, SOL_SOCKET, SO_PROTOCOL_INFOW, (char *)&info, &size);
  uint32_t code = outcome(result);
  SetLastError(error);
  if (code != 0) {
    return code;
  }
  bool is_internet = info.iAddressFamily == AF_INET || info.iAddressFamily == AF_INET6;
  bool is_tcp = info.iSocketType == SOCK_STREAM && info.iProtocol == IPPROTO_TCP;
  bool is_udp = info.iSocketType == SOCK_DGRAM && info.iProtocol == IPPROTO_UDP;
  *facts = (network_facts_t){.family = info.iAddressFamily};
  facts->protocol = !is_internet ? 0 : is_tcp ? NETWORK_TCP : is_udp ? NETWORK_UDP : 0;
  return 0;
}

uint32_t network_open(int family, int type, int protocol, void *info, uint32_t group, uint32_t flags, uintptr_t *s) {
  *s = genuine_winsock()->WSASocketW(family, type, protocol, info, group, flags);
  return *s == INVALID_SOCKET ? GetLastError() : 0;
}

uint32_t network_duplicate(uintptr_t s, uint32_t process_id, void *info) {
  return outcome(genuine_winsock()->WSADuplicateSocketW(s, process_id, info));
}

uint32_t network_close(uintptr_t s) { return outcome(genuine_winsock()->closesocket(s)); }

uint32_t network_bind(uintptr_t s, const void *name, int length) {
  return outcome(genuine_winsock()->bind(s, name, length));
}

uint32_t network_listen(uintptr_t s, int backlog) { return outcome(genuine_winsock()->listen(s, backlog)); }

uint32_t network_accept(uintptr_t s, void *name, int *length, uintptr_t *accepted) {
  *accepted = genuine_winsock()->accept(s, name, length);
  return *accepted == INVALID_SOCKET ? GetLastError() : 0;
}

uint32_t network_connect(uintptr_t s, const void *name, int length) {
  return outcome(genuine_winsock()->connect(s, name, length));
}

uint32_t network_send(uintptr_t s, const char *data, int length, int flags, int *sent) {
  *sent = genuine_winsock()->send(s, data, length, flags);
  return outcome(*sent);
}

uint32_t network_receive(uintptr_t s, char *data, int length, int flags, int *received) {
  *received = genuine_winsock()->recv(s, data, length, flags);
  return outcome(*received);
}

uint32_t network_shutdown(uintptr_t s, int how) { return outcome(genuine_winsock()->shutdown(s, how)); }

uint32_t network_name(uintptr_t s, void *name, int *length) {
  return outcome(genuine_winsock()->getsockname(s, name, length));
}

uint32_t network_set_option(uintptr_t s, int level, int option, const char *value, int length) {
  return outcome(genuine_winsock()->setsockopt(s, level, option, value, length));
}

uint32_t network_get_option(uintptr_t s, int level, int option, char *value, int *length) {
  return outcome(genuine_winsock()->getsockopt(s, level, option, value, length));
}

uint32_t network_set_mode(uintptr_t s, int command, uint32_t *argument) {
  return outcome(genuine_winsock()->ioctlsocket(s, command, (u_long *)argument));
}

uint16_t network_bound_port(uintptr_t s) {
  struct sockaddr_in6 name = {0};
  int length = sizeof name;
  DWORD error = GetLastError();
  bool is_bound = genuine_winsock()->getsockname(s, (struct sockaddr *)&name, &length) == 0;
  SetLastError(error);
  const UCHAR *port = (const UCHAR *)&name.sin6_port; /* At the same place in both families. */
  return is_bound ? (uint16_t)(port[0] << 8 | port[1]) : 0;
}

/* Exclusive, or Windows would let the wildcard in beside a socket on one address. */
static bool bind_meets_somebody(int family, uint8_t protocol, uint16_t port) {
  const genuine_winsock_t *genuine = genuine_winsock();
  struct sockaddr_in6 name = {.sin6_family = (USHORT)family};
  BOOL on = TRUE;
  int length = (int)(family == AF_INET6 ? sizeof name : sizeof(struct sockaddr_in));
  DWORD error = GetLastError();
  WSADATA data;
  /* Of our own: netsh, and a program that only makes persistent reservations, have not started Winsock. */
  bool started = genuine->WSAStartup(MAKEWORD(2, 2), &data) == 0;
  SOCKET s = genuine->WSASocketW(family, protocol == NETWORK_TCP ? SOCK_STREAM : SOCK_DGRAM, protocol, NULL, 0,
                                 WSA_FLAG_NO_HANDLE_INHERIT);
  name.sin6_port = (USHORT)(port >> 8 | (port & 0xff) << 8);
  genuine->setsockopt(s, SOL_SOCKET, SO_EXCLUSIVEADDRUSE, (const char *)&on, sizeof on);
  bool met = s != INVALID_SOCKET && genuine->bind(s, (struct sockaddr *)&name, length) != 0 &&
             (GetLastError() == WSAEADDRINUSE || GetLastError() == WSAEACCES);
  if (s != INVALID_SOCKET) {
    genuine->closesocket(s);
  }
  if (started) {
    genuine->WSACleanup();
  }
  SetLastError(error);
  return met;
}

bool network_port_is_bound(uint8_t protocol, uint16_t port) {
  return bind_meets_somebody(AF_INET, protocol, port) || bind_meets_somebody(AF_INET6, protocol, port);
}

uint32_t network_control(uintptr_t s, uint32_t code, void *in, uint32_t in_size, void *out, uint32_t out_size,
                         uint32_t *returned, void *overlapped, void *routine) {
  LPWSAOVERLAPPED_COMPLETION_ROUTINE function;
  memcpy(&function, &routine, sizeof function);
  return outcome(genuine_winsock()->WSAIoctl(s, code, in, in_size, out, out_size, (DWORD *)returned, overlapped, function));
}

uint32_t network_overlapped_result(uintptr_t s, void *overlapped, uint32_t *transferred, int wait, uint32_t *flags) {
  return genuine_winsock()->WSAGetOverlappedResult(s, overlapped, (DWORD *)transferred, wait, (DWORD *)flags)
             ? 0
             : GetLastError();
}

uint32_t network_cancel(uintptr_t s, void *overlapped) {
  typedef BOOL(WINAPI * cancel_t)(HANDLE, LPOVERLAPPED);
  cancel_t cancel;
  FARPROC function = genuine_function(L"kernel32.dll", "CancelIoEx");
  memcpy(&cancel, &function, sizeof cancel);
  return cancel((HANDLE)s, overlapped) ? 0 : GetLastError();
}

void network_signal_event(void *event) { SetEvent(event); }

void network_clear_event(void *event) { ResetEvent(event); }

uint32_t network_event_count(void) { return 0; }
