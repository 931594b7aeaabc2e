/* The Windows build's tables of who has which port: the genuine ones. */
#include <string.h>

#include "windows_names.h"

#include "network_windows.h"
#include "settings.h"

static DWORD fault(const char *name) {
  platform_lock();
  DWORD code = settings_take_fault(name);
  platform_unlock();
  return code;
}

DWORD WINAPI GetExtendedTcpTable(PVOID table, PDWORD size, BOOL sorted, ULONG family, TCP_TABLE_CLASS table_class,
                                 ULONG reserved) {
  DWORD(WINAPI * genuine)(PVOID, PDWORD, BOOL, ULONG, TCP_TABLE_CLASS, ULONG);
  FARPROC function = genuine_function(L"iphlpapi.dll", __func__);
  memcpy(&genuine, &function, sizeof genuine);
  DWORD code = fault(__func__);
  return code != 0 ? code : genuine(table, size, sorted, family, table_class, reserved);
}

DWORD WINAPI GetExtendedUdpTable(PVOID table, PDWORD size, BOOL sorted, ULONG family, UDP_TABLE_CLASS table_class,
                                 ULONG reserved) {
  DWORD(WINAPI * genuine)(PVOID, PDWORD, BOOL, ULONG, UDP_TABLE_CLASS, ULONG);
  FARPROC function = genuine_function(L"iphlpapi.dll", __func__);
  memcpy(&genuine, &function, sizeof genuine);
  DWORD code = fault(__func__);
  return code != 0 ? code : genuine(table, size, sorted, family, table_class, reserved);
}
