/* Stand-ins for programs that are not there: their processes, ports and services. */
#include "check.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#define PROCESS 5000u
#define SYSTEM 4u
#define ESTABLISHED 5u

static uint32_t code_of(bool done) { return done ? 0 : GetLastError(); }

static bool is_wide(const WCHAR *wide, const char *text) {
  size_t index = 0;
  while (text[index] != '\0' && wide[index] == (WCHAR)text[index]) {
    index++;
  }
  return text[index] == '\0' && wide[index] == 0;
}

static void processes(void) {
  WCHAR image[64];
  DWORD size = 64;
  FILETIME times[4];
  CHECK_EQUAL(portsim_set_process(PROCESS, "C:\\Windows\\System32\\lsass.exe"), 0);
  CHECK_EQUAL(portsim_set_process(PROCESS, "C:\\Windows\\System32\\svchost.exe"), 0); /* Replaces it. */
  CHECK_EQUAL(portsim_set_process(SYSTEM, ""), 0);
  HANDLE process = OpenProcess(PROCESS_QUERY_LIMITED_INFORMATION, FALSE, PROCESS);
  CHECK(process != NULL);
  CHECK(QueryFullProcessImageNameW(process, 0, image, &size));
  CHECK_EQUAL(size, 31);
  CHECK(is_wide(image, "C:\\Windows\\System32\\svchost.exe"));
  size = 31; /* The zero has no place. */
  CHECK_EQUAL(code_of(QueryFullProcessImageNameW(process, 0, image, &size)), ERROR_INSUFFICIENT_BUFFER);
  CHECK(GetProcessTimes(process, &times[0], &times[1], &times[2], &times[3]));
  CHECK(times[0].dwHighDateTime != 0);
  CHECK(CloseHandle(process));
  CHECK(OpenProcess(PROCESS_QUERY_LIMITED_INFORMATION, FALSE, SYSTEM) == NULL);
  CHECK_EQUAL(GetLastError(), ERROR_ACCESS_DENIED);
}

/* How often the table of all has the port with this process. */
static unsigned count_rows(int family, bool is_tcp, uint16_t port, uint32_t process) {
  static unsigned char table[1 << 20];
  const size_t row_size = is_tcp ? (family == AF_INET ? 24 : 56) : family == AF_INET ? 12 : 28;
  const size_t port_at = is_tcp ? (family == AF_INET ? 8 : 20) : family == AF_INET ? 4 : 20;
  DWORD size = sizeof table;
  DWORD code = is_tcp ? GetExtendedTcpTable(table, &size, TRUE, (ULONG)family, TCP_TABLE_OWNER_PID_ALL, 0)
                      : GetExtendedUdpTable(table, &size, TRUE, (ULONG)family, UDP_TABLE_OWNER_PID, 0);
  CHECK_EQUAL(code, 0);
  DWORD count;
  unsigned found = 0;
  memcpy(&count, table, sizeof count);
  for (DWORD index = 0; index < count; index++) {
    const unsigned char *row = table + sizeof count + index * row_size;
    uint32_t numbers[2];
    memcpy(&numbers[0], row + port_at, 4);
    memcpy(&numbers[1], row + row_size - 4, 4); /* The process is the last member of every row. */
    found += numbers[0] == htons(port) && numbers[1] == process;
  }
  return found;
}

