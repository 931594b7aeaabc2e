/* computenetwork.dll: the holders netsh does not list (N7). */
#include "check.h"

#include <stddef.h>
#include <string.h>

#define NO_HYPER_V ((HRESULT)0x80070424u)

static void layout(void) {
  CHECK_EQUAL(sizeof(HCN_PORT_RANGE_ENTRY), 64);
  CHECK_EQUAL(offsetof(HCN_PORT_RANGE_ENTRY, TargetPartitionId), 16);
  CHECK_EQUAL(offsetof(HCN_PORT_RANGE_ENTRY, Protocol), 32);
  CHECK_EQUAL(offsetof(HCN_PORT_RANGE_ENTRY, Priority), 40);
  CHECK_EQUAL(offsetof(HCN_PORT_RANGE_ENTRY, ReservationType), 48);
  CHECK_EQUAL(offsetof(HCN_PORT_RANGE_ENTRY, SharingFlags), 52);
  CHECK_EQUAL(offsetof(HCN_PORT_RANGE_ENTRY, DeliveryMode), 56);
  CHECK_EQUAL(offsetof(HCN_PORT_RANGE_ENTRY, StartingPort), 60);
  CHECK_EQUAL(offsetof(HCN_PORT_RANGE_ENTRY, EndingPort), 62);
}

static void holders(void) {
  static const struct {
    uint32_t protocol, start, count;
  } held[] = {{PORTSIM_TCP, 100, 10}, {PORTSIM_UDP, 300, 1}, {PORTSIM_TCP, 61440, 4096}, {PORTSIM_UDP, 61440, 4096}};
  static const struct {
    HCN_PORT_PROTOCOL protocol;
    uint16_t first, last;
  } expected[] = {
      {HCN_PORT_PROTOCOL_TCP, 100, 109}, {HCN_PORT_PROTOCOL_UDP, 300, 300}, {HCN_PORT_PROTOCOL_BOTH, 61440, 65535}};
  enum { EXPECTED = sizeof expected / sizeof *expected };
  HCN_PORT_RANGE_ENTRY *entries = NULL;
  ULONG count = 77;
  for (size_t index = 0; index < sizeof held / sizeof *held; index++) {
    CHECK_EQUAL(portsim_add_hidden_holder(held[index].protocol, held[index].start, held[index].count), 0);
  }
  CHECK_EQUAL(portsim_add_system_block(PORTSIM_TCP, 50000, 10, PORTSIM_KIND_OTHER), 0);
  CHECK_EQUAL(HcnEnumerateGuestNetworkPortReservations(&count, &entries), 0);
  CHECK_EQUAL(count, EXPECTED);
  for (ULONG index = 0; index < count && count == EXPECTED; index++) {
    CHECK_EQUAL(entries[index].Protocol, expected[index].protocol);
    CHECK_EQUAL(entries[index].StartingPort, expected[index].first);
    CHECK_EQUAL(entries[index].EndingPort, expected[index].last);
  }
  HcnFreeGuestNetworkPortReservations(entries);
}

static void nobody(void) {
  HCN_PORT_RANGE_ENTRY *entries = NULL;
  ULONG count = 77;
  CHECK_EQUAL(HcnEnumerateGuestNetworkPortReservations(&count, &entries), 0);
  CHECK_EQUAL(count, 0);
  CHECK(entries != NULL);
  HcnFreeGuestNetworkPortReservations(entries);
}

static void host_itself(void) {
  static const GUID loopback = {0xe0e16197, 0xdd56, 0x4a10, {0x91, 0x95, 0x5e, 0xe7, 0xa1, 0x55, 0xa8, 0x38}};
  HCN_PORT_RANGE_ENTRY *entries = NULL;
  ULONG count = 0;
  CHECK_EQUAL(portsim_add_hidden_holder(PORTSIM_TCP, 100, 10), 0);
  CHECK_EQUAL(portsim_set_hcn(PORTSIM_HCN_WITH_HOST), 0);
  CHECK_EQUAL(HcnEnumerateGuestNetworkPortReservations(&count, &entries), 0);
  CHECK_EQUAL(count, 2);
  if (count == 2) {
    CHECK(memcmp(&entries[0].OwningPartitionId, &loopback, sizeof loopback) == 0);
    CHECK(memcmp(&entries[0].TargetPartitionId, &loopback, sizeof loopback) == 0);
    CHECK_EQUAL(entries[1].StartingPort, 100);
  }
  HcnFreeGuestNetworkPortReservations(entries);
}

static void failures(void) {
  HCN_PORT_RANGE_ENTRY *entries = (HCN_PORT_RANGE_ENTRY *)&entries;
  ULONG count = 77;
  CHECK_EQUAL(portsim_add_hidden_holder(PORTSIM_TCP, 100, 10), 0);
  CHECK_EQUAL(portsim_set_hcn(0), 0);
  CHECK(HcnEnumerateGuestNetworkPortReservations(&count, &entries) == NO_HYPER_V);
  CHECK(count == 0 && entries == NULL);
  CHECK_EQUAL(portsim_set_hcn(1), 0);
  CHECK_EQUAL(portsim_fail_next("HcnEnumerateGuestNetworkPortReservations", 0x80070005u), 0);
  CHECK(HcnEnumerateGuestNetworkPortReservations(&count, &entries) == (HRESULT)0x80070005u);
  CHECK(HcnEnumerateGuestNetworkPortReservations(NULL, &entries) < 0);
  CHECK(HcnEnumerateGuestNetworkPortReservations(&count, NULL) < 0);
  CHECK_EQUAL(HcnEnumerateGuestNetworkPortReservations(&count, &entries), 0);
  CHECK_EQUAL(count, 1);
  HcnFreeGuestNetworkPortReservations(entries);
}

const test_t hcn_tests[] = {
    {"N7: an entry has Windows' layout", layout},
    {"N7: hidden holders are told of, and nobody else", holders},
    {"N7: no holder is an empty answer", nobody},
    {"N7: the host's own bind is told of where it is asked for", host_itself},
    {"N7: without Hyper-V's networking the question fails", failures},
    {NULL, NULL},
};
