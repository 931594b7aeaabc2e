/* ws2_32.dll's event objects off Windows: manual-reset flags under the core lock and its one condition. */
#include <stdlib.h>

#include "network.h"
#include "settings.h"
#include "windows_names.h"

typedef enum event_state_t { EVENT_FREE, EVENT_CLEAR, EVENT_SET } event_state_t;

static uint8_t *states;
static size_t state_count;

/* Handles are multiples of four, as on Windows, and none of them is NULL. */
static uint8_t *state_of(const void *event) {
  uintptr_t number = (uintptr_t)event;
  size_t index = number / 4 - 1;
  bool is_handle = number != 0 && number % 4 == 0 && index < state_count && states[index] != EVENT_FREE;
  return is_handle ? &states[index] : NULL;
}

static BOOL change(WSAEVENT event, event_state_t state) {
  platform_lock();
  uint8_t *slot = state_of(event);
  if (slot != NULL) {
    *slot = (uint8_t)state;
    platform_wake();
  }
  platform_unlock();
  if (slot == NULL) {
    platform_set_last_error(WSA_INVALID_HANDLE);
  }
  return slot != NULL;
}

void network_signal_event(void *event) {
  uint8_t *slot = state_of(event);
  if (slot != NULL) {
    *slot = EVENT_SET;
    platform_wake();
  }
}

void network_clear_event(void *event) {
  uint8_t *slot = state_of(event);
  if (slot != NULL) {
    *slot = EVENT_CLEAR;
  }
}

uint32_t network_event_count(void) {
  uint32_t count = 0;
  for (size_t index = 0; index < state_count; index++) {
    count += states[index] != EVENT_FREE;
  }
  return count;
}

static WSAEVENT create_locked(void) {
  size_t index = 0;
  while (index < state_count && states[index] != EVENT_FREE) {
    index++;
  }
  if (index == state_count) {
    size_t count = state_count + 64;
    uint8_t *grown = realloc(states, count);
    if (grown == NULL) {
      return WSA_INVALID_EVENT;
    }
    for (size_t fresh = state_count; fresh < count; fresh++) {
      grown[fresh] = EVENT_FREE;
    }
    states = grown;
    state_count = count;
  }
  states[index] = EVENT_CLEAR;
  return (WSAEVENT)((index + 1) * 4);
}

WSAEVENT WSACreateEvent(void) {
  platform_lock();
  uint32_t code = settings_take_fault(__func__);
  WSAEVENT event = code == 0 ? create_locked() : WSA_INVALID_EVENT;
  platform_unlock();
  if (event == WSA_INVALID_EVENT) {
    platform_set_last_error(code != 0 ? code : ERROR_NOT_ENOUGH_MEMORY);
  }
  return event;
}

BOOL WSACloseEvent(WSAEVENT event) { return change(event, EVENT_FREE); }

BOOL WSASetEvent(WSAEVENT event) { return change(event, EVENT_SET); }

BOOL WSAResetEvent(WSAEVENT event) { return change(event, EVENT_CLEAR); }

static DWORD wait_locked(DWORD count, const WSAEVENT *events, BOOL wait_all, uint64_t until) {
  for (;;) {
    DWORD set = 0;
    for (DWORD index = 0; index < count; index++) {
      const uint8_t *slot = state_of(events[index]);
      if (slot == NULL) {
        platform_set_last_error(WSA_INVALID_HANDLE);
        return WSA_WAIT_FAILED;
      }
      if (*slot == EVENT_SET && !wait_all) {
        return WSA_WAIT_EVENT_0 + index;
      }
      set += *slot == EVENT_SET;
    }
    if (set == count) {
      return WSA_WAIT_EVENT_0;
    }
    if (until != PLATFORM_FOREVER && platform_milliseconds() >= until) {
      return WSA_WAIT_TIMEOUT;
    }
    platform_wait_until(until);
  }
}

DWORD WSAWaitForMultipleEvents(DWORD count, const WSAEVENT *events, BOOL wait_all, DWORD timeout, BOOL alertable) {
  (void)alertable; /* There are no completion routines to run meanwhile. */
  if (count == 0 || count > WSA_MAXIMUM_WAIT_EVENTS || events == NULL) {
    platform_set_last_error(WSA_INVALID_PARAMETER);
    return WSA_WAIT_FAILED;
  }
  platform_lock();
  uint64_t until = timeout == WSA_INFINITE ? PLATFORM_FOREVER : platform_milliseconds() + timeout;
  DWORD result = wait_locked(count, events, wait_all, until);
  platform_unlock();
  return result;
}
