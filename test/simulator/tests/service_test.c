/* The service winnat (N9): what may be done to it, in which state, and what becomes of its blocks. */
#include "check.h"

#include <stddef.h>

#define FULL (SERVICE_QUERY_STATUS | SERVICE_START | SERVICE_STOP | SERVICE_INTERROGATE)
#define ABSENT PORTSIM_WINNAT_ABSENT
#define STOPPED PORTSIM_WINNAT_STOPPED
#define RUNNING PORTSIM_WINNAT_RUNNING

static const WCHAR winnat_name[] = u"WinNat";
static const WCHAR other_name[] = u"Dnscache";

static uint32_t code_of(bool done) { return done ? 0 : GetLastError(); }

/* 0, or why the manager or the service was not to be had. */
static uint32_t open_winnat(DWORD access, SC_HANDLE *service) {
  SC_HANDLE manager = OpenSCManagerW(NULL, NULL, SC_MANAGER_CONNECT);
  CHECK(manager != NULL);
  *service = OpenServiceW(manager, winnat_name, access);
  uint32_t code = code_of(*service != NULL);
  CHECK(CloseServiceHandle(manager));
  return code;
}

static uint32_t state_of(SC_HANDLE service) {
  SERVICE_STATUS status = {0};
  CHECK_EQUAL(code_of(QueryServiceStatus(service, &status)), 0);
  return status.dwCurrentState;
}

static void rights(void) {
  static const struct {
    DWORD access;
    uint32_t elevated, code;
  } rows[] = {
      {SERVICE_QUERY_STATUS, 0, 0},
      {SERVICE_QUERY_STATUS | SERVICE_INTERROGATE, 0, 0},
      {SERVICE_STOP, 0, ERROR_ACCESS_DENIED},
      {SERVICE_START | SERVICE_QUERY_STATUS, 0, ERROR_ACCESS_DENIED},
      {SERVICE_ALL_ACCESS, 0, ERROR_ACCESS_DENIED},
      {SERVICE_ALL_ACCESS, 1, 0},
  };
  for (size_t index = 0; index < sizeof rows / sizeof *rows; index++) {
    SC_HANDLE service;
    CHECK_EQUAL(portsim_set_elevated(rows[index].elevated), 0);
    CHECK_EQUAL(open_winnat(rows[index].access, &service), rows[index].code);
    CHECK_EQUAL(CloseServiceHandle(service), rows[index].code == 0);
  }
  SERVICE_STATUS status;
  SC_HANDLE service;
  CHECK_EQUAL(portsim_set_elevated(0), 0);
  CHECK_EQUAL(code_of(OpenSCManagerW(NULL, NULL, SC_MANAGER_ALL_ACCESS) != NULL), ERROR_ACCESS_DENIED);
  CHECK_EQUAL(open_winnat(SERVICE_QUERY_STATUS, &service), 0);
  CHECK_EQUAL(code_of(ControlService(service, SERVICE_CONTROL_STOP, &status)), ERROR_ACCESS_DENIED);
  CHECK_EQUAL(code_of(StartServiceW(service, 0, NULL)), ERROR_ACCESS_DENIED);
  CHECK_EQUAL(portsim_winnat_state(), RUNNING);
  CloseServiceHandle(service);
}

typedef enum call_t { CALL_STOP, CALL_START, CALL_INTERROGATE, CALL_PAUSE, CALL_QUERY } call_t;

static uint32_t make_call(SC_HANDLE service, call_t call) {
  static const DWORD controls[] = {
      [CALL_STOP] = SERVICE_CONTROL_STOP, [CALL_INTERROGATE] = SERVICE_CONTROL_INTERROGATE, [CALL_PAUSE] = 130};
  SERVICE_STATUS status;
  switch (call) {
  case CALL_START:
    return code_of(StartServiceW(service, 0, NULL));
  case CALL_QUERY:
    return code_of(QueryServiceStatus(service, &status));
  default:
    return code_of(ControlService(service, controls[call], &status));
  }
}

