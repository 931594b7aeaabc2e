#include "check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifdef _WIN32
#include <direct.h>
#define make_folder(path) _mkdir(path)
#define remove_folder(path) _rmdir(path)
#define own_number() GetCurrentProcessId()
#else
#include <sys/stat.h>
#include <unistd.h>
#define make_folder(path) mkdir(path, 0700)
#define remove_folder(path) rmdir(path)
#define own_number() getpid()
#endif

uint16_t base_port;

static bool failed;
static const char *context;
static char folder[512];
static char netsh[512];
static char own[512];

void check_context(const char *text) { context = text; }

static void report(const char *text, const char *file, int line) {
  failed = true;
  printf("    %s:%d: %s%s%s\n", file, line, text, context != NULL ? " -- " : "", context != NULL ? context : "");
}

void check_true(bool condition, const char *text, const char *file, int line) {
  if (!condition) {
    report(text, file, line);
  }
}

void check_equal(uint64_t actual, uint64_t expected, const char *text, const char *file, int line) {
  if (actual != expected) {
    char message[256];
    snprintf(message, sizeof message, "%s is %llu, expected %llu", text, (unsigned long long)actual,
             (unsigned long long)expected);
    report(message, file, line);
  }
}

const char *temporary_path(const char *name) {
  static char path[1024];
  snprintf(path, sizeof path, "%s/%s", folder, name);
  return path;
}

const char *store_path(void) {
  static char path[1024];
  snprintf(path, sizeof path, "%s/store", folder);
  return path;
}

const char *netsh_path(void) { return netsh; }

const char *own_path(void) { return own; }

uint32_t process_number(void) { return (uint32_t)own_number(); }

SOCKET open_socket(int family, int type) {
  return WSASocketW(family, type, 0, NULL, 0, WSA_FLAG_OVERLAPPED | WSA_FLAG_NO_HANDLE_INHERIT);
}

static uint32_t code_of(int result) { return result == 0 ? 0 : (uint32_t)WSAGetLastError(); }

uint32_t bind_port(SOCKET s, int family, uint16_t port) {
  struct sockaddr_in6 six;
  memset(&six, 0, sizeof six);
  six.sin6_family = (USHORT)family;
  six.sin6_port = htons(port); /* At the same place in both families. */
  return code_of(bind(s, (struct sockaddr *)&six,
                      family == AF_INET ? (int)sizeof(struct sockaddr_in) : (int)sizeof(struct sockaddr_in6)));
}

uint16_t bound_port(SOCKET s) {
  struct sockaddr_in6 six;
  int length = sizeof six;
  memset(&six, 0, sizeof six);
  return getsockname(s, (struct sockaddr *)&six, &length) == 0 ? ntohs(six.sin6_port) : 0;
}

uint32_t acquire_block(SOCKET s, uint16_t start, uint16_t count, INET_PORT_RESERVATION_INSTANCE *instance) {
  INET_PORT_RANGE range = {htons(start), count};
  DWORD returned = 77;
  uint32_t code = code_of(WSAIoctl(s, SIO_ACQUIRE_PORT_RESERVATION, &range, sizeof range, instance, sizeof *instance,
                                   &returned, NULL, NULL));
  CHECK_EQUAL(returned, code == 0 ? sizeof *instance : 0);
  return code;
}

uint32_t give_token(SOCKET s, DWORD code, uint64_t token) {
  INET_PORT_RESERVATION_TOKEN input = {token};
  DWORD returned = 77;
  return code_of(WSAIoctl(s, code, &input, sizeof input, NULL, 0, &returned, NULL, NULL));
}

static bool is_free(uint16_t port) {
  bool free_for_all = true;
  const int types[] = {SOCK_STREAM, SOCK_DGRAM};
  const int families[] = {AF_INET, AF_INET6};
  for (int index = 0; index < 4; index++) {
    SOCKET s = open_socket(families[index / 2], types[index % 2]);
    free_for_all = bind_port(s, families[index / 2], port) == 0 && free_for_all;
    closesocket(s);
  }
  return free_for_all;
}

/* Other tests may run on this machine: start somewhere, by the process number, and look for quiet ports. */
static void find_base_port(void) {
  uint16_t start = (uint16_t)(12000 + process_number() % 250 * TEST_PORT_COUNT);
  for (uint16_t port = start; port < start + TEST_PORT_COUNT; port++) {
    if (!is_free(port)) {
      start = (uint16_t)(port + 1);
    }
  }
  base_port = start;
}

static const char *filter; /* a part of the name; NULL: all tests */
static int passed;
static int not_passed;

static bool begin_test(const char *name) {
  failed = false;
  context = NULL;
  if (filter != NULL && strstr(name, filter) == NULL) {
    return false;
  }
  CHECK_EQUAL(portsim_open(store_path()), 0);
  CHECK_EQUAL(portsim_reset(), 0);
  return true;
}

static void end_test(const char *name) {
  *(failed ? &not_passed : &passed) += 1;
  printf("%s %s\n", failed ? "not ok" : "ok", name);
  fflush(stdout);
}

static void run_suite(const test_t *tests) {
  for (const test_t *test = tests; test->name != NULL; test++) {
    if (begin_test(test->name)) {
      test->run();
      end_test(test->name);
    }
  }
}

static void run_rules(void) {
  for (size_t index = 0; rule_name(index) != NULL; index++) {
    if (begin_test(rule_name(index))) {
      rule_run(index);
      end_test(rule_name(index));
    }
  }
}

/* tests <netsh> [part of a test's name] */
int main(int argc, char **argv) {
  WSADATA data;
  if (WSAStartup(MAKEWORD(2, 2), &data) != 0 || argc < 2) {
    return 2;
  }
#ifndef _WIN32
  if (strncmp(argv[1], "role:", 5) == 0) {
    return process_role(argc, argv);
  }
#endif
  const char *temporary = getenv("TMPDIR") != NULL ? getenv("TMPDIR") : getenv("TEMP") != NULL ? getenv("TEMP") : "/tmp";
  snprintf(folder, sizeof folder, "%s/portsim-tests-%u", temporary, process_number());
  snprintf(netsh, sizeof netsh, "%s", argv[1]);
  snprintf(own, sizeof own, "%s", argv[0]);
  if (make_folder(folder) != 0 || portsim_open(store_path()) != 0) {
    return 2;
  }
  find_base_port();
  filter = argc > 2 ? argv[2] : NULL;
  run_rules();
  run_suite(socket_tests);
  run_suite(overlapped_tests);
  run_suite(store_tests);
  run_suite(crafted_store_tests);
  run_suite(netsh_tests);
  run_suite(service_tests);
  run_suite(hcn_tests);
  run_suite(table_tests);
  run_suite(kernel_tests);
  run_suite(stand_in_tests);
#ifndef _WIN32
  run_suite(process_tests);
#endif
  portsim_close();
  remove(store_path());
  remove_folder(folder);
  WSACleanup();
  printf("%d passed, %d failed\n", passed, not_passed);
  return not_passed == 0 ? 0 : 1;
}
