/* The store's file: what it refuses, what it keeps, how much it holds. */
#include "check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void write_file(const char *path, const void *bytes, size_t size) {
  FILE *file = fopen(path, "wb");
  CHECK(file != NULL);
  if (file != NULL) {
    CHECK_EQUAL(fwrite(bytes, 1, size, file), size);
    fclose(file);
  }
}

static size_t read_file(const char *path, void *bytes, size_t size) {
  FILE *file = fopen(path, "rb");
  size_t length = file != NULL ? fread(bytes, 1, size, file) : 0;
  if (file != NULL) {
    fclose(file);
  }
  return length;
}

/* A store of its own, in the place of the test's: one process has one at a time. */
static const char *new_path(const char *name) {
  static char path[1024];
  portsim_close();
  snprintf(path, sizeof path, "%s", temporary_path(name));
  return path;
}

static void foreign_file(void) {
  const char text[] = "somebody's letter";
  char back[sizeof text] = "";
  const char *path = new_path("letter");
  write_file(path, text, sizeof text);
  CHECK_EQUAL(portsim_open(path), PORTSIM_ERROR_NOT_A_STORE);
  CHECK(strstr(portsim_open_error(), "letter") != NULL);
  CHECK_EQUAL(read_file(path, back, sizeof back), sizeof text);
  CHECK(memcmp(text, back, sizeof text) == 0);
  remove(path);
}

/* A store in which one byte changed, at every kind of place. */
static void corrupt_file(void) {
  enum { SIZE = 1 << 20 };
  unsigned char *bytes = malloc(SIZE);
  ULONG64 token;
  const char *path = new_path("corrupt");
  CHECK_EQUAL(portsim_open(path), 0);
  CHECK_EQUAL(CreatePersistentTcpPortReservation(htons(base_port), 1, &token), 0);
  portsim_close();
  size_t size = read_file(path, bytes, SIZE);
  CHECK(size > 4096 && size < SIZE);
  size_t half = 64 + (size - 64) / 2;
  const size_t places[] = {0, 16, 20, 24, half + 8, half + 40, half + 1612};
  for (size_t index = 0; index < sizeof places / sizeof *places; index++) {
    bytes[places[index]] ^= 0x40;
    write_file(path, bytes, size);
    CHECK_EQUAL(portsim_open(path), PORTSIM_ERROR_NOT_A_STORE);
    bytes[places[index]] ^= 0x40;
  }
  write_file(path, bytes, size - 1);
  CHECK_EQUAL(portsim_open(path), PORTSIM_ERROR_NOT_A_STORE);
  write_file(path, bytes, size);
  CHECK_EQUAL(portsim_open(path), 0);
  CHECK_EQUAL(LookupPersistentTcpPortReservation(htons(base_port), 1, &token), 0);
  portsim_close();
  /* What a process leaves that was killed while it made the store. */
  memset(bytes, 0, size);
  write_file(path, bytes, size);
  CHECK_EQUAL(portsim_open(path), 0);
  CHECK_EQUAL(CreatePersistentTcpPortReservation(htons(base_port), 1, &token), 0);
  portsim_close();
  remove(path);
  free(bytes);
}

static void damaged_while_open(void) {
  ULONG64 token;
  const char *path = new_path("cut");
  CHECK_EQUAL(portsim_open(path), 0);
#ifndef _WIN32 /* Windows lets nobody cut a file that is mapped. */
  write_file(path, "", 0);
  for (int times = 0; times < 3; times++) {
    CHECK_EQUAL(CreatePersistentTcpPortReservation(htons(base_port), 1, &token), PORTSIM_ERROR_NOT_A_STORE);
    CHECK(strstr(portsim_open_error(), "damaged") != NULL);
  }
  CHECK_EQUAL(portsim_open(path), 0); /* An empty file is a new store. */
  /* Nor remove it, or put another one in its place: whoever opens that next is alone with it. */
  remove(path);
  CHECK_EQUAL(CreatePersistentTcpPortReservation(htons(base_port), 1, &token), PORTSIM_ERROR_NOT_A_STORE);
  CHECK_EQUAL(portsim_open(path), 0);
#endif
  CHECK_EQUAL(CreatePersistentTcpPortReservation(htons(base_port), 1, &token), 0);
  portsim_close();
  remove(path);
}

/* A store another version of the library left, told by the head alone. */
static void other_version(void) {
  unsigned char bytes[4096] = "portsim store\r\n";
  const char *path = new_path("old");
  bytes[16] = 1;
  write_file(path, bytes, sizeof bytes);
  CHECK_EQUAL(portsim_open(path), PORTSIM_ERROR_NOT_A_STORE);
  CHECK(strstr(portsim_open_error(), "version 1") != NULL && strstr(portsim_open_error(), "version 5") != NULL);
  CHECK_EQUAL(read_file(path, bytes, sizeof bytes), sizeof bytes);
  remove(path);
}

