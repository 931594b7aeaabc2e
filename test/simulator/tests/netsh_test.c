/* netsh: N3 to N6, N8, its texts and exit codes. */
#include "check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifdef _WIN32
#define popen _popen
#define pclose _pclose
#define exit_code_of(status) (status)
#define set_variable(name, value) _putenv_s(name, value)
#else
#include <sys/wait.h>
#define exit_code_of(status) (WIFEXITED(status) ? WEXITSTATUS(status) : -1)
#define set_variable(name, value) setenv(name, value, 1)
#endif

static char output[4096];

/* cmd.exe did not start it, which happens at times under Wine. */
#define NOT_STARTED 9009

static int run_netsh(const char *arguments) {
  char command[1024];
  set_variable("PORTSIM_STATE", store_path());
  snprintf(command, sizeof command, "\"%s\" %s", netsh_path(), arguments);
  FILE *pipe = popen(command, "r");
  CHECK(pipe != NULL);
  if (pipe == NULL) {
    return -1;
  }
  size_t length = fread(output, 1, sizeof output - 1, pipe);
  output[length] = '\0';
  int status = pclose(pipe);
  set_variable("PORTSIM_STATE", "");
  char *to = output;
  for (const char *from = output; *from != '\0'; from++) {
    if (*from != '\r') {
      *to++ = *from;
    }
  }
  *to = '\0';
  return exit_code_of(status);
}

/* The exit code; what netsh printed is in output, with '\n' alone. */
static int netsh(const char *arguments) {
  int code = run_netsh(arguments);
  return code == NOT_STARTED ? run_netsh(arguments) : code;
}

static void check_output(const char *expected) {
  if (strcmp(output, expected) != 0) {
    CHECK(!"netsh printed something else");
    printf("--- expected\n%s--- printed\n%s---\n", expected, output);
  }
}

static void layout(void) {
  SOCKET s = open_socket(AF_INET, SOCK_STREAM);
  ULONG64 token;
  INET_PORT_RESERVATION_INSTANCE instance;
  char expected[1024];
  CHECK_EQUAL(portsim_add_system_block(PORTSIM_TCP, 50100, 100, 0), 0);
  CHECK_EQUAL(portsim_add_system_block(PORTSIM_TCP, 50000, 100, 0), 0);
  CHECK_EQUAL(portsim_add_exclusion(PORTSIM_TCP, 80, 1, PORTSIM_STORE_PERSISTENT), 0);
  CHECK_EQUAL(portsim_add_hidden_holder(PORTSIM_TCP, 81, 1), 0);
  CHECK_EQUAL(CreatePersistentTcpPortReservation(htons(base_port), 2, &token), 0);
  CHECK_EQUAL(acquire_block(s, (uint16_t)(base_port + 2), 2, &instance), 0);
  snprintf(expected, sizeof expected,
           "\nProtocol tcp Port Exclusion Ranges\n\n"
           "Start Port    End Port      \n----------    --------      \n"
           "        80          80     *\n%10d%12d      \n%10d%12d      \n"
           "     50000       50099      \n     50100       50199      \n\n"
           "* - Administered port exclusions.\n\n",
           base_port, base_port + 1, base_port + 2, base_port + 3);
  CHECK_EQUAL(netsh("interface ipv4 show excludedportrange protocol=tcp"), 0);
  check_output(expected);
  CHECK_EQUAL(netsh("int ipv6 sh excludedportrange tcp store=active"), 0); /* N6 */
  check_output(expected);
  snprintf(expected, sizeof expected,
           "\nProtocol tcp Port Exclusion Ranges\n\n"
           "Start Port    End Port      \n----------    --------      \n"
           "        80          80     *\n%10d%12d      \n\n* - Administered port exclusions.\n\n",
           base_port, base_port + 1);
  CHECK_EQUAL(netsh("interface ipv4 show excludedportrange protocol=tcp store=persistent"), 0);
  check_output(expected);
  closesocket(s);
}

