/* The Windows build's tables of who has which port: the genuine ones, and behind their rows those of the stand-ins. */
#include <stdlib.h>
#include <string.h>

#include "windows_names.h"

#include "connection_rows.h"
#include "network.h"
#include "network_windows.h"
#include "settings.h"

typedef DWORD(WINAPI *genuine_table_t)(PVOID, PDWORD, BOOL, ULONG, int, ULONG);

static DWORD fault(const char *name) {
  platform_lock();
  DWORD code = settings_take_fault(name);
  platform_unlock();
  return code;
}

/* The whole genuine table, the caller's to free: asked for until it fits. */
static DWORD read_genuine(genuine_table_t genuine, BOOL sorted, ULONG family, int table_class, char **table, DWORD *size) {
  DWORD code = ERROR_INSUFFICIENT_BUFFER;
  *size = 0x8000;
  *table = NULL;
  for (int turn = 0; turn < 10 && code == ERROR_INSUFFICIENT_BUFFER; turn++) {
    free(*table);
    *table = malloc(*size);
    code = *table == NULL ? ERROR_NOT_ENOUGH_MEMORY : genuine(*table, size, sorted, family, table_class, 0);
  }
  return code;
}

static DWORD add_rows(const row_layout_t *layout, const connections_t *list, const char *genuine, void *table, DWORD *size) {
  DWORD count;
  memcpy(&count, genuine, sizeof count);
  size_t old = sizeof count + count * layout->row_size;
  size_t needed = old + list->count * layout->row_size;
  DWORD given = *size;
  *size = (DWORD)needed;
  if (table == NULL || given < needed) {
    return ERROR_INSUFFICIENT_BUFFER;
  }
  memcpy(table, genuine, old);
  count += (DWORD)list->count;
  memcpy(table, &count, sizeof count);
  for (size_t index = 0; index < list->count; index++) {
    layout->put(&list->rows[index], (char *)table + old + index * layout->row_size);
  }
  return NO_ERROR;
}

static DWORD make_table(const char *name, uint8_t protocol, bool listeners_only, int table_class, BOOL sorted, ULONG family,
                        void *table, DWORD *size) {
  genuine_table_t genuine;
  FARPROC function = genuine_function(L"iphlpapi.dll", name);
  memcpy(&genuine, &function, sizeof genuine);
  const row_layout_t *layout = row_layout(protocol, family);
  connections_t list = {0};
  DWORD code = fault(name);
  if (code == 0 && layout != NULL && !stand_in_rows((int)family, protocol, listeners_only, &list)) {
    code = ERROR_NOT_ENOUGH_MEMORY;
  }
  if (code == 0 && list.count == 0) {
    code = genuine(table, size, sorted, family, table_class, 0);
  } else if (code == 0) {
    char *whole;
    DWORD whole_size;
    code = read_genuine(genuine, sorted, family, table_class, &whole, &whole_size);
    code = code == 0 ? add_rows(layout, &list, whole, table, size) : code;
    free(whole);
  }
  free(list.rows);
  return code;
}

DWORD WINAPI GetExtendedTcpTable(PVOID table, PDWORD size, BOOL sorted, ULONG family, TCP_TABLE_CLASS table_class,
                                 ULONG reserved) {
  (void)reserved;
  return make_table(__func__, NETWORK_TCP, table_class == TCP_TABLE_OWNER_PID_LISTENER, (int)table_class, sorted, family,
                    table, size);
}

DWORD WINAPI GetExtendedUdpTable(PVOID table, PDWORD size, BOOL sorted, ULONG family, UDP_TABLE_CLASS table_class,
                                 ULONG reserved) {
  (void)reserved;
  return make_table(__func__, NETWORK_UDP, false, (int)table_class, sorted, family, table, size);
}
