/* iphlpapi's tables of who has which port. */
#include "check.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

/* Wine's table has owners only of sockets whose descriptor the process happens to hold itself, not the Wine server. */
static bool is_owner(uint32_t process) {
#ifdef _WIN32
  if (process == 0 && GetProcAddress(GetModuleHandleW(L"ntdll.dll"), "wine_get_version") != NULL) {
    return true;
  }
#endif
  return process == process_number();
}

#define NOWHERE 0xFFu

/* One kind of table, with the places of a row's members. */
typedef struct kind_t {
  const char *name;
  bool is_tcp;
  int family, table_class;
  uint32_t row_size, local, port, remote_port, state, process;
} kind_t;

#define TCP_KIND(text, row, family, table_class, local)                                                        \
  {text, true, family, table_class, sizeof(row), offsetof(row, local), offsetof(row, dwLocalPort),              \
   offsetof(row, dwRemotePort), offsetof(row, dwState), offsetof(row, dwOwningPid)}
#define UDP_KIND(text, row, family, local)                                                                     \
  {text, false, family, UDP_TABLE_OWNER_PID, sizeof(row), offsetof(row, local), offsetof(row, dwLocalPort),     \
   NOWHERE, NOWHERE, offsetof(row, dwOwningPid)}

static const kind_t kinds[] = {
    TCP_KIND("TCP listeners", MIB_TCPROW_OWNER_PID, AF_INET, TCP_TABLE_OWNER_PID_LISTENER, dwLocalAddr),
    TCP_KIND("TCP all", MIB_TCPROW_OWNER_PID, AF_INET, TCP_TABLE_OWNER_PID_ALL, dwLocalAddr),
    TCP_KIND("TCP6 listeners", MIB_TCP6ROW_OWNER_PID, AF_INET6, TCP_TABLE_OWNER_PID_LISTENER, ucLocalAddr),
    TCP_KIND("TCP6 all", MIB_TCP6ROW_OWNER_PID, AF_INET6, TCP_TABLE_OWNER_PID_ALL, ucLocalAddr),
    UDP_KIND("UDP", MIB_UDPROW_OWNER_PID, AF_INET, dwLocalAddr),
    UDP_KIND("UDP6", MIB_UDP6ROW_OWNER_PID, AF_INET6, ucLocalAddr),
};
enum { KIND_COUNT = sizeof kinds / sizeof *kinds };

static DWORD get(const kind_t *kind, void *table, DWORD *size, BOOL sorted) {
  ULONG family = (ULONG)kind->family;
  return kind->is_tcp ? GetExtendedTcpTable(table, size, sorted, family, (TCP_TABLE_CLASS)kind->table_class, 0)
                      : GetExtendedUdpTable(table, size, sorted, family, (UDP_TABLE_CLASS)kind->table_class, 0);
}

/* The whole table, the caller's to free: asked for until it fits. */
static unsigned char *get_table(const kind_t *kind, BOOL sorted) {
  DWORD size = 0;
  unsigned char *table = NULL;
  DWORD code = get(kind, table, &size, sorted);
  CHECK_EQUAL(code, ERROR_INSUFFICIENT_BUFFER);
  CHECK(size >= sizeof(DWORD));
  for (int turn = 0; turn < 10 && code == ERROR_INSUFFICIENT_BUFFER; turn++) {
    free(table);
    table = calloc(1, size);
    code = get(kind, table, &size, sorted);
  }
  CHECK_EQUAL(code, 0);
  return table;
}

static uint32_t number_at(const unsigned char *place) {
  uint32_t number;
  memcpy(&number, place, sizeof number);
  return number;
}

static const unsigned char *find_row(const kind_t *kind, const unsigned char *table, uint16_t port, uint32_t state) {
  for (uint32_t index = 0; index < number_at(table); index++) {
    const unsigned char *row = table + 4 + index * kind->row_size;
    bool is_state = kind->state == NOWHERE || number_at(row + kind->state) == state;
    if (number_at(row + kind->port) == htons(port) && is_state) { /* Network order, in the low 16 bits. */
      return row;
    }
  }
  return NULL;
}

