/* See winsock2.h: what a program for port reservations needs of kernel32, off Windows. */
#ifndef PORTSIM_INCLUDE_WINDOWS_H
#define PORTSIM_INCLUDE_WINDOWS_H

#include <stdarg.h>

#include "winsock2.h"

#define PROCESS_QUERY_INFORMATION 0x0400u
#define PROCESS_QUERY_LIMITED_INFORMATION 0x1000u
#define PROCESS_NAME_NATIVE 0x00000001u
#define CP_UTF8 65001u
#define SYNCHRONIZE 0x00100000u
#define FORMAT_MESSAGE_IGNORE_INSERTS 0x00000200u
#define FORMAT_MESSAGE_FROM_SYSTEM 0x00001000u

/* 100 nanoseconds since 1601 UTC. */
typedef struct _FILETIME {
  DWORD dwLowDateTime;
  DWORD dwHighDateTime;
} FILETIME, *PFILETIME, *LPFILETIME;

PORTSIM_API DWORD GetLastError(void);
PORTSIM_API void SetLastError(DWORD code);
PORTSIM_API BOOL CancelIoEx(HANDLE file, LPOVERLAPPED overlapped);
PORTSIM_API DWORD FormatMessageW(DWORD flags, LPCVOID source, DWORD message, DWORD language, LPWSTR buffer, DWORD size,
                                 va_list *arguments);
PORTSIM_API UINT GetOEMCP(void);
PORTSIM_API int MultiByteToWideChar(UINT code_page, DWORD flags, LPCSTR text, int length, LPWSTR wide, int size);
PORTSIM_API HANDLE OpenProcess(DWORD access, BOOL inherit, DWORD process);
PORTSIM_API BOOL QueryFullProcessImageNameW(HANDLE handle, DWORD flags, LPWSTR buffer, PDWORD size);
PORTSIM_API BOOL GetProcessTimes(HANDLE handle, LPFILETIME creation, LPFILETIME exit, LPFILETIME kernel, LPFILETIME user);
PORTSIM_API BOOL CloseHandle(HANDLE handle);

#endif
