/* See winsock2.h: Hyper-V's networking, as far as it tells of ports it holds (N7), off Windows. */
#ifndef PORTSIM_INCLUDE_COMPUTENETWORK_H
#define PORTSIM_INCLUDE_COMPUTENETWORK_H

#include "winsock2.h"

typedef enum tagHCN_PORT_PROTOCOL {
  HCN_PORT_PROTOCOL_TCP = 0x01,
  HCN_PORT_PROTOCOL_UDP = 0x02,
  HCN_PORT_PROTOCOL_BOTH = 0x03
} HCN_PORT_PROTOCOL;

typedef struct tagHCN_PORT_RANGE_ENTRY {
  GUID OwningPartitionId;
  GUID TargetPartitionId;
  HCN_PORT_PROTOCOL Protocol;
  UINT64 Priority;
  UINT32 ReservationType;
  UINT32 SharingFlags;
  UINT32 DeliveryMode;
  UINT16 StartingPort; /* host byte order */
  UINT16 EndingPort;   /* the last port of the range */
} HCN_PORT_RANGE_ENTRY, *PHCN_PORT_RANGE_ENTRY;

PORTSIM_API HRESULT HcnEnumerateGuestNetworkPortReservations(ULONG *ReturnCount, HCN_PORT_RANGE_ENTRY **PortEntries);
PORTSIM_API void HcnFreeGuestNetworkPortReservations(HCN_PORT_RANGE_ENTRY *PortEntries);

#endif