static void empty_list(void) {
  CHECK_EQUAL(netsh("interface ipv4 show excludedportrange protocol=udp"), 0);
  check_output("\nProtocol udp Port Exclusion Ranges\n\nStart Port    End Port      \n----------    --------      \n\n"
               "* - Administered port exclusions.\n\n");
}

static void dynamic_range(void) {
  CHECK_EQUAL(portsim_set_dynamic_range(PORTSIM_TCP, 1024, 13977), 0);
  CHECK_EQUAL(netsh("interface ipv4 show dynamicport tcp"), 0);
  check_output("\nProtocol tcp Dynamic Port Range\n---------------------------------\n"
               "Start Port      : 1024\nNumber of Ports : 13977\n\n");
  CHECK_EQUAL(netsh("interface ipv6 show dynamicport protocol=udp"), 0);
  CHECK(strstr(output, ": 49152\n") != NULL && strstr(output, ": 16384\n") != NULL);
}

/* N8, N10: each family and protocol is set for itself, within bounds, by an administrator. */
static void set_dynamic_range(void) {
  static const char *const wrong[] = {"start=1024 num=16384", "start=49152 num=254", "start=49153 num=16384", "start=0 num=300",
                                      "start=70000 num=300", "start=49152 num=16384 store=active"};
  char arguments[160];
  CHECK_EQUAL(netsh("int ipv4 set dynamicport tcp start=1025 num=255"), 0);
  check_output("Ok.\n\n");
  CHECK_EQUAL(netsh("interface ipv6 set dynamicportrange protocol=udp startport=40000 numberofports=25536 store=persistent"), 0);
  CHECK_EQUAL(netsh("interface ipv4 show dynamicport tcp"), 0);
  CHECK(strstr(output, ": 1025\n") != NULL && strstr(output, ": 255\n") != NULL);
  CHECK_EQUAL(netsh("interface ipv6 show dynamicport tcp"), 0);
  CHECK(strstr(output, ": 49152\n") != NULL && strstr(output, ": 16384\n") != NULL);
  CHECK_EQUAL(netsh("interface ipv6 show dynamicport udp"), 0);
  CHECK(strstr(output, ": 40000\n") != NULL && strstr(output, ": 25536\n") != NULL);
  for (size_t index = 0; index < sizeof wrong / sizeof *wrong; index++) {
    check_context(wrong[index]);
    snprintf(arguments, sizeof arguments, "interface ipv4 set dynamicport udp %s", wrong[index]);
    CHECK_EQUAL(netsh(arguments), 1);
  }
  CHECK_EQUAL(netsh("interface ipv4 set dynamicport udp start=49152"), 1);
  CHECK_EQUAL(portsim_set_elevated(0), 0);
  CHECK_EQUAL(netsh("interface ipv4 set dynamicport udp start=40000 num=300"), 1);
  check_output("The requested operation requires elevation (Run as administrator).\n\n");
  CHECK_EQUAL(portsim_set_elevated(1), 0);
  CHECK_EQUAL(portsim_fail_next("netsh ipv6 set", 5), 0);
  CHECK_EQUAL(netsh("interface ipv4 set dynamicport tcp start=40000 num=300"), 0);
  CHECK_EQUAL(netsh("interface ipv6 set dynamicport tcp start=40000 num=300"), 1);
  CHECK_EQUAL(netsh("interface ipv4 show dynamicport udp"), 0);
  CHECK(strstr(output, ": 49152\n") != NULL && strstr(output, ": 16384\n") != NULL);
}

