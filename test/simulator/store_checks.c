#include "store_checks.h"

#include <string.h>

#include "blocks.h"
#include "network.h"
#include "portsim.h"
#include "winnat.h"

static bool is_text(const char *text, size_t size) { return memchr(text, '\0', size) != NULL; }

static bool is_delay(uint32_t milliseconds) { return milliseconds <= PORTSIM_MAXIMUM_DELAY_MS; }

static bool lists_are_right(const settings_t *settings) {
  if (settings->fault_count > STORE_FAULT_LIMIT || settings->process_count > STORE_PROCESS_LIMIT ||
      settings->endpoint_count > STORE_ENDPOINT_LIMIT || settings->service_count > STORE_SERVICE_LIMIT) {
    return false;
  }
  bool right = true;
  for (uint32_t index = 0; index < settings->fault_count; index++) {
    right = right && is_text(settings->faults[index].function, sizeof settings->faults[index].function);
  }
  for (uint32_t index = 0; index < settings->process_count; index++) {
    right = right && is_text(settings->processes[index].image, sizeof settings->processes[index].image);
  }
  for (uint32_t index = 0; index < settings->endpoint_count; index++) {
    const endpoint_t *endpoint = &settings->endpoints[index];
    right = right && block_protocol_is_valid(endpoint->protocol) &&
            (endpoint->family == NETWORK_INET || endpoint->family == NETWORK_INET6);
  }
  for (uint32_t index = 0; index < settings->service_count; index++) {
    right = right && is_text(settings->services[index].name, sizeof settings->services[index].name);
  }
  return right;
}

static bool ranges_are_right(const settings_t *settings) {
  bool right = true;
  for (int index = 0; index < 4; index++) {
    right = right && block_range_is_valid(settings->dynamic[index / 2][index % 2].start,
                                          settings->dynamic[index / 2][index % 2].count);
  }
  return right;
}

bool settings_are_right(const settings_t *settings) {
  return settings->elevated <= 1 && settings->unsupported <= 1 &&
         (is_delay(settings->delay_ms) || settings->delay_ms == PORTSIM_DELAY_NEVER) &&
         ranges_are_right(settings) && is_text(settings->language, sizeof settings->language) && settings->winnat <= WINNAT_STARTING &&
         settings->winnat_disabled <= 1 &&
         is_delay(settings->winnat_delay_ms) && settings->hcn <= PORTSIM_HCN_IN_BYTES && lists_are_right(settings);
}

bool blocks_are_right(const store_image_t *image) {
  for (uint32_t index = 0; index < image->block_count; index++) {
    const block_t *block = &image->blocks[index];
    if (!block_protocol_is_valid(block->protocol) || !block_range_is_valid(block->start, block->count) ||
        block->kind < BLOCK_PERSISTENT || block->kind > BLOCK_WINNAT || block->in_force > 1 || block->survives > 1) {
      return false;
    }
  }
  return true;
}
