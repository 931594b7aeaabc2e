/* The rows of iphlpapi.dll's tables, the same in both builds, and those of the stand-ins. */
#include "connection_rows.h"

#include <stdlib.h>
#include <string.h>

#include "network.h"
#include "stand_ins.h"
#include "windows_names.h"

_Static_assert(sizeof(MIB_TCPROW_OWNER_PID) == 24, "the layout Windows has");
_Static_assert(sizeof(MIB_TCP6ROW_OWNER_PID) == 56, "the layout Windows has");
_Static_assert(sizeof(MIB_UDPROW_OWNER_PID) == 12, "the layout Windows has");
_Static_assert(sizeof(MIB_UDP6ROW_OWNER_PID) == 28, "the layout Windows has");

bool connections_add(connections_t *list, const connection_t *connection) {
  if (list->count == list->capacity) {
    size_t capacity = list->capacity * 2 + 64;
    connection_t *grown = realloc(list->rows, capacity * sizeof *grown);
    if (grown == NULL) {
      return false;
    }
    list->rows = grown;
    list->capacity = capacity;
  }
  list->rows[list->count++] = *connection;
  return true;
}

static DWORD address(const uint8_t *bytes) {
  DWORD value;
  memcpy(&value, bytes, sizeof value);
  return value;
}

static void put_tcp(const connection_t *from, void *to) {
  MIB_TCPROW_OWNER_PID row = {.dwState = from->state,
                              .dwLocalAddr = address(from->local),
                              .dwLocalPort = swap_port(from->local_port),
                              .dwRemoteAddr = address(from->remote),
                              .dwRemotePort = swap_port(from->remote_port),
                              .dwOwningPid = from->process};
  memcpy(to, &row, sizeof row);
}

static void put_tcp6(const connection_t *from, void *to) {
  MIB_TCP6ROW_OWNER_PID row = {.dwLocalPort = swap_port(from->local_port),
                               .dwRemotePort = swap_port(from->remote_port),
                               .dwState = from->state,
                               .dwOwningPid = from->process};
  memcpy(row.ucLocalAddr, from->local, sizeof row.ucLocalAddr);
  memcpy(row.ucRemoteAddr, from->remote, sizeof row.ucRemoteAddr);
  memcpy(to, &row, sizeof row);
}

static void put_udp(const connection_t *from, void *to) {
  MIB_UDPROW_OWNER_PID row = {.dwLocalAddr = address(from->local),
                              .dwLocalPort = swap_port(from->local_port),
                              .dwOwningPid = from->process};
  memcpy(to, &row, sizeof row);
}

static void put_udp6(const connection_t *from, void *to) {
  MIB_UDP6ROW_OWNER_PID row = {.dwLocalPort = swap_port(from->local_port), .dwOwningPid = from->process};
  memcpy(row.ucLocalAddr, from->local, sizeof row.ucLocalAddr);
  memcpy(to, &row, sizeof row);
}

static const row_layout_t layouts[] = {
    {NETWORK_TCP, AF_INET, sizeof(MIB_TCPROW_OWNER_PID), put_tcp},
    {NETWORK_TCP, AF_INET6, sizeof(MIB_TCP6ROW_OWNER_PID), put_tcp6},
    {NETWORK_UDP, AF_INET, sizeof(MIB_UDPROW_OWNER_PID), put_udp},
    {NETWORK_UDP, AF_INET6, sizeof(MIB_UDP6ROW_OWNER_PID), put_udp6},
};

const row_layout_t *row_layout(uint8_t protocol, uint32_t family) {
  for (size_t index = 0; index < sizeof layouts / sizeof *layouts; index++) {
    if (layouts[index].protocol == protocol && layouts[index].family == family) {
      return &layouts[index];
    }
  }
  return NULL;
}

bool stand_in_rows(int family, uint8_t protocol, bool listeners_only, connections_t *list) {
  platform_lock();
  bool is_whole = store_begin() == 0;
  if (is_whole) {
    const settings_t *settings = &store_image()->settings;
    for (uint32_t index = 0; index < settings->endpoint_count && is_whole; index++) {
      const endpoint_t *endpoint = &settings->endpoints[index];
      connection_t row = {.local_port = endpoint->port, .state = endpoint->state, .process = endpoint->process};
      memcpy(row.local, endpoint->address, sizeof row.local);
      bool is_listed = !listeners_only || endpoint->state == MIB_TCP_STATE_LISTEN;
      if (endpoint->protocol == protocol && endpoint->family == family && is_listed) {
        is_whole = connections_add(list, &row);
      }
    }
    store_end();
  }
  platform_unlock();
  return is_whole;
}
