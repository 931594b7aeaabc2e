/* processes_posix.h for Linux. */
#ifdef __linux__
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "processes_posix.h"

#define INVALID_PARAMETER 87u
#define ACCESS_DENIED 5u
#define UNITS_PER_SECOND UINT64_C(10000000)

/* The second the machine started in, as the kernel has it: all starts are counted from it, so it must not vary. */
static uint64_t boot_second(void) {
  unsigned long long second = 0;
  char line[128];
  FILE *file = fopen("/proc/stat", "re");
  while (file != NULL && fgets(line, sizeof line, file) != NULL && sscanf(line, "btime %llu", &second) != 1) {
  }
  if (file != NULL) {
    fclose(file);
  }
  return second;
}

static uint64_t units_of_ticks(unsigned long long ticks) {
  uint64_t per_second = (uint64_t)sysconf(_SC_CLK_TCK);
  return ticks / per_second * UNITS_PER_SECOND + ticks % per_second * UNITS_PER_SECOND / per_second;
}

/* The program's name, in parentheses, may contain anything: what follows begins behind the last of them. */
static uint32_t read_times(uint32_t process, process_facts_t *facts) {
  char path[40];
  char text[1024];
  unsigned long long user;
  unsigned long long kernel;
  unsigned long long started;
  snprintf(path, sizeof path, "/proc/%u/stat", (unsigned)process);
  FILE *file = fopen(path, "re");
  if (file == NULL) {
    return errno == EACCES || errno == EPERM ? ACCESS_DENIED : INVALID_PARAMETER;
  }
  size_t length = fread(text, 1, sizeof text - 1, file);
  fclose(file);
  text[length] = '\0';
  const char *rest = strrchr(text, ')');
  if (rest == NULL || sscanf(rest + 1,
                             " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %llu %llu %*d %*d %*d %*d %*d %*d %llu",
                             &user, &kernel, &started) != 3) {
    return INVALID_PARAMETER; /* It ended while we read. */
  }
  facts->user = units_of_ticks(user);
  facts->kernel = units_of_ticks(kernel);
  facts->started = boot_second() * UNITS_PER_SECOND + units_of_ticks(started);
  return 0;
}

/* Linux tells of a program replaced by a newer one, as by an update, with a word behind its path. */
static void cut_mark(char *image) {
  static const char mark[] = " (deleted)";
  size_t length = strlen(image);
  if (length >= sizeof mark && strcmp(image + length - (sizeof mark - 1), mark) == 0 && access(image, F_OK) != 0) {
    image[length - (sizeof mark - 1)] = '\0';
  }
}

uint32_t process_facts(uint32_t process, process_facts_t *facts) {
  char path[40];
  memset(facts, 0, sizeof *facts);
  uint32_t code = read_times(process, facts);
  if (code != 0) {
    return code;
  }
  snprintf(path, sizeof path, "/proc/%u/exe", (unsigned)process);
  if (readlink(path, facts->image, sizeof facts->image - 1) < 0) {
    return errno == EACCES || errno == EPERM ? ACCESS_DENIED : 0;
  }
  cut_mark(facts->image);
  return 0;
}
#endif
