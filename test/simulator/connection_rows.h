/* The sockets that iphlpapi.dll's tables show, as lists and as rows. */
#ifndef PORTSIM_CONNECTION_ROWS_H
#define PORTSIM_CONNECTION_ROWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

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

/* False: no memory. The rows are the caller's to free, either way. */
bool connections_add(connections_t *list, const connection_t *connection);
/* Adds the ports of the stand-ins (stand_ins.h); takes the core lock and the store. */
bool stand_in_rows(int family, uint8_t protocol, bool listeners_only, connections_t *list);

/* One kind of row: MIB_TCPROW_OWNER_PID and the like. */
typedef struct row_layout_t {
  uint8_t protocol;
  uint32_t family; /* Windows' number */
  size_t row_size;
  void (*put)(const connection_t *from, void *to);
} row_layout_t;

/* NULL: no such table. */
const row_layout_t *row_layout(uint8_t protocol, uint32_t family);

#endif
