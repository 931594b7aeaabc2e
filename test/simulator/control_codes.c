/* ws2_32.dll: WSAIoctl and what completes it, rules R1 to R8 and A1, A4 to A8. */
#include <string.h>

#include "blocks.h"
#include "choices.h"
#include "network.h"
#include "operations.h"
#include "settings.h"
#include "socket_table.h"
#include "store.h"

/* Byte by byte: a buffer that came through a foreign function interface need not be aligned. */
#define RANGE_SIZE 4u
#define TOKEN_SIZE 8u
#define INSTANCE_SIZE 16u
_Static_assert(sizeof(INET_PORT_RANGE) == RANGE_SIZE, "as on Windows");
_Static_assert(sizeof(INET_PORT_RESERVATION_TOKEN) == TOKEN_SIZE, "as on Windows");
_Static_assert(sizeof(INET_PORT_RESERVATION_INSTANCE) == INSTANCE_SIZE, "as on Windows");

static uint32_t acquire(const control_t *control, uint8_t protocol, uint32_t *returned) {
  INET_PORT_RANGE range;
  memcpy(&range, control->input, sizeof range);
  uint32_t start = swap_port(range.StartPort);
  uint32_t count = range.NumberOfPorts;
  bool is_new;
  uint32_t owner = store_take_owner(&is_new);
  if (is_new) {
    /* A process that died since the last sweep must not leave them to this one. */
    blocks_remove_of_owner(owner);
    store_commit();
  }
  if (start == 0) {
    start = blocks_find_free(protocol, count); /* R2 */
    if (start == 0) {
      return CHOICE_NO_PLACE;
    }
  } else if (blocks_overlapping(protocol, start, count, 0) != NULL || blocks_range_is_bound(protocol, start, count)) {
    return WSAEADDRINUSE; /* R7b */
  }
  socket_entry_t *entry = socket_table_get(control->socket);
  block_t *block = entry != NULL && owner != STORE_NO_OWNER ? blocks_add(protocol, start, count, BLOCK_RUNTIME) : NULL;
  if (block == NULL) {
    return CHOICE_NO_PLACE;
  }
  block->socket = control->socket;
  block->owner = owner;
  block->holder = entry->holder;
  entry->has_blocks = true;
  INET_PORT_RESERVATION_INSTANCE instance;
  memset(&instance, 0, sizeof instance);
  instance.StartPort = swap_port((uint16_t)start);
  instance.NumberOfPorts = (uint16_t)count;
  instance.Token = block->token;
  memcpy(control->output, &instance, sizeof instance);
  *returned = sizeof instance;
  store_commit();
  return 0;
}

/* R4: the token must be of this process; the socket only says where to ask. */
static uint32_t release(const block_t *block, uint8_t protocol) {
  if (block == NULL || block->kind != BLOCK_RUNTIME || block->owner != store_owner() ||
      block->protocol != protocol) {
    return CHOICE_BAD_TOKEN;
  }
  blocks_remove(block);
  store_commit();
  return 0;
}

static uint32_t associate(const control_t *control, const block_t *block, uint8_t protocol) {
  if (network_bound_port(control->socket) != 0) {
    return WSAEINVAL; /* A1 */
  }
  if (block == NULL || block->protocol != protocol) {
    return CHOICE_BAD_TOKEN; /* A5 */
  }
  if (block->kind == BLOCK_RUNTIME && block->owner != store_owner()) {
    return CHOICE_BAD_TOKEN; /* R5 */
  }
  if (block->kind == BLOCK_PERSISTENT && !settings_elevated()) {
    return WSAEACCES; /* A4; P11: any process that may, may use any of them */
  }
  socket_entry_t *entry = socket_table_get(control->socket);
  if (entry == NULL) {
    return WSAENOBUFS;
  }
  entry->associated_token = block->token;
  return 0;
}

uint32_t control_execute(const control_t *control, uint32_t *returned) {
  network_facts_t facts;
  uint32_t code = network_facts(control->socket, &facts);
  *returned = 0;
  if (code != 0 || facts.identity != control->identity) {
    return WSA_OPERATION_ABORTED; /* A8: closed meanwhile, though not by closesocket. */
  }
  if (store_begin() != 0) {
    return WSAENETDOWN;
  }
  blocks_settle();
  uint64_t token;
  memcpy(&token, control->input, sizeof token);
  switch (control->code) {
  case SIO_ACQUIRE_PORT_RESERVATION:
    code = acquire(control, facts.protocol, returned);
    break;
  case SIO_RELEASE_PORT_RESERVATION:
    code = release(blocks_find_token(token), facts.protocol);
    break;
  default:
    code = associate(control, blocks_find_token(token), facts.protocol);
  }
  store_end();
  return code;
}

