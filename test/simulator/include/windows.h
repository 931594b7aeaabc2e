/* See winsock2.h: what a program for port reservations needs of kernel32, off Windows. */
#ifndef PORTSIM_INCLUDE_WINDOWS_H
#define PORTSIM_INCLUDE_WINDOWS_H

#include <stdarg.h>

#include "winsock2.h"

#define FORMAT_MESSAGE_IGNORE_INSERTS 0x00000200u
#define FORMAT_MESSAGE_FROM_SYSTEM 0x00001000u

PORTSIM_API DWORD GetLastError(void);
PORTSIM_API void SetLastError(DWORD code);
PORTSIM_API BOOL CancelIoEx(HANDLE file, LPOVERLAPPED overlapped);
PORTSIM_API DWORD FormatMessageW(DWORD flags, LPCVOID source, DWORD message, DWORD language, LPWSTR buffer, DWORD size,
                                 va_list *arguments);

#endif
