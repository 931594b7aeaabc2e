/* iphlpapi.dll: persistent reservations, rules P1 to P13. */
#include "blocks.h"
#include "choices.h"
#include "network.h"
#include "settings.h"
#include "store.h"
#include "windows_names.h"

static ULONG create_in_store(uint8_t protocol, uint16_t start, uint16_t count, ULONG64 *token) {
  if (!settings_elevated()) {
    return ERROR_ACCESS_DENIED; /* P8 */
  }
  blocks_settle();
  if (blocks_overlapping(protocol, start, count, 0) != NULL) {
    return ERROR_SHARING_VIOLATION; /* P6 */
  }
  if (blocks_range_is_bound(protocol, start, count)) {
    return ERROR_SHARING_VIOLATION; /* P5 */
  }
  const block_t *block = blocks_add(protocol, start, count, BLOCK_PERSISTENT);
  if (block == NULL) {
    return CHOICE_STORE_FULL;
  }
  *token = block->token;
  store_commit();
  return NO_ERROR;
}

static ULONG lookup_in_store(uint8_t protocol, uint16_t start, uint16_t count, ULONG64 *token) {
  const block_t *block = blocks_find(protocol, start, count, BLOCK_PERSISTENT);
  if (block == NULL) {
    return ERROR_NOT_FOUND; /* P9 */
  }
  *token = block->token;
  return NO_ERROR;
}

static ULONG delete_in_store(uint8_t protocol, uint16_t start, uint16_t count, ULONG64 *token) {
  (void)token;
  if (!settings_elevated()) {
    return ERROR_ACCESS_DENIED; /* P8 */
  }
  const block_t *block = blocks_find(protocol, start, count, BLOCK_PERSISTENT);
  if (block == NULL) {
    return ERROR_NOT_FOUND; /* P10 */
  }
  blocks_remove(block);
  store_commit();
  return NO_ERROR;
}

typedef ULONG (*action_t)(uint8_t protocol, uint16_t start, uint16_t count, ULONG64 *token);

static ULONG run_locked(const char *name, action_t action, uint8_t protocol, uint16_t start, uint16_t count,
                        ULONG64 *token) {
  ULONG code = settings_take_fault(name);
  if (code != 0) {
    return code;
  }
  if (!block_range_is_valid(start, count) || token == NULL) {
    return ERROR_INVALID_PARAMETER; /* P3, P4 */
  }
  code = store_begin();
  if (code == 0) {
    code = action(protocol, start, count, token);
    store_end();
  }
  return code;
}

static ULONG run(const char *name, action_t action, uint8_t protocol, USHORT start, USHORT count, ULONG64 *token) {
  platform_lock();
  ULONG code = run_locked(name, action, protocol, swap_port(start), count, token);
  platform_unlock();
  return code;
}

ULONG WINAPI CreatePersistentTcpPortReservation(USHORT StartPort, USHORT NumberOfPorts, PULONG64 Token) {
  return run(__func__, create_in_store, NETWORK_TCP, StartPort, NumberOfPorts, Token);
}

ULONG WINAPI CreatePersistentUdpPortReservation(USHORT StartPort, USHORT NumberOfPorts, PULONG64 Token) {
  return run(__func__, create_in_store, NETWORK_UDP, StartPort, NumberOfPorts, Token);
}

ULONG WINAPI LookupPersistentTcpPortReservation(USHORT StartPort, USHORT NumberOfPorts, PULONG64 Token) {
  return run(__func__, lookup_in_store, NETWORK_TCP, StartPort, NumberOfPorts, Token);
}

ULONG WINAPI LookupPersistentUdpPortReservation(USHORT StartPort, USHORT NumberOfPorts, PULONG64 Token) {
  return run(__func__, lookup_in_store, NETWORK_UDP, StartPort, NumberOfPorts, Token);
}

ULONG WINAPI DeletePersistentTcpPortReservation(USHORT StartPort, USHORT NumberOfPorts) {
  ULONG64 unused;
  return run(__func__, delete_in_store, NETWORK_TCP, StartPort, NumberOfPorts, &unused);
}

ULONG WINAPI DeletePersistentUdpPortReservation(USHORT StartPort, USHORT NumberOfPorts) {
  ULONG64 unused;
  return run(__func__, delete_in_store, NETWORK_UDP, StartPort, NumberOfPorts, &unused);
}
