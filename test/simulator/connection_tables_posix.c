/* iphlpapi.dll off Windows: who has which port. In the Windows build: connection_tables_windows.c. */
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "choices.h"
#include "connection_rows.h"
#include "connections_posix.h"
#include "network.h"
#include "settings.h"
#include "windows_names.h"

_Static_assert(CONNECTION_LISTEN == MIB_TCP_STATE_LISTEN, "the number Windows has");
_Static_assert(CONNECTION_CLOSED == CHOICE_BOUND_STATE, "what connections_list says of a socket that is bound alone");

/* As Windows orders: local address, local port, then the other end. */
static int compare(const void *left, const void *right) {
  const connection_t *first = left;
  const connection_t *second = right;
  int order = memcmp(first->local, second->local, sizeof first->local);
  order = order != 0 ? order : first->local_port - second->local_port;
  order = order != 0 ? order : memcmp(first->remote, second->remote, sizeof first->remote);
  return order != 0 ? order : first->remote_port - second->remote_port;
}

/* A table is its number of rows, and the rows; all members are aligned to four bytes. */
static DWORD fill(const row_layout_t *layout, connections_t *list, BOOL sorted, void *table, DWORD *size) {
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
  const row_layout_t *layout = row_layout(protocol, family);
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
  bool is_whole = connections_list((int)family, protocol, listeners_only, &list) &&
                  stand_in_rows((int)family, protocol, listeners_only, &list);
  code = is_whole ? fill(layout, &list, sorted, table, size) : ERROR_NOT_ENOUGH_MEMORY;
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
