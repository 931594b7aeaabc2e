/*
 * A small test frame. A test is a sentence, with the id of the rule it checks, and a function; it gets a fresh store. A
 * failed check is printed with its place and fails its test, which goes on: what comes after often tells why.
 */
#ifndef PORTSIM_TESTS_CHECK_H
#define PORTSIM_TESTS_CHECK_H

#include <winsock2.h>
#include <ws2tcpip.h>
#include <mstcpip.h>
#include <iphlpapi.h>
#include <windows.h>
#include <computenetwork.h>
#include <winsvc.h>

#include <stdbool.h>
#include <stdint.h>

#include "../portsim.h"

typedef struct test_t {
  const char *name;
  void (*run)(void);
} test_t;

/* The rows of rules_test.c; the name is NULL behind the last. */
const char *rule_name(size_t index);
void rule_run(size_t index);

/* Each other suite is one file and ends with a row of NULL. */
extern const test_t socket_tests[];
extern const test_t overlapped_tests[];
extern const test_t store_tests[];
extern const test_t crafted_store_tests[];
extern const test_t netsh_tests[];
extern const test_t service_tests[];
extern const test_t hcn_tests[];
extern const test_t table_tests[];
extern const test_t kernel_tests[];
extern const test_t stand_in_tests[];
#ifndef _WIN32
extern const test_t process_tests[];
/* The roles this program plays when a test starts it again; the exit code. */
int process_role(int argc, char **argv);
#endif

void check_true(bool condition, const char *text, const char *file, int line);
void check_equal(uint64_t actual, uint64_t expected, const char *text, const char *file, int line);
#define CHECK(condition) check_true((condition), #condition, __FILE__, __LINE__)
#define CHECK_EQUAL(actual, expected) check_equal((uint64_t)(actual), (uint64_t)(expected), #actual, __FILE__, __LINE__)

/* Says which row of a table the checks that follow belong to; NULL: none. */
void check_context(const char *text);

/* The first of TEST_PORT_COUNT ports nobody used when the program started; above 1024, below the ephemeral range. */
#define TEST_PORT_COUNT 64
extern uint16_t base_port;

/* Windows' number of this process. */
uint32_t process_number(void);

/* A path in this run's own temp folder. Valid until the next call. */
const char *temporary_path(const char *name);
const char *store_path(void);
const char *netsh_path(void);
const char *own_path(void);

/* Short forms; port in host order. All give 0 or the Winsock code. */
SOCKET open_socket(int family, int type);
uint32_t bind_port(SOCKET s, int family, uint16_t port);
uint16_t bound_port(SOCKET s);
uint32_t acquire_block(SOCKET s, uint16_t start, uint16_t count, INET_PORT_RESERVATION_INSTANCE *instance);
uint32_t give_token(SOCKET s, DWORD code, uint64_t token);

#endif
