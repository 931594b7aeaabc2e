#include "blocks.h"

#include <string.h>

#include "network.h"
#include "platform.h"
#include "socket_table.h"
#include "stand_ins.h"
#include "winnat.h"

bool block_range_is_valid(uint32_t start, uint32_t count) {
  return start != 0 && count != 0 && start <= 65535 && count <= 65535 && start + count - 1 <= 65535;
}

bool block_protocol_is_valid(uint32_t protocol) { return protocol == NETWORK_TCP || protocol == NETWORK_UDP; }

/* What one sweep has found out about other processes, so that each is asked about once. */
typedef enum liveness_t { NOT_ASKED, DEAD, ALIVE } liveness_t;

static bool is_alive(const block_t *block, uint8_t *owners) {
  if (block->owner == store_owner()) {
    return socket_table_has_holder((uintptr_t)block->socket, block->holder);
  }
  if (block->owner >= STORE_OWNER_LIMIT) {
    return false;
  }
  if (owners[block->owner] == NOT_ASKED) {
    owners[block->owner] = platform_liveness_held_by_another(block->owner) ? ALIVE : DEAD;
  }
  return owners[block->owner] == ALIVE;
}

/* Whether there was a runtime block to look after. */
static bool sweep(void) {
  uint8_t owners[STORE_OWNER_LIMIT];
  bool first = true;
  for (uint32_t index = store_image()->block_count; index-- > 0;) {
    const block_t *block = &store_image()->blocks[index];
    if (block->kind != BLOCK_RUNTIME) {
      continue;
    }
    if (first) {
      memset(owners, NOT_ASKED, sizeof owners);
      first = false;
    }
    if (!is_alive(block, owners)) {
      blocks_remove(block);
    }
  }
  return !first;
}

void blocks_settle(void) {
  /* The image that has none: each bind asks. */
  static uint64_t swept;
  if (swept == 0 || swept != store_fingerprint()) {
    swept = sweep() ? 0 : store_fingerprint();
  }
  winnat_settle();
  store_commit();
}

const block_t *blocks_overlapping(uint8_t protocol, uint32_t start, uint32_t count, block_kind_t left_out) {
  const store_image_t *image = store_image();
  for (uint32_t index = 0; index < image->block_count; index++) {
    const block_t *block = &image->blocks[index];
    if (block->protocol == protocol && block->in_force && block->kind != (uint8_t)left_out &&
        block->start < start + count && start < (uint32_t)block->start + block->count) {
      return block;
    }
  }
  return NULL;
}

const block_t *blocks_find(uint8_t protocol, uint32_t start, uint32_t count, block_kind_t kind) {
  const store_image_t *image = store_image();
  for (uint32_t index = 0; index < image->block_count; index++) {
    const block_t *block = &image->blocks[index];
    if (block->start == start && block->count == count && block->protocol == protocol && block->kind == (uint8_t)kind) {
      return block;
    }
  }
  return NULL;
}

const block_t *blocks_find_token(uint64_t token) {
  const store_image_t *image = store_image();
  for (uint32_t index = 0; token != 0 && index < image->block_count; index++) {
    if (image->blocks[index].token == token) {
      return &image->blocks[index];
    }
  }
  return NULL;
}

/*
 * Tokens are spread over all 64 bits and never come twice in one store: the steps below, each of which can be undone,
 * mix a counter in 63 bits, and the counter's parity is the top bit. So every second token is above 2^63, and nearly all
 * are above 2^53: a caller that keeps one in a double loses it soon.
 */
static uint64_t new_token(store_image_t *image) {
  const uint64_t mask = UINT64_MAX >> 1;
  uint64_t count = image->token_count++;
  uint64_t value = ((image->token_seed ^ (count >> 1)) + UINT64_C(0x9E3779B97F4A7C15)) & mask;
  value = ((value ^ (value >> 31)) * UINT64_C(0xBF58476D1CE4E5B9)) & mask;
  value = ((value ^ (value >> 27)) * UINT64_C(0x94D049BB133111EB)) & mask;
  value ^= value >> 30;
  value |= count << 63;
  return value != 0 ? value : new_token(image);
}

block_t *blocks_add(uint8_t protocol, uint32_t start, uint32_t count, block_kind_t kind) {
  if (store_image()->block_count >= STORE_BLOCK_LIMIT) {
    return NULL;
  }
  store_image_t *image = store_change();
  block_t *block = &image->blocks[image->block_count++];
  bool has_token = kind == BLOCK_PERSISTENT || kind == BLOCK_RUNTIME;
  *block = (block_t){.token = has_token ? new_token(image) : 0,
                     .owner = STORE_NO_OWNER,
                     .start = (uint16_t)start,
                     .count = (uint16_t)count,
                     .protocol = protocol,
                     .kind = (uint8_t)kind,
                     .in_force = 1,
                     .survives = kind != BLOCK_RUNTIME};
  return block;
}

void blocks_remove(const block_t *block) {
  uint32_t index = (uint32_t)(block - store_image()->blocks);
  store_image_t *image = store_change();
  image->blocks[index] = image->blocks[--image->block_count];
}

