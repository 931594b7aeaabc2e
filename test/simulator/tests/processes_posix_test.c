/* Several processes on one store: who owns what, who dies, who is first. */
#include "roles_posix.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

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
  end_child(&child, 0);
  closesocket(s);
}

static void death(int signal_number) {
  ULONG64 token;
  child_t child = start_role("role:hold", port_text());
  CHECK(hear(&child) != 0);
  CHECK_EQUAL(CreatePersistentTcpPortReservation(htons(base_port), 1, &token), ERROR_SHARING_VIOLATION);
  end_child(&child, signal_number);
  CHECK_EQUAL(CreatePersistentTcpPortReservation(htons(base_port), 4, &token), 0);
}

static void ended(void) { death(0); }

static void killed(void) { death(SIGKILL); }

static void owner_byte_used_again(void) {
  INET_PORT_RESERVATION_INSTANCE instance;
  child_t child = start_role("role:hold", port_text());
  CHECK(hear(&child) != 0);
  end_child(&child, SIGKILL);
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

static void pending_on_a_closed_descriptor(void) {
  INET_PORT_RANGE range = {htons(base_port), 4};
  INET_PORT_RESERVATION_INSTANCE instance;
  WSAOVERLAPPED overlapped = {0};
  DWORD returned;
  DWORD flags;
  SOCKET s = open_socket(AF_INET, SOCK_STREAM);
  /* So long that the descriptor is closed before it is over, on a busy machine too. */
  CHECK_EQUAL(portsim_set_delay(1000), 0);
  CHECK_EQUAL(WSAIoctl(s, SIO_ACQUIRE_PORT_RESERVATION, &range, sizeof range, &instance, sizeof instance, &returned,
                       &overlapped, NULL),
              SOCKET_ERROR);
  close((int)s);
  SOCKET other = open_socket(AF_INET, SOCK_STREAM);
  CHECK_EQUAL(other, s);
  CHECK_EQUAL(WSAGetOverlappedResult(s, &overlapped, &returned, TRUE, &flags), FALSE);
  CHECK_EQUAL(WSAGetLastError(), WSA_OPERATION_ABORTED);
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
    CHECK_EQUAL(end_child(&children[index], 0), 0);
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
    end_child(&children[index], 0);
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
    end_child(&child, SIGKILL);
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

/* The owner of the port in a table with rows of this size: found by the port alone. */
static uint32_t owner_of(bool is_tcp, uint32_t row_size, uint32_t port_place, uint32_t process_place) {
  static unsigned char table[1 << 20];
  DWORD size = sizeof table;
  DWORD code = is_tcp ? GetExtendedTcpTable(table, &size, TRUE, AF_INET6, TCP_TABLE_OWNER_PID_LISTENER, 0)
                      : GetExtendedUdpTable(table, &size, TRUE, AF_INET6, UDP_TABLE_OWNER_PID, 0);
  CHECK_EQUAL(code, 0);
  uint32_t count;
  memcpy(&count, table, sizeof count);
  for (uint32_t index = 0; code == 0 && index < count; index++) {
    uint32_t port;
    uint32_t process;
    memcpy(&port, table + 4 + index * row_size + port_place, sizeof port);
    memcpy(&process, table + 4 + index * row_size + process_place, sizeof process);
    if (port == htons(base_port)) {
      return process;
    }
  }
  return 0;
}

static void port_owner(void) {
  WCHAR image[1024];
  DWORD size = 1024;
  FILETIME times[4];
  child_t child = start_role("role:listen", port_text());
  uint32_t number = (uint32_t)hear(&child);
  CHECK_EQUAL(number, child.id);
  CHECK_EQUAL(owner_of(true, 56, 20, 52), number);
  CHECK_EQUAL(owner_of(false, 28, 20, 24), number);
  HANDLE process = OpenProcess(PROCESS_QUERY_LIMITED_INFORMATION, FALSE, number);
  CHECK(process != NULL);
  CHECK(QueryFullProcessImageNameW(process, 0, image, &size));
  CHECK(GetProcessTimes(process, &times[0], &times[1], &times[2], &times[3]));
  end_child(&child, SIGKILL);
  CHECK_EQUAL(owner_of(true, 56, 20, 52), 0);
  CHECK(OpenProcess(PROCESS_QUERY_LIMITED_INFORMATION, FALSE, number) == NULL);
  CHECK_EQUAL(GetLastError(), ERROR_INVALID_PARAMETER);
  size = 1024;
  CHECK(!QueryFullProcessImageNameW(process, 0, image, &size));
  CHECK_EQUAL(GetLastError(), ERROR_GEN_FAILURE);
  CHECK(CloseHandle(process));
}

static void foreign_process(void) {
  struct stat facts;
  /* The first process is root's, but where somebody runs a container of their own. */
  bool is_own = stat("/proc/1", &facts) == 0 && facts.st_uid == geteuid() && geteuid() != 0;
  child_t child = start_role("role:look", "1");
  CHECK_EQUAL(hear(&child), is_own ? 0 : ERROR_ACCESS_DENIED);
  CHECK_EQUAL(end_child(&child, 0), 0);
}

static void knobs_reach_all(void) {
  ULONG64 token;
  child_t child = start_role("role:hold", port_text());
  CHECK(hear(&child) != 0);
  CHECK_EQUAL(portsim_restart(), 0); /* Ends another process's blocks too. */
  CHECK_EQUAL(CreatePersistentTcpPortReservation(htons(base_port), 4, &token), 0);
  end_child(&child, 0);
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
    {"A8: a socket closed with close() loses its operation to nobody else", pending_on_a_closed_descriptor},
    {"P6: 32 processes create, and no port goes twice or gets lost", race},
    {"R2: 32 processes acquire at once, and no two blocks meet", wildcard_race},
    {"P1: kill -9 at any moment leaves a whole store", killed_while_writing},
    {"A port of another process is found with its process", port_owner},
    {"A process of another user may not be looked at", foreign_process},
    {"P2: a restart is one for all processes", knobs_reach_all},
    {"The environment overrides the store for one process", environment},
    {NULL, NULL},
};
