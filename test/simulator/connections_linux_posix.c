/*
 * connections_posix.h for Linux. /proc/net tells of sockets and their inodes, the descriptors of the processes tell
 * whose an inode is. A TCP socket that is bound and neither listens nor is connected stands in no such file: those of this
 * process are found by their descriptors, those of others are not.
 */
#ifdef __linux__
#include <ctype.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "connections_posix.h"
#include "network.h"

/* By Linux's number of the state: ESTABLISHED, SYN_SENT, SYN_RECV, FIN_WAIT1, FIN_WAIT2, TIME_WAIT, CLOSE, CLOSE_WAIT,
 * LAST_ACK, LISTEN, CLOSING, NEW_SYN_RECV. */
static const uint8_t windows_states[] = {0, 5, 3, 4, 6, 7, 11, 1, 8, 10, CONNECTION_LISTEN, 9, 4};

/* Words of eight hexadecimal digits: 32 bits as the processor reads them from the address in network byte order. */
static void parse_address(const char *text, uint8_t *address) {
  for (size_t word = 0; text[word * 8] != '\0' && word < 4; word++) {
    char digits[9] = "";
    memcpy(digits, text + word * 8, 8);
    uint32_t value = (uint32_t)strtoul(digits, NULL, 16);
    memcpy(address + word * 4, &value, sizeof value);
  }
}

static bool parse_line(const char *line, uint8_t protocol, connection_t *connection) {
  char local[33];
  char remote[33];
  unsigned local_port;
  unsigned remote_port;
  unsigned state;
  unsigned long inode;
  if (sscanf(line, " %*[0-9]: %32[0-9A-F]:%x %32[0-9A-F]:%x %x %*s %*s %*s %*s %*s %lu", local, &local_port, remote,
             &remote_port, &state, &inode) != 6) {
    return false;
  }
  *connection = (connection_t){
      .local_port = (uint16_t)local_port, .remote_port = (uint16_t)remote_port, .inode = (uint64_t)inode};
  parse_address(local, connection->local);
  parse_address(remote, connection->remote);
  if (protocol == NETWORK_TCP && state < sizeof windows_states) {
    connection->state = windows_states[state];
  }
  return true;
}

static bool list_file(int family, uint8_t protocol, bool listeners_only, connections_t *list) {
  char path[32];
  char line[512];
  bool enough = true;
  snprintf(path, sizeof path, "/proc/net/%s%s", protocol == NETWORK_TCP ? "tcp" : "udp",
           family == NETWORK_INET6 ? "6" : "");
  FILE *file = fopen(path, "re");
  while (enough && file != NULL && fgets(line, sizeof line, file) != NULL) {
    connection_t connection;
    if (parse_line(line, protocol, &connection) && (!listeners_only || connection.state == CONNECTION_LISTEN)) {
      enough = connections_add(list, &connection);
    }
  }
  if (file != NULL) {
    fclose(file);
  }
  return enough; /* No file: this family is not there. */
}

static int compare_inodes(const void *left, const void *right) {
  uint64_t first = ((const connection_t *)left)->inode;
  uint64_t second = ((const connection_t *)right)->inode;
  return first < second ? -1 : first > second;
}

static connection_t *find_inode(const connections_t *list, uint64_t inode) {
  const connection_t key = {.inode = inode};
  return list->count == 0 ? NULL : bsearch(&key, list->rows, list->count, sizeof key, compare_inodes);
}

/* What is done for each socket among the descriptors of one process; false ends it. */
typedef bool (*visit_t)(void *context, uint32_t process, int fd, uint64_t inode);

static bool visit_sockets(uint32_t process, visit_t visit, void *context) {
  char path[48];
  bool goes_on = true;
  snprintf(path, sizeof path, "/proc/%u/fd", (unsigned)process);
  DIR *folder = opendir(path);
  const struct dirent *entry;
  while (goes_on && folder != NULL && (entry = readdir(folder)) != NULL) {
    char target[64] = "";
    unsigned long inode;
    if (readlinkat(dirfd(folder), entry->d_name, target, sizeof target - 1) > 0 &&
        sscanf(target, "socket:[%lu]", &inode) == 1) {
      goes_on = visit(context, process, atoi(entry->d_name), (uint64_t)inode);
    }
  }
  if (folder != NULL) {
    closedir(folder);
  }
  return goes_on;
}

