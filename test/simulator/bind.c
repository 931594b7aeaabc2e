#include "bind.h"

#include <string.h>

#include "blocks.h"
#include "choices.h"
#include "network.h"
#include "socket_table.h"
#include "stand_ins.h"
#include "store.h"
#include "windows_names.h"

/* One bind in the making: the caller's address with the port still open. */
typedef struct request_t {
  uintptr_t socket;
  uint8_t protocol;
  int length;
  union {
    struct sockaddr_in four;
    struct sockaddr_in6 six;
  } name;
} request_t;

static uint32_t bind_to_port(request_t *request, uint32_t port) {
  bool is_six = request->name.four.sin_family == AF_INET6;
  const void *address = is_six ? (const void *)&request->name.six.sin6_addr : &request->name.four.sin_addr;
  if (stand_ins_refuse(request->protocol, is_six ? NETWORK_INET6 : NETWORK_INET, address, (uint16_t)port)) {
    return WSAEADDRINUSE;
  }
  request->name.four.sin_port = swap_port((uint16_t)port); /* At the same place in both families. */
  return network_bind(request->socket, &request->name, request->length);
}

/* A2, A3: the kernel tells which port of the block is free. */
static uint32_t bind_from_block(request_t *request, const block_t *block) {
  uint32_t first = blocks_random_below(block->count);
  for (uint32_t tried = 0; tried < block->count; tried++) {
    uint32_t code = bind_to_port(request, block->start + (first + tried) % block->count);
    if (code != WSAEADDRINUSE) {
      return code;
    }
  }
  return CHOICE_EXHAUSTED_BLOCK;
}

static uint32_t bind_associated(request_t *request, uint64_t token, uint16_t port) {
  const block_t *block = blocks_find_token(token);
  if (block == NULL) {
    return CHOICE_ASSOCIATION_GONE;
  }
  if (port == 0) {
    return bind_from_block(request, block);
  }
  if (port < block->start || port >= (uint32_t)block->start + block->count) {
    return CHOICE_OUTSIDE_BLOCK; /* A2a */
  }
  return bind_to_port(request, port);
}

/* N1: a port of the dynamic range that no reservation, exclusion or hidden holder has. */
static uint32_t bind_dynamic(request_t *request) {
  port_set_t taken;
  blocks_taken_ports(request->protocol, &taken);
  uint8_t family = request->name.four.sin_family == AF_INET6 ? NETWORK_INET6 : NETWORK_INET;
  uint32_t start = dynamic_range_start(request->protocol, family);
  uint32_t count = dynamic_range_count(request->protocol, family);
  uint32_t first = blocks_random_below(count);
  for (uint32_t tried = 0; tried < count; tried++) {
    uint32_t port = start + (first + tried) % count;
    if (port_set_has(&taken, port)) {
      continue;
    }
    uint32_t code = bind_to_port(request, port);
    if (code != WSAEADDRINUSE) {
      return code;
    }
  }
  return CHOICE_NO_PLACE;
}

static uint32_t bind_explicit(request_t *request, uint16_t port) {
  switch (blocks_obstacle(request->protocol, port)) {
  case OBSTACLE_RESERVATION:
    return WSAEACCES; /* P13, N2 */
  case OBSTACLE_HIDDEN:
    return WSAEADDRINUSE; /* N7 */
  default:
    return bind_to_port(request, port);
  }
}

uint32_t bind_by_the_rules(uintptr_t s, const void *name, int length) {
  network_facts_t facts;
  uint32_t code = network_facts(s, &facts);
  if (code != 0) {
    return code;
  }
  if (name == NULL || length < (int)sizeof(USHORT)) {
    return WSAEFAULT;
  }
  if (facts.protocol == 0) {
    return network_bind(s, name, length);
  }
  USHORT family;
  memcpy(&family, name, sizeof family);
  int needed = (int)(facts.family == AF_INET6 ? sizeof(struct sockaddr_in6) : sizeof(struct sockaddr_in));
  if (family != facts.family || length < needed) {
    return WSAEFAULT; /* A9 */
  }
  if (network_bound_port(s) != 0) {
    return WSAEINVAL;
  }
  request_t request = {.socket = s, .protocol = facts.protocol, .length = needed};
  memcpy(&request.name, name, (size_t)needed);
  uint16_t port = swap_port(request.name.four.sin_port);
  if (store_begin() != 0) {
    return WSAENETDOWN;
  }
  /* The store stays locked until the kernel has the socket: no reservation can come between the check and the bind. */
  blocks_settle();
  const socket_entry_t *entry = socket_table_find(s);
  if (entry != NULL && entry->associated_token != 0) {
    code = bind_associated(&request, entry->associated_token, port);
  } else {
    code = port == 0 ? bind_dynamic(&request) : bind_explicit(&request, port);
  }
  store_end();
  return code;
}

uint32_t bind_if_unbound(uintptr_t s) {
  network_facts_t facts;
  uint32_t code = network_facts(s, &facts);
  if (code != 0 || facts.protocol == 0 || network_bound_port(s) != 0) {
    return code;
  }
  struct sockaddr_in6 wildcard;
  memset(&wildcard, 0, sizeof wildcard);
  wildcard.sin6_family = (USHORT)facts.family;
  return bind_by_the_rules(s, &wildcard, sizeof wildcard);
}
