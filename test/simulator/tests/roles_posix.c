/* See roles_posix.h. */
#include "roles_posix.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

child_t start_role(const char *role, const char *argument) {
  int down[2];
  int up[2];
  child_t child = {.id = -1, .to = -1};
  if (pipe(down) != 0 || pipe(up) != 0) {
    return child;
  }
  fflush(stdout);
  child.id = fork();
  if (child.id == 0) {
    dup2(down[0], 0);
    dup2(up[1], 1);
    /* Or a sibling would hold the writing end of another's input open for ever. */
    for (int fd = 3; fd < 256; fd++) {
      close(fd);
    }
    execl(own_path(), own_path(), role, store_path(), argument, (char *)NULL);
    _exit(127);
  }
  close(down[0]);
  close(up[1]);
  child.from = fdopen(up[0], "r");
  child.to = down[1];
  return child;
}

uint64_t hear(child_t *child) {
  unsigned long long number = UINT64_MAX;
  CHECK_EQUAL(fscanf(child->from, "%llu", &number), 1);
  return number;
}

int end_child(child_t *child, int signal_number) {
  int status = -1;
  if (signal_number != 0) {
    kill(child->id, signal_number);
  }
  close(child->to);
  waitpid(child->id, &status, 0);
  fclose(child->from);
  return status;
}

static void say(unsigned long long number) {
  printf("%llu\n", number);
  fflush(stdout);
}

static void wait_for_word(void) {
  char byte;
  (void)!read(0, &byte, 1);
}

/* Acquires the block and keeps it until its input ends. */
static int hold_role(uint16_t port) {
  INET_PORT_RESERVATION_INSTANCE instance;
  SOCKET s = open_socket(AF_INET, SOCK_STREAM);
  uint32_t code = acquire_block(s, port, 4, &instance);
  say(code == 0 ? instance.Token : 0);
  wait_for_word();
  return 0;
}

/* One of many that all want the same blocks, one port each, of 32: says which it got as a bit set. */
static int race_role(uint16_t port) {
  uint64_t got = 0;
  ULONG64 token;
  say(0);
  wait_for_word();
  for (uint16_t offset = 0; offset < 32; offset++) {
    if (CreatePersistentTcpPortReservation(htons((uint16_t)(port + offset)), 1, &token) == 0) {
      got |= UINT64_C(1) << offset;
    }
  }
  say(got);
  return 0;
}

/* Like race_role, but each takes what a wildcard acquire gives it, and says the first port. */
static int wildcard_role(uint16_t port) {
  INET_PORT_RESERVATION_INSTANCE instance;
  SOCKET s = open_socket(AF_INET, SOCK_STREAM);
  (void)port;
  say(0);
  wait_for_word();
  say(acquire_block(s, 0, 2, &instance) == 0 ? ntohs(instance.StartPort) : 0);
  wait_for_word();
  return 0;
}

static int listen_role(uint16_t port) {
  SOCKET listener = open_socket(AF_INET6, SOCK_STREAM);
  SOCKET receiver = open_socket(AF_INET6, SOCK_DGRAM);
  bool ready = bind_port(listener, AF_INET6, port) == 0 && listen(listener, 1) == 0 &&
               bind_port(receiver, AF_INET6, port) == 0;
  say(ready ? (unsigned long long)getpid() : 0);
  wait_for_word();
  return 0;
}

static int look_role(uint32_t process) {
  if (geteuid() == 0 && (setgid(65534) != 0 || setuid(65534) != 0)) {
    return 3;
  }
  HANDLE handle = OpenProcess(PROCESS_QUERY_LIMITED_INFORMATION, FALSE, process);
  say(handle == NULL ? GetLastError() : 0);
  return 0;
}

/* Changes the store without end. */
static _Noreturn void write_role(uint16_t port) {
  ULONG64 token;
  say(0);
  for (;;) {
    for (uint16_t offset = 0; offset < 8; offset++) {
      CreatePersistentUdpPortReservation(htons((uint16_t)(port + offset)), 1, &token);
    }
    for (uint16_t offset = 0; offset < 8; offset++) {
      DeletePersistentUdpPortReservation(htons((uint16_t)(port + offset)), 1);
    }
  }
}

int process_role(int argc, char **argv) {
  if (argc < 4 || portsim_open(argv[2]) != 0) {
    return 3;
  }
  uint16_t port = (uint16_t)strtoul(argv[3], NULL, 10);
  const char *role = argv[1] + strlen("role:");
  if (strcmp(role, "write") == 0) {
    write_role(port);
  }
  return strcmp(role, "hold") == 0     ? hold_role(port)
         : strcmp(role, "race") == 0   ? race_role(port)
         : strcmp(role, "listen") == 0 ? listen_role(port)
         : strcmp(role, "look") == 0   ? look_role((uint32_t)strtoul(argv[3], NULL, 10))
                                       : wildcard_role(port);
}