static void endpoints(void) {
  CHECK_EQUAL(portsim_add_endpoint(PORTSIM_TCP, "0.0.0.0", base_port, PORTSIM_STATE_LISTEN, PROCESS), 0);
  CHECK_EQUAL(portsim_add_endpoint(PORTSIM_TCP, "::", base_port, PORTSIM_STATE_LISTEN, PROCESS), 0);
  CHECK_EQUAL(portsim_add_endpoint(PORTSIM_TCP, "10.1.2.3", base_port, ESTABLISHED, PROCESS), 0);
  CHECK_EQUAL(portsim_add_endpoint(PORTSIM_UDP, "127.0.0.1", base_port, 0, PROCESS), 0);
  CHECK_EQUAL(portsim_add_endpoint(PORTSIM_UDP, "127.0.0.1", base_port, 0, SYSTEM), 0); /* UDP ports can be shared. */
  CHECK_EQUAL(count_rows(AF_INET, true, base_port, PROCESS), 2);
  CHECK_EQUAL(count_rows(AF_INET6, true, base_port, PROCESS), 1);
  CHECK_EQUAL(count_rows(AF_INET, false, base_port, PROCESS), 1);
  CHECK_EQUAL(count_rows(AF_INET, false, base_port, SYSTEM), 1);
  CHECK_EQUAL(count_rows(AF_INET6, false, base_port, PROCESS), 0);
  DWORD size = 0;
  CHECK_EQUAL(GetExtendedTcpTable(NULL, &size, FALSE, AF_INET, TCP_TABLE_OWNER_PID_LISTENER, 0), ERROR_INSUFFICIENT_BUFFER);
  CHECK(size >= 4 + 24);
  CHECK_EQUAL(portsim_reset(), 0);
  CHECK_EQUAL(count_rows(AF_INET, true, base_port, PROCESS), 0);
}

static uint32_t bind_at(int type, uint32_t host_address, uint16_t port) {
  SOCKET s = open_socket(AF_INET, type);
  struct sockaddr_in name = {.sin_family = AF_INET, .sin_port = htons(port)};
  name.sin_addr.s_addr = htonl(host_address);
  uint32_t code = bind(s, (struct sockaddr *)&name, sizeof name) == 0 ? 0 : (uint32_t)WSAGetLastError();
  closesocket(s);
  return code;
}

static void kept_ports(void) {
  ULONG64 token;
  const uint16_t other = (uint16_t)(base_port + 1);
  CHECK_EQUAL(portsim_add_endpoint(PORTSIM_TCP, "127.0.0.1", base_port, PORTSIM_STATE_LISTEN, PROCESS), 0);
  CHECK_EQUAL(portsim_add_endpoint(PORTSIM_TCP, "127.0.0.1", other, ESTABLISHED, PROCESS), 0);
  CHECK_EQUAL(bind_at(SOCK_STREAM, INADDR_LOOPBACK, base_port), WSAEADDRINUSE);
  CHECK_EQUAL(bind_at(SOCK_STREAM, INADDR_ANY, base_port), WSAEADDRINUSE);
  CHECK_EQUAL(bind_at(SOCK_STREAM, INADDR_LOOPBACK + 1, base_port), 0);
  CHECK_EQUAL(bind_at(SOCK_STREAM, INADDR_LOOPBACK, other), 0);
  CHECK_EQUAL(bind_at(SOCK_DGRAM, INADDR_LOOPBACK, base_port), 0);
  SOCKET s = open_socket(AF_INET6, SOCK_STREAM);
  CHECK_EQUAL(bind_port(s, AF_INET6, base_port), 0);
  closesocket(s);
  CHECK_EQUAL(CreatePersistentTcpPortReservation(htons(base_port), 1, &token), ERROR_SHARING_VIOLATION); /* P5 */
  CHECK_EQUAL(CreatePersistentTcpPortReservation(htons(other), 1, &token), 0);
  CHECK_EQUAL(CreatePersistentUdpPortReservation(htons(base_port), 1, &token), 0);
}

static uint32_t enumerate(SC_HANDLE manager, void *buffer, DWORD size, DWORD *needed, DWORD *returned, DWORD *resume) {
  return code_of(EnumServicesStatusExW(manager, SC_ENUM_PROCESS_INFO, SERVICE_WIN32, SERVICE_ACTIVE, buffer, size, needed,
                                       returned, resume, NULL));
}

