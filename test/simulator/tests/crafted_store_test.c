/* Stores with a right checksum that this library did not write: what is out of range is refused, when opened and later. */
#include "check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../store_checksum.h"

static void faults(store_image_t *image) { image->settings.fault_count = STORE_FAULT_LIMIT + 1; }
static void fault_name(store_image_t *image) {
  image->settings.fault_count = 1;
  memset(image->settings.faults[0].function, 'x', sizeof image->settings.faults[0].function);
}
static void no_range(store_image_t *image) { image->settings.dynamic[0][0].count = 0; }
static void long_range(store_image_t *image) { image->settings.dynamic[1][1].start = 65000; }
static void huge_range(store_image_t *image) { image->settings.dynamic[0][1].count = UINT32_MAX; }
static void delay(store_image_t *image) { image->settings.delay_ms = PORTSIM_MAXIMUM_DELAY_MS + 1; }
static void winnat_delay(store_image_t *image) { image->settings.winnat_delay_ms = PORTSIM_DELAY_NEVER; }
static void winnat_state(store_image_t *image) { image->settings.winnat = 5; }
static void winnat_disabled(store_image_t *image) { image->settings.winnat_disabled = 2; }
static void elevated(store_image_t *image) { image->settings.elevated = 2; }
static void unsupported(store_image_t *image) { image->settings.unsupported = 7; }
static void hcn(store_image_t *image) { image->settings.hcn = PORTSIM_HCN_IN_BYTES + 1; }
static void language(store_image_t *image) {
  memset(image->settings.language, 'e', sizeof image->settings.language);
}
static void processes(store_image_t *image) { image->settings.process_count = STORE_PROCESS_LIMIT + 1; }
static void endpoints(store_image_t *image) { image->settings.endpoint_count = UINT32_MAX; }
static void endpoint_family(store_image_t *image) { image->settings.endpoint_count = 1; }
static void services(store_image_t *image) { image->settings.service_count = STORE_SERVICE_LIMIT + 1; }
static void block_range(store_image_t *image) { image->blocks[0].count = 0; }
static void block_end(store_image_t *image) { image->blocks[0].start = 65535, image->blocks[0].count = 2; }
static void block_kind(store_image_t *image) { image->blocks[0].kind = 7; }
static void block_protocol(store_image_t *image) { image->blocks[0].protocol = 1; }

static const struct {
  const char *name;
  void (*craft)(store_image_t *image);
  bool is_setting;
} crafts[] = {
    {"more faults than there is room for", faults, true},
    {"a fault's name without an end", fault_name, true},
    {"an empty dynamic range", no_range, true},
    {"a dynamic range past 65535", long_range, true},
    {"a dynamic range that wraps around", huge_range, true},
    {"a delay over the longest", delay, true},
    {"an endless delay of winnat", winnat_delay, true},
    {"a state of winnat that is none", winnat_state, true},
    {"winnat disabled neither yes nor no", winnat_disabled, true},
    {"elevated neither yes nor no", elevated, true},
    {"unsupported neither yes nor no", unsupported, true},
    {"Hyper-V neither there nor not", hcn, true},
    {"a language without an end", language, true},
    {"more processes than there is room for", processes, true},
    {"more endpoints than there is room for", endpoints, true},
    {"an endpoint of no family", endpoint_family, true},
    {"more services than there is room for", services, true},
    {"a block without ports", block_range, false},
    {"a block past 65535", block_end, false},
    {"a block of no kind", block_kind, false},
    {"a block of no protocol", block_protocol, false},
};

typedef struct file_t {
  unsigned char head[64];
  store_image_t images[2];
} file_t;

static bool transfer(const char *path, const char *mode, file_t *bytes) {
  FILE *stream = fopen(path, mode);
  bool done = stream != NULL && (strchr(mode, '+') != NULL ? fwrite(bytes, sizeof *bytes, 1, stream)
                                                           : fread(bytes, sizeof *bytes, 1, stream)) == 1;
  if (stream != NULL) {
    fclose(stream);
  }
  CHECK(done);
  return done;
}

/* In the place of the file that is there, because a process may have it mapped. */
static void write_crafted(const char *path, const file_t *original, void (*craft)(store_image_t *image)) {
  file_t *crafted = malloc(sizeof *crafted);
  memcpy(crafted, original, sizeof *crafted);
  for (int index = 0; craft != NULL && index < 2; index++) {
    craft(&crafted->images[index]);
    crafted->images[index].checksum = store_checksum(&crafted->images[index]);
  }
  transfer(path, "r+b", crafted);
  free(crafted);
}

static void out_of_range(void) {
  ULONG64 token;
  char path[1024];
  file_t *original = malloc(sizeof *original);
  portsim_close();
  snprintf(path, sizeof path, "%s", temporary_path("crafted"));
  CHECK_EQUAL(portsim_open(path), 0);
  /* Twice, so that both images hold a block. */
  CHECK_EQUAL(CreatePersistentTcpPortReservation(htons(base_port), 1, &token), 0);
  CHECK_EQUAL(portsim_add_exclusion(PORTSIM_UDP, base_port, 1, PORTSIM_STORE_ACTIVE), 0);
  portsim_close();
  CHECK(transfer(path, "rb", original));
  for (size_t index = 0; index < sizeof crafts / sizeof *crafts; index++) {
    check_context(crafts[index].name);
    write_crafted(path, original, crafts[index].craft);
    CHECK_EQUAL(portsim_open(path), PORTSIM_ERROR_NOT_A_STORE);
    write_crafted(path, original, NULL);
    CHECK_EQUAL(portsim_open(path), 0);
    CHECK_EQUAL(LookupPersistentTcpPortReservation(htons(base_port), 1, &token), 0);
#ifndef _WIN32 /* Windows lets nobody write to a file that is mapped. */
    if (crafts[index].is_setting) {
      write_crafted(path, original, crafts[index].craft);
      CHECK_EQUAL(LookupPersistentTcpPortReservation(htons(base_port), 1, &token), PORTSIM_ERROR_NOT_A_STORE);
      CHECK_EQUAL(portsim_open(path), PORTSIM_ERROR_NOT_A_STORE);
    }
#endif
    portsim_close();
  }
  check_context(NULL);
  remove(path);
  free(original);
}

const test_t crafted_store_tests[] = {
    {"A store with a right checksum and a wrong number is refused", out_of_range},
    {NULL, NULL},
};
