#include "handles.h"

#include <stddef.h>
#include <stdlib.h>

#define FIRST_HANDLE ((uintptr_t)0x50000000)
#define INVALID_HANDLE 6u

static handle_object_t *objects;
static size_t object_count;

static handle_object_t *object_of(const void *handle) {
  uintptr_t number = (uintptr_t)handle;
  if (number < FIRST_HANDLE || number % 4 != 0 || (number - FIRST_HANDLE) / 4 >= object_count) {
    return NULL;
  }
  return &objects[(number - FIRST_HANDLE) / 4];
}

void *handle_open(const handle_object_t *object) {
  size_t index = 0;
  while (index < object_count && objects[index].type != HANDLE_FREE) {
    index++;
  }
  if (index == object_count) {
    size_t count = object_count + 32;
    handle_object_t *grown = realloc(objects, count * sizeof *grown);
    if (grown == NULL) {
      return NULL;
    }
    for (size_t fresh = object_count; fresh < count; fresh++) {
      grown[fresh].type = HANDLE_FREE;
    }
    objects = grown;
    object_count = count;
  }
  objects[index] = *object;
  return (void *)(FIRST_HANDLE + index * 4);
}

const handle_object_t *handle_find(const void *handle, handle_type_t type) {
  const handle_object_t *object = object_of(handle);
  return object != NULL && object->type == type ? object : NULL;
}

uint32_t handle_count(void) {
  uint32_t count = 0;
  for (size_t index = 0; index < object_count; index++) {
    count += objects[index].type != HANDLE_FREE;
  }
  return count;
}

uint32_t handle_close(const void *handle) {
  handle_object_t *object = object_of(handle);
  if (object == NULL || object->type == HANDLE_FREE) {
    return INVALID_HANDLE;
  }
  object->type = HANDLE_FREE;
  return 0;
}