static void states(void) {
  static const struct {
    uint32_t before;
    call_t call;
    uint32_t code, after;
  } rows[] = {
      {RUNNING, CALL_STOP, 0, STOPPED},
      {STOPPED, CALL_STOP, ERROR_SERVICE_NOT_ACTIVE, STOPPED},
      {STOPPED, CALL_START, 0, RUNNING},
      {RUNNING, CALL_START, ERROR_SERVICE_ALREADY_RUNNING, RUNNING},
      {RUNNING, CALL_INTERROGATE, 0, RUNNING},
      {STOPPED, CALL_INTERROGATE, ERROR_SERVICE_NOT_ACTIVE, STOPPED},
      {RUNNING, CALL_PAUSE, ERROR_INVALID_SERVICE_CONTROL, RUNNING},
      {ABSENT, CALL_STOP, ERROR_SERVICE_DOES_NOT_EXIST, ABSENT},
      {ABSENT, CALL_START, ERROR_SERVICE_DOES_NOT_EXIST, ABSENT},
      {ABSENT, CALL_QUERY, ERROR_SERVICE_DOES_NOT_EXIST, ABSENT},
  };
  SC_HANDLE service;
  CHECK_EQUAL(open_winnat(SERVICE_ALL_ACCESS, &service), 0);
  for (size_t index = 0; index < sizeof rows / sizeof *rows; index++) {
    CHECK_EQUAL(portsim_set_winnat(rows[index].before), 0);
    CHECK_EQUAL(make_call(service, rows[index].call), rows[index].code);
    CHECK_EQUAL(portsim_winnat_state(), rows[index].after);
  }
  CloseServiceHandle(service);
}

static void others(void) {
  static const WCHAR machine[] = u"elsewhere";
  static const WCHAR database[] = u"ServicesActive";
  SERVICE_STATUS status;
  SC_HANDLE service;
  SC_HANDLE manager = OpenSCManagerW(NULL, database, SC_MANAGER_CONNECT);
  CHECK_EQUAL(code_of(OpenServiceW(manager, other_name, SERVICE_QUERY_STATUS) != NULL), ERROR_SERVICE_DOES_NOT_EXIST);
  CHECK_EQUAL(code_of(OpenServiceW(manager, u"winnatx", SERVICE_QUERY_STATUS) != NULL), ERROR_SERVICE_DOES_NOT_EXIST);
  CHECK_EQUAL(code_of(OpenServiceW(manager, NULL, SERVICE_QUERY_STATUS) != NULL), ERROR_INVALID_NAME);
  CHECK_EQUAL(code_of(QueryServiceStatus(manager, &status)), ERROR_INVALID_HANDLE);
  CHECK_EQUAL(portsim_set_winnat(ABSENT), 0);
  CHECK_EQUAL(open_winnat(SERVICE_QUERY_STATUS, &service), ERROR_SERVICE_DOES_NOT_EXIST);
  CHECK(CloseServiceHandle(manager));
  CHECK_EQUAL(code_of(CloseServiceHandle(manager)), ERROR_INVALID_HANDLE);
  CHECK_EQUAL(code_of(OpenServiceW(manager, winnat_name, SERVICE_QUERY_STATUS) != NULL), ERROR_INVALID_HANDLE);
  CHECK_EQUAL(code_of(OpenSCManagerW(machine, NULL, SC_MANAGER_CONNECT) != NULL), RPC_S_SERVER_UNAVAILABLE);
  CHECK_EQUAL(code_of(OpenSCManagerW(NULL, machine, SC_MANAGER_CONNECT) != NULL), ERROR_DATABASE_DOES_NOT_EXIST);
  CHECK_EQUAL(portsim_fail_next("OpenSCManagerW", 8), 0);
  CHECK_EQUAL(code_of(OpenSCManagerW(NULL, NULL, SC_MANAGER_CONNECT) != NULL), 8);
}

