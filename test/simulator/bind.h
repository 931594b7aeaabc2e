/* Which port a socket may have: rules A1 to A3, A9, N1 to N3, N7, P13. */
#ifndef PORTSIM_BIND_H
#define PORTSIM_BIND_H

#include <stdint.h>

/* bind() under the core lock: 0 or a Winsock code. */
uint32_t bind_by_the_rules(uintptr_t s, const void *name, int length);
/* What connect does to a TCP or UDP socket that is not bound: a wildcard bind by the same rules. */
uint32_t bind_if_unbound(uintptr_t s);

#endif