void blocks_remove_of_holder(uint32_t owner, uint32_t holder) {
  for (uint32_t index = store_image()->block_count; index-- > 0;) {
    const block_t *block = &store_image()->blocks[index];
    if (block->kind == BLOCK_RUNTIME && block->owner == owner && block->holder == holder) {
      blocks_remove(block);
    }
  }
}

void blocks_remove_of_owner(uint32_t owner) {
  for (uint32_t index = store_image()->block_count; index-- > 0;) {
    const block_t *block = &store_image()->blocks[index];
    if (block->kind == BLOCK_RUNTIME && block->owner == owner) {
      blocks_remove(block);
    }
  }
}

void blocks_restart(void) {
  store_image_t *image = store_change();
  for (uint32_t index = image->block_count; index-- > 0;) {
    block_t *block = &image->blocks[index];
    if (!block->survives) {
      blocks_remove(block);
      continue;
    }
    block->in_force = block->kind != BLOCK_WINNAT;
    if (block->kind == BLOCK_PERSISTENT) {
      block->token = new_token(image);
    }
  }
  winnat_restart();
}

void blocks_taken_ports(uint8_t protocol, port_set_t *set) {
  const store_image_t *image = store_image();
  memset(set, 0, sizeof *set);
  for (uint32_t index = 0; index < image->block_count; index++) {
    const block_t *block = &image->blocks[index];
    if (block->protocol != protocol || !block->in_force) {
      continue;
    }
    for (uint32_t port = block->start; port < (uint32_t)block->start + block->count; port++) {
      set->words[port / 64 & 1023] |= UINT64_C(1) << port % 64;
    }
  }
}

bool port_set_has(const port_set_t *set, uint32_t port) { return (set->words[port / 64] >> port % 64 & 1) != 0; }

static void find_obstacles(uint8_t protocol, uint8_t *obstacles) {
  const store_image_t *image = store_image();
  memset(obstacles, OBSTACLE_NONE, 65536);
  for (uint32_t index = 0; index < image->block_count; index++) {
    const block_t *block = &image->blocks[index];
    if (block->protocol != protocol || !block->in_force || block->kind == BLOCK_EXCLUSION) {
      continue;
    }
    for (uint32_t port = block->start; port < (uint32_t)block->start + block->count; port++) {
      if (obstacles[port] != OBSTACLE_RESERVATION) {
        obstacles[port] = block->kind == BLOCK_HIDDEN ? OBSTACLE_HIDDEN : OBSTACLE_RESERVATION;
      }
    }
  }
}

obstacle_t blocks_obstacle(uint8_t protocol, uint16_t port) {
  static uint8_t obstacles[2][65536]; /* TCP, UDP */
  static uint64_t found_in[2];
  int index = protocol == NETWORK_UDP;
  if (found_in[index] == 0 || found_in[index] != store_fingerprint()) {
    find_obstacles(protocol, obstacles[index]);
    found_in[index] = store_fingerprint();
  }
  return (obstacle_t)obstacles[index][port];
}

/* By a socket of this machine, or by a program that is not there. */
static bool is_bound(uint8_t protocol, uint32_t port) {
  return stand_ins_have_port(protocol, (uint16_t)port) || network_port_is_bound(protocol, (uint16_t)port);
}

bool blocks_range_is_bound(uint8_t protocol, uint32_t start, uint32_t count) {
  for (uint32_t port = start; port < start + count; port++) {
    if (is_bound(protocol, port)) {
      return true;
    }
  }
  return false;
}

uint32_t blocks_find_free(uint8_t protocol, uint32_t count) {
  uint32_t first = dynamic_range_start(protocol, NETWORK_INET);
  uint32_t length = dynamic_range_count(protocol, NETWORK_INET);
  port_set_t taken;
  if (count == 0 || count > length) {
    return 0;
  }
  blocks_taken_ports(protocol, &taken);
  uint32_t places = length - count + 1;
  uint32_t offset = blocks_random_below(places);
  for (uint32_t tried = 0; tried < places; tried++) {
    uint32_t start = first + (offset + tried) % places;
    uint32_t port = start;
    while (port < start + count && !port_set_has(&taken, port) && !is_bound(protocol, port)) {
      port++;
    }
    if (port == start + count) {
      return start;
    }
    /* No place that contains the port in the way can do; those before it fit in front of it or were tried. */
    uint32_t skip = port - start;
    uint32_t last = places - 1 - (start - first);
    tried += skip < last ? skip : last;
  }
  return 0;
}

uint32_t dynamic_range_start(uint8_t protocol, uint8_t family) {
  return store_image()->settings.dynamic[protocol == NETWORK_UDP][family == NETWORK_INET6].start;
}

uint32_t dynamic_range_count(uint8_t protocol, uint8_t family) {
  return store_image()->settings.dynamic[protocol == NETWORK_UDP][family == NETWORK_INET6].count;
}

uint32_t blocks_random_below(uint32_t limit) {
  static uint64_t state;
  if (state == 0 && !platform_random(&state, sizeof state)) {
    state = platform_process_id();
  }
  state = state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
  return limit == 0 ? 0 : (uint32_t)((state >> 33) % limit);
}
