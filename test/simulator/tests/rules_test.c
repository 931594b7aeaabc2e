/*
 * The rules as tables of actions: each row is a sentence, and the steps that show it. Ports are offsets from base_port,
 * so that the tests can run wherever there are free ports; 0xFFFF stands for port 0, the wildcard.
 */
#include "check.h"

#include <string.h>

#define TCP PORTSIM_TCP
#define UDP PORTSIM_UDP
#define OK 0u
#define ANY 0xFFFFu
#define SLOT_COUNT 8
#define STEP_LIMIT 12

typedef enum op_t {
  END,
  CREATE,
  LOOKUP,
  DELETE,
  ELEVATED,
  UNSUPPORTED,
  RESTART,
  SYSTEM,
  FREE_SYSTEM,
  EXCLUDE,
  UNEXCLUDE,
  HIDE,
  UNHIDE,
  TCP4,
  TCP6,
  UDP4,
  UDP6,
  CLOSE,
  ACQUIRE,
  RELEASE,
  ASSOCIATE,
  BIND,
  PORT_IN
} op_t;

/* a, b, c are what the macros below call them. A slot holds a socket, a token, or both. */
typedef struct step_t {
  op_t op;
  uint32_t a, b, c, slot, expected;
} step_t;

#define create(protocol, start, count, slot, expected) {CREATE, protocol, start, count, slot, expected}
#define lookup(protocol, start, count, slot, expected) {LOOKUP, protocol, start, count, slot, expected}
#define delete(protocol, start, count, expected) {DELETE, protocol, start, count, 0, expected}
#define elevated(yes) {ELEVATED, yes, 0, 0, 0, OK}
#define unsupported(yes) {UNSUPPORTED, yes, 0, 0, 0, OK}
#define restart() {RESTART, 0, 0, 0, 0, OK}
#define block(op, protocol, start, count, expected) {op, protocol, start, count, 0, expected}
#define open(op, slot) {op, 0, 0, 0, slot, OK}
#define close(slot) {CLOSE, 0, 0, 0, slot, OK}
#define acquire(slot, start, count, expected) {ACQUIRE, 0, start, count, slot, expected}
#define release(slot, token, expected) {RELEASE, token, 0, 0, slot, expected}
#define associate(slot, token, expected) {ASSOCIATE, token, 0, 0, slot, expected}
#define bind_to(slot, port, expected) {BIND, port, 0, 0, slot, expected}
#define port_in(slot, start, count) {PORT_IN, 0, start, count, slot, OK}

typedef struct row_t {
  const char *name;
  step_t steps[STEP_LIMIT];
} row_t;

#include "rules_table.h"

typedef struct slot_t {
  SOCKET socket;
  int family;
  ULONG64 token;
} slot_t;

static uint16_t port_at(uint32_t offset) { return offset == ANY ? 0 : (uint16_t)(base_port + offset); }

static uint32_t reservation(const step_t *step, ULONG64 *token) {
  bool is_tcp = step->a == TCP;
  USHORT start = htons(port_at(step->b));
  USHORT count = (USHORT)step->c;
  switch (step->op) {
  case CREATE:
    return is_tcp ? CreatePersistentTcpPortReservation(start, count, token)
                  : CreatePersistentUdpPortReservation(start, count, token);
  case LOOKUP:
    return is_tcp ? LookupPersistentTcpPortReservation(start, count, token)
                  : LookupPersistentUdpPortReservation(start, count, token);
  default:
    return is_tcp ? DeletePersistentTcpPortReservation(start, count) : DeletePersistentUdpPortReservation(start, count);
  }
}

