/*
 * Several processes on one store. A test starts this program again with a role, and talks to it through two pipes: the
 * child says one line when it is ready, and goes on when its input says so or ends.
 */
#include "check.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

typedef struct child_t {
  pid_t id;
  FILE *from;
  int to;
} child_t;

static child_t start_role(const char *role, const char *argument) {
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

static uint64_t hear(child_t *child) {
  unsigned long long number = UINT64_MAX;
  CHECK_EQUAL(fscanf(child->from, "%llu", &number), 1);
  return number;
}

static int end(child_t *child, int signal_number) {
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
  return strcmp(role, "hold") == 0   ? hold_role(port)
         : strcmp(role, "race") == 0 ? race_role(port)
                                     : wildcard_role(port);
}

static const char *port_text(void) {
  static char text[8];
  snprintf(text, sizeof text, "%u", base_port);
  return text;
}

static void foreign_token(void) {
  child_t child = start_role("role:hold", port_text());
  uint64_t token = hear(&child);
  SOCKET s = open_socket(AF_INET, SOCK_STREAM);
  CHECK(token != 0);
  CHECK_EQUAL(give_token(s, SIO_ASSOCIATE_PORT_RESERVATION, token), WSAEINVAL); /* R5 */
  CHECK_EQUAL(give_token(s, SIO_RELEASE_PORT_RESERVATION, token), WSAEINVAL);   /* R4 */
  CHECK_EQUAL(bind_port(s, AF_INET, base_port), WSAEACCES);                     /* N2 */
  end(&child, 0);
  closesocket(s);
}

static void death(int signal_number) {
  ULONG64 token;
  child_t child = start_role("role:hold", port_text());
  CHECK(hear(&child) != 0);
  CHECK_EQUAL(CreatePersistentTcpPortReservation(htons(base_port), 1, &token), ERROR_SHARING_VIOLATION);
  end(&child, signal_number);
  CHECK_EQUAL(CreatePersistentTcpPortReservation(htons(base_port), 4, &token), 0);
}

static void ended(void) { death(0); }

static void killed(void) { death(SIGKILL); }

static void owner_byte_used_again(void) {
  INET_PORT_RESERVATION_INSTANCE instance;
  child_t child = start_role("role:hold", port_text());
  CHECK(hear(&child) != 0);
  end(&child, SIGKILL);
  /* This process now gets the byte the dead one had; its block must not come to life again. */
  SOCKET s = open_socket(AF_INET, SOCK_STREAM);
  CHECK_EQUAL(acquire_block(s, (uint16_t)(base_port + 8), 1, &instance), 0);
  CHECK_EQUAL(acquire_block(s, base_port, 4, &instance), 0);
  closesocket(s);
}

static void closed_behind_our_back(void) {
  ULONG64 token;
  INET_PORT_RESERVATION_INSTANCE instance;
  SOCKET s = open_socket(AF_INET, SOCK_STREAM);
  CHECK_EQUAL(acquire_block(s, base_port, 4, &instance), 0);
  close((int)s);
  SOCKET other = open_socket(AF_INET, SOCK_STREAM);
  CHECK_EQUAL(other, s);
  CHECK_EQUAL(CreatePersistentTcpPortReservation(htons(base_port), 4, &token), 0);
  closesocket(other);
}

enum { RACERS = 32 };

static void race(void) {
  child_t children[RACERS];
  uint64_t all = 0;
  for (int index = 0; index < RACERS; index++) {
    children[index] = start_role("role:race", port_text());
  }
  for (int index = 0; index < RACERS; index++) {
    CHECK_EQUAL(hear(&children[index]), 0);
  }
  for (int index = 0; index < RACERS; index++) {
    CHECK_EQUAL(write(children[index].to, "g", 1), 1);
  }
  for (int index = 0; index < RACERS; index++) {
    uint64_t got = hear(&children[index]);
    CHECK_EQUAL(all & got, 0); /* Nobody got what another has. */
    all |= got;
    CHECK_EQUAL(end(&children[index], 0), 0);
  }
  CHECK_EQUAL(all, UINT32_MAX); /* And nothing was lost. */
}

static void wildcard_race(void) {
  child_t children[RACERS];
  uint64_t ports[RACERS];
  for (int index = 0; index < RACERS; index++) {
    children[index] = start_role("role:wildcard", port_text());
  }
  for (int index = 0; index < RACERS; index++) {
    CHECK_EQUAL(hear(&children[index]), 0);
  }
  for (int index = 0; index < RACERS; index++) {
    CHECK_EQUAL(write(children[index].to, "g", 1), 1);
  }
  for (int index = 0; index < RACERS; index++) {
    ports[index] = hear(&children[index]);
    CHECK(ports[index] != 0);
    for (int earlier = 0; earlier < index; earlier++) {
      CHECK(ports[earlier] + 1 < ports[index] || ports[index] + 1 < ports[earlier]);
    }
  }
  for (int index = 0; index < RACERS; index++) {
    end(&children[index], 0);
  }
}

/* The kill comes at a moment nobody chooses; what is left is a whole store, which opening checks to the last bit. */
static void killed_while_writing(void) {
  ULONG64 token;
  for (int round = 0; round < 60; round++) {
    child_t child = start_role("role:write", port_text());
    CHECK_EQUAL(hear(&child), 0);
    for (int turn = 0; turn < round * 7 % 40; turn++) {
      portsim_is_elevated(); /* Waits for the store's lock: a clock made of the child's own steps. */
    }
    end(&child, SIGKILL);
    portsim_close();
    CHECK_EQUAL(portsim_open(store_path()), 0);
    for (uint16_t offset = 0; offset < 8; offset++) {
      USHORT port = htons((uint16_t)(base_port + offset));
      uint32_t found = LookupPersistentUdpPortReservation(port, 1, &token);
      CHECK(found == 0 || found == ERROR_NOT_FOUND);
      CHECK_EQUAL(DeletePersistentUdpPortReservation(port, 1), found);
    }
  }
  CHECK_EQUAL(CreatePersistentUdpPortReservation(htons(base_port), 8, &token), 0);
}

static void knobs_reach_all(void) {
  ULONG64 token;
  child_t child = start_role("role:hold", port_text());
  CHECK(hear(&child) != 0);
  CHECK_EQUAL(portsim_restart(), 0); /* Ends another process's blocks too. */
  CHECK_EQUAL(CreatePersistentTcpPortReservation(htons(base_port), 4, &token), 0);
  end(&child, 0);
}

static void environment(void) {
  setenv("PORTSIM_ELEVATED", "0", 1);
  CHECK_EQUAL(portsim_is_elevated(), 0);
  ULONG64 token;
  CHECK_EQUAL(CreatePersistentTcpPortReservation(htons(base_port), 4, &token), ERROR_ACCESS_DENIED);
  unsetenv("PORTSIM_ELEVATED");
  CHECK_EQUAL(portsim_is_elevated(), 1);
  portsim_close();
  setenv("PORTSIM_STATE", temporary_path("other"), 1);
  CHECK_EQUAL(CreatePersistentTcpPortReservation(htons(base_port), 4, &token), 0);
  unsetenv("PORTSIM_STATE");
  portsim_close();
  CHECK_EQUAL(portsim_open(store_path()), 0);
  CHECK_EQUAL(LookupPersistentTcpPortReservation(htons(base_port), 4, &token), ERROR_NOT_FOUND);
  remove(temporary_path("other"));
}

const test_t process_tests[] = {
    {"R4, R5: a runtime token is its process's own", foreign_token},
    {"R3: the end of a process ends its blocks", ended},
    {"R3: so does kill -9", killed},
    {"R3: a dead process's block stays dead when its place is taken", owner_byte_used_again},
    {"R3: a socket closed with close() has lost its blocks", closed_behind_our_back},
    {"P6: 32 processes create, and no port goes twice or gets lost", race},
    {"R2: 32 processes acquire at once, and no two blocks meet", wildcard_race},
    {"P1: kill -9 at any moment leaves a whole store", killed_while_writing},
    {"P2: a restart is one for all processes", knobs_reach_all},
    {"The environment overrides the store for one process", environment},
    {NULL, NULL},
};
