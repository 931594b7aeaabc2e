/*
 * The rules as tables of actions: each row is a sentence, and the steps that show it. Ports are offsets from base_port,
 * so that the tests can run wherever there are free ports; 0xFFFF stands for port 0, the wildcard.
 */
#include "check.h"

#include <stdio.h>

#define TCP PORTSIM_TCP
#define UDP PORTSIM_UDP
#define OK 0u
#define ANY 0xFFFFu
#define SLOT_COUNT 8
#define STEP_LIMIT 12

typedef enum op_t {
  STEP_END,
  STEP_CREATE,
  STEP_LOOKUP,
  STEP_DELETE,
  STEP_ELEVATED,
  STEP_UNSUPPORTED,
  STEP_RESTART,
  STEP_SYSTEM,
  STEP_FREE_SYSTEM,
  STEP_EXCLUDE,
  STEP_UNEXCLUDE,
  STEP_HIDE,
  STEP_UNHIDE,
  STEP_TCP4,
  STEP_TCP6,
  STEP_UDP4,
  STEP_UDP6,
  STEP_CLOSE,
  STEP_ACQUIRE,
  STEP_RELEASE,
  STEP_ASSOCIATE,
  STEP_BIND,
  STEP_PORT_IN
} op_t;

/* a, b, c are what the macros below call them. A slot holds a socket, a token, or both. */
typedef struct step_t {
  op_t op;
  uint32_t a, b, c, slot, expected;
} step_t;

#define create(protocol, start, count, slot, expected) {STEP_CREATE, protocol, start, count, slot, expected}
#define lookup(protocol, start, count, slot, expected) {STEP_LOOKUP, protocol, start, count, slot, expected}
#define delete(protocol, start, count, expected) {STEP_DELETE, protocol, start, count, 0, expected}
#define elevated(yes) {STEP_ELEVATED, yes, 0, 0, 0, OK}
#define unsupported(yes) {STEP_UNSUPPORTED, yes, 0, 0, 0, OK}
#define restart() {STEP_RESTART, 0, 0, 0, 0, OK}
#define block(op, protocol, start, count, expected) {STEP_##op, protocol, start, count, 0, expected}
#define open(op, slot) {STEP_##op, 0, 0, 0, slot, OK}
#define close(slot) {STEP_CLOSE, 0, 0, 0, slot, OK}
#define acquire(slot, start, count, expected) {STEP_ACQUIRE, 0, start, count, slot, expected}
#define release(slot, token, expected) {STEP_RELEASE, token, 0, 0, slot, expected}
#define associate(slot, token, expected) {STEP_ASSOCIATE, token, 0, 0, slot, expected}
#define bind_to(slot, port, expected) {STEP_BIND, port, 0, 0, slot, expected}
#define port_in(slot, start, count) {STEP_PORT_IN, 0, start, count, slot, OK}

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
  case STEP_CREATE:
    return is_tcp ? CreatePersistentTcpPortReservation(start, count, token)
                  : CreatePersistentUdpPortReservation(start, count, token);
  case STEP_LOOKUP:
    return is_tcp ? LookupPersistentTcpPortReservation(start, count, token)
                  : LookupPersistentUdpPortReservation(start, count, token);
  default:
    return is_tcp ? DeletePersistentTcpPortReservation(start, count) : DeletePersistentUdpPortReservation(start, count);
  }
}

static uint32_t neighbour(const step_t *step) {
  uint16_t start = port_at(step->b);
  switch (step->op) {
  case STEP_SYSTEM:
    return portsim_add_system_block(step->a, start, step->c, 0);
  case STEP_FREE_SYSTEM:
    return portsim_remove_system_block(step->a, start, step->c);
  case STEP_EXCLUDE:
    return portsim_add_exclusion(step->a, start, step->c, PORTSIM_STORE_PERSISTENT);
  case STEP_UNEXCLUDE:
    return portsim_remove_exclusion(step->a, start, step->c);
  case STEP_HIDE:
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
  case STEP_CREATE:
  case STEP_LOOKUP:
  case STEP_DELETE:
    code = reservation(step, &token);
    slot->token = token != 0 ? token : slot->token;
    return code;
  case STEP_ELEVATED:
    return portsim_set_elevated(step->a);
  case STEP_UNSUPPORTED:
    return portsim_set_unsupported(step->a);
  case STEP_RESTART:
    return portsim_restart();
  case STEP_TCP4:
  case STEP_TCP6:
  case STEP_UDP4:
  case STEP_UDP6:
    slot->family = step->op == STEP_TCP4 || step->op == STEP_UDP4 ? AF_INET : AF_INET6;
    slot->socket = open_socket(slot->family, step->op == STEP_TCP4 || step->op == STEP_TCP6 ? SOCK_STREAM : SOCK_DGRAM);
    return slot->socket == INVALID_SOCKET ? (uint32_t)WSAGetLastError() : 0;
  case STEP_CLOSE:
    code = closesocket(slot->socket) == 0 ? 0 : (uint32_t)WSAGetLastError();
    slot->socket = INVALID_SOCKET;
    return code;
  case STEP_ACQUIRE:
    code = acquire_block(slot->socket, port_at(step->b), (uint16_t)step->c, &instance);
    slot->token = code == 0 ? instance.Token : slot->token;
    return code;
  case STEP_RELEASE:
    return give_token(slot->socket, SIO_RELEASE_PORT_RESERVATION, slots[step->a].token);
  case STEP_ASSOCIATE:
    return give_token(slot->socket, SIO_ASSOCIATE_PORT_RESERVATION, slots[step->a].token);
  case STEP_BIND:
    return bind_port(slot->socket, slot->family, port_at(step->a));
  case STEP_PORT_IN: {
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
  for (int index = 0; index < STEP_LIMIT && row->steps[index].op != STEP_END; index++) {
    char place[32];
    snprintf(place, sizeof place, "step %d", index + 1);
    check_context(place);
    CHECK_EQUAL(take_step(&row->steps[index], slots), row->steps[index].expected);
  }
  for (int index = 0; index < SLOT_COUNT; index++) {
    if (slots[index].socket != INVALID_SOCKET) {
      closesocket(slots[index].socket);
    }
  }
}

/* Each row is a test of its own. */
#define ROW_COUNT(table) (sizeof(table) / sizeof *(table))
static const struct {
  const row_t *rows;
  size_t count;
} tables[] = {
    {persistent_rows, ROW_COUNT(persistent_rows)},
    {runtime_rows, ROW_COUNT(runtime_rows)},
    {association_rows, ROW_COUNT(association_rows)},
    {neighbour_rows, ROW_COUNT(neighbour_rows)},
};

static const row_t *row_at(size_t index) {
  for (size_t table = 0; table < ROW_COUNT(tables); table++) {
    if (index < tables[table].count) {
      return &tables[table].rows[index];
    }
    index -= tables[table].count;
  }
  return NULL;
}

const char *rule_name(size_t index) { return row_at(index) != NULL ? row_at(index)->name : NULL; }

void rule_run(size_t index) { run_row(row_at(index)); }