static void languages(void) {
  static const struct {
    const char *language;
    const char *title;
  } titles[] = {
      {"en", "Protocol tcp Port Exclusion Ranges"},
      {"fr", "Protocole tcp Plages d'exclusion de ports"},
#ifndef _WIN32 /* There the text is in the console's code page, which has no such letters everywhere. */
      {"de", "Portausschlussbereiche f\xC3\xBCr das Protokoll \"tcp\""},
      {"es", "Protocolo tcp Intervalos de exclusi\xC3\xB3n de puertos"},
      {"ru", "\xD0\x9F\xD1\x80\xD0\xBE\xD1\x82\xD0\xBE\xD0\xBA\xD0\xBE\xD0\xBB tcp "},
      {"ko", "\xED\x94\x84\xEB\xA1\x9C\xED\x86\xA0\xEC\xBD\x9C tcp "},
      {"zh-CN", "\xE5\x8D\x8F\xE8\xAE\xAE tcp "},
#endif
      {"xx", "Protocol tcp Port Exclusion Ranges"},
  };
  CHECK_EQUAL(portsim_add_exclusion(PORTSIM_TCP, 80, 2, PORTSIM_STORE_PERSISTENT), 0);
  for (size_t index = 0; index < sizeof titles / sizeof *titles; index++) {
    check_context(titles[index].language);
    CHECK_EQUAL(portsim_set_language(titles[index].language), 0);
    CHECK_EQUAL(netsh("interface ipv4 show excludedportrange protocol=tcp"), 0);
    CHECK(strstr(output, titles[index].title) != NULL);
    CHECK(strstr(output, "\n        80          81     *\n") != NULL);
  }
}

static void add_and_delete(void) {
  char arguments[160];
  const char *words[] = {"add", "delete"};
  for (int index = 0; index < 2; index++) {
    snprintf(arguments, sizeof arguments,
             "interface ipv4 %s excludedportrange protocol=tcp numberofports=3 startport=%d", words[index], base_port);
    CHECK_EQUAL(portsim_set_elevated(0), 0);
    CHECK_EQUAL(netsh(arguments), 1);
    check_output("The requested operation requires elevation (Run as administrator).\n\n");
    CHECK_EQUAL(portsim_set_elevated(1), 0);
    CHECK_EQUAL(netsh(arguments), 0);
    check_output("Ok.\n\n");
    CHECK_EQUAL(netsh(arguments), 1);
    check_output(index == 0 ? "The process cannot access the file because it is being used by another process.\n\n"
                            : "Element not found.\n\n");
  }
  snprintf(arguments, sizeof arguments, "int ipv4 delete excludedportrange tcp %d 1", base_port);
  CHECK_EQUAL(portsim_add_exclusion(PORTSIM_TCP, base_port, 2, PORTSIM_STORE_PERSISTENT), 0);
  CHECK_EQUAL(netsh(arguments), 1); /* Exactly the block, no part of it. */
}

static bool lists(const char *arguments, uint16_t port) {
  char row[32];
  snprintf(row, sizeof row, "\n%10d%12d     *\n", port, port);
  CHECK_EQUAL(netsh(arguments), 0);
  return strstr(output, row) != NULL;
}

static void stores(void) {
  const char *active = "int ipv4 show excludedportrange udp";
  const char *persistent = "int ipv4 show excludedportrange udp persistent";
  char arguments[160];
  snprintf(arguments, sizeof arguments, "int ipv4 add excludedportrange udp %d 1 active", base_port);
  CHECK_EQUAL(netsh(arguments), 0);
  snprintf(arguments, sizeof arguments, "int ipv4 add excludedportrange udp %d 1", base_port + 1);
  CHECK_EQUAL(netsh(arguments), 0);
  CHECK(lists(active, base_port) && !lists(persistent, base_port));
  CHECK(lists(active, (uint16_t)(base_port + 1)) && lists(persistent, (uint16_t)(base_port + 1)));
  snprintf(arguments, sizeof arguments, "int ipv4 delete excludedportrange udp %d 1 store=active", base_port + 1);
  CHECK_EQUAL(netsh(arguments), 0);
  CHECK(!lists(active, (uint16_t)(base_port + 1)) && lists(persistent, (uint16_t)(base_port + 1)));
  CHECK_EQUAL(portsim_restart(), 0);
  CHECK(!lists(active, base_port) && lists(active, (uint16_t)(base_port + 1)));
}