static void two_stores(void) {
  char other[1024];
  ULONG64 token;
  snprintf(other, sizeof other, "%s", temporary_path("other"));
  CHECK_EQUAL(CreatePersistentTcpPortReservation(htons(base_port), 1, &token), 0);
  CHECK_EQUAL(portsim_open(other), ERROR_SHARING_VIOLATION);
  CHECK(strstr(portsim_open_error(), "another store") != NULL);
  CHECK_EQUAL(LookupPersistentTcpPortReservation(htons(base_port), 1, &token), 0);
  portsim_close();
  CHECK_EQUAL(portsim_open(other), 0);
  CHECK_EQUAL(LookupPersistentTcpPortReservation(htons(base_port), 1, &token), ERROR_NOT_FOUND);
  portsim_close();
  remove(other);
}

static void no_such_folder(void) {
  portsim_close();
  CHECK_EQUAL(portsim_open(temporary_path("missing/store")), ERROR_PATH_NOT_FOUND);
  CHECK(portsim_open_error()[0] != '\0');
  CHECK(portsim_open(temporary_path("")) != 0);
  CHECK_EQUAL(portsim_open(""), ERROR_PATH_NOT_FOUND);
}

static void opened_again(void) {
  SOCKET s = open_socket(AF_INET, SOCK_STREAM);
  INET_PORT_RESERVATION_INSTANCE instance;
  CHECK_EQUAL(acquire_block(s, base_port, 2, &instance), 0);
  CHECK_EQUAL(portsim_open(store_path()), 0);
  CHECK_EQUAL(give_token(s, SIO_ASSOCIATE_PORT_RESERVATION, instance.Token), 0);
  portsim_close();
  CHECK_EQUAL(portsim_open(store_path()), 0);
  CHECK_EQUAL(give_token(s, SIO_ASSOCIATE_PORT_RESERVATION, instance.Token), WSAEINVAL);
  closesocket(s);
}

static void full(void) {
  enum { LIMIT = 8192 };
  ULONG64 token;
  for (uint32_t index = 0; index < LIMIT; index++) {
    CHECK_EQUAL(portsim_add_system_block(index % 2 != 0 ? PORTSIM_TCP : PORTSIM_UDP, 40000 + index, 1, 0), 0);
  }
  CHECK_EQUAL(portsim_add_system_block(PORTSIM_TCP, 39999, 1, 0), ERROR_NO_SYSTEM_RESOURCES);
  CHECK_EQUAL(CreatePersistentTcpPortReservation(htons(base_port), 1, &token), ERROR_NO_SYSTEM_RESOURCES);
  CHECK_EQUAL(portsim_remove_system_block(PORTSIM_UDP, 40000, 1), 0);
  CHECK_EQUAL(CreatePersistentTcpPortReservation(htons(base_port), 1, &token), 0);
}

static void arguments(void) {
  CHECK_EQUAL(portsim_add_system_block(1, 5000, 1, 0), ERROR_INVALID_PARAMETER);
  CHECK_EQUAL(portsim_add_hidden_holder(PORTSIM_TCP, 0, 1), ERROR_INVALID_PARAMETER);
  CHECK_EQUAL(portsim_add_exclusion(PORTSIM_TCP + 256, 5000, 1, 0), ERROR_INVALID_PARAMETER);
  CHECK_EQUAL(portsim_add_exclusion(PORTSIM_TCP, 65535, 2, 0), ERROR_INVALID_PARAMETER);
  CHECK_EQUAL(portsim_set_dynamic_range(PORTSIM_TCP, 60000, 16384), ERROR_INVALID_PARAMETER);
  CHECK_EQUAL(portsim_set_elevated(2), ERROR_INVALID_PARAMETER);
  CHECK_EQUAL(portsim_set_hcn(PORTSIM_HCN_IN_BYTES + 1), ERROR_INVALID_PARAMETER);
  CHECK_EQUAL(portsim_set_winnat(PORTSIM_WINNAT_STOPPING), ERROR_INVALID_PARAMETER);
  CHECK_EQUAL(portsim_set_winnat_delay(PORTSIM_MAXIMUM_DELAY_MS + 1), ERROR_INVALID_PARAMETER);
  CHECK_EQUAL(portsim_add_system_block(PORTSIM_TCP, 5000, 1, 2), ERROR_INVALID_PARAMETER);
  CHECK_EQUAL(portsim_set_language(""), ERROR_INVALID_PARAMETER);
  CHECK_EQUAL(portsim_set_language("a-language-nobody-speaks"), ERROR_INVALID_PARAMETER);
  CHECK_EQUAL(portsim_remove_system_block(PORTSIM_TCP, 5000, 1), ERROR_NOT_FOUND);
  CHECK_EQUAL(portsim_set_elevated(0), 0);
  CHECK_EQUAL(portsim_is_elevated(), 0);
  CHECK_EQUAL(portsim_reset(), 0);
  CHECK_EQUAL(portsim_is_elevated(), 1);
  CHECK(strncmp(portsim_version(), "portsim ", 8) == 0);
}

const test_t store_tests[] = {
    {"A foreign file is refused and left as it is", foreign_file},
    {"A corrupt store is refused, an unfinished one is made", corrupt_file},
    {"A store of another version is refused, and says of which", other_version},
    {"A store cut or removed while it is open is noticed", damaged_while_open},
    {"Another store is refused while one is open", two_stores},
    {"A path where no store can be is an error with a reason", no_such_folder},
    {"Opening the same store again changes nothing, closing it ends runtime blocks", opened_again},
    {"A store holds 8192 blocks", full},
    {"The knobs check their arguments", arguments},
    {NULL, NULL},
};
