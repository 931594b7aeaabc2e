/* See winsock2.h: the control codes of port reservations, off Windows. */
#ifndef PORTSIM_INCLUDE_MSTCPIP_H
#define PORTSIM_INCLUDE_MSTCPIP_H

#include "winsock2.h"

#define SIO_ACQUIRE_PORT_RESERVATION 0x98000064u
#define SIO_RELEASE_PORT_RESERVATION 0x98000065u
#define SIO_ASSOCIATE_PORT_RESERVATION 0x98000066u

typedef struct _INET_PORT_RANGE {
  USHORT StartPort;     /* network byte order */
  USHORT NumberOfPorts; /* host byte order */
} INET_PORT_RANGE, *PINET_PORT_RANGE, INET_PORT_RESERVATION, *PINET_PORT_RESERVATION;

typedef struct {
  ULONG64 Token;
} INET_PORT_RESERVATION_TOKEN, *PINET_PORT_RESERVATION_TOKEN;

/* In C the genuine header has unnamed members here, which a compiler takes with -fms-extensions; this is their effect. */
typedef struct {
#ifdef __cplusplus
  INET_PORT_RESERVATION Reservation;
  INET_PORT_RESERVATION_TOKEN Token;
#else
  USHORT StartPort;
  USHORT NumberOfPorts;
  ULONG64 Token;
#endif
} INET_PORT_RESERVATION_INSTANCE, *PINET_PORT_RESERVATION_INSTANCE;

#endif