static void services(void) {
  static const char *names[] = {"iphlpsvc", "Dnscache", "Spooler"};
  ENUM_SERVICE_STATUS_PROCESSW records[16];
  DWORD needed;
  DWORD returned;
  DWORD resume = 0;
  SC_HANDLE manager = OpenSCManagerW(NULL, NULL, SC_MANAGER_CONNECT | SC_MANAGER_ENUMERATE_SERVICE);
  CHECK_EQUAL(enumerate(manager, records, sizeof records, &needed, &returned, &resume), 0);
  CHECK_EQUAL(returned, 0);
  for (uint32_t index = 0; index < 3; index++) {
    CHECK_EQUAL(portsim_add_service(names[index], PROCESS + index), 0);
  }
  CHECK_EQUAL(enumerate(manager, records, sizeof records, &needed, &returned, &resume), 0);
  CHECK_EQUAL(returned, 3);
  for (DWORD index = 0; index < returned; index++) {
    CHECK(is_wide(records[index].lpServiceName, names[index]));
    CHECK(is_wide(records[index].lpDisplayName, names[index]));
    CHECK_EQUAL(records[index].ServiceStatusProcess.dwProcessId, PROCESS + index);
    CHECK_EQUAL(records[index].ServiceStatusProcess.dwCurrentState, SERVICE_RUNNING);
  }
  CHECK_EQUAL(enumerate(manager, NULL, 0, &needed, &returned, &resume), ERROR_MORE_DATA);
  CHECK(needed > 3 * sizeof *records);
  CHECK_EQUAL(returned, 0);
  CHECK_EQUAL(resume, 0);
  CHECK_EQUAL(enumerate(manager, records, sizeof *records + 40, &needed, &returned, &resume), ERROR_MORE_DATA);
  CHECK_EQUAL(returned, 1);
  CHECK_EQUAL(resume, 1);
  CHECK_EQUAL(enumerate(manager, records, sizeof records, &needed, &returned, &resume), 0);
  CHECK_EQUAL(returned, 2);
  CHECK_EQUAL(resume, 0);
  CHECK(is_wide(records[0].lpServiceName, names[1]));
  CHECK(CloseServiceHandle(manager));
}

static void refusals(void) {
  DWORD needed;
  DWORD returned;
  CHECK_EQUAL(portsim_set_process(0, "x"), ERROR_INVALID_PARAMETER);
  CHECK_EQUAL(portsim_set_process(1, NULL), ERROR_INVALID_PARAMETER);
  CHECK_EQUAL(portsim_add_service("", 1), ERROR_INVALID_PARAMETER);
  CHECK_EQUAL(portsim_add_service("x", 0), ERROR_INVALID_PARAMETER);
  static const struct {
    uint32_t protocol;
    const char *address;
    uint32_t port, state;
  } rows[] = {
      {1, "0.0.0.0", 80, 2}, {6, "0.0.0.0", 0, 2},  {6, "0.0.0.0", 65536, 2}, {6, "0.0.0.0", 80, 0},   {6, "0.0.0.0", 80, 13},
      {17, "::", 80, 2},     {6, "0.0.0", 80, 2},   {6, "256.0.0.0", 80, 2},  {6, "0.0.0.0x", 80, 2},  {6, "fe80::1", 80, 2},
      {6, "", 80, 2},        {6, NULL, 80, 2},
  };
  for (size_t index = 0; index < sizeof rows / sizeof *rows; index++) {
    CHECK_EQUAL(portsim_add_endpoint(rows[index].protocol, rows[index].address, rows[index].port, rows[index].state, 1),
                ERROR_INVALID_PARAMETER);
  }
  SC_HANDLE manager = OpenSCManagerW(NULL, NULL, SC_MANAGER_CONNECT);
  CHECK_EQUAL(enumerate(manager, NULL, 0, &needed, &returned, NULL), ERROR_ACCESS_DENIED);
  CHECK(CloseServiceHandle(manager));
  CHECK_EQUAL(enumerate(manager, NULL, 0, &needed, &returned, NULL), ERROR_INVALID_HANDLE);
  for (uint32_t index = 0; index < 16; index++) {
    CHECK_EQUAL(portsim_add_service("x", 1), 0);
  }
  CHECK_EQUAL(portsim_add_service("x", 1), ERROR_NO_SYSTEM_RESOURCES);
}

const test_t stand_in_tests[] = {
    {"A stand-in is a process with an image and a start, or one that nobody may open", processes},
    {"The ports of stand-ins are in the tables, of both families and protocols", endpoints},
    {"A stand-in that listens keeps its port, at its address and for a reservation", kept_ports},
    {"EnumServicesStatusExW names the services and their processes, in parts as well", services},
    {"What is no process, port or service is refused", refusals},
    {NULL, NULL},
};
