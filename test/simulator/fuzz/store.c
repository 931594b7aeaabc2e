/*
 * Damaged and crafted stores: store-fuzz <path of a new store> <seed> <first> <count>. Each input is the same good store with
 * random changes, in half of them with right checksums. It is opened, used as a program uses it, and at times changed again while
 * it is open. Under ASan and UBSan, whatever the store says, no call may go wrong in memory; it is refused with its reason and left
 * as it is, or works. Input N of a seed is always the same: "<seed> <N> 1" plays it again.
 */
#include <winsock2.h>
#include <iphlpapi.h>
#include <windows.h>
#include <computenetwork.h>
#include <winsvc.h>

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../portsim.h"
#include "../store_checksum.h"

#define MOST_EDITS 8
#define HEAD_SIZE 64u

typedef struct file_t {
  unsigned char head[HEAD_SIZE];
  store_image_t images[2];
} file_t;

static file_t original;
static file_t changed;
static uint64_t state;
static const char *path;

/* SplitMix64. */
static uint64_t random_word(void) {
  uint64_t word = (state += UINT64_C(0x9E3779B97F4A7C15));
  word = (word ^ (word >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
  word = (word ^ (word >> 27)) * UINT64_C(0x94D049BB133111EB);
  return word ^ (word >> 31);
}

static size_t below(size_t limit) { return (size_t)(random_word() % limit); }

static void must(bool condition, const char *what) {
  if (!condition) {
    printf("not so: %s\n", what);
    exit(1);
  }
}

/* Where changes are: the beginning of the file, and of each image the numbers and the first blocks. */
#define CHANGED_BLOCKS 16
#define ZONE (offsetof(store_image_t, blocks) + CHANGED_BLOCKS * sizeof(block_t))

/* The places where changes are; all of it after the library has written to it, or where it has another length. */
static void write_store(const file_t *bytes, bool is_all) {
  FILE *stream = fopen(path, "r+b");
  must(stream != NULL, "the store can be written");
  if (is_all) {
    must(fwrite(bytes, sizeof *bytes, 1, stream) == 1, "the store can be written");
  } else {
    must(fwrite(bytes, HEAD_SIZE + ZONE, 1, stream) == 1, "the store can be written");
    must(fseek(stream, (long)offsetof(file_t, images[1]), SEEK_SET) == 0, "the store can be written");
    must(fwrite(&bytes->images[1], ZONE, 1, stream) == 1, "the store can be written");
  }
  must(fclose(stream) == 0, "the store can be written");
}

static void write_shorter(size_t size) {
  FILE *stream = fopen(path, "wb");
  must(stream != NULL && fwrite(&changed, 1, size, stream) == size && fclose(stream) == 0, "the store can be written");
}

static void read_store(void *bytes) {
  FILE *stream = fopen(path, "rb");
  must(stream != NULL && fread(bytes, 1, sizeof(file_t), stream) == sizeof(file_t) && fclose(stream) == 0, "the store can be read");
}

static size_t random_place(void) {
  const size_t image = HEAD_SIZE + below(2) * sizeof(store_image_t);
  switch (below(4)) {
  case 0: return below(HEAD_SIZE);
  case 1: return image + below(offsetof(store_image_t, settings));
  case 2: return image + offsetof(store_image_t, settings) + below(sizeof(settings_t));
  default: return image + offsetof(store_image_t, block_count) + below(CHANGED_BLOCKS * sizeof(block_t));
  }
}

static void change(void) {
  static const uint64_t limits[] = {0, 1, 2, 7, 0x7f, 0x80, 0xff, 0x7fff, 0xffff, STORE_BLOCK_LIMIT, STORE_BLOCK_LIMIT + 1, 0x7fffffff, 0x80000000, 0xffffffff, UINT64_MAX};
  unsigned char *bytes = (unsigned char *)&changed;
  for (size_t edits = 1 + below(MOST_EDITS); edits > 0; edits--) {
    const size_t place = random_place();
    const size_t width = (size_t)1 << below(4);
    if (below(2) == 0) {
      bytes[place] ^= (unsigned char)(1u << below(8));
    } else {
      /* A number of 1 to 8 bytes, where such a number may be. */
      const uint64_t value = below(3) == 0 ? random_word() : limits[below(sizeof limits / sizeof *limits)];
      memcpy(bytes + place / width * width, &value, width);
    }
  }
  if (below(2) == 0) {
    for (int index = 0; index < 2; index++) {
      if (changed.images[index].block_count <= STORE_BLOCK_LIMIT) {
        changed.images[index].checksum = store_checksum(&changed.images[index]);
      }
    }
  }
}

/* What a program does: ask, list, make and take away. What it is told depends on the store. */
static void use_store(void) {
  ULONG64 token = 0;
  const USHORT port = htons((USHORT)(1 + below(65535)));
  const USHORT count = (USHORT)below(32);
  LookupPersistentTcpPortReservation(htons(21000), 4, &token);
  if (CreatePersistentUdpPortReservation(port, count, &token) == 0) {
    must(token != 0, "a reservation has a token");
    must(DeletePersistentUdpPortReservation(port, count) == 0, "what was made can be deleted");
  }
  portsim_add_exclusion(PORTSIM_TCP, 22000, 4, PORTSIM_STORE_PERSISTENT);
  portsim_remove_exclusion(PORTSIM_TCP, 22000, 4);
  portsim_set_winnat(PORTSIM_WINNAT_RUNNING);
  must(portsim_winnat_state() <= PORTSIM_WINNAT_RUNNING || portsim_open_error()[0] != '\0', "winnat has a state");

  /* Seldom: it looks at every process of the machine. */
  static unsigned char table[1 << 20];
  for (int family = 0; family < 2 && below(16) == 0; family++) {
    DWORD size = sizeof table;
    GetExtendedTcpTable(table, &size, TRUE, family == 0 ? AF_INET : AF_INET6, TCP_TABLE_OWNER_PID_ALL, 0);
    size = sizeof table;
    GetExtendedUdpTable(table, &size, TRUE, family == 0 ? AF_INET : AF_INET6, UDP_TABLE_OWNER_PID, 0);
  }
  SOCKET socket = WSASocketW(AF_INET, SOCK_STREAM, IPPROTO_TCP, NULL, 0, WSA_FLAG_OVERLAPPED);
  if (socket != INVALID_SOCKET) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(21001)};
    bind(socket, (struct sockaddr *)&address, sizeof address);
    closesocket(socket);
  }
}

