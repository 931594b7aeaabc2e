/* portsim.h: the controls. */
#include <stddef.h>
#include <string.h>

#include "blocks.h"
#include "choices.h"
#include "exclusions.h"
#include "handles.h"
#include "hcn.h"
#include "network.h"
#include "portsim.h"
#include "settings.h"
#include "stand_ins.h"
#include "winnat.h"
#include "windows_names.h"

/* Between the two lies one transaction. A knob never fails but for its arguments and the store. */
static uint32_t begin(void) {
  platform_lock();
  uint32_t code = store_begin();
  if (code != 0) {
    platform_unlock();
  }
  return code;
}

static uint32_t end(uint32_t code) {
  if (code == 0) {
    store_commit();
  }
  store_end();
  platform_unlock();
  return code;
}

/* Puts a number into the settings, at an offset in settings_t. */
static uint32_t set_number(size_t offset, uint32_t number, bool is_valid) {
  uint32_t code = is_valid ? begin() : ERROR_INVALID_PARAMETER;
  if (code != 0) {
    return code;
  }
  memcpy((char *)&store_change()->settings + offset, &number, sizeof number);
  return end(0);
}

const char *portsim_version(void) { return "portsim 1.0.0"; }

uint32_t portsim_open(const char *utf8_path) {
  platform_lock();
  uint32_t code = store_open(utf8_path);
  platform_unlock();
  return code;
}

uint32_t portsim_close(void) {
  platform_lock();
  store_close();
  platform_unlock();
  return 0;
}

const char *portsim_open_error(void) { return store_open_error(); }

uint32_t portsim_open_objects(void) {
  platform_lock();
  uint32_t count = handle_count() + hcn_list_count() + network_event_count();
  platform_unlock();
  return count;
}

uint32_t portsim_reset(void) {
  uint32_t code = begin();
  if (code != 0) {
    return code;
  }
  store_clear(store_change());
  return end(0);
}

uint32_t portsim_restart(void) {
  uint32_t code = begin();
  if (code != 0) {
    return code;
  }
  blocks_restart();
  return end(0);
}

uint32_t portsim_set_elevated(uint32_t elevated) {
  return set_number(offsetof(settings_t, elevated), elevated, elevated <= 1);
}

uint32_t portsim_is_elevated(void) {
  if (begin() != 0) {
    return 0;
  }
  uint32_t elevated = settings_elevated();
  end(0);
  return elevated;
}

/* Blocks nobody asks the rules for: only their overlap with others is refused. */
static uint32_t add_block(uint32_t protocol, uint32_t start, uint32_t count, block_kind_t kind) {
  if (!block_protocol_is_valid(protocol) || !block_range_is_valid(start, count)) {
    return ERROR_INVALID_PARAMETER;
  }
  uint32_t code = begin();
  if (code != 0) {
    return code;
  }
  blocks_settle();
  if (blocks_overlapping((uint8_t)protocol, start, count, 0) != NULL) {
    return end(ERROR_SHARING_VIOLATION);
  }
  block_t *block = blocks_add((uint8_t)protocol, start, count, kind);
  if (block == NULL) {
    return end(CHOICE_STORE_FULL);
  }
  /* While the service does not run, its block waits for it. */
  block->in_force = kind != BLOCK_WINNAT || winnat_state() == WINNAT_RUNNING || winnat_state() == WINNAT_STOPPING;
  return end(0);
}

static uint32_t remove_block(uint32_t protocol, uint32_t start, uint32_t count, block_kind_t kind) {
  if (!block_protocol_is_valid(protocol) || !block_range_is_valid(start, count)) {
    return ERROR_INVALID_PARAMETER;
  }
  uint32_t code = begin();
  if (code != 0) {
    return code;
  }
  const block_t *block = blocks_find((uint8_t)protocol, start, count, kind);
  if (block == NULL) {
    return end(ERROR_NOT_FOUND);
  }
  blocks_remove(block);
  return end(0);
}

uint32_t portsim_add_system_block(uint32_t protocol, uint32_t start, uint32_t count, uint32_t kind) {
  if (kind > PORTSIM_KIND_WINNAT) {
    return ERROR_INVALID_PARAMETER;
  }
  return add_block(protocol, start, count, kind == PORTSIM_KIND_WINNAT ? BLOCK_WINNAT : BLOCK_SYSTEM);
}

uint32_t portsim_remove_system_block(uint32_t protocol, uint32_t start, uint32_t count) {
  uint32_t code = remove_block(protocol, start, count, BLOCK_SYSTEM);
  return code == ERROR_NOT_FOUND ? remove_block(protocol, start, count, BLOCK_WINNAT) : code;
}

uint32_t portsim_add_hidden_holder(uint32_t protocol, uint32_t start, uint32_t count) {
  return add_block(protocol, start, count, BLOCK_HIDDEN);
}

