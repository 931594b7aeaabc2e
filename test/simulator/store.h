/*
 * The store: all blocks and settings, in one file that every process of the simulator shares.
 *
 * The file holds two images. A change is written to the image that is not in force, then one 32-bit number says that it
 * is now. A process killed at any moment leaves the old image or the new one, both whole. (The contents live in the page
 * cache: this is proof against kill -9, not against a power cut.)
 *
 * Use, under the core lock:
 *
 *     code = store_begin();             // the file lock; nothing to undo when it fails
 *     ... store_image() ...             // read
 *     image = store_change();           // a draft
 *     ... store_commit();               // now it is in force
 *     store_end();                      // a draft that was not committed is forgotten
 */
#ifndef PORTSIM_STORE_H
#define PORTSIM_STORE_H

#include <stdbool.h>
#include <stdint.h>

#define STORE_BLOCK_LIMIT 8192u
#define STORE_FAULT_LIMIT 32u
#define STORE_OWNER_LIMIT 4096u
#define STORE_PROCESS_LIMIT 8u
#define STORE_ENDPOINT_LIMIT 24u
#define STORE_SERVICE_LIMIT 16u
/* The owner of blocks that belong to no process. */
#define STORE_NO_OWNER UINT32_MAX

typedef enum block_kind_t {
  BLOCK_PERSISTENT = 1,
  BLOCK_RUNTIME = 2,
  BLOCK_SYSTEM = 3,
  BLOCK_EXCLUSION = 4,
  BLOCK_HIDDEN = 5,
  BLOCK_WINNAT = 6
} block_kind_t;

typedef struct block_t {
  uint64_t token;  /* 0 when this kind has none */
  uint64_t socket; /* runtime: the acquiring socket, as its process names it */
  uint32_t owner;  /* runtime: the liveness byte of the acquiring process */
  uint32_t holder; /* runtime: tells that socket from a later one with the same number */
  uint16_t start;  /* host byte order */
  uint16_t count;
  uint8_t protocol;
  uint8_t kind;
  uint8_t in_force; /* 0: an exclusion deleted with store=active, or WinNAT's while it is stopped */
  uint8_t survives; /* a restart */
} block_t;

typedef struct fault_t {
  char function[44];
  uint32_t code;
} fault_t;

/* What programs that are not there have on the simulated machine, see stand_ins.h. */
typedef struct process_t {
  uint32_t id;
  char image[252]; /* ASCII; "" when nobody may open it */
} process_t;

typedef struct endpoint_t {
  uint32_t process;
  uint16_t port; /* host byte order */
  uint8_t protocol;
  uint8_t family;      /* network.h's number */
  uint8_t address[16]; /* IPv4: the first four bytes */
  uint32_t state;      /* MIB_TCP_STATE_..., 0 for UDP */
  uint32_t reserved;
} endpoint_t;

typedef struct service_t {
  uint32_t process;
  char name[60]; /* ASCII */
} service_t;

typedef struct settings_t {
  uint32_t elevated;
  uint32_t unsupported;
  uint32_t delay_ms;
  uint32_t fault_count;
  struct {
    uint32_t start;
    uint32_t count;
  } dynamic[2][2]; /* TCP, UDP; IPv4, IPv6 */
  char language[16];
  uint32_t winnat;          /* winnat_t, see winnat.h */
  uint32_t winnat_delay_ms; /* how long stop and start take */
  uint64_t winnat_since;    /* platform_milliseconds() when the stop or start under way began */
  uint32_t winnat_disabled; /* it may run, and does not start any more */
  uint32_t reserved;
  uint32_t hcn;             /* PORTSIM_HCN_..., see portsim.h (N7) */
  uint32_t process_count;
  uint32_t endpoint_count;
  uint32_t service_count;
  fault_t faults[STORE_FAULT_LIMIT];
  process_t processes[STORE_PROCESS_LIMIT];
  endpoint_t endpoints[STORE_ENDPOINT_LIMIT];
  service_t services[STORE_SERVICE_LIMIT];
} settings_t;

typedef struct store_image_t {
  uint64_t checksum; /* of everything after it, up to the last block in use */
  uint64_t token_seed;
  uint64_t token_count;
  settings_t settings;
  uint32_t block_count;
  uint32_t reserved;
  block_t blocks[STORE_BLOCK_LIMIT];
} store_image_t;

/* NULL: PORTSIM_STATE, else the default path. 0 or a Win32 code; store_open_error tells more. */
/* One store at a time: another one is refused while one is open. */
uint32_t store_open(const char *utf8_path);
void store_close(void);
const char *store_open_error(void);

/* Opens the default store when none is open, but not in the place of one that was damaged. 0 or a Win32 code. */
uint32_t store_begin(void);
const store_image_t *store_image(void);
/* What the image in force is known by, its checksum; 0 while there is a draft: nobody knows yet what that will be. */
uint64_t store_fingerprint(void);
store_image_t *store_change(void);
void store_commit(void);
void store_end(void);

/* Everything empty and by default, but the place in the sequence of tokens. */
void store_clear(store_image_t *image);

/* Needs no store_begin: a hint, so that the common case, no fault asked for, costs no lock. */
bool store_may_have_faults(void);

/* The liveness byte of this process; STORE_NO_OWNER when it has none. */
uint32_t store_owner(void);
/* The same, but takes one when it has none; is_new: it did, and whatever the store has of this owner is of a dead process. */
uint32_t store_take_owner(bool *is_new);

#endif
