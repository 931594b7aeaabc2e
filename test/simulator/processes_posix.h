/* A process as the system shows it, for kernel32's functions: from /proc on Linux, from libproc on macOS. */
#ifndef PORTSIM_PROCESSES_POSIX_H
#define PORTSIM_PROCESSES_POSIX_H

#include <stdint.h>

#define PROCESS_IMAGE_SIZE 4096

/* All times in units of 100 nanoseconds; the start since 1970 UTC. */
typedef struct process_facts_t {
  uint64_t started;
  uint64_t kernel;
  uint64_t user;
  char image[PROCESS_IMAGE_SIZE]; /* the path of its program, UTF-8; "" when it has none: a kernel thread, a zombie */
} process_facts_t;

/* 0, ERROR_INVALID_PARAMETER: no such process, or ERROR_ACCESS_DENIED: this user may not look at it. */
uint32_t process_facts(uint32_t process, process_facts_t *facts);

#endif
