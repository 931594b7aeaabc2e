/*
 * Real sockets, addressed as Windows addresses them: SOCKET as uintptr_t, families, levels and options with Windows'
 * numbers, sockaddr as Windows lays it out. Off Windows the numbers are translated here; on Windows everything goes to
 * the genuine ws2_32.dll. Every function gives 0 or a Winsock error code, and leaves the last error alone.
 */
#ifndef PORTSIM_NETWORK_H
#define PORTSIM_NETWORK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define NETWORK_TCP 6
#define NETWORK_UDP 17
#define NETWORK_INET 2
#define NETWORK_INET6 23

typedef struct network_facts_t {
  int family;        /* Windows' number, 0 when it has none */
  uint8_t protocol;  /* NETWORK_TCP, NETWORK_UDP or 0 for anything else */
  uint64_t identity; /* tells a socket from a later one with the same number; 0 where the system can not */
} network_facts_t;

uint32_t network_startup(uint16_t version, void *data);
uint32_t network_cleanup(void);
uint32_t network_facts(uintptr_t s, network_facts_t *facts);
uint32_t network_open(int family, int type, int protocol, void *info, uint32_t group, uint32_t flags, uintptr_t *s);
uint32_t network_duplicate(uintptr_t s, uint32_t process_id, void *info);
uint32_t network_close(uintptr_t s);
uint32_t network_bind(uintptr_t s, const void *name, int length);
uint32_t network_listen(uintptr_t s, int backlog);
uint32_t network_accept(uintptr_t s, void *name, int *length, uintptr_t *accepted);
uint32_t network_connect(uintptr_t s, const void *name, int length);
uint32_t network_send(uintptr_t s, const char *data, int length, int flags, int *sent);
uint32_t network_receive(uintptr_t s, char *data, int length, int flags, int *received);
uint32_t network_shutdown(uintptr_t s, int how);
uint32_t network_name(uintptr_t s, void *name, int *length);
uint32_t network_set_option(uintptr_t s, int level, int option, const char *value, int length);
uint32_t network_get_option(uintptr_t s, int level, int option, char *value, int *length);
uint32_t network_set_mode(uintptr_t s, int command, uint32_t *argument);

/* The port the socket is bound to, host byte order; 0 when it is not bound. */
uint16_t network_bound_port(uintptr_t s);
/* Whether a wildcard bind of the port, in either family, meets somebody. */
bool network_port_is_bound(uint8_t protocol, uint16_t port);

/* What is not the simulator's business: the genuine function on Windows, WSAEOPNOTSUPP elsewhere. */
uint32_t network_control(uintptr_t s, uint32_t code, void *in, uint32_t in_size, void *out, uint32_t out_size,
                         uint32_t *returned, void *overlapped, void *routine);
uint32_t network_overlapped_result(uintptr_t s, void *overlapped, uint32_t *transferred, int wait, uint32_t *flags);
/* CancelIoEx for operations that are not the simulator's: a Win32 code, ERROR_NOT_FOUND off Windows. */
uint32_t network_cancel(uintptr_t s, void *overlapped);

/* An event object of WSACreateEvent becomes signalled, or not. Needs the core lock. */
void network_signal_event(void *event);
void network_clear_event(void *event);
/* Those that are not closed; on Windows they are the system's, and 0. Needs the core lock. */
uint32_t network_event_count(void);

#endif
