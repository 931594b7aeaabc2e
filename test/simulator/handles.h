/*
 * The handles the simulator gives out for what is no socket and no event. They are multiples of four, as Windows' are, in
 * a range of their own, and name an object of a type; a handle of another type is none. All functions need the core lock.
 */
#ifndef PORTSIM_HANDLES_H
#define PORTSIM_HANDLES_H

#include <stdint.h>

typedef enum handle_type_t { HANDLE_FREE, HANDLE_MANAGER, HANDLE_SERVICE, HANDLE_PROCESS } handle_type_t;

typedef struct handle_object_t {
  handle_type_t type;
  uint32_t access;  /* what it was opened for */
  uint32_t process; /* HANDLE_PROCESS: its number ... */
  uint64_t started; /* ... and its start, which tells it from a later one with that number */
} handle_object_t;

/* NULL: no memory. */
void *handle_open(const handle_object_t *object);
/* NULL: no such handle of this type. Valid until the next handle_open. */
const handle_object_t *handle_find(const void *handle, handle_type_t type);
/* 0 or ERROR_INVALID_HANDLE. */
uint32_t handle_close(const void *handle);
/* Those that are not closed. */
uint32_t handle_count(void);

#endif
