#include "settings.h"

#include <stdlib.h>
#include <string.h>

#include "platform.h"
#include "portsim.h"
#include "store.h"

static bool flag(const char *variable, uint32_t stored) {
  char value[8];
  return platform_environment(variable, value, sizeof value) ? strcmp(value, "0") != 0 : stored != 0;
}

bool settings_elevated(void) { return flag("PORTSIM_ELEVATED", store_image()->settings.elevated); }

bool settings_unsupported(void) { return flag("PORTSIM_UNSUPPORTED", store_image()->settings.unsupported); }

uint32_t settings_delay_ms(void) {
  char value[16];
  if (!platform_environment("PORTSIM_DELAY_MS", value, sizeof value)) {
    return store_image()->settings.delay_ms;
  }
  if (strcmp(value, "never") == 0) {
    return PORTSIM_DELAY_NEVER;
  }
  unsigned long milliseconds = strtoul(value, NULL, 10);
  return milliseconds <= PORTSIM_MAXIMUM_DELAY_MS ? (uint32_t)milliseconds : PORTSIM_MAXIMUM_DELAY_MS;
}

void settings_language(char *buffer, size_t size) {
  if (!platform_environment("PORTSIM_LANGUAGE", buffer, size)) {
    strncpy(buffer, store_image()->settings.language, size - 1);
    buffer[size - 1] = '\0';
  }
}

uint32_t settings_take_fault(const char *function) {
  if (!store_may_have_faults() || store_begin() != 0) {
    return 0;
  }
  const settings_t *settings = &store_image()->settings;
  uint32_t code = 0;
  for (uint32_t index = 0; index < settings->fault_count && code == 0; index++) {
    if (strcmp(settings->faults[index].function, function) == 0) {
      settings_t *changed = &store_change()->settings;
      code = changed->faults[index].code;
      changed->fault_count--;
      memmove(&changed->faults[index], &changed->faults[index + 1],
              (changed->fault_count - index) * sizeof(fault_t));
    }
  }
  store_commit();
  store_end();
  return code;
}
