/* processes_posix.h for macOS. */
#ifdef __APPLE__
#include <errno.h>
#include <libproc.h>
#include <mach/mach_time.h>
#include <string.h>
#include <sys/proc_info.h>

#include "processes_posix.h"

#define INVALID_PARAMETER 87u
#define ACCESS_DENIED 5u

static uint64_t units_of_ticks(uint64_t ticks) {
  mach_timebase_info_data_t base;
  mach_timebase_info(&base);
  return ticks / 100 * base.numer / base.denom;
}

uint32_t process_facts(uint32_t process, process_facts_t *facts) {
  struct proc_taskallinfo all;
  memset(facts, 0, sizeof *facts);
  errno = 0;
  if (proc_pidinfo((int)process, PROC_PIDTASKALLINFO, 0, &all, sizeof all) != (int)sizeof all) {
    return errno == EPERM ? ACCESS_DENIED : INVALID_PARAMETER;
  }
  facts->started = all.pbsd.pbi_start_tvsec * UINT64_C(10000000) + all.pbsd.pbi_start_tvusec * 10;
  facts->user = units_of_ticks(all.ptinfo.pti_total_user);
  facts->kernel = units_of_ticks(all.ptinfo.pti_total_system);
  if (proc_pidpath((int)process, facts->image, sizeof facts->image) <= 0) {
    facts->image[0] = '\0';
  }
  return 0;
}
#endif
