/* See winsock2.h: the IPv6 address, off Windows. */
#ifndef PORTSIM_INCLUDE_WS2TCPIP_H
#define PORTSIM_INCLUDE_WS2TCPIP_H

#include "winsock2.h"

struct in6_addr {
  union {
    UCHAR Byte[16];
    USHORT Word[8];
  } u;
};

struct sockaddr_in6 {
  USHORT sin6_family;
  USHORT sin6_port;
  ULONG sin6_flowinfo;
  struct in6_addr sin6_addr;
  ULONG sin6_scope_id;
};

#endif
