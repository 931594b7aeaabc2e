/* connections_posix.h for macOS: libproc tells of each process's sockets, those that are bound alone included. */
#ifdef __APPLE__
#include <libproc.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/proc_info.h>
#include <sys/socket.h>

#include "connections_posix.h"
#include "network.h"

/* By macOS's number of the state: CLOSED, LISTEN, SYN_SENT, SYN_RECEIVED, ESTABLISHED, CLOSE_WAIT, FIN_WAIT_1, CLOSING,
 * LAST_ACK, FIN_WAIT_2, TIME_WAIT. */
static const uint8_t windows_states[] = {CONNECTION_CLOSED, CONNECTION_LISTEN, 3, 4, 5, 8, 6, 9, 10, 7, 11};

typedef struct wanted_t {
  int family;
  uint8_t protocol;
  bool listeners_only;
} wanted_t;

static bool add_socket(const wanted_t *wanted, pid_t process, const struct socket_info *facts, connections_t *list) {
  bool is_tcp = wanted->protocol == NETWORK_TCP;
  if (facts->soi_kind != (is_tcp ? SOCKINFO_TCP : SOCKINFO_IN) || facts->soi_protocol != wanted->protocol) {
    return true;
  }
  const struct in_sockinfo *in = is_tcp ? &facts->soi_proto.pri_tcp.tcpsi_ini : &facts->soi_proto.pri_in;
  bool is_six = facts->soi_family == AF_INET6;
  connection_t connection = {
      .local_port = (uint16_t)((in->insi_lport & 0xff) << 8 | (in->insi_lport >> 8 & 0xff)),
      .remote_port = (uint16_t)((in->insi_fport & 0xff) << 8 | (in->insi_fport >> 8 & 0xff)),
      .process = (uint32_t)process,
  };
  int state = facts->soi_proto.pri_tcp.tcpsi_state;
  if (is_tcp && state >= 0 && (size_t)state < sizeof windows_states) {
    connection.state = windows_states[state];
  }
  if (is_six != (wanted->family == NETWORK_INET6) || connection.local_port == 0 ||
      (wanted->listeners_only && connection.state != CONNECTION_LISTEN)) {
    return true;
  }
  if (is_six) {
    memcpy(connection.local, &in->insi_laddr.ina_6, 16);
    memcpy(connection.remote, &in->insi_faddr.ina_6, 16);
  } else {
    memcpy(connection.local, &in->insi_laddr.ina_46.i46a_addr4, 4);
    memcpy(connection.remote, &in->insi_faddr.ina_46.i46a_addr4, 4);
  }
  return connections_add(list, &connection);
}

/* The sockets of a process of another user can not be seen; they are left out. */
static bool list_process(const wanted_t *wanted, pid_t process, connections_t *list) {
  int size = proc_pidinfo(process, PROC_PIDLISTFDS, 0, NULL, 0);
  struct proc_fdinfo *descriptors = size > 0 ? malloc((size_t)size) : NULL;
  bool enough = size <= 0 || descriptors != NULL;
  size = descriptors != NULL ? proc_pidinfo(process, PROC_PIDLISTFDS, 0, descriptors, size) : 0;
  for (int index = 0; enough && index < size / (int)sizeof *descriptors; index++) {
    struct socket_fdinfo facts;
    if (descriptors[index].proc_fdtype == PROX_FDTYPE_SOCKET &&
        proc_pidfdinfo(process, descriptors[index].proc_fd, PROC_PIDFDSOCKETINFO, &facts, sizeof facts) ==
            (int)sizeof facts) {
      enough = add_socket(wanted, process, &facts.psi, list);
    }
  }
  free(descriptors);
  return enough;
}

bool connections_list(int family, uint8_t protocol, bool listeners_only, connections_t *list) {
  const wanted_t wanted = {.family = family, .protocol = protocol, .listeners_only = listeners_only};
  int count = proc_listallpids(NULL, 0);
  size_t room = (size_t)(count > 0 ? count : 0) + 64; /* For those that start meanwhile. */
  pid_t *processes = malloc(room * sizeof *processes);
  bool enough = processes != NULL;
  count = enough ? proc_listallpids(processes, (int)(room * sizeof *processes)) : 0;
  for (int index = 0; enough && index < count; index++) {
    enough = list_process(&wanted, processes[index], list);
  }
  free(processes);
  return enough;
}
#endif
