/*
 * Stand-ins for programs that are not there: processes such as Windows' own, the ports they have and the services they
 * host. A test makes them with the controls, so that it can have what no test may start: lsass.exe, or the process System.
 * All functions need store_begin; those that change something leave the commit to the caller.
 */
#ifndef PORTSIM_STAND_INS_H
#define PORTSIM_STAND_INS_H

#include <stdbool.h>

#include "store.h"

/* NULL: no stand-in has this number. */
const process_t *stand_ins_process(uint32_t id);
/* Whether one has the port, at any address: it listens there, or has a UDP socket. */
bool stand_ins_have_port(uint8_t protocol, uint16_t port);
/* Whether one keeps the port from a bind to this address, of 4 or 16 bytes. Either may be the wildcard. */
bool stand_ins_refuse(uint8_t protocol, int family, const void *address, uint16_t port);

/* Changes: 0, ERROR_INVALID_PARAMETER, or CHOICE_STORE_FULL. */
uint32_t stand_ins_set_process(uint32_t id, const char *image);
uint32_t stand_ins_add_endpoint(uint32_t protocol, const char *address, uint32_t port, uint32_t state, uint32_t process);
uint32_t stand_ins_add_service(const char *name, uint32_t process);

#endif