uint32_t portsim_remove_hidden_holder(uint32_t protocol, uint32_t start, uint32_t count) {
  return remove_block(protocol, start, count, BLOCK_HIDDEN);
}

uint32_t portsim_add_exclusion(uint32_t protocol, uint32_t start, uint32_t count, uint32_t store) {
  uint32_t code = protocol > 255 || store > PORTSIM_STORE_PERSISTENT ? ERROR_INVALID_PARAMETER : begin();
  return code != 0 ? code : end(exclusion_add((uint8_t)protocol, start, count, store != PORTSIM_STORE_ACTIVE, true));
}

uint32_t portsim_remove_exclusion(uint32_t protocol, uint32_t start, uint32_t count) {
  return remove_block(protocol, start, count, BLOCK_EXCLUSION);
}

uint32_t portsim_set_delay(uint32_t milliseconds) {
  bool is_valid = milliseconds <= PORTSIM_MAXIMUM_DELAY_MS || milliseconds == PORTSIM_DELAY_NEVER;
  return set_number(offsetof(settings_t, delay_ms), milliseconds, is_valid);
}

uint32_t portsim_set_unsupported(uint32_t unsupported) {
  return set_number(offsetof(settings_t, unsupported), unsupported, unsupported <= 1);
}

uint32_t portsim_set_hcn(uint32_t installed) {
  return set_number(offsetof(settings_t, hcn), installed, installed <= PORTSIM_HCN_IN_BYTES);
}

uint32_t portsim_set_winnat(uint32_t state) {
  uint32_t code = state > PORTSIM_WINNAT_RUNNING ? ERROR_INVALID_PARAMETER : begin();
  if (code != 0) {
    return code;
  }
  blocks_settle();
  winnat_set((winnat_t)state);
  return end(0);
}

uint32_t portsim_winnat_state(void) {
  if (begin() != 0) {
    return PORTSIM_WINNAT_ABSENT;
  }
  blocks_settle();
  uint32_t state = winnat_state();
  end(0);
  return state;
}

uint32_t portsim_set_winnat_disabled(uint32_t disabled) {
  return set_number(offsetof(settings_t, winnat_disabled), disabled, disabled <= 1);
}

uint32_t portsim_set_winnat_delay(uint32_t milliseconds) {
  return set_number(offsetof(settings_t, winnat_delay_ms), milliseconds, milliseconds <= PORTSIM_MAXIMUM_DELAY_MS);
}

uint32_t portsim_set_dynamic_range(uint32_t protocol, uint32_t start, uint32_t count) {
  bool is_valid = block_protocol_is_valid(protocol) && block_range_is_valid(start, count);
  uint32_t code = is_valid ? begin() : ERROR_INVALID_PARAMETER;
  if (code != 0) {
    return code;
  }
  settings_t *settings = &store_change()->settings;
  for (int family = 0; family < 2; family++) {
    settings->dynamic[protocol == PORTSIM_UDP][family].start = start;
    settings->dynamic[protocol == PORTSIM_UDP][family].count = count;
  }
  return end(0);
}

uint32_t portsim_set_language(const char *language) {
  bool is_valid = language != NULL && *language != '\0' && strlen(language) < sizeof((settings_t *)0)->language;
  uint32_t code = is_valid ? begin() : ERROR_INVALID_PARAMETER;
  if (code != 0) {
    return code;
  }
  memcpy(store_change()->settings.language, language, strlen(language) + 1);
  return end(0);
}

uint32_t portsim_set_process(uint32_t process, const char *image) {
  uint32_t code = begin();
  return code != 0 ? code : end(stand_ins_set_process(process, image));
}

uint32_t portsim_add_endpoint(uint32_t protocol, const char *address, uint32_t port, uint32_t state, uint32_t process) {
  uint32_t code = begin();
  return code != 0 ? code : end(stand_ins_add_endpoint(protocol, address, port, state, process));
}

uint32_t portsim_add_service(const char *name, uint32_t process) {
  uint32_t code = begin();
  return code != 0 ? code : end(stand_ins_add_service(name, process));
}

uint32_t portsim_fail_next(const char *function, uint32_t fault_code) {
  bool is_valid =
      function != NULL && *function != '\0' && strlen(function) < sizeof((fault_t *)0)->function && fault_code != 0;
  uint32_t code = is_valid ? begin() : ERROR_INVALID_PARAMETER;
  if (code != 0) {
    return code;
  }
  if (store_image()->settings.fault_count >= STORE_FAULT_LIMIT) {
    return end(CHOICE_STORE_FULL);
  }
  settings_t *settings = &store_change()->settings;
  fault_t *fault = &settings->faults[settings->fault_count++];
  memset(fault, 0, sizeof *fault);
  memcpy(fault->function, function, strlen(function) + 1);
  fault->code = fault_code;
  return end(0);
}
