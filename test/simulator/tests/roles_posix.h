/*
 * Several processes on one store. A test starts this program again with a role, and talks to it through two pipes: the
 * child says a number when it is ready, and goes on when its input says so or ends.
 *
 *     role:hold      acquires four ports from the one given, says the token, keeps them until its input ends
 *     role:race      waits, then creates as many of 32 one-port blocks as it can, and says which as a bit set
 *     role:wildcard  waits, then acquires two ports of the system's choice, says the first, keeps them
 *     role:listen    has the port in both protocols, on IPv6, says its process number, keeps them until its input ends
 *     role:look      gives up being root, and says why it may not look at the process given, or 0
 *     role:write     creates and deletes eight blocks without end
 */
#ifndef PORTSIM_TESTS_ROLES_POSIX_H
#define PORTSIM_TESTS_ROLES_POSIX_H

#include "check.h"

#include <stdio.h>

typedef struct child_t {
  pid_t id;
  FILE *from;
  int to;
} child_t;

child_t start_role(const char *role, const char *argument);
uint64_t hear(child_t *child);
/* Kills it (a signal) or ends its input (0), and waits for its end; what waitpid says. */
int end_child(child_t *child, int signal_number);

#endif
