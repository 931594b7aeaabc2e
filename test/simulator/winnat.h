/*
 * WinNAT, the neighbour that holds ports and can be stopped (N8, N9): the state of the service and what it does to the
 * blocks. A block of WinNAT stays in the store while the service is stopped, only not in force, so that a start can take
 * it again. All functions need store_begin; those that change something leave the commit to the caller.
 */
#ifndef PORTSIM_WINNAT_H
#define PORTSIM_WINNAT_H

#include <stdint.h>

/* The numbers of portsim.h's PORTSIM_WINNAT_... */
typedef enum winnat_t {
  WINNAT_ABSENT = 0,
  WINNAT_STOPPED = 1,
  WINNAT_RUNNING = 2,
  WINNAT_STOPPING = 3,
  WINNAT_STARTING = 4
} winnat_t;

/* As the store has it; blocks_settle brings it up to date. */
winnat_t winnat_state(void);
/* Changes: at once, whatever was under way. */
void winnat_set(winnat_t state);
/* Change: after the delay of the settings, at once when there is none. The caller knows that it is running or stopped. */
void winnat_stop(void);
void winnat_start(void);
/* Changes: a restart of Windows starts the service, after everything that survives is in force again. */
void winnat_restart(void);
/* Changes: ends a stop or start whose time has come. */
void winnat_settle(void);

#endif
