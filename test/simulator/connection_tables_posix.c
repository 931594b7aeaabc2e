/* iphlpapi.dll off Windows: who has which port. In the Windows build: connection_tables_windows.c. */
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "choices.h"
#include "connections_posix.h"
#include "network.h"
#include "settings.h"
#include "windows_names.h"

_Static_assert(sizeof(MIB_TCPROW_OWNER_PID) == 24, "the layout Windows has");
_Static_assert(sizeof(MIB_TCP6ROW_OWNER_PID) == 56, "the layout Windows has");
_Static_assert(sizeof(MIB_UDPROW_OWNER_PID) == 12, "the layout Windows has");
_Static_assert(sizeof(MIB_UDP6ROW_OWNER_PID) == 28, "the layout Windows has");
_Static_assert(CONNECTION_LISTEN == MIB_TCP_STATE_LISTEN, "the number Windows has");
_Static_assert(CONNECTION_CLOSED == CHOICE_BOUND_STATE, "what connections_list says of a socket that is bound alone");

bool connections_add(connections_t *list, const connection_t *connection) {
  if (list->count == list->capacity) {
    size_t capacity = list->capacity * 2 + 64;
    connection_t *grown = realloc(list->rows, capacity * sizeof *grown);
    if (grown == NULL) {
      return false;
    }
    list->rows = grown;
    list->capacity = capacity;
  }
  list->rows[list->count++] = *connection;
  return true;
}

/* As Windows orders: local address, local port, then the other end. */
static int compare(const void *left, const void *right) {
  const connection_t *first = left;
  const connection_t *second = right;
  int order = memcmp(first->local, second->local, sizeof first->local);
  order = order != 0 ? order : first->local_port - second->local_port;
  order = order != 0 ? order : memcmp(first->remote, second->remote, sizeof first->remote);
  return order != 0 ? order : first->remote_port - second->remote_port;
}

static DWORD address(const uint8_t *bytes) {
  DWORD value;
  memcpy(&value, bytes, sizeof value);
  return value;
}

static void put_tcp(const connection_t *from, void *to) {
  MIB_TCPROW_OWNER_PID row = {.dwState = from->state,
                              .dwLocalAddr = address(from->local),
                              .dwLocalPort = swap_port(from->local_port),
                              .dwRemoteAddr = address(from->remote),
                              .dwRemotePort = swap_port(from->remote_port),
                              .dwOwningPid = from->process};
  memcpy(to, &row, sizeof row);
}

static void put_tcp6(const connection_t *from, void *to) {
  MIB_TCP6ROW_OWNER_PID row = {.dwLocalPort = swap_port(from->local_port),
                               .dwRemotePort = swap_port(from->remote_port),
                               .dwState = from->state,
                               .dwOwningPid = from->process};
  memcpy(row.ucLocalAddr, from->local, sizeof row.ucLocalAddr);
  memcpy(row.ucRemoteAddr, from->remote, sizeof row.ucRemoteAddr);
  memcpy(to, &row, sizeof row);
}

static void put_udp(const connection_t *from, void *to) {
  MIB_UDPROW_OWNER_PID row = {.dwLocalAddr = address(from->local),
                              .dwLocalPort = swap_port(from->local_port),
                              .dwOwningPid = from->process};
  memcpy(to, &row, sizeof row);
}

static void put_udp6(const connection_t *from, void *to) {
  MIB_UDP6ROW_OWNER_PID row = {.dwLocalPort = swap_port(from->local_port), .dwOwningPid = from->process};
  memcpy(row.ucLocalAddr, from->local, sizeof row.ucLocalAddr);
  memcpy(to, &row, sizeof row);
}

typedef struct layout_t {
  uint8_t protocol;
  ULONG family;
  size_t row_size;
  void (*put)(const connection_t *from, void *to);
} layout_t;

static const layout_t layouts[] = {
    {NETWORK_TCP, AF_INET, sizeof(MIB_TCPROW_OWNER_PID), put_tcp},
    {NETWORK_TCP, AF_INET6, sizeof(MIB_TCP6ROW_OWNER_PID), put_tcp6},
    {NETWORK_UDP, AF_INET, sizeof(MIB_UDPROW_OWNER_PID), put_udp},
    {NETWORK_UDP, AF_INET6, sizeof(MIB_UDP6ROW_OWNER_PID), put_udp6},
};

static const layout_t *find_layout(uint8_t protocol, ULONG family) {
  for (size_t index = 0; index < sizeof layouts / sizeof *layouts; index++) {
    if (layouts[index].protocol == protocol && layouts[index].family == family) {
      return &layouts[index];
    }
  }
  return NULL;
}

/* A table is its number of rows, and the rows; all members are aligned to four bytes. */
static DWORD fill(const layout_t *layout, connections_t *list, BOOL sorted, void *table, DWORD *size) {
  size_t needed = sizeof(DWORD) + (list->count != 0 ? list->count : 1) * layout->row_size;
  DWORD given = *size;
  *size = (DWORD)needed;
  if (table == NULL || given < needed) {
    return ERROR_INSUFFICIENT_BUFFER;
  }
  if (sorted && list->count != 0) {
    qsort(list->rows, list->count, sizeof *list->rows, compare);
  }
  DWORD count = (DWORD)list->count;
  memcpy(table, &count, sizeof count);
  for (size_t index = 0; index < list->count; index++) {
    layout->put(&list->rows[index], (uint8_t *)table + sizeof count + index * layout->row_size);
  }
  return NO_ERROR;
}

static DWORD make_table(const char *name, uint8_t protocol, ULONG family, bool listeners_only, DWORD class_code,
                        BOOL sorted, void *table, DWORD *size) {
  platform_lock();
  DWORD code = settings_take_fault(name);
  platform_unlock();
  const layout_t *layout = find_layout(protocol, family);
  if (code != 0) {
    return code;
  }
  if (size == NULL || layout == NULL) {
    return ERROR_INVALID_PARAMETER;
  }
  if (class_code != 0) {
    return class_code;
  }
  connections_t list = {0};
  code = connections_list((int)family, protocol, listeners_only, &list) ? fill(layout, &list, sorted, table, size)
                                                                        : ERROR_NOT_ENOUGH_MEMORY;
  free(list.rows);
  return code;
}

DWORD GetExtendedTcpTable(PVOID table, PDWORD size, BOOL sorted, ULONG family, TCP_TABLE_CLASS table_class,
                          ULONG reserved) {
  (void)reserved;
  bool is_known = table_class == TCP_TABLE_OWNER_PID_LISTENER || table_class == TCP_TABLE_OWNER_PID_ALL;
  DWORD class_code = is_known                                         ? 0
                     : (unsigned)table_class <= TCP_TABLE_OWNER_MODULE_ALL ? ERROR_NOT_SUPPORTED
                                                                           : ERROR_INVALID_PARAMETER;
  return make_table(__func__, NETWORK_TCP, family, table_class == TCP_TABLE_OWNER_PID_LISTENER, class_code, sorted, table,
                    size);
}

DWORD GetExtendedUdpTable(PVOID table, PDWORD size, BOOL sorted, ULONG family, UDP_TABLE_CLASS table_class,
                          ULONG reserved) {
  (void)reserved;
  DWORD class_code = table_class == UDP_TABLE_OWNER_PID                    ? 0
                     : (unsigned)table_class <= UDP_TABLE_OWNER_MODULE ? ERROR_NOT_SUPPORTED
                                                                       : ERROR_INVALID_PARAMETER;
  return make_table(__func__, NETWORK_UDP, family, false, class_code, sorted, table, size);
}
