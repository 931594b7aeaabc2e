/*
 * The three control codes: what they do, and when. A control code that is to take a while (A8) waits in a list, in the
 * caller's own thread or, for an overlapped call, in a thread of the library. Memory of the caller is written under the
 * core lock, before the event is signalled and before WSAGetOverlappedResult can tell of it, and never after.
 */
#ifndef PORTSIM_OPERATIONS_H
#define PORTSIM_OPERATIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "windows_names.h"

typedef struct control_t {
  uintptr_t socket;
  uint64_t identity; /* of the socket when the call came */
  DWORD code;
  uint8_t input[8]; /* a copy: the caller's buffer need not outlive the call */
  void *output;     /* acquire: 16 bytes */
} control_t;

/* Does it, now. 0 or a Winsock code; *returned is the number of bytes written. Needs the core lock. */
uint32_t control_execute(const control_t *control, uint32_t *returned);

/* All need the core lock. The wait lets go of it. */
uint32_t operation_wait(const control_t *control, uint32_t delay_ms, uint32_t *returned);
uint32_t operation_start(const control_t *control, uint32_t delay_ms, LPWSAOVERLAPPED overlapped);
void operation_complete_at_once(LPWSAOVERLAPPED overlapped, uint32_t returned);
/* WSA_OPERATION_ABORTED for all operations of the socket (NULL), or for one. Whether there was any. */
bool operation_cancel(uintptr_t s, LPWSAOVERLAPPED overlapped);
/* WSA_IO_INCOMPLETE, 0 or why it failed; *known says whether the OVERLAPPED is one of the simulator's. */
uint32_t operation_result(LPWSAOVERLAPPED overlapped, bool wait, uint32_t *transferred, bool *known);

#endif