/* N9: WinNAT's blocks are in the list of what is in force while it runs, and never in the persistent one. */
static void winnat(void) {
  static const struct {
    uint32_t state;
    bool is_listed;
  } rows[] = {{PORTSIM_WINNAT_RUNNING, true}, {PORTSIM_WINNAT_STOPPED, false}, {PORTSIM_WINNAT_RUNNING, true}};
  /* Below the ports that the host hands out by itself: a start leaves out a block with one in use. */
  CHECK_EQUAL(portsim_add_system_block(PORTSIM_TCP, 31000, 100, PORTSIM_KIND_WINNAT), 0);
  for (size_t index = 0; index < sizeof rows / sizeof *rows; index++) {
    CHECK_EQUAL(portsim_set_winnat(rows[index].state), 0);
    CHECK_EQUAL(netsh("interface ipv4 show excludedportrange protocol=tcp store=active"), 0);
    CHECK_EQUAL(strstr(output, "\n     31000       31099      \n") != NULL, rows[index].is_listed);
    CHECK_EQUAL(netsh("interface ipv6 show excludedportrange protocol=tcp store=persistent"), 0);
    CHECK(strstr(output, "31000") == NULL);
  }
}

/* A program that reads the store before it reads on must not wait for a netsh that waits for its reader. */
static void slow_reader(void) {
  char command[1024];
  char first;
  for (uint32_t port = 1000; port < 17000; port += 2) {
    CHECK_EQUAL(portsim_add_exclusion(PORTSIM_TCP, port, 1, PORTSIM_STORE_PERSISTENT), 0);
  }
  set_variable("PORTSIM_STATE", store_path());
  snprintf(command, sizeof command, "\"%s\" int ipv4 show excludedportrange tcp", netsh_path());
  FILE *pipe = popen(command, "r");
  CHECK(pipe != NULL);
  if (pipe != NULL) {
    CHECK_EQUAL(fread(&first, 1, 1, pipe), 1);
    CHECK_EQUAL(portsim_set_elevated(1), 0);
    while (fread(output, 1, sizeof output, pipe) > 0) {
    }
    int status = pclose(pipe);
    CHECK_EQUAL(exit_code_of(status), 0);
  }
  set_variable("PORTSIM_STATE", "");
}

static void bad_commands(void) {
  CHECK_EQUAL(netsh("interface ipv4 show nonsense"), 1);
  check_output("The following command was not found: interface ipv4 show nonsense.\n");
  CHECK_EQUAL(netsh("interface ipv4 show excludedportrange"), 1);
  CHECK_EQUAL(netsh("interface ipv4 show excludedportrange protocol=sctp"), 1);
  CHECK_EQUAL(netsh("interface ipv4 add excludedportrange tcp 5000"), 1);
  CHECK_EQUAL(netsh("interface ipv4 add excludedportrange tcp 5000 1 active more"), 1);
  CHECK_EQUAL(netsh("interface ipv4 add excludedportrange tcp 65535 2"), 1);
  check_output("The parameter is incorrect.\n\n");
  CHECK_EQUAL(netsh("interface ipv4 add excludedportrange tcp 70000 2"), 1);
  CHECK_EQUAL(portsim_fail_next("netsh", 5), 0);
  CHECK_EQUAL(netsh("interface ipv4 show excludedportrange protocol=tcp"), 1);
  check_output("Access is denied.\n\n");
}

const test_t netsh_tests[] = {
    {"N4, N5: the list has netsh's own layout, neighbours stay apart", layout},
    {"N5: an empty list has its title, columns and footer", empty_list},
    {"N8: the dynamic range", dynamic_range},
    {"N8, N10: the dynamic range is set within bounds", set_dynamic_range},
    {"N5: titles are translated, rows are not", languages},
    {"N3: add and delete need elevation and exactly one free block", add_and_delete},
    {"N4: store=active and store=persistent", stores},
    {"N4, N9: WinNAT's blocks are listed while it runs", winnat},
    {"A long list does not hold the lock of the store while nobody reads it", slow_reader},
    {"What netsh can not do ends with 1 and says why", bad_commands},
    {NULL, NULL},
};
