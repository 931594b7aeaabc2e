/* network.h for Linux and macOS: sockets. Options and error codes are in network_options_posix.c. */
#include <arpa/inet.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <netinet/in.h>
#include <pthread.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "network.h"
#include "network_posix.h"

#define WINDOWS_FLAG_NO_HANDLE_INHERIT 0x80u
#define WINDOWS_FIONBIO ((int)0x8004667E)

/*
 * The library exports socket, bind and the others itself, so it must not reach libc's by their names: a program linked
 * with it would go round in circles. What stands behind us in the order of libraries is libc, or a sanitizer before it.
 */
libc_sockets_t libc_sockets;

static void find_libc_sockets(void) {
  const struct {
    const char *name;
    void *slot;
  } names[] = {
      {"socket", &libc_sockets.socket},           {"bind", &libc_sockets.bind},
      {"listen", &libc_sockets.listen},           {"accept", &libc_sockets.accept},
      {"connect", &libc_sockets.connect},         {"send", &libc_sockets.send},
      {"recv", &libc_sockets.recv},               {"shutdown", &libc_sockets.shutdown},
      {"getsockname", &libc_sockets.getsockname}, {"setsockopt", &libc_sockets.setsockopt},
      {"getsockopt", &libc_sockets.getsockopt},
  };
  for (size_t index = 0; index < sizeof names / sizeof *names; index++) {
    void *address = dlsym(RTLD_NEXT, names[index].name);
    memcpy(names[index].slot, &address, sizeof address);
  }
}

__attribute__((constructor)) static void find_libc_sockets_at_load(void) { find_libc_sockets(); }

static int fd_of(uintptr_t s) { return s > INT_MAX ? -1 : (int)s; }

static uint32_t outcome(int result) { return result < 0 ? winsock_from_errno(errno) : 0; }

static int system_family(int windows) { return windows == NETWORK_INET6 ? AF_INET6 : windows; }

static int windows_family(int family) {
  return family == AF_INET6 ? NETWORK_INET6 : family == AF_INET ? NETWORK_INET : family == AF_UNIX ? 1 : 0;
}

/* Windows' sockaddr to the system's, and back. The two differ in the first two bytes alone. */
static socklen_t to_system(const void *name, int length, struct sockaddr_storage *address) {
  uint16_t family;
  size_t size = (size_t)length < sizeof *address ? (size_t)length : sizeof *address;
  memset(address, 0, sizeof *address);
  memcpy(address, name, size);
  memcpy(&family, name, sizeof family);
#ifdef __APPLE__
  address->ss_len = (uint8_t)size;
#endif
  address->ss_family = (sa_family_t)system_family(family);
  if (family == NETWORK_INET) {
    return sizeof(struct sockaddr_in);
  }
  return family == NETWORK_INET6 ? sizeof(struct sockaddr_in6) : (socklen_t)size;
}

static uint32_t to_windows(const struct sockaddr_storage *address, socklen_t size, void *name, int *length) {
  if (name == NULL || length == NULL) {
    return 0;
  }
  if (*length < (int)size) {
    return WINSOCK_FAULT;
  }
  uint16_t family = (uint16_t)windows_family(address->ss_family);
  memcpy(name, address, size);
  memcpy(name, &family, sizeof family);
  *length = (int)size;
  return 0;
}

uint32_t network_startup(uint16_t version, void *data) {
  (void)version;
  (void)data;
  return 0;
}

uint32_t network_cleanup(void) { return 0; }

uint32_t network_facts(uintptr_t s, network_facts_t *facts) {
  struct stat status;
  int fd = fd_of(s);
  if (fd < 0 || fstat(fd, &status) != 0 || !S_ISSOCK(status.st_mode)) {
    return WINSOCK_NOT_SOCKET;
  }
  struct sockaddr_storage address = {0};
  socklen_t size = sizeof address;
  libc_sockets.getsockname(fd, (struct sockaddr *)&address, &size);
  int type = 0;
  socklen_t type_size = sizeof type;
  libc_sockets.getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &type_size);
  int family = windows_family(address.ss_family);
  bool is_internet = family == NETWORK_INET || family == NETWORK_INET6;
  int protocol = type == SOCK_STREAM ? NETWORK_TCP : type == SOCK_DGRAM ? NETWORK_UDP : 0;
