/* The sockets of this machine, for the tables of iphlpapi: from /proc on Linux, from libproc on macOS. */
#ifndef PORTSIM_CONNECTIONS_POSIX_H
#define PORTSIM_CONNECTIONS_POSIX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Windows' numbers of states, MIB_TCP_STATE_..., as far as they are asked for by name. */
#define CONNECTION_CLOSED 1u
#define CONNECTION_LISTEN 2u

typedef struct connection_t {
  uint8_t local[16]; /* IPv4: the first four bytes */
  uint8_t remote[16];
  uint16_t local_port; /* host byte order */
  uint16_t remote_port;
  uint32_t state;   /* 0 for UDP */
  uint32_t process; /* 0: it can not be seen whose it is */
  uint64_t inode;   /* Linux: how the owner is found */
} connection_t;

typedef struct connections_t {
  connection_t *rows;
  size_t count;
  size_t capacity;
} connections_t;

/* Adds the sockets of the family and protocol (network.h's numbers), of TCP those listening alone where that is asked
 * for; a bound TCP socket is CLOSED. False: no memory. The rows are the caller's to free, either way. */
bool connections_list(int family, uint8_t protocol, bool listeners_only, connections_t *list);
bool connections_add(connections_t *list, const connection_t *connection);

#endif
