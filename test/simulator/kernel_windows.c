/*
 * The Windows build's events and its kernel32 functions: the genuine ones, but for CancelIoEx, which knows the
 * simulator's operations first. A file may not define what <windows.h> imports, so portsim.def gives the kernel32 names
 * to the functions here.
 */
#include "windows_names.h"

#include "network.h"
#include "network_windows.h"
#include "operations.h"
#include "settings.h"

WSAEVENT WSAAPI WSACreateEvent(void) {
  platform_lock();
  uint32_t code = settings_take_fault(__func__);
  platform_unlock();
  return winsock_outcome(code) == 0 ? genuine_winsock()->WSACreateEvent() : WSA_INVALID_EVENT;
}

BOOL WSAAPI WSACloseEvent(WSAEVENT event) { return genuine_winsock()->WSACloseEvent(event); }

BOOL WSAAPI WSASetEvent(WSAEVENT event) { return genuine_winsock()->WSASetEvent(event); }

BOOL WSAAPI WSAResetEvent(WSAEVENT event) { return genuine_winsock()->WSAResetEvent(event); }

DWORD WSAAPI WSAWaitForMultipleEvents(DWORD count, const WSAEVENT *events, BOOL wait_all, DWORD timeout,
                                      BOOL alertable) {
  return genuine_winsock()->WSAWaitForMultipleEvents(count, events, wait_all, timeout, alertable);
}

BOOL WINAPI simulated_CancelIoEx(HANDLE file, LPOVERLAPPED overlapped);
DWORD WINAPI simulated_FormatMessageW(DWORD flags, LPCVOID source, DWORD message, DWORD language, LPWSTR buffer,
                                      DWORD size, va_list *arguments);
DWORD WINAPI simulated_GetLastError(void);
void WINAPI simulated_SetLastError(DWORD code);

BOOL WINAPI simulated_CancelIoEx(HANDLE file, LPOVERLAPPED overlapped) {
  uintptr_t s = (uintptr_t)file;
  platform_lock();
  uint32_t code = settings_take_fault("CancelIoEx");
  bool is_ours = code == 0 && operation_cancel(s, overlapped);
  platform_unlock();
  if (code == 0 && !is_ours) {
    code = network_cancel(s, overlapped);
  }
  winsock_outcome(code);
  return code == 0;
}

DWORD WINAPI simulated_FormatMessageW(DWORD flags, LPCVOID source, DWORD message, DWORD language, LPWSTR buffer,
                                      DWORD size, va_list *arguments) {
  return FormatMessageW(flags, source, message, language, buffer, size, arguments);
}

DWORD WINAPI simulated_GetLastError(void) { return GetLastError(); }

void WINAPI simulated_SetLastError(DWORD code) { SetLastError(code); }
