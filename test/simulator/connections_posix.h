/* The sockets of this machine, for the tables of iphlpapi: from /proc on Linux, from libproc on macOS. */
#ifndef PORTSIM_CONNECTIONS_POSIX_H
#define PORTSIM_CONNECTIONS_POSIX_H

#include <stdbool.h>
#include <stdint.h>

#include "connection_rows.h"

/* Windows' numbers of states, MIB_TCP_STATE_..., as far as they are asked for by name. */
#define CONNECTION_CLOSED 1u
#define CONNECTION_LISTEN 2u

/* Adds the sockets of the family and protocol (network.h's numbers), of TCP those listening alone where that is asked
 * for; a bound TCP socket is CLOSED. False: no memory. The rows are the caller's to free, either way. */
bool connections_list(int family, uint8_t protocol, bool listeners_only, connections_t *list);

#endif
