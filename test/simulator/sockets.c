/* ws2_32.dll: sockets. What is not a matter of reservations goes straight on to network.h. */
#include "bind.h"
#include "blocks.h"
#include "network.h"
#include "operations.h"
#include "settings.h"
#include "socket_table.h"
#include "store.h"

/* Injected faults come before anything else. */
static uint32_t fault(const char *function) {
  platform_lock();
  uint32_t code = settings_take_fault(function);
  platform_unlock();
  return code;
}

static SOCKET socket_outcome(uint32_t code, uintptr_t s) {
  return winsock_outcome(code) == 0 ? (SOCKET)s : INVALID_SOCKET;
}

int WSAAPI WSAStartup(WORD version, LPWSADATA data) {
  uint32_t code = fault(__func__);
  if (code == 0 && data == NULL) {
    code = WSAEFAULT;
  }
  if (code == 0 && (version & 0xff) == 0) {
    code = WSAVERNOTSUPPORTED;
  }
  if (code == 0) {
    data->wVersion = version;
    data->wHighVersion = MAKEWORD(2, 2);
    code = network_startup(version, data);
  }
  return (int)code; /* The one function that returns its error: there is no last error before it. */
}

int WSAAPI WSACleanup(void) {
  uint32_t code = fault(__func__);
  return winsock_outcome(code != 0 ? code : network_cleanup());
}

int WSAAPI WSAGetLastError(void) { return (int)platform_last_error(); }

void WSAAPI WSASetLastError(int code) { platform_set_last_error((uint32_t)code); }

static uint32_t open_remembered(int family, int type, int protocol, void *info, GROUP group, DWORD flags,
                                uintptr_t *s) {
  platform_lock();
  uint32_t code = network_open(family, type, protocol, info, group, flags, s);
  if (code == 0) {
    socket_table_drop(*s); /* Of an earlier socket with this number that was closed behind our back. */
    if ((flags & WSA_FLAG_OVERLAPPED) == 0) {
      socket_entry_t *entry = socket_table_get(*s);
      if (entry != NULL) {
        entry->not_overlapped = true;
      }
    }
  }
  platform_unlock();
  return code;
}

SOCKET WSAAPI socket(int family, int type, int protocol) {
  uintptr_t s = 0;
  uint32_t code = fault(__func__);
  if (code == 0) {
    code = open_remembered(family, type, protocol, NULL, 0, WSA_FLAG_OVERLAPPED, &s);
  }
  return socket_outcome(code, s);
}

SOCKET WSAAPI WSASocketW(int family, int type, int protocol, LPWSAPROTOCOL_INFOW info, GROUP group, DWORD flags) {
  uintptr_t s = 0;
  uint32_t code = fault(__func__);
  if (code == 0) {
    code = open_remembered(family, type, protocol, info, group, flags, &s);
  }
  return socket_outcome(code, s);
}

int WSAAPI WSADuplicateSocketW(SOCKET s, DWORD process_id, LPWSAPROTOCOL_INFOW info) {
  uint32_t code = fault(__func__);
  return winsock_outcome(code != 0 ? code : network_duplicate(s, process_id, info));
}

/* R3: the reservations go with the socket; A8: so do its control codes. All under one lock, so that no other thread can
 * be given the number in between. */
static uint32_t close_locked(SOCKET s) {
  network_facts_t facts;
  uint32_t code = network_facts(s, &facts);
  if (code != 0) {
    return code;
  }
  operation_cancel(s, NULL);
  const socket_entry_t *entry = socket_table_find(s);
  if (entry != NULL && entry->has_blocks && store_begin() == 0) {
    blocks_remove_of_holder(store_owner(), entry->holder);
    store_commit();
    store_end();
  }
  socket_table_drop(s);
  return network_close(s);
}

int WSAAPI closesocket(SOCKET s) {
  platform_lock();
  uint32_t code = settings_take_fault(__func__);
  if (code == 0) {
    code = close_locked(s);
  }
  platform_unlock();
  return winsock_outcome(code);
}

int WSAAPI bind(SOCKET s, const struct sockaddr *name, int name_length) {
  platform_lock();
  uint32_t code = settings_take_fault(__func__);
  if (code == 0) {
    code = bind_by_the_rules(s, name, name_length);
  }
  platform_unlock();
  return winsock_outcome(code);
}

int WSAAPI listen(SOCKET s, int backlog) {
  network_facts_t facts;
  uint32_t code = fault(__func__);
  if (code == 0) {
    code = network_facts(s, &facts);
  }
  /* Linux would bind the socket to a port of its own choice; Windows refuses. */
  if (code == 0 && facts.protocol != 0 && network_bound_port(s) == 0) {
    code = WSAEINVAL;
  }
  return winsock_outcome(code != 0 ? code : network_listen(s, backlog));
}

SOCKET WSAAPI accept(SOCKET s, struct sockaddr *name, int *name_length) {
  uintptr_t accepted = 0;
  uint32_t code = fault(__func__);
  if (code == 0) {
    code = network_accept(s, name, name_length, &accepted);
  }
  return socket_outcome(code, accepted);
}

int WSAAPI connect(SOCKET s, const struct sockaddr *name, int name_length) {
  platform_lock();
  uint32_t code = settings_take_fault(__func__);
  if (code == 0) {
    code = name == NULL || name_length < (int)sizeof(struct sockaddr_in) ? WSAEFAULT : bind_if_unbound(s);
  }
  platform_unlock();
  return winsock_outcome(code != 0 ? code : network_connect(s, name, name_length));
}

int WSAAPI send(SOCKET s, const char *data, int length, int flags) {
  int sent = 0;
  uint32_t code = fault(__func__);
  code = code != 0 ? code : network_send(s, data, length, flags, &sent);
  return winsock_outcome(code) == 0 ? sent : SOCKET_ERROR;
}

int WSAAPI recv(SOCKET s, char *data, int length, int flags) {
  int received = 0;
  uint32_t code = fault(__func__);
  code = code != 0 ? code : network_receive(s, data, length, flags, &received);
  return winsock_outcome(code) == 0 ? received : SOCKET_ERROR;
}

int WSAAPI shutdown(SOCKET s, int how) {
  uint32_t code = fault(__func__);
  return winsock_outcome(code != 0 ? code : network_shutdown(s, how));
}

int WSAAPI getsockname(SOCKET s, struct sockaddr *name, int *name_length) {
  uint32_t code = fault(__func__);
  network_facts_t facts;
  if (code == 0) {
    code = network_facts(s, &facts);
  }
  if (code == 0 && (name == NULL || name_length == NULL)) {
    code = WSAEFAULT;
  }
  if (code == 0 && facts.protocol != 0 && network_bound_port(s) == 0) {
    code = WSAEINVAL; /* Windows: not bound yet. */
  }
  return winsock_outcome(code != 0 ? code : network_name(s, name, name_length));
}

int WSAAPI setsockopt(SOCKET s, int level, int option, const char *value, int length) {
  uint32_t code = fault(__func__);
  return winsock_outcome(code != 0 ? code : network_set_option(s, level, option, value, length));
}

int WSAAPI getsockopt(SOCKET s, int level, int option, char *value, int *length) {
  uint32_t code = fault(__func__);
  return winsock_outcome(code != 0 ? code : network_get_option(s, level, option, value, length));
}

int WSAAPI ioctlsocket(SOCKET s, LONG command, u_long *argument) {
  uint32_t code = fault(__func__);
  return winsock_outcome(code != 0 ? code : network_set_mode(s, (int)command, (uint32_t *)argument));
}
