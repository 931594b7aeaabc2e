#include "operations.h"

#include <stdlib.h>

#include "network.h"
#include "portsim.h"

/* NTSTATUS values, which is what Windows leaves in OVERLAPPED.Internal. */
#define STATUS_CODE_SUCCESS 0x00000000u
#define STATUS_CODE_PENDING 0x00000103u
/* No NTSTATUS has a Winsock code for each of ours; the customer bit makes values that can not meet one of Windows'. */
#define STATUS_CODE_WINSOCK 0xE0000000u

typedef struct operation_t {
  struct operation_t *next;
  control_t control;
  uint64_t due; /* PLATFORM_FOREVER: ends by being cancelled alone */
  LPWSAOVERLAPPED overlapped; /* NULL: the caller's thread waits */
  HANDLE event;
  bool cancelled;
} operation_t;

static operation_t *operations;
static bool thread_runs;

static void unlink_operation(operation_t *operation) {
  operation_t **link = &operations;
  while (*link != operation) {
    link = &(*link)->next;
  }
  *link = operation->next;
}

static uint64_t due_time(uint32_t delay_ms) {
  return delay_ms == PORTSIM_DELAY_NEVER ? PLATFORM_FOREVER : platform_milliseconds() + delay_ms;
}

/* A caller that sets the lowest bit of the event asks for no completion packet; the event is the rest. */
static HANDLE event_of(LPWSAOVERLAPPED overlapped) {
  return (HANDLE)((uintptr_t)overlapped->hEvent & ~(uintptr_t)1);
}

static void report(LPWSAOVERLAPPED overlapped, HANDLE event, uint32_t code, uint32_t returned) {
  overlapped->InternalHigh = returned;
  overlapped->Internal = code == 0 ? STATUS_CODE_SUCCESS : STATUS_CODE_WINSOCK | code;
  if (event != NULL) {
    network_signal_event(event);
  }
  platform_wake();
}

static void finish(operation_t *operation) {
  uint32_t returned = 0;
  unlink_operation(operation);
  uint32_t code = operation->cancelled ? WSA_OPERATION_ABORTED : control_execute(&operation->control, &returned);
  report(operation->overlapped, operation->event, code, returned);
  free(operation);
}

/* Ends when nothing is left to wait for, so that an idle library has no thread. */
static void thread_main(void) {
  platform_lock();
  for (;;) {
    operation_t *next = NULL;
    for (operation_t *operation = operations; operation != NULL; operation = operation->next) {
      if (operation->overlapped != NULL && (next == NULL || operation->due < next->due)) {
        next = operation;
      }
    }
    if (next == NULL) {
      break;
    }
    if (next->due != PLATFORM_FOREVER && next->due <= platform_milliseconds()) {
      finish(next);
    } else {
      platform_wait_until(next->due);
    }
  }
  thread_runs = false;
  platform_unlock();
}

uint32_t operation_start(const control_t *control, uint32_t delay_ms, LPWSAOVERLAPPED overlapped) {
  operation_t *operation = calloc(1, sizeof *operation);
  if (operation == NULL) {
    return WSAENOBUFS;
  }
  if (!thread_runs) {
    thread_runs = platform_start_thread(thread_main);
    if (!thread_runs) {
      free(operation);
      return WSAENOBUFS;
    }
  }
  *operation = (operation_t){.next = operations,
                             .control = *control,
                             .due = due_time(delay_ms),
                             .overlapped = overlapped,
                             .event = event_of(overlapped)};
  operations = operation;
  overlapped->InternalHigh = 0;
  overlapped->Internal = STATUS_CODE_PENDING;
  if (operation->event != NULL) {
    network_clear_event(operation->event);
  }
  platform_wake();
  return WSA_IO_PENDING;
}

uint32_t operation_wait(const control_t *control, uint32_t delay_ms, uint32_t *returned) {
  operation_t operation = {.next = operations, .control = *control, .due = due_time(delay_ms)};
  operations = &operation;
  while (!operation.cancelled && (operation.due == PLATFORM_FOREVER || platform_milliseconds() < operation.due)) {
    platform_wait_until(operation.due);
  }
  unlink_operation(&operation);
  return operation.cancelled ? WSA_OPERATION_ABORTED : control_execute(control, returned);
}

void operation_complete_at_once(LPWSAOVERLAPPED overlapped, uint32_t returned) {
  report(overlapped, event_of(overlapped), 0, returned);
}

bool operation_cancel(uintptr_t s, LPWSAOVERLAPPED overlapped) {
  bool found = false;
  for (operation_t *operation = operations, *next; operation != NULL; operation = next) {
    next = operation->next;
    if (operation->control.socket != s || (overlapped != NULL && operation->overlapped != overlapped)) {
      continue;
    }
    found = true;
    operation->cancelled = true;
    if (operation->overlapped != NULL) {
      finish(operation);
    }
  }
  platform_wake();
  return found;
}

static bool is_pending(LPWSAOVERLAPPED overlapped) {
  for (operation_t *operation = operations; operation != NULL; operation = operation->next) {
    if (operation->overlapped == overlapped) {
      return true;
    }
  }
  return false;
}

uint32_t operation_result(LPWSAOVERLAPPED overlapped, bool wait, uint32_t *transferred, bool *known) {
  *known = true;
  while (is_pending(overlapped)) {
    if (!wait) {
      return WSA_IO_INCOMPLETE;
    }
    platform_wait_until(PLATFORM_FOREVER);
  }
  uint32_t status = (uint32_t)overlapped->Internal;
  *known = status == STATUS_CODE_SUCCESS || (status & 0xFFFF0000u) == STATUS_CODE_WINSOCK;
  *transferred = (uint32_t)overlapped->InternalHigh;
  return *known && status != STATUS_CODE_SUCCESS ? status & 0xFFFFu : 0;
}
