#include "stand_ins.h"

#include <stdio.h>
#include <string.h>

#include "network.h"
#include "portsim.h"

#define INVALID_PARAMETER 87u
#define STORE_IS_FULL 1450u /* CHOICE_STORE_FULL, without Windows' headers */
#define LAST_STATE 12u      /* MIB_TCP_STATE_DELETE_TCB */

static const uint8_t wildcard[16];

static size_t address_size(int family) { return family == NETWORK_INET6 ? 16 : 4; }

const process_t *stand_ins_process(uint32_t id) {
  const settings_t *settings = &store_image()->settings;
  for (uint32_t index = 0; index < settings->process_count; index++) {
    if (settings->processes[index].id == id) {
      return &settings->processes[index];
    }
  }
  return NULL;
}

/* A connection does not keep a plain bind from its port. */
static bool has_port(const endpoint_t *endpoint, uint8_t protocol, uint16_t port) {
  bool keeps_others_out = protocol == NETWORK_UDP || endpoint->state == PORTSIM_STATE_LISTEN;
  return endpoint->protocol == protocol && endpoint->port == port && keeps_others_out;
}

bool stand_ins_have_port(uint8_t protocol, uint16_t port) {
  const settings_t *settings = &store_image()->settings;
  for (uint32_t index = 0; index < settings->endpoint_count; index++) {
    if (has_port(&settings->endpoints[index], protocol, port)) {
      return true;
    }
  }
  return false;
}

bool stand_ins_refuse(uint8_t protocol, int family, const void *address, uint16_t port) {
  const settings_t *settings = &store_image()->settings;
  size_t size = address_size(family);
  for (uint32_t index = 0; index < settings->endpoint_count; index++) {
    const endpoint_t *endpoint = &settings->endpoints[index];
    bool meets = memcmp(endpoint->address, wildcard, size) == 0 || memcmp(address, wildcard, size) == 0 ||
                 memcmp(endpoint->address, address, size) == 0;
    if (has_port(endpoint, protocol, port) && endpoint->family == family && meets) {
      return true;
    }
  }
  return false;
}

static bool is_text(const char *text, size_t size) {
  size_t length = 0;
  while (text != NULL && length < size && text[length] != '\0' && (unsigned char)text[length] < 0x80) {
    length++;
  }
  return text != NULL && length < size && text[length] == '\0';
}

uint32_t stand_ins_set_process(uint32_t id, const char *image) {
  process_t process = {.id = id};
  if (id == 0 || !is_text(image, sizeof process.image)) {
    return INVALID_PARAMETER;
  }
  memcpy(process.image, image, strlen(image));
  settings_t *settings = &store_change()->settings;
  uint32_t index = 0;
  while (index < settings->process_count && settings->processes[index].id != id) {
    index++;
  }
  if (index == STORE_PROCESS_LIMIT) {
    return STORE_IS_FULL;
  }
  settings->processes[index] = process;
  settings->process_count += index == settings->process_count;
  return 0;
}

/* Of IPv6 the two addresses that a test needs. 0: not one of them. */
static uint8_t parse_address(const char *text, uint8_t *address) {
  unsigned parts[4];
  char rest;
  memset(address, 0, 16);
  if (strcmp(text, "::") == 0 || strcmp(text, "::1") == 0) {
    address[15] = text[2] == '1';
    return NETWORK_INET6;
  }
  if (sscanf(text, "%3u.%3u.%3u.%3u%c", &parts[0], &parts[1], &parts[2], &parts[3], &rest) != 4) {
    return 0;
  }
  for (int index = 0; index < 4; index++) {
    if (parts[index] > 255) {
      return 0;
    }
    address[index] = (uint8_t)parts[index];
  }
  return NETWORK_INET;
}

uint32_t stand_ins_add_endpoint(uint32_t protocol, const char *address, uint32_t port, uint32_t state, uint32_t process) {
  endpoint_t endpoint = {.process = process, .port = (uint16_t)port, .protocol = (uint8_t)protocol, .state = state};
  bool is_state = protocol == NETWORK_TCP ? state >= 1 && state <= LAST_STATE : protocol == NETWORK_UDP && state == 0;
  if (!is_state || port == 0 || port > 65535 || address == NULL) {
    return INVALID_PARAMETER;
  }
  endpoint.family = parse_address(address, endpoint.address);
  if (endpoint.family == 0) {
    return INVALID_PARAMETER;
  }
  settings_t *settings = &store_change()->settings;
  if (settings->endpoint_count == STORE_ENDPOINT_LIMIT) {
    return STORE_IS_FULL;
  }
  settings->endpoints[settings->endpoint_count++] = endpoint;
  return 0;
}

uint32_t stand_ins_add_service(const char *name, uint32_t process) {
  service_t service = {.process = process};
  if (process == 0 || !is_text(name, sizeof service.name) || *name == '\0') {
    return INVALID_PARAMETER;
  }
  memcpy(service.name, name, strlen(name));
  settings_t *settings = &store_change()->settings;
  if (settings->service_count == STORE_SERVICE_LIMIT) {
    return STORE_IS_FULL;
  }
  settings->services[settings->service_count++] = service;
  return 0;
}