static void layouts(void) {
  SERVICE_STATUS_PROCESS status = {0};
  DWORD needed = 0;
  SC_HANDLE service;
  CHECK_EQUAL(sizeof(SERVICE_STATUS), 28);
  CHECK_EQUAL(sizeof status, 36);
  CHECK_EQUAL(sizeof(QUERY_SERVICE_CONFIGW), 64);
  CHECK_EQUAL(open_winnat(SERVICE_QUERY_STATUS, &service), 0);
  const SC_STATUS_TYPE level = SC_STATUS_PROCESS_INFO;
  LPBYTE bytes = (LPBYTE)&status;
  CHECK_EQUAL(code_of(QueryServiceStatusEx(service, level, NULL, 0, &needed)), ERROR_INSUFFICIENT_BUFFER);
  CHECK_EQUAL(needed, 36);
  CHECK_EQUAL(code_of(QueryServiceStatusEx(service, (SC_STATUS_TYPE)1, bytes, 36, &needed)), ERROR_INVALID_LEVEL);
  CHECK_EQUAL(code_of(QueryServiceStatusEx(service, level, bytes, 36, &needed)), 0);
  CHECK_EQUAL(status.dwServiceType, SERVICE_KERNEL_DRIVER);
  CHECK_EQUAL(status.dwCurrentState, SERVICE_RUNNING);
  CHECK_EQUAL(status.dwControlsAccepted, SERVICE_ACCEPT_STOP);
  CHECK_EQUAL(status.dwProcessId, 0);
  CloseServiceHandle(service);
}

/* N9, the whole way: stop, take the block, start; the block that is in the way comes to lie elsewhere. */
static void round_trip(void) {
  ULONG64 token;
  SERVICE_STATUS status;
  SC_HANDLE service;
  CHECK_EQUAL(portsim_set_dynamic_range(PORTSIM_TCP, base_port, 30), 0);
  CHECK_EQUAL(portsim_add_system_block(PORTSIM_TCP, base_port, 10, PORTSIM_KIND_WINNAT), 0);
  CHECK_EQUAL(portsim_add_system_block(PORTSIM_TCP, base_port + 10u, 10, PORTSIM_KIND_WINNAT), 0);
  CHECK_EQUAL(portsim_add_system_block(PORTSIM_UDP, base_port, 10, PORTSIM_KIND_OTHER), 0);
  CHECK_EQUAL(CreatePersistentTcpPortReservation(htons((uint16_t)(base_port + 5)), 1, &token), ERROR_SHARING_VIOLATION);
  CHECK_EQUAL(open_winnat(FULL, &service), 0);
  CHECK_EQUAL(code_of(ControlService(service, SERVICE_CONTROL_STOP, &status)), 0);
  CHECK_EQUAL(status.dwCurrentState, SERVICE_STOPPED);
  /* Another program's block does not go with it. */
  CHECK_EQUAL(CreatePersistentUdpPortReservation(htons(base_port), 1, &token), ERROR_SHARING_VIOLATION);
  CHECK_EQUAL(CreatePersistentTcpPortReservation(htons((uint16_t)(base_port + 5)), 1, &token), 0);
  CHECK_EQUAL(code_of(StartServiceW(service, 0, NULL)), 0);
  CHECK_EQUAL(state_of(service), SERVICE_RUNNING);
  CloseServiceHandle(service);
  CHECK_EQUAL(portsim_remove_system_block(PORTSIM_TCP, base_port, 10), ERROR_NOT_FOUND);
  CHECK_EQUAL(portsim_remove_system_block(PORTSIM_TCP, base_port + 10u, 10), 0); /* Again where it was. */
  CHECK_EQUAL(portsim_remove_system_block(PORTSIM_TCP, base_port + 20u, 10), 0); /* The one place that was left. */
}

