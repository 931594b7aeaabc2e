/* Between the two POSIX halves of network.h. */
#ifndef PORTSIM_NETWORK_POSIX_H
#define PORTSIM_NETWORK_POSIX_H

#include <stdint.h>
#include <sys/socket.h>

/* libc's functions, see network_posix.c. */
typedef struct libc_sockets_t {
  int (*socket)(int, int, int);
  int (*bind)(int, const struct sockaddr *, socklen_t);
  int (*listen)(int, int);
  int (*accept)(int, struct sockaddr *, socklen_t *);
  int (*connect)(int, const struct sockaddr *, socklen_t);
  ssize_t (*send)(int, const void *, size_t, int);
  ssize_t (*recv)(int, void *, size_t, int);
  int (*shutdown)(int, int);
  int (*getsockname)(int, struct sockaddr *, socklen_t *);
  int (*setsockopt)(int, int, int, const void *, socklen_t);
  int (*getsockopt)(int, int, int, void *, socklen_t *);
} libc_sockets_t;

extern libc_sockets_t libc_sockets;

/* The Winsock codes these two files give by themselves. */
#define WINSOCK_FAULT 10014u
#define WINSOCK_INVALID 10022u
#define WINSOCK_WOULD_BLOCK 10035u
#define WINSOCK_IN_PROGRESS 10036u
#define WINSOCK_NOT_SOCKET 10038u
#define WINSOCK_NO_OPTION 10042u
#define WINSOCK_NOT_SUPPORTED 10045u

uint32_t winsock_from_errno(int code);

#endif