static uint32_t neighbour(const step_t *step) {
  uint16_t start = port_at(step->b);
  switch (step->op) {
  case SYSTEM:
    return portsim_add_system_block(step->a, start, step->c, 0);
  case FREE_SYSTEM:
    return portsim_remove_system_block(step->a, start, step->c);
  case EXCLUDE:
    return portsim_add_exclusion(step->a, start, step->c, PORTSIM_STORE_PERSISTENT);
  case UNEXCLUDE:
    return portsim_remove_exclusion(step->a, start, step->c);
  case HIDE:
    return portsim_add_hidden_holder(step->a, start, step->c);
  default:
    return portsim_remove_hidden_holder(step->a, start, step->c);
  }
}

static uint32_t take_step(const step_t *step, slot_t *slots) {
  slot_t *slot = &slots[step->slot];
  INET_PORT_RESERVATION_INSTANCE instance;
  ULONG64 token = 0;
  uint32_t code;
  switch (step->op) {
  case CREATE:
  case LOOKUP:
  case DELETE:
    code = reservation(step, &token);
    slot->token = token != 0 ? token : slot->token;
    return code;
  case ELEVATED:
    return portsim_set_elevated(step->a);
  case UNSUPPORTED:
    return portsim_set_unsupported(step->a);
  case RESTART:
    return portsim_restart();
  case TCP4:
  case TCP6:
  case UDP4:
  case UDP6:
    slot->family = step->op == TCP4 || step->op == UDP4 ? AF_INET : AF_INET6;
    slot->socket = open_socket(slot->family, step->op == TCP4 || step->op == TCP6 ? SOCK_STREAM : SOCK_DGRAM);
    return slot->socket == INVALID_SOCKET ? (uint32_t)WSAGetLastError() : 0;
  case CLOSE:
    code = closesocket(slot->socket) == 0 ? 0 : (uint32_t)WSAGetLastError();
    slot->socket = INVALID_SOCKET;
    return code;
  case ACQUIRE:
    code = acquire_block(slot->socket, port_at(step->b), (uint16_t)step->c, &instance);
    slot->token = code == 0 ? instance.Token.Token : slot->token;
    return code;
  case RELEASE:
    return give_token(slot->socket, SIO_RELEASE_PORT_RESERVATION, slots[step->a].token);
  case ASSOCIATE:
    return give_token(slot->socket, SIO_ASSOCIATE_PORT_RESERVATION, slots[step->a].token);
  case BIND:
    return bind_port(slot->socket, slot->family, port_at(step->a));
  case PORT_IN: {
    uint16_t port = bound_port(slot->socket);
    return port >= port_at(step->b) && port < port_at(step->b) + step->c ? 0 : port;
  }
  default:
    return neighbour(step);
  }
}

static void run_row(const row_t *row) {
  slot_t slots[SLOT_COUNT];
  for (int index = 0; index < SLOT_COUNT; index++) {
    slots[index] = (slot_t){.socket = INVALID_SOCKET};
  }
  CHECK_EQUAL(portsim_reset(), 0);
  check_context(row->name);
  for (int index = 0; index < STEP_LIMIT && row->steps[index].op != END; index++) {
    CHECK_EQUAL(take_step(&row->steps[index], slots), row->steps[index].expected);
  }
  for (int index = 0; index < SLOT_COUNT; index++) {
    if (slots[index].socket != INVALID_SOCKET) {
      closesocket(slots[index].socket);
    }
  }
  check_context(NULL);
}

#define RUN_TABLE(table)                                                   \
  for (size_t index = 0; index < sizeof(table) / sizeof *(table); index++) \
  run_row(&(table)[index])

static void persistent(void) { RUN_TABLE(persistent_rows); }
static void runtime(void) { RUN_TABLE(runtime_rows); }
static void association(void) { RUN_TABLE(association_rows); }
static void neighbours(void) { RUN_TABLE(neighbour_rows); }

const test_t rule_tests[] = {
    {"P1 to P13: persistent reservations", persistent},
    {"R1 to R8: runtime reservations", runtime},
    {"A1 to A11: association and bind", association},
    {"N1 to N7: the neighbours", neighbours},
    {NULL, NULL},
};
