/* network.h for Linux and macOS: socket options and error codes, Windows' numbers to the system's and back. */
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/time.h>

#include "network.h"
#include "network_posix.h"

#define WINDOWS_SOL_SOCKET 0xffff
#define WINDOWS_SO_EXCLUSIVEADDRUSE (~0x0004)

uint32_t winsock_from_errno(int code) {
  static const struct {
    int code;
    uint32_t winsock;
  } table[] = {
      {EINTR, 10004},         {EBADF, 10038},          {EACCES, 10013},       {EPERM, 10013},
      {EFAULT, 10014},        {EINVAL, 10022},         {EMFILE, 10024},       {ENFILE, 10024},
      {EWOULDBLOCK, 10035},   {EINPROGRESS, 10036},    {EALREADY, 10037},     {ENOTSOCK, 10038},
      {EDESTADDRREQ, 10039},  {EMSGSIZE, 10040},       {EPROTOTYPE, 10041},   {ENOPROTOOPT, 10042},
      {EPROTONOSUPPORT, 10043}, {ESOCKTNOSUPPORT, 10044}, {EOPNOTSUPP, 10045}, {EAFNOSUPPORT, 10047},
      {EADDRINUSE, 10048},    {EADDRNOTAVAIL, 10049},  {ENETDOWN, 10050},     {ENETUNREACH, 10051},
      {ENETRESET, 10052},     {ECONNABORTED, 10053},   {ECONNRESET, 10054},   {EPIPE, 10054},
      {ENOBUFS, 10055},       {ENOMEM, 10055},         {EISCONN, 10056},      {ENOTCONN, 10057},
      {ETIMEDOUT, 10060},     {ECONNREFUSED, 10061},   {EHOSTUNREACH, 10065},
  };
  for (size_t index = 0; index < sizeof table / sizeof *table; index++) {
    if (table[index].code == code) {
      return table[index].winsock;
    }
  }
  return WINSOCK_INVALID;
}

typedef enum option_form_t { FORM_INT, FORM_BOOL, FORM_MILLISECONDS, FORM_ERROR, FORM_EXCLUSIVE } option_form_t;

typedef struct option_t {
  int windows_level;
  int windows_option;
  int level;
  int option;
  option_form_t form;
} option_t;

static const option_t options[] = {
    {WINDOWS_SOL_SOCKET, 0x0002, SOL_SOCKET, SO_ACCEPTCONN, FORM_BOOL},
    {WINDOWS_SOL_SOCKET, 0x0004, SOL_SOCKET, SO_REUSEADDR, FORM_BOOL},
    {WINDOWS_SOL_SOCKET, 0x0008, SOL_SOCKET, SO_KEEPALIVE, FORM_BOOL},
    {WINDOWS_SOL_SOCKET, 0x0020, SOL_SOCKET, SO_BROADCAST, FORM_BOOL},
    {WINDOWS_SOL_SOCKET, 0x1001, SOL_SOCKET, SO_SNDBUF, FORM_INT},
    {WINDOWS_SOL_SOCKET, 0x1002, SOL_SOCKET, SO_RCVBUF, FORM_INT},
    {WINDOWS_SOL_SOCKET, 0x1005, SOL_SOCKET, SO_SNDTIMEO, FORM_MILLISECONDS},
    {WINDOWS_SOL_SOCKET, 0x1006, SOL_SOCKET, SO_RCVTIMEO, FORM_MILLISECONDS},
    {WINDOWS_SOL_SOCKET, 0x1007, SOL_SOCKET, SO_ERROR, FORM_ERROR},
    {WINDOWS_SOL_SOCKET, 0x1008, SOL_SOCKET, SO_TYPE, FORM_INT},
    /* What Linux and macOS do anyway: a port without SO_REUSEADDR is nobody else's. */
    {WINDOWS_SOL_SOCKET, WINDOWS_SO_EXCLUSIVEADDRUSE, SOL_SOCKET, SO_REUSEADDR, FORM_EXCLUSIVE},
    {IPPROTO_TCP, 0x0001, IPPROTO_TCP, TCP_NODELAY, FORM_BOOL},
    {41, 27, IPPROTO_IPV6, IPV6_V6ONLY, FORM_BOOL},
};

static const option_t *find_option(int level, int option) {
  for (size_t index = 0; index < sizeof options / sizeof *options; index++) {
    if (options[index].windows_level == level && options[index].windows_option == option) {
      return &options[index];
    }
  }
  return NULL;
}

static uint32_t outcome(int result) { return result < 0 ? winsock_from_errno(errno) : 0; }

uint32_t network_set_option(uintptr_t s, int level, int option, const char *value, int length) {
  const option_t *found = find_option(level, option);
  uint32_t number = 0;
  if (found == NULL || found->form == FORM_ERROR) {
    return WINSOCK_NO_OPTION;
  }
  /* A program may set a BOOL with one byte. */
  if (value == NULL || length < (found->form == FORM_BOOL ? 1 : (int)sizeof number)) {
    return WINSOCK_FAULT;
  }
  if (length >= (int)sizeof number) {
    memcpy(&number, value, sizeof number);
  } else {
    number = value[0] != 0;
  }
  int fd = (int)s;
  if (found->form == FORM_MILLISECONDS) {
    struct timeval time = {.tv_sec = number / 1000, .tv_usec = (suseconds_t)(number % 1000 * 1000)};
    return outcome(libc_sockets.setsockopt(fd, found->level, found->option, &time, sizeof time));
  }
  int system = found->form == FORM_INT ? (int)number : number != 0;
  if (found->form == FORM_EXCLUSIVE) {
    system = !system;
    if (system != 0) {
      return 0; /* Not exclusive is not yet shared. */
    }
  }
  return outcome(libc_sockets.setsockopt(fd, found->level, found->option, &system, sizeof system));
}

uint32_t network_get_option(uintptr_t s, int level, int option, char *value, int *length) {
  const option_t *found = find_option(level, option);
  int number = 0;
  socklen_t size = sizeof number;
  if (found == NULL) {
    return WINSOCK_NO_OPTION;
  }
  if (value == NULL || length == NULL || *length < (int)sizeof number) {
    return WINSOCK_FAULT;
  }
  int fd = (int)s;
  uint32_t code;
  if (found->form == FORM_MILLISECONDS) {
    struct timeval time = {0};
    size = sizeof time;
    code = outcome(libc_sockets.getsockopt(fd, found->level, found->option, &time, &size));
    number = (int)(time.tv_sec * 1000 + time.tv_usec / 1000);
  } else {
    code = outcome(libc_sockets.getsockopt(fd, found->level, found->option, &number, &size));
  }
  if (code != 0) {
    return code;
  }
  if (found->form == FORM_ERROR && number != 0) {
    number = (int)winsock_from_errno(number);
  } else if (found->form == FORM_EXCLUSIVE) {
    number = number == 0;
  } else if (found->form == FORM_BOOL) {
    number = number != 0; /* macOS answers with the bit that is set. */
  }
  memcpy(value, &number, sizeof number);
  *length = (int)sizeof number;
  return 0;
}
