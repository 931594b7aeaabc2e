/* computenetwork.dll: the holders netsh does not list (N7). Simulated on Windows too: Wine has no such library. */
#include <stddef.h>
#include <stdlib.h>

#include "blocks.h"
#include "choices.h"
#include "hcn.h"
#include "network.h"
#include "portsim.h"
#include "settings.h"
#include "store.h"
#include "windows_names.h"

_Static_assert(sizeof(HCN_PORT_RANGE_ENTRY) == 64, "the layout Windows has");
_Static_assert(offsetof(HCN_PORT_RANGE_ENTRY, Protocol) == 32, "the layout Windows has");
_Static_assert(offsetof(HCN_PORT_RANGE_ENTRY, Priority) == 40, "the layout Windows has");
_Static_assert(offsetof(HCN_PORT_RANGE_ENTRY, StartingPort) == 60, "the layout Windows has");

#define RESULT_FROM_WIN32(code) ((HRESULT)((code) | 0x80070000u))
#define RESULT_POINTER ((HRESULT)0x80004003u)

/* The identity of the utility virtual machine WSL runs in is made anew at each start; this one stands for it. */
static const GUID partition = {0x70736d00, 0x5753, 0x4c32, {0x80, 0, 0, 0, 0, 0, 0, 1}};

/* HV_GUID_LOOPBACK: the host itself. */
static const GUID host = {0xe0e16197, 0xdd56, 0x4a10, {0x91, 0x95, 0x5e, 0xe7, 0xa1, 0x55, 0xa8, 0x38}};

/* Given out, and not freed. */
static uint32_t lists;

static bool has_twin(const block_t *block, uint8_t protocol) {
  return blocks_find(protocol, block->start, block->count, BLOCK_HIDDEN) != NULL;
}

/* A holder of the same ports in both protocols is one entry. */
static bool entry_of(const block_t *block, HCN_PORT_RANGE_ENTRY *entry) {
  if (block->kind != BLOCK_HIDDEN || (block->protocol == NETWORK_UDP && has_twin(block, NETWORK_TCP))) {
    return false;
  }
  bool is_both = block->protocol == NETWORK_TCP && has_twin(block, NETWORK_UDP);
  *entry = (HCN_PORT_RANGE_ENTRY){
      .TargetPartitionId = partition,
      .Protocol = is_both                            ? HCN_PORT_PROTOCOL_BOTH
                  : block->protocol == NETWORK_TCP ? HCN_PORT_PROTOCOL_TCP
                                                   : HCN_PORT_PROTOCOL_UDP,
      .StartingPort = block->start,
      .EndingPort = (UINT16)(block->start + block->count - 1),
  };
  return true;
}

/* What a Windows may list of its own binds: multicast DNS. */
static HCN_PORT_RANGE_ENTRY own_bind(void) {
  return (HCN_PORT_RANGE_ENTRY){.OwningPartitionId = host,
                                .TargetPartitionId = host,
                                .Protocol = HCN_PORT_PROTOCOL_UDP,
                                .StartingPort = 5353,
                                .EndingPort = 5353};
}

static HRESULT enumerate(ULONG *count, HCN_PORT_RANGE_ENTRY **entries) {
  const store_image_t *image = store_image();
  HCN_PORT_RANGE_ENTRY entry;
  if (!image->settings.hcn) {
    return CHOICE_NO_HCN;
  }
  uint32_t own = image->settings.hcn == PORTSIM_HCN_WITH_HOST;
  *count = own;
  for (uint32_t index = 0; index < image->block_count; index++) {
    *count += entry_of(&image->blocks[index], &entry);
  }
  *entries = calloc(*count + 1, sizeof entry);
  if (*entries == NULL) {
    *count = 0;
    return RESULT_FROM_WIN32(ERROR_NOT_ENOUGH_MEMORY);
  }
  lists++;
  ULONG filled = own;
  if (own) {
    (*entries)[0] = own_bind();
  }
  for (uint32_t index = 0; index < image->block_count; index++) {
    if (entry_of(&image->blocks[index], &entry)) {
      (*entries)[filled++] = entry;
    }
  }
  if (image->settings.hcn == PORTSIM_HCN_IN_BYTES) {
    *count *= sizeof entry;
  }
  return 0;
}

HRESULT WINAPI HcnEnumerateGuestNetworkPortReservations(ULONG *ReturnCount, HCN_PORT_RANGE_ENTRY **PortEntries) {
  if (ReturnCount == NULL || PortEntries == NULL) {
    return RESULT_POINTER;
  }
  *ReturnCount = 0;
  *PortEntries = NULL;
  platform_lock();
  HRESULT result = (HRESULT)settings_take_fault(__func__);
  if (result == 0) {
    uint32_t code = store_begin();
    result = code != 0 ? RESULT_FROM_WIN32(code) : enumerate(ReturnCount, PortEntries);
    if (code == 0) {
      store_end();
    }
  }
  platform_unlock();
  return result;
}

void WINAPI HcnFreeGuestNetworkPortReservations(HCN_PORT_RANGE_ENTRY *PortEntries) {
  platform_lock();
  lists -= PortEntries != NULL;
  platform_unlock();
  free(PortEntries);
}

uint32_t hcn_list_count(void) { return lists; }