static void layouts(void) {
  static const uint32_t expected[KIND_COUNT][6] = {
      {24, 4, 8, 16, 0, 20},
      {24, 4, 8, 16, 0, 20},
      {56, 0, 20, 44, 48, 52},
      {56, 0, 20, 44, 48, 52},
      {12, 0, 4, NOWHERE, NOWHERE, 8},
      {28, 0, 20, NOWHERE, NOWHERE, 24},
  };
  for (int index = 0; index < KIND_COUNT; index++) {
    const kind_t *kind = &kinds[index];
    const uint32_t actual[6] = {kind->row_size, kind->local, kind->port, kind->remote_port, kind->state, kind->process};
    check_context(kind->name);
    for (int member = 0; member < 6; member++) {
      CHECK_EQUAL(actual[member], expected[index][member]);
    }
  }
  CHECK_EQUAL(offsetof(MIB_TCPTABLE_OWNER_PID, table), 4);
  CHECK_EQUAL(offsetof(MIB_TCP6TABLE_OWNER_PID, table), 4);
  CHECK_EQUAL(offsetof(MIB_UDPTABLE_OWNER_PID, table), 4);
  CHECK_EQUAL(offsetof(MIB_UDP6TABLE_OWNER_PID, table), 4);
}

static void own_sockets(void) {
  static const unsigned char anywhere[16];
  for (int index = 0; index < KIND_COUNT; index++) {
    const kind_t *kind = &kinds[index];
    check_context(kind->name);
    SOCKET s = open_socket(kind->family, kind->is_tcp ? SOCK_STREAM : SOCK_DGRAM);
    uint16_t port = (uint16_t)(base_port + index);
    CHECK_EQUAL(bind_port(s, kind->family, port), 0);
    CHECK(!kind->is_tcp || listen(s, 1) == 0);
    unsigned char *table = get_table(kind, index % 2);
    const unsigned char *row = find_row(kind, table, port, MIB_TCP_STATE_LISTEN);
    CHECK(row != NULL);
    if (row != NULL) {
      CHECK(is_owner(number_at(row + kind->process)));
      CHECK(memcmp(row + kind->local, anywhere, kind->family == AF_INET6 ? 16 : 4) == 0);
    }
    free(table);
    closesocket(s);
    table = get_table(kind, FALSE);
    CHECK(find_row(kind, table, port, MIB_TCP_STATE_LISTEN) == NULL);
    free(table);
  }
}

/* Both ends of one connection, in the table of all and in the other not. */
static void connection(void) {
  const kind_t *listeners = &kinds[0];
  const kind_t *all = &kinds[1];
  SOCKET listener = open_socket(AF_INET, SOCK_STREAM);
  SOCKET client = open_socket(AF_INET, SOCK_STREAM);
  struct sockaddr_in name = {.sin_family = AF_INET, .sin_port = htons(base_port)};
  name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  CHECK_EQUAL(bind(listener, (struct sockaddr *)&name, sizeof name), 0);
  CHECK_EQUAL(listen(listener, 1), 0);
  CHECK_EQUAL(connect(client, (struct sockaddr *)&name, sizeof name), 0);
  SOCKET server = accept(listener, NULL, NULL);
  unsigned char *table = get_table(all, TRUE);
  const unsigned char *row = find_row(all, table, bound_port(client), MIB_TCP_STATE_ESTAB);
  CHECK(row != NULL);
  if (row != NULL) {
    CHECK_EQUAL(number_at(row + all->local), htonl(INADDR_LOOPBACK));
    CHECK_EQUAL(number_at(row + all->remote_port), htons(base_port));
    CHECK(is_owner(number_at(row + all->process)));
  }
  CHECK(find_row(all, table, base_port, MIB_TCP_STATE_ESTAB) != NULL);
  CHECK(find_row(all, table, base_port, MIB_TCP_STATE_LISTEN) != NULL);
  free(table);
  table = get_table(listeners, TRUE);
  CHECK(find_row(listeners, table, bound_port(client), MIB_TCP_STATE_ESTAB) == NULL);
  free(table);
  closesocket(client);
  closesocket(server);
  closesocket(listener);
}

