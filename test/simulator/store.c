/* The store's file: layout, checks, images. What the blocks in it mean is in blocks.c. */
#include "store.h"

#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "platform.h"
#include "portsim.h"
#include "store_checks.h"
#include "store_checksum.h"
#include "winnat.h"

/* 2: WinNAT as a service, Hyper-V's networking. 3: stand-ins for programs. 4: dynamic ranges of each family. 5: winnat disabled. */
#define STORE_VERSION 5u

#define STORE_HEAD_SIZE 64u

typedef struct store_file_t {
  char magic[16];
  uint32_t version;
  uint32_t size;
  _Atomic uint32_t active;
  uint32_t reserved[9];
  store_image_t images[2];
} store_file_t;

static const char store_magic[16] = "portsim store\r\n";

_Static_assert(sizeof(block_t) == 32, "the layout of a block is fixed");
_Static_assert(sizeof(endpoint_t) == 32, "the layout of an endpoint is fixed");
_Static_assert(sizeof(settings_t) == 104 + 48 * STORE_FAULT_LIMIT + 256 * STORE_PROCESS_LIMIT +
                                         32 * STORE_ENDPOINT_LIMIT + 64 * STORE_SERVICE_LIMIT,
               "the layout of the settings is fixed");
_Static_assert(offsetof(store_file_t, images) == STORE_HEAD_SIZE, "the layout of the head is fixed");
_Static_assert(ATOMIC_INT_LOCK_FREE == 2, "processes share the number that says which image is in force");

static store_file_t *file;
static store_image_t *draft;
static uint32_t owner = STORE_NO_OWNER;
static uint32_t owner_process;
/* The store that was damaged while it was open: it stays closed until somebody opens or closes one. */
static bool is_damaged;
/* Opened by a call that needed one, not by name. */
static bool is_by_default;
static _Thread_local char open_error[1200];

const char *store_open_error(void) { return open_error; }

static store_image_t *active_image(void) {
  return &file->images[atomic_load_explicit(&file->active, memory_order_acquire) & 1u];
}

void store_clear(store_image_t *image) {
  settings_t *settings = &image->settings;
  memset(settings, 0, sizeof *settings);
  settings->elevated = 1;
  settings->winnat = WINNAT_RUNNING;
  settings->hcn = 1;
  for (int index = 0; index < 4; index++) {
    settings->dynamic[index / 2][index % 2].start = 49152;
    settings->dynamic[index / 2][index % 2].count = 16384;
  }
  memcpy(settings->language, "en", sizeof "en");
  image->block_count = 0;
}

static bool is_all_zero(const void *memory, size_t size) {
  const unsigned char *bytes = memory;
  return bytes[0] == 0 && memcmp(bytes, bytes + 1, size - 1) == 0;
}

static uint32_t refuse(uint32_t code, const char *path, const char *reason) {
  snprintf(open_error, sizeof open_error, "%s: %s", path, reason);
  store_close();
  return code;
}

static bool head_is_right(void) {
  return memcmp(file->magic, store_magic, sizeof store_magic) == 0 && file->version == STORE_VERSION &&
         file->size == sizeof(store_file_t) && atomic_load(&file->active) < 2 &&
         active_image()->block_count <= STORE_BLOCK_LIMIT && settings_are_right(&active_image()->settings);
}

/* A new file, or one whose maker was killed in this function: the magic, written last, says that the rest is there. */
static uint32_t make_store(void) {
  memset(file, 0, sizeof *file);
  store_image_t *image = &file->images[0];
  if (!platform_random(&image->token_seed, sizeof image->token_seed)) {
    return PLATFORM_ACCESS_DENIED;
  }
  store_clear(image);
  image->checksum = store_checksum(image);
  file->version = STORE_VERSION;
  file->size = sizeof *file;
  atomic_thread_fence(memory_order_seq_cst);
  memcpy(file->magic, store_magic, sizeof store_magic);
  return 0;
}

/* Stores of another version have another size; whoever kept one is told what it is and what to do. */
static uint32_t refuse_other_size(const char *path, uint64_t size) {
  char reason[160] = "the file is not a portsim store";
  const store_file_t *head = size >= STORE_HEAD_SIZE ? platform_file_map(STORE_HEAD_SIZE) : NULL;
  if (head != NULL && memcmp(head->magic, store_magic, sizeof store_magic) == 0 && head->version != STORE_VERSION) {
    snprintf(reason, sizeof reason, "the store is of version %u and this library knows version %u: delete the file",
             (unsigned)head->version, STORE_VERSION);
  }
  return refuse(PORTSIM_ERROR_NOT_A_STORE, path, reason);
}

