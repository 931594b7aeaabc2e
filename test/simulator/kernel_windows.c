/*
 * The Windows build's events and its kernel32 functions: the genuine ones, but for CancelIoEx, which knows the
 * simulator's operations first. A file may not define what <windows.h> imports, so portsim.def gives the kernel32 names
 * to the functions here.
 */
#include "windows_names.h"

#include <string.h>

#include "choices.h"
#include "handles.h"
#include "network.h"
#include "network_windows.h"
#include "operations.h"
#include "settings.h"
#include "stand_ins.h"

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
UINT WINAPI simulated_GetOEMCP(void);
int WINAPI simulated_MultiByteToWideChar(UINT code_page, DWORD flags, LPCSTR text, int length, LPWSTR wide, int size);
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

/* The simulator's netsh writes UTF-8 on every system. */
UINT WINAPI simulated_GetOEMCP(void) { return CP_UTF8; }

int WINAPI simulated_MultiByteToWideChar(UINT code_page, DWORD flags, LPCSTR text, int length, LPWSTR wide, int size) {
  return MultiByteToWideChar(code_page, flags, text, length, wide, size);
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

/* A copy of the stand-in (stand_ins.h) with this number; false: there is none. */
static bool find_stand_in(DWORD process, process_t *stand_in) {
  platform_lock();
  const process_t *found = NULL;
  if (store_begin() == 0) {
    found = stand_ins_process(process);
    if (found != NULL) {
      *stand_in = *found;
    }
    store_end();
  }
  platform_unlock();
  return found != NULL;
}

/* The same of the one that a handle names; a handle of a real process is none of ours. */
static bool find_opened(HANDLE handle, process_t *stand_in) {
  platform_lock();
  const handle_object_t *object = handle_find(handle, HANDLE_PROCESS);
  DWORD process = object != NULL ? object->process : 0;
  platform_unlock();
  return process != 0 && find_stand_in(process, stand_in);
}

HANDLE WINAPI simulated_OpenProcess(DWORD access, BOOL inherit, DWORD process) {
  process_t stand_in;
  if (!may_go_on("OpenProcess")) {
    return NULL;
  }
  if (!find_stand_in(process, &stand_in)) {
    return OpenProcess(access, inherit, process);
  }
  platform_lock();
  HANDLE handle = NULL;
  if (stand_in.image[0] != '\0') {
    handle = handle_open(&(handle_object_t){.type = HANDLE_PROCESS, .access = access, .process = process});
  }
  platform_unlock();
  if (handle == NULL) {
    SetLastError(ERROR_ACCESS_DENIED);
  }
  return handle;
}

BOOL WINAPI simulated_QueryFullProcessImageNameW(HANDLE handle, DWORD flags, LPWSTR buffer, PDWORD size) {
  process_t stand_in;
  if (!may_go_on("QueryFullProcessImageNameW")) {
    return FALSE;
  }
  if (!find_opened(handle, &stand_in)) {
    return QueryFullProcessImageNameW(handle, flags, buffer, size);
  }
  size_t length = strlen(stand_in.image);
  if (*size <= length) {
    SetLastError(ERROR_INSUFFICIENT_BUFFER);
    return FALSE;
  }
  for (size_t index = 0; index <= length; index++) {
    buffer[index] = (WCHAR)stand_in.image[index];
  }
  *size = (DWORD)length;
  return TRUE;
}

BOOL WINAPI simulated_GetProcessTimes(HANDLE handle, LPFILETIME creation, LPFILETIME exit, LPFILETIME kernel,
                                      LPFILETIME user) {
  process_t stand_in;
  if (!may_go_on("GetProcessTimes")) {
    return FALSE;
  }
  if (!find_opened(handle, &stand_in)) {
    return GetProcessTimes(handle, creation, exit, kernel, user);
  }
  const FILETIME none = {0};
  *creation = (FILETIME){.dwLowDateTime = (DWORD)CHOICE_STAND_IN_START, .dwHighDateTime = CHOICE_STAND_IN_START >> 32};
  *exit = *kernel = *user = none;
  return TRUE;
}

BOOL WINAPI simulated_CloseHandle(HANDLE handle) {
  if (!may_go_on("CloseHandle")) {
    return FALSE;
  }
  platform_lock();
  bool is_ours = handle_find(handle, HANDLE_PROCESS) != NULL && handle_close(handle) == 0;
  platform_unlock();
  return is_ours || CloseHandle(handle);
}