static uint32_t check_buffers(DWORD code, const void *in, DWORD in_size, const void *out, DWORD out_size) {
  bool is_acquire = code == SIO_ACQUIRE_PORT_RESERVATION;
  if (is_acquire ? out == NULL || out_size < INSTANCE_SIZE : code == SIO_ASSOCIATE_PORT_RESERVATION && out_size != 0) {
    return WSAEINVAL; /* R8, A7 */
  }
  if (in == NULL || in_size < (is_acquire ? RANGE_SIZE : TOKEN_SIZE)) {
    return CHOICE_SHORT_INPUT;
  }
  if (is_acquire) {
    INET_PORT_RANGE range;
    memcpy(&range, in, sizeof range);
    uint32_t start = swap_port(range.StartPort);
    if (!block_range_is_valid(start == 0 ? 1 : start, range.NumberOfPorts)) {
      return WSAEINVAL;
    }
  }
  return 0;
}

/* Why Windows would refuse without looking at any reservation; 0 when it would go on. */
static uint32_t check_call(control_t *control, bool *is_overlapped) {
  network_facts_t facts;
  uint32_t code = network_facts(control->socket, &facts);
  if (code != 0) {
    return code;
  }
  if (facts.protocol == 0) {
    return WSAEOPNOTSUPP; /* A6 */
  }
  control->identity = facts.identity;
  const socket_entry_t *entry = socket_table_find(control->socket);
  *is_overlapped = entry == NULL || !entry->not_overlapped;
  return 0;
}

static uint32_t control_locked(control_t *control, LPVOID in, DWORD in_size, DWORD out_size, LPDWORD returned,
                               LPWSAOVERLAPPED overlapped, bool has_routine) {
  bool is_overlapped = true;
  uint32_t code = check_call(control, &is_overlapped);
  if (code != 0) {
    return code;
  }
  if (store_begin() != 0) {
    return WSAENETDOWN;
  }
  bool unsupported = settings_unsupported();
  uint32_t delay_ms = settings_delay_ms();
  store_end();
  if (unsupported) {
    return WSAEOPNOTSUPP;
  }
  if (!is_overlapped) {
    overlapped = NULL; /* Windows ignores both on such a socket. */
    has_routine = false;
  }
  if (has_routine) {
    return CHOICE_COMPLETION_ROUTINE;
  }
  if (overlapped == NULL && returned == NULL) {
    return WSAEFAULT;
  }
  code = check_buffers(control->code, in, in_size, control->output, out_size);
  if (code != 0) {
    return code;
  }
  memcpy(control->input, in, control->code == SIO_ACQUIRE_PORT_RESERVATION ? RANGE_SIZE : TOKEN_SIZE);
  if (delay_ms != 0 && overlapped != NULL) {
    return operation_start(control, delay_ms, overlapped);
  }
  uint32_t written = 0;
  code = delay_ms != 0 ? operation_wait(control, delay_ms, &written) : control_execute(control, &written);
  if (code == 0 && overlapped != NULL) {
    operation_complete_at_once(overlapped, written);
  }
  if (code == 0 && returned != NULL) {
    *returned = written;
  }
  return code;
}

int WSAAPI WSAIoctl(SOCKET s, DWORD code, LPVOID in, DWORD in_size, LPVOID out, DWORD out_size, LPDWORD returned,
                    LPWSAOVERLAPPED overlapped, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine) {
  bool is_ours = code == SIO_ACQUIRE_PORT_RESERVATION || code == SIO_RELEASE_PORT_RESERVATION ||
                 code == SIO_ASSOCIATE_PORT_RESERVATION;
  platform_lock();
  uint32_t result = settings_take_fault(__func__);
  if (result == 0 && is_ours) {
    if (returned != NULL) {
      *returned = 0; /* R8 */
    }
    control_t control = {.socket = s, .code = code, .output = out};
    result = control_locked(&control, in, in_size, out_size, returned, overlapped, routine != NULL);
  }
  platform_unlock();
  if (result == 0 && !is_ours) {
    void *routine_address;
    memcpy(&routine_address, &routine, sizeof routine_address);
    uint32_t *returned_count = (uint32_t *)returned;
    result = network_control(s, code, in, in_size, out, out_size, returned_count, overlapped, routine_address);
  }
  return winsock_outcome(result);
}

BOOL WSAAPI WSAGetOverlappedResult(SOCKET s, LPWSAOVERLAPPED overlapped, LPDWORD transferred, BOOL wait,
                                   LPDWORD flags) {
  if (overlapped == NULL || transferred == NULL || flags == NULL) {
    platform_set_last_error(WSAEFAULT);
    return FALSE;
  }
  bool known = true;
  uint32_t bytes = 0;
  platform_lock();
  uint32_t code = settings_take_fault(__func__);
  if (code == 0) {
    code = operation_result(overlapped, wait != FALSE, &bytes, &known);
  }
  platform_unlock();
  if (!known) {
    code = network_overlapped_result(s, overlapped, (uint32_t *)transferred, wait, (uint32_t *)flags);
  } else if (code == 0) {
    *transferred = bytes;
    *flags = 0;
  }
  winsock_outcome(code);
  return code == 0;
}
