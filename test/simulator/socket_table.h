/*
 * What the simulator remembers of sockets beside what the kernel knows: only those with something to remember have an
 * entry. All functions need the core lock.
 */
#ifndef PORTSIM_SOCKET_TABLE_H
#define PORTSIM_SOCKET_TABLE_H

#include <stdbool.h>
#include <stdint.h>

typedef struct socket_entry_t {
  struct socket_entry_t *next;
  uintptr_t socket;
  uint64_t identity;
  uint64_t associated_token; /* 0: not associated */
  uint32_t holder;           /* this entry's number, never used again in this process */
  bool has_blocks;           /* it may hold runtime reservations in the store */
  bool not_overlapped;       /* made by WSASocketW without WSA_FLAG_OVERLAPPED */
} socket_entry_t;

/* NULL: nothing is remembered, or the entry was of an earlier socket with this number, closed behind our back. */
socket_entry_t *socket_table_find(uintptr_t socket);
/* The entry, made when there is none. NULL: no memory, or not a socket. */
socket_entry_t *socket_table_get(uintptr_t socket);
void socket_table_drop(uintptr_t socket);
bool socket_table_has_holder(uintptr_t socket, uint32_t holder);

#endif