static uint32_t load_store(const char *path) {
  uint64_t size = platform_file_size();
  if (size != 0 && size != sizeof(store_file_t)) {
    return refuse_other_size(path, size);
  }
  uint32_t code = size == 0 ? platform_file_resize(sizeof(store_file_t)) : 0;
  if (code != 0) {
    return refuse(code, path, "the store could not be given its size");
  }
  file = platform_file_map(sizeof(store_file_t));
  if (file == NULL) {
    return refuse(PLATFORM_ACCESS_DENIED, path, "the store could not be mapped into memory");
  }
  if (is_all_zero(file, sizeof *file)) {
    code = make_store();
    return code == 0 ? 0 : refuse(code, path, "no random numbers for tokens");
  }
  if (!head_is_right() || active_image()->checksum != store_checksum(active_image()) ||
      !blocks_are_right(active_image())) {
    return refuse(PORTSIM_ERROR_NOT_A_STORE, path, "the file is not a whole portsim store of this version");
  }
  return 0;
}

uint32_t store_open(const char *utf8_path) {
  char path[1024];
  bool is_default = false;
  open_error[0] = '\0';
  if (utf8_path != NULL) {
    int length = snprintf(path, sizeof path, "%s", utf8_path);
    if (length <= 0 || (size_t)length >= sizeof path) {
      snprintf(open_error, sizeof open_error, "the path of a store has 1 to %zu bytes", sizeof path - 1);
      return PLATFORM_PATH_NOT_FOUND;
    }
  } else if (!platform_environment("PORTSIM_STATE", path, sizeof path)) {
    is_default = true;
    if (!platform_default_store_path(path, sizeof path)) {
      snprintf(open_error, sizeof open_error, "no temporary folder for the default store");
      return PLATFORM_PATH_NOT_FOUND;
    }
  }
  if (file != NULL) {
    if (platform_file_is(path)) {
      is_by_default = false;
      return 0;
    }
    /* Whoever opened it would go on in the other one. */
    if (!is_by_default) {
      snprintf(open_error, sizeof open_error, "%s: this process has another store open, which it must close first", path);
      return PLATFORM_SHARING_VIOLATION;
    }
  }
  store_close();
  uint32_t code = platform_file_open(path, is_default);
  if (code != 0) {
    return refuse(code, path, "no regular file that may be written, or its folder is missing or read-only");
  }
  code = platform_file_lock();
  if (code != 0) {
    return refuse(code, path, "the store could not be locked");
  }
  code = load_store(path);
  if (code == 0) {
    platform_file_unlock();
  }
  return code;
}

void store_close(void) {
  file = NULL;
  draft = NULL;
  owner = STORE_NO_OWNER;
  is_damaged = is_by_default = false;
  platform_file_close();
}

/* The first call that needs the store opens it; there is nobody to tell why it can not, but the error stream, once. */
static uint32_t open_by_default(void) {
  static bool told;
  uint32_t code = store_open(NULL);
  is_by_default = code == 0;
  if (code != 0 && !told) {
    told = true;
    fprintf(stderr, "portsim: %s\n", store_open_error());
  }
  return code;
}

/* Somebody may have cut the file meanwhile: reading on would end in SIGBUS. Or removed it: the others have a new one by now. */
static bool is_whole(void) { return platform_file_size() == sizeof(store_file_t); }

static uint32_t refuse_damaged(void) {
  snprintf(open_error, sizeof open_error, "the store was damaged or removed while it was open");
  return PORTSIM_ERROR_NOT_A_STORE;
}

uint32_t store_begin(void) {
  if (is_damaged) {
    return refuse_damaged();
  }
  uint32_t code = file == NULL ? open_by_default() : 0;
  if (code == 0) {
    code = platform_file_lock();
  }
  if (code != 0) {
    return code;
  }
  if (!is_whole() || !head_is_right()) {
    store_close();
    is_damaged = true;
    return refuse_damaged();
  }
  return 0;
}

const store_image_t *store_image(void) { return draft != NULL ? draft : active_image(); }

uint64_t store_fingerprint(void) { return draft != NULL ? 0 : active_image()->checksum; }

store_image_t *store_change(void) {
  if (draft == NULL) {
    const store_image_t *current = active_image();
    draft = &file->images[current == &file->images[0] ? 1 : 0];
    memcpy(draft, current, offsetof(store_image_t, blocks) + current->block_count * sizeof(block_t));
  }
  return draft;
}

void store_commit(void) {
  if (draft != NULL) {
    draft->checksum = store_checksum(draft);
    atomic_store_explicit(&file->active, draft == &file->images[0] ? 0 : 1, memory_order_release);
    draft = NULL;
  }
}

void store_end(void) {
  draft = NULL;
  platform_file_unlock();
}

bool store_may_have_faults(void) {
  return !is_damaged && (file != NULL || open_by_default() == 0) && is_whole() && active_image()->settings.fault_count != 0;
}

uint32_t store_owner(void) {
  if (owner != STORE_NO_OWNER && owner_process != platform_process_id()) {
    owner = STORE_NO_OWNER; /* A child made by fork inherits this memory, but no lock and no reservation. */
  }
  return owner;
}

uint32_t store_take_owner(bool *is_new) {
  *is_new = false;
  for (uint32_t index = 0; store_owner() == STORE_NO_OWNER && index < STORE_OWNER_LIMIT; index++) {
    if (platform_liveness_take(index)) {
      owner = index;
      owner_process = platform_process_id();
      *is_new = true;
    }
  }
  return owner;
}