typedef struct owners_t {
  connections_t *list;
  size_t missing;
} owners_t;

static bool take_as_owner(void *context, uint32_t process, int fd, uint64_t inode) {
  (void)fd;
  owners_t *owners = context;
  connection_t *connection = find_inode(owners->list, inode);
  if (connection != NULL && connection->process == 0) {
    connection->process = process;
    owners->missing--;
  }
  return owners->missing != 0;
}

/* Linux writes the file in pieces, and repeats rows where sockets come and go meanwhile. The rows are sorted. */
static void drop_repeated(connections_t *list) {
  size_t kept = 0;
  for (size_t index = 0; index < list->count; index++) {
    if (index == 0 || list->rows[index].inode == 0 || list->rows[index].inode != list->rows[index - 1].inode) {
      list->rows[kept++] = list->rows[index];
    }
  }
  list->count = kept;
}

/* This process first; of several others that share a socket, the one with the lowest number: its maker, as a rule. */
static void find_owners(connections_t *list) {
  owners_t owners = {.list = list};
  qsort(list->rows, list->count, sizeof *list->rows, compare_inodes);
  drop_repeated(list);
  for (size_t index = 0; index < list->count; index++) {
    owners.missing += list->rows[index].inode != 0; /* 0: TIME_WAIT, which is nobody's on Windows too. */
  }
  bool goes_on = owners.missing != 0 && visit_sockets((uint32_t)getpid(), take_as_owner, &owners);
  DIR *processes = goes_on ? opendir("/proc") : NULL;
  const struct dirent *entry;
  while (goes_on && processes != NULL && (entry = readdir(processes)) != NULL) {
    if (isdigit((unsigned char)entry->d_name[0])) {
      goes_on = visit_sockets((uint32_t)strtoul(entry->d_name, NULL, 10), take_as_owner, &owners);
    }
  }
  if (processes != NULL) {
    closedir(processes);
  }
}

typedef struct bound_t {
  connections_t *list;
  connections_t found;
  int family;
  bool enough;
} bound_t;

static bool take_if_bound(void *context, uint32_t process, int fd, uint64_t inode) {
  bound_t *bound = context;
  network_facts_t facts;
  uint8_t name[28] = {0}; /* struct sockaddr_in6 */
  int length = sizeof name;
  connection_t connection = {.state = CONNECTION_CLOSED, .process = process, .inode = inode};
  /* The identity is the inode: another thread may have closed this descriptor, and somebody have got its number. */
  if (network_facts((uintptr_t)fd, &facts) != 0 || facts.protocol != NETWORK_TCP || facts.family != bound->family ||
      facts.identity != inode || find_inode(bound->list, inode) != NULL ||
      network_name((uintptr_t)fd, name, &length) != 0) {
    return true;
  }
  connection.local_port = (uint16_t)(name[2] << 8 | name[3]);
  bool is_six = bound->family == NETWORK_INET6;
  memcpy(connection.local, is_six ? name + 8 : name + 4, is_six ? 16 : 4);
  bound->enough = connection.local_port == 0 || connections_add(&bound->found, &connection);
  return bound->enough;
}

static bool add_bound(int family, connections_t *list) {
  bound_t bound = {.list = list, .family = family, .enough = true};
  visit_sockets((uint32_t)getpid(), take_if_bound, &bound);
  for (size_t index = 0; bound.enough && index < bound.found.count; index++) {
    bound.enough = connections_add(list, &bound.found.rows[index]);
  }
  free(bound.found.rows);
  return bound.enough;
}

bool connections_list(int family, uint8_t protocol, bool listeners_only, connections_t *list) {
  if (!list_file(family, protocol, listeners_only, list)) {
    return false;
  }
  if (list->count != 0) {
    find_owners(list);
  }
  return protocol != NETWORK_TCP || listeners_only || add_bound(family, list);
}
#endif
