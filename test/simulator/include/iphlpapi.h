/* See winsock2.h: persistent reservations, off Windows. */
#ifndef PORTSIM_INCLUDE_IPHLPAPI_H
#define PORTSIM_INCLUDE_IPHLPAPI_H

#include "winsock2.h"

PORTSIM_API ULONG CreatePersistentTcpPortReservation(USHORT StartPort, USHORT NumberOfPorts, PULONG64 Token);
PORTSIM_API ULONG CreatePersistentUdpPortReservation(USHORT StartPort, USHORT NumberOfPorts, PULONG64 Token);
PORTSIM_API ULONG LookupPersistentTcpPortReservation(USHORT StartPort, USHORT NumberOfPorts, PULONG64 Token);
PORTSIM_API ULONG LookupPersistentUdpPortReservation(USHORT StartPort, USHORT NumberOfPorts, PULONG64 Token);
PORTSIM_API ULONG DeletePersistentTcpPortReservation(USHORT StartPort, USHORT NumberOfPorts);
PORTSIM_API ULONG DeletePersistentUdpPortReservation(USHORT StartPort, USHORT NumberOfPorts);

#endif