static void make_original(void) {
  ULONG64 token;
  must(portsim_open(path) == 0, "a new store opens");
  must(CreatePersistentTcpPortReservation(htons(21000), 4, &token) == 0, "a reservation is made");
  must(CreatePersistentUdpPortReservation(htons(21000), 4, &token) == 0, "a reservation is made");
  must(portsim_add_exclusion(PORTSIM_UDP, 21100, 9, PORTSIM_STORE_ACTIVE) == 0, "an exclusion is made");
  must(portsim_add_system_block(PORTSIM_TCP, 21200, 50, PORTSIM_KIND_WINNAT) == 0, "a block of WinNAT is made");
  must(portsim_add_hidden_holder(PORTSIM_TCP, 21300, 5) == 0, "a hidden holder is made");
  must(portsim_set_process(5000, "C:\\a\\b.exe") == 0, "a process is made");
  must(portsim_add_endpoint(PORTSIM_TCP, "::1", 21400, 2, 5000) == 0, "an endpoint is made");
  must(portsim_add_service("Spooler", 5000) == 0, "a service is made");
  must(portsim_fail_next("listen", 5) == 0, "a fault is asked for");
  /* Twice, so that both images hold all of it. */
  must(portsim_set_elevated(1) == 0, "the store can be changed");
  must(portsim_close() == 0, "the store closes");
  read_store(&original);
}

int main(int argc, char **argv) {
  WSADATA data;
  must(argc == 5, "store-fuzz <path> <seed> <first> <count>");
  path = argv[1];
  const uint64_t seed = strtoull(argv[2], NULL, 10);
  const uint64_t first = strtoull(argv[3], NULL, 10);
  const uint64_t end = first + strtoull(argv[4], NULL, 10);
  uint64_t refused = 0, opened = 0, damaged = 0;
  setvbuf(stdout, NULL, _IONBF, 0);
  must(WSAStartup(MAKEWORD(2, 2), &data) == 0, "Winsock starts");
  make_original();
  for (uint64_t input = first; input < end; input++) {
    state = seed + input * UINT64_C(0xD1342543DE82EF95);
    /* Read where this program dies. */
    if (input % 256 == 0 || end - first == 1) {
      printf("input %llu\n", (unsigned long long)input);
    }
    changed = original;
    change();
    bool is_all = below(64) == 0;
    if (is_all) {
      write_shorter(below(sizeof(file_t)));
    } else {
      write_store(&changed, false);
    }
    const uint32_t code = portsim_open(path);
    if (code != 0) {
      must(code == PORTSIM_ERROR_NOT_A_STORE, "a bad store is refused as no store");
      must(portsim_open_error()[0] != '\0', "a refusal has a reason");
      refused++;
    } else {
      opened++;
      is_all = true;
      use_store();
      if (below(4) == 0) {
        read_store(&changed);
        change();
        write_store(&changed, true);
        use_store();
        damaged++;
      }
    }
    portsim_close();
    write_store(&original, is_all);
  }
  printf("%llu refused, %llu opened, %llu damaged while open\n", (unsigned long long)refused, (unsigned long long)opened, (unsigned long long)damaged);
  return 0;
}
