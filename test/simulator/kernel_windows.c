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
HANDLE WINAPI simulated_OpenProcess(DWORD access, BOOL inherit, DWORD process);
BOOL WINAPI simulated_QueryFullProcessImageNameW(HANDLE handle, DWORD flags, LPWSTR buffer, PDWORD size);
BOOL WINAPI simulated_GetProcessTimes(HANDLE handle, LPFILETIME creation, LPFILETIME exit, LPFILETIME kernel,
                                      LPFILETIME user);
BOOL WINAPI simulated_CloseHandle(HANDLE handle);

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

/* False, with the last error set, when the function is to fail. */
static bool may_go_on(const char *function) {
  platform_lock();
  uint32_t code = settings_take_fault(function);
  platform_unlock();
  return winsock_outcome(code) == 0;
}

HANDLE WINAPI simulated_OpenProcess(DWORD access, BOOL inherit, DWORD process) {
  return may_go_on("OpenProcess") ? OpenProcess(access, inherit, process) : NULL;
}

BOOL WINAPI simulated_QueryFullProcessImageNameW(HANDLE handle, DWORD flags, LPWSTR buffer, PDWORD size) {
  return may_go_on("QueryFullProcessImageNameW") && QueryFullProcessImageNameW(handle, flags, buffer, size);
}

BOOL WINAPI simulated_GetProcessTimes(HANDLE handle, LPFILETIME creation, LPFILETIME exit, LPFILETIME kernel,
                                      LPFILETIME user) {
  return may_go_on("GetProcessTimes") && GetProcessTimes(handle, creation, exit, kernel, user);
}

BOOL WINAPI simulated_CloseHandle(HANDLE handle) { return may_go_on("CloseHandle") && CloseHandle(handle); }