static void sorted_rows(void) {
  SOCKET sockets[8];
  const kind_t *kind = &kinds[4];
  for (int index = 0; index < 8; index++) {
    sockets[index] = open_socket(AF_INET, SOCK_DGRAM);
    CHECK_EQUAL(bind_port(sockets[index], AF_INET, (uint16_t)(base_port + index * 5 % 8)), 0);
  }
  unsigned char *table = get_table(kind, TRUE);
  const unsigned char *before = find_row(kind, table, base_port, 0);
  for (uint16_t port = (uint16_t)(base_port + 1); port < base_port + 8; port++) {
    const unsigned char *row = find_row(kind, table, port, 0);
    CHECK(before < row);
    before = row;
  }
  free(table);
  for (int index = 0; index < 8; index++) {
    closesocket(sockets[index]);
  }
}

static void refusals(void) {
  DWORD size = 0;
  CHECK_EQUAL(GetExtendedTcpTable(NULL, NULL, FALSE, AF_INET, TCP_TABLE_OWNER_PID_ALL, 0), ERROR_INVALID_PARAMETER);
  CHECK_EQUAL(GetExtendedUdpTable(NULL, NULL, FALSE, AF_INET, UDP_TABLE_OWNER_PID, 0), ERROR_INVALID_PARAMETER);
  CHECK_EQUAL(portsim_fail_next("GetExtendedTcpTable", 8), 0);
  CHECK_EQUAL(GetExtendedTcpTable(NULL, &size, FALSE, AF_INET, TCP_TABLE_OWNER_PID_ALL, 0), 8);
  CHECK_EQUAL(portsim_fail_next("GetExtendedUdpTable", 50), 0);
  CHECK_EQUAL(GetExtendedUdpTable(NULL, &size, FALSE, AF_INET, UDP_TABLE_OWNER_PID, 0), 50);
#ifndef _WIN32 /* The Windows build has what the genuine library has. */
  static const struct {
    int family, table_class;
    bool is_tcp;
    DWORD code;
  } rows[] = {
      {1, TCP_TABLE_OWNER_PID_ALL, true, ERROR_INVALID_PARAMETER},
      {10, UDP_TABLE_OWNER_PID, false, ERROR_INVALID_PARAMETER}, /* Linux's number of AF_INET6. */
      {AF_INET, TCP_TABLE_BASIC_ALL, true, ERROR_NOT_SUPPORTED},
      {AF_INET6, TCP_TABLE_OWNER_MODULE_ALL, true, ERROR_NOT_SUPPORTED},
      {AF_INET, UDP_TABLE_BASIC, false, ERROR_NOT_SUPPORTED},
      {AF_INET, 9, true, ERROR_INVALID_PARAMETER},
      {AF_INET, 3, false, ERROR_INVALID_PARAMETER},
  };
  for (size_t index = 0; index < sizeof rows / sizeof *rows; index++) {
    const kind_t kind = {
        .is_tcp = rows[index].is_tcp, .family = rows[index].family, .table_class = rows[index].table_class};
    CHECK_EQUAL(get(&kind, NULL, &size, FALSE), rows[index].code);
  }
#endif
}

#ifndef _WIN32
static void bound_alone(void) {
  for (int index = 0; index < 4; index++) {
    const kind_t *kind = &kinds[index];
    bool is_listed = kind->table_class == TCP_TABLE_OWNER_PID_ALL;
    check_context(kind->name);
    SOCKET s = open_socket(kind->family, SOCK_STREAM);
    CHECK_EQUAL(bind_port(s, kind->family, base_port), 0);
    unsigned char *table = get_table(kind, FALSE);
    const unsigned char *row = find_row(kind, table, base_port, MIB_TCP_STATE_CLOSED);
    CHECK_EQUAL(row != NULL, is_listed);
    CHECK(row == NULL || is_owner(number_at(row + kind->process)));
    free(table);
    closesocket(s);
  }
}
#endif

const test_t table_tests[] = {
    {"The tables have Windows' layouts", layouts},
    {"A listening or bound socket is in its table, with its process, and gone when closed", own_sockets},
    {"A connection is in the table of all, at both ends", connection},
    {"A sorted table is in the order of ports", sorted_rows},
    {"Tables refuse what they do not know", refusals},
#ifndef _WIN32 /* There other programs' sockets are the genuine library's. */
    {"A TCP socket that is bound alone is no listener", bound_alone},
#endif
    {NULL, NULL},
};