static void bound_meanwhile(void) {
  SOCKET s = open_socket(AF_INET, SOCK_STREAM);
  CHECK_EQUAL(portsim_set_dynamic_range(PORTSIM_TCP, base_port, 2), 0);
  CHECK_EQUAL(portsim_add_system_block(PORTSIM_TCP, base_port, 2, PORTSIM_KIND_WINNAT), 0);
  CHECK_EQUAL(bind_port(s, AF_INET, base_port), WSAEACCES); /* N2 */
  CHECK_EQUAL(portsim_set_winnat(STOPPED), 0);
  CHECK_EQUAL(bind_port(s, AF_INET, base_port), 0);
  CHECK_EQUAL(portsim_set_winnat(RUNNING), 0); /* There is no place for the block now; it waits for the next start. */
  SOCKET other = open_socket(AF_INET, SOCK_STREAM);
  CHECK_EQUAL(bind_port(other, AF_INET, (uint16_t)(base_port + 1)), 0);
  closesocket(other);
  closesocket(s);
  CHECK_EQUAL(portsim_set_winnat(STOPPED), 0);
  CHECK_EQUAL(portsim_set_winnat(RUNNING), 0);
  other = open_socket(AF_INET, SOCK_STREAM);
  CHECK_EQUAL(bind_port(other, AF_INET, (uint16_t)(base_port + 1)), WSAEACCES);
  closesocket(other);
}

/* Until the service leaves its pending state; false when it does not within ten seconds. */
static bool comes_to(SC_HANDLE service, uint32_t state) {
  WSAEVENT never = WSACreateEvent();
  for (int turn = 0; turn < 1000 && state_of(service) != state; turn++) {
    WSAWaitForMultipleEvents(1, &never, TRUE, 10, FALSE);
  }
  WSACloseEvent(never);
  return state_of(service) == state;
}

/* Longer than any test: the state is over when the test says so. */
#define LONG_DELAY_MS 3600000u

static void pending(void) {
  ULONG64 token;
  SERVICE_STATUS status;
  SC_HANDLE service;
  CHECK_EQUAL(portsim_add_system_block(PORTSIM_TCP, base_port, 10, PORTSIM_KIND_WINNAT), 0);
  CHECK_EQUAL(open_winnat(FULL, &service), 0);
  CHECK_EQUAL(portsim_set_winnat_delay(LONG_DELAY_MS), 0);
  CHECK_EQUAL(code_of(ControlService(service, SERVICE_CONTROL_STOP, &status)), 0);
  CHECK_EQUAL(status.dwCurrentState, SERVICE_STOP_PENDING);
  CHECK_EQUAL(status.dwWaitHint, LONG_DELAY_MS);
  CHECK_EQUAL(portsim_winnat_state(), PORTSIM_WINNAT_STOPPING);
  CHECK_EQUAL(code_of(ControlService(service, SERVICE_CONTROL_STOP, &status)), ERROR_SERVICE_CANNOT_ACCEPT_CTRL);
  CHECK_EQUAL(code_of(StartServiceW(service, 0, NULL)), ERROR_SERVICE_ALREADY_RUNNING);
  CHECK_EQUAL(CreatePersistentTcpPortReservation(htons(base_port), 1, &token), ERROR_SHARING_VIOLATION);
  CHECK_EQUAL(portsim_set_winnat_delay(0), 0);
  CHECK(comes_to(service, SERVICE_STOPPED));
  CHECK_EQUAL(CreatePersistentTcpPortReservation(htons(base_port), 1, &token), 0);
  CHECK_EQUAL(DeletePersistentTcpPortReservation(htons(base_port), 1), 0);
  CHECK_EQUAL(portsim_set_winnat_delay(LONG_DELAY_MS), 0);
  CHECK_EQUAL(code_of(StartServiceW(service, 0, NULL)), 0);
  CHECK_EQUAL(state_of(service), SERVICE_START_PENDING);
  CHECK_EQUAL(portsim_set_winnat_delay(0), 0);
  CHECK(comes_to(service, SERVICE_RUNNING));
  CHECK_EQUAL(CreatePersistentTcpPortReservation(htons(base_port), 1, &token), ERROR_SHARING_VIOLATION);
  CloseServiceHandle(service);
}

