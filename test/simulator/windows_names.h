/*
 * The Windows headers, for the files that define what ws2_32.dll, iphlpapi.dll and the others export: the genuine ones
 * with a Windows compiler, those in include/ elsewhere.
 */
#ifndef PORTSIM_WINDOWS_NAMES_H
#define PORTSIM_WINDOWS_NAMES_H

#ifdef _WIN32
#define WINSOCK_API_LINKAGE /* We define these functions, we do not import them. */
#define _ADVAPI32_          /* Likewise. */
#endif
#include <winsock2.h>
#include <ws2tcpip.h>
#include <mstcpip.h>
#include <iphlpapi.h>
#include <windows.h>
#include <computenetwork.h>
#include <winsvc.h>

#include "platform.h"

/* Host to network order and back. Not htons: in the Windows build that would import the genuine ws2_32.dll. */
static inline uint16_t swap_port(uint16_t port) { return (uint16_t)(port >> 8 | (port & 0xff) << 8); }

/* How a Winsock function ends: 0, or SOCKET_ERROR with the code as last error. Success leaves the last error alone. */
static inline int winsock_outcome(uint32_t code) {
  if (code == 0) {
    return 0;
  }
  platform_set_last_error(code);
  return SOCKET_ERROR;
}

#endif
