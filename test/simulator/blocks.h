/*
 * The rules on blocks of ports, on top of the store. Every function needs store_begin; one that changes something says
 * so, and the caller commits. Ports are in host byte order here; network order ends in the exported functions.
 */
#ifndef PORTSIM_BLOCKS_H
#define PORTSIM_BLOCKS_H

#include <stdbool.h>
#include <stdint.h>

#include "store.h"

typedef struct port_set_t {
  uint64_t words[1024];
} port_set_t;

/* P3, P4. */
bool block_range_is_valid(uint32_t start, uint32_t count);
bool block_protocol_is_valid(uint32_t protocol);

/*
 * What has happened since somebody last looked: blocks whose process died or whose socket was closed behind our back go
 * (R3), and a stop or start of WinNAT whose time has come is done (N9). Commits by itself.
 */
void blocks_settle(void);

/* The first block in force, not of the kind to be left out (0: none), that shares a port with the range. NULL: none. */
const block_t *blocks_overlapping(uint8_t protocol, uint32_t start, uint32_t count, block_kind_t left_out);
/* Exactly this block of this kind, in force or not. */
const block_t *blocks_find(uint8_t protocol, uint32_t start, uint32_t count, block_kind_t kind);
const block_t *blocks_find_token(uint64_t token);

/* Changes: adds the block, with a new token for a reservation. NULL when the store is full. */
block_t *blocks_add(uint8_t protocol, uint32_t start, uint32_t count, block_kind_t kind);
void blocks_remove(const block_t *block);
/* Changes: everything acquired on one socket goes (R3). */
void blocks_remove_of_holder(uint32_t owner, uint32_t holder);
/* Changes: everything that a process acquired goes (R3). */
void blocks_remove_of_owner(uint32_t owner);
/* Changes: P2. */
void blocks_restart(void);

/* Every port of the protocol that some block in force covers. */
void blocks_taken_ports(uint8_t protocol, port_set_t *set);
bool port_set_has(const port_set_t *set, uint32_t port);

/* What keeps a port from a bind without association. An exclusion does not (N3). */
typedef enum obstacle_t {
  OBSTACLE_NONE,
  OBSTACLE_HIDDEN, /* N7 */
  OBSTACLE_RESERVATION /* P13, N2; also where a hidden holder has the port too */
} obstacle_t;

/* As quick beside many blocks as beside one, until the store changes. */
obstacle_t blocks_obstacle(uint8_t protocol, uint16_t port);
/* Whether any port of the range is really bound by anybody on this machine (P5, R7b). */
bool blocks_range_is_bound(uint8_t protocol, uint32_t start, uint32_t count);
/* R2: a block of the dynamic range that nothing covers and nobody is bound in; 0 when there is none. */
uint32_t blocks_find_free(uint8_t protocol, uint32_t count);

/* N8: each family has a dynamic range of its own; family is network.h's number. Blocks are taken from that of IPv4 (N6). */
uint32_t dynamic_range_start(uint8_t protocol, uint8_t family);
uint32_t dynamic_range_count(uint8_t protocol, uint8_t family);

/* A number below the limit, so that processes do not all try the same ports in the same order. */
uint32_t blocks_random_below(uint32_t limit);

#endif