#ifdef SO_PROTOCOL
  /* Tells SCTP, MPTCP and ping sockets from TCP and UDP; macOS has no such question. */
  socklen_t protocol_size = sizeof protocol;
  libc_sockets.getsockopt(fd, SOL_SOCKET, SO_PROTOCOL, &protocol, &protocol_size);
#endif
  bool known = is_internet && (protocol == NETWORK_TCP || protocol == NETWORK_UDP) && type != SOCK_RAW;
  *facts = (network_facts_t){
      .family = family, .protocol = known ? (uint8_t)protocol : 0, .identity = (uint64_t)status.st_ino};
  return 0;
}

static int open_socket(int family, int type, int protocol) {
#ifdef SOCK_CLOEXEC
  return libc_sockets.socket(family, type | SOCK_CLOEXEC, protocol);
#else
  int fd = libc_sockets.socket(family, type, protocol);
  if (fd >= 0) {
    fcntl(fd, F_SETFD, FD_CLOEXEC);
  }
  return fd;
#endif
}

uint32_t network_open(int family, int type, int protocol, void *info, uint32_t group, uint32_t flags, uintptr_t *s) {
  (void)group;
  (void)flags; /* A descriptor of ours is never inherited, whether WSA_FLAG_NO_HANDLE_INHERIT was asked for or not. */
  if (info != NULL) {
    return WINSOCK_NOT_SUPPORTED;
  }
  int fd = open_socket(system_family(family), type, protocol);
  if (fd < 0) {
    return winsock_from_errno(errno);
  }
  int on = 1;
  if (family == NETWORK_INET6) {
    libc_sockets.setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on); /* Windows' default, not Linux's. */
  }
#ifdef SO_NOSIGPIPE
  libc_sockets.setsockopt(fd, SOL_SOCKET, SO_NOSIGPIPE, &on, sizeof on);
#endif
  *s = (uintptr_t)fd;
  return 0;
}

uint32_t network_duplicate(uintptr_t s, uint32_t process_id, void *info) {
  (void)s;
  (void)process_id;
  (void)info;
  return WINSOCK_NOT_SUPPORTED;
}

uint32_t network_close(uintptr_t s) { return outcome(close(fd_of(s))); }

uint32_t network_bind(uintptr_t s, const void *name, int length) {
  struct sockaddr_storage address;
  socklen_t size = to_system(name, length, &address);
  return outcome(libc_sockets.bind(fd_of(s), (struct sockaddr *)&address, size));
}

uint32_t network_listen(uintptr_t s, int backlog) { return outcome(libc_sockets.listen(fd_of(s), backlog)); }

uint32_t network_accept(uintptr_t s, void *name, int *length, uintptr_t *accepted) {
  struct sockaddr_storage address;
  socklen_t size = sizeof address;
  int fd = libc_sockets.accept(fd_of(s), (struct sockaddr *)&address, &size);
  if (fd < 0) {
    return winsock_from_errno(errno);
  }
  fcntl(fd, F_SETFD, FD_CLOEXEC);
  uint32_t code = to_windows(&address, size, name, length);
  if (code != 0) {
    close(fd);
    return code;
  }
  *accepted = (uintptr_t)fd;
  return 0;
}

uint32_t network_connect(uintptr_t s, const void *name, int length) {
  struct sockaddr_storage address;
  socklen_t size = to_system(name, length, &address);
  uint32_t code = outcome(libc_sockets.connect(fd_of(s), (struct sockaddr *)&address, size));
  return code == WINSOCK_IN_PROGRESS ? WINSOCK_WOULD_BLOCK : code; /* What Windows says of a non-blocking connect. */
}

uint32_t network_send(uintptr_t s, const char *data, int length, int flags, int *sent) {
#ifdef MSG_NOSIGNAL
  flags |= MSG_NOSIGNAL;
#endif
  *sent = (int)libc_sockets.send(fd_of(s), data, length < 0 ? 0 : (size_t)length, flags);
  return outcome(*sent);
}