static void disabled(void) {
  QUERY_SERVICE_CONFIGW config;
  DWORD needed = 0;
  SERVICE_STATUS status;
  SC_HANDLE service;
  CHECK_EQUAL(open_winnat(FULL, &service), 0);
  CHECK_EQUAL(code_of(QueryServiceConfigW(service, &config, sizeof config, &needed)), ERROR_ACCESS_DENIED);
  CloseServiceHandle(service);
  CHECK_EQUAL(open_winnat(FULL | SERVICE_QUERY_CONFIG, &service), 0);
  CHECK_EQUAL(code_of(QueryServiceConfigW(service, NULL, 0, &needed)), ERROR_INSUFFICIENT_BUFFER);
  CHECK_EQUAL(needed, sizeof config);
  CHECK_EQUAL(code_of(QueryServiceConfigW(service, &config, needed, &needed)), 0);
  CHECK_EQUAL(config.dwStartType, SERVICE_DEMAND_START);
  CHECK_EQUAL(portsim_set_winnat_disabled(2), ERROR_INVALID_PARAMETER);
  CHECK_EQUAL(portsim_set_winnat_disabled(1), 0);
  CHECK_EQUAL(code_of(QueryServiceConfigW(service, &config, sizeof config, &needed)), 0);
  CHECK_EQUAL(config.dwStartType, SERVICE_DISABLED);
  CHECK_EQUAL(state_of(service), SERVICE_RUNNING);
  CHECK_EQUAL(code_of(ControlService(service, SERVICE_CONTROL_STOP, &status)), 0);
  CHECK_EQUAL(code_of(StartServiceW(service, 0, NULL)), ERROR_SERVICE_DISABLED);
  CHECK_EQUAL(portsim_restart(), 0);
  CHECK_EQUAL(state_of(service), SERVICE_STOPPED);
  CHECK_EQUAL(portsim_set_winnat_disabled(0), 0);
  CHECK_EQUAL(code_of(StartServiceW(service, 0, NULL)), 0);
  CloseServiceHandle(service);
}

static void restart(void) {
  ULONG64 token;
  CHECK_EQUAL(portsim_set_winnat(STOPPED), 0);
  CHECK_EQUAL(portsim_add_system_block(PORTSIM_TCP, base_port, 10, PORTSIM_KIND_WINNAT), 0); /* Waits for the service. */
  CHECK_EQUAL(CreatePersistentTcpPortReservation(htons(base_port), 1, &token), 0);
  CHECK_EQUAL(portsim_restart(), 0);
  CHECK_EQUAL(portsim_winnat_state(), RUNNING);
  CHECK_EQUAL(LookupPersistentTcpPortReservation(htons(base_port), 1, &token), 0);
  CHECK_EQUAL(portsim_remove_system_block(PORTSIM_TCP, base_port, 10), ERROR_NOT_FOUND); /* Elsewhere by now. */
  CHECK_EQUAL(portsim_set_winnat(ABSENT), 0);
  CHECK_EQUAL(portsim_restart(), 0);
  CHECK_EQUAL(portsim_winnat_state(), ABSENT);
}

const test_t service_tests[] = {
    {"N9: everybody may ask about the service, an administrator may stop and start it", rights},
    {"N9: each state answers each call as Windows does", states},
    {"N9: there is no other service, and no other machine", others},
    {"N9: a status has Windows' layout, of a driver", layouts},
    {"N9: stop, take the block, start", round_trip},
    {"N9: a block with a bound port is not taken again, until it can be", bound_meanwhile},
    {"N9: the blocks change hands at the end of the pending state", pending},
    {"N9: a service that is disabled runs on, and does not start", disabled},
    {"N9: a restart starts the service, behind what survives", restart},
    {NULL, NULL},
};