uint32_t network_receive(uintptr_t s, char *data, int length, int flags, int *received) {
  *received = (int)libc_sockets.recv(fd_of(s), data, length < 0 ? 0 : (size_t)length, flags);
  return outcome(*received);
}

uint32_t network_shutdown(uintptr_t s, int how) { return outcome(libc_sockets.shutdown(fd_of(s), how)); }

uint32_t network_name(uintptr_t s, void *name, int *length) {
  struct sockaddr_storage address = {0};
  socklen_t size = sizeof address;
  uint32_t code = outcome(libc_sockets.getsockname(fd_of(s), (struct sockaddr *)&address, &size));
  return code != 0 ? code : to_windows(&address, size, name, length);
}

uint16_t network_bound_port(uintptr_t s) {
  struct sockaddr_storage address = {0};
  socklen_t size = sizeof address;
  if (libc_sockets.getsockname(fd_of(s), (struct sockaddr *)&address, &size) != 0) {
    return 0;
  }
  /* The port stands at the same place in both families. */
  bool is_internet = address.ss_family == AF_INET || address.ss_family == AF_INET6;
  return is_internet ? ntohs(((struct sockaddr_in *)&address)->sin_port) : 0;
}

/* EADDRINUSE alone says that somebody is there; that we may not bind a port below 1024 says nothing about it. */
static bool bind_meets_somebody(int family, uint8_t protocol, const struct sockaddr *name, socklen_t size, bool *tried) {
  int fd = open_socket(family, protocol == NETWORK_TCP ? SOCK_STREAM : SOCK_DGRAM, 0);
  *tried = fd >= 0;
  if (fd < 0) {
    return false;
  }
  int off = 0;
  if (family == AF_INET6) {
    libc_sockets.setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off);
  }
  int result = libc_sockets.bind(fd, name, size);
  *tried = result == 0 || errno == EADDRINUSE;
  bool met = result != 0 && errno == EADDRINUSE;
  close(fd);
  return met;
}

bool network_port_is_bound(uint8_t protocol, uint16_t port) {
  bool tried;
  struct sockaddr_in6 six = {.sin6_family = AF_INET6, .sin6_port = htons(port)};
  struct sockaddr_in four = {.sin_family = AF_INET, .sin_port = htons(port)};
#ifdef __APPLE__
  six.sin6_len = sizeof six;
  four.sin_len = sizeof four;
#endif
  /* A dual-stack wildcard meets sockets of both families; where there is no IPv6, one IPv4 bind does. */
  bool met = bind_meets_somebody(AF_INET6, protocol, (struct sockaddr *)&six, sizeof six, &tried);
  return tried ? met : bind_meets_somebody(AF_INET, protocol, (struct sockaddr *)&four, sizeof four, &tried);
}

uint32_t network_set_mode(uintptr_t s, int command, uint32_t *argument) {
  if (command != WINDOWS_FIONBIO || argument == NULL) {
    return WINSOCK_NOT_SUPPORTED;
  }
  int on = *argument != 0;
  return outcome(ioctl(fd_of(s), FIONBIO, &on));
}

uint32_t network_control(uintptr_t s, uint32_t code, void *in, uint32_t in_size, void *out, uint32_t out_size,
                         uint32_t *returned, void *overlapped, void *routine) {
  (void)s, (void)code, (void)in, (void)in_size, (void)out, (void)out_size;
  (void)returned, (void)overlapped, (void)routine;
  return WINSOCK_NOT_SUPPORTED;
}

uint32_t network_overlapped_result(uintptr_t s, void *overlapped, uint32_t *transferred, int wait, uint32_t *flags) {
  (void)s, (void)overlapped, (void)transferred, (void)wait, (void)flags;
  return WINSOCK_NOT_SUPPORTED;
}

uint32_t network_cancel(uintptr_t s, void *overlapped) {
  (void)overlapped;
  network_facts_t facts;
  return network_facts(s, &facts) == 0 ? 1168 : 6; /* ERROR_NOT_FOUND, ERROR_INVALID_HANDLE */
}
