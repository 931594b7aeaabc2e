/* kernel32.dll off Windows: what may be asked about a process. In the Windows build: kernel_windows.c. */
#include "processes_posix.h"

#include <stdlib.h>
#include <string.h>

#include "choices.h"
#include "handles.h"
#include "settings.h"
#include "stand_ins.h"
#include "windows_names.h"

/* From 1601 to 1970, in units of 100 nanoseconds. */
#define EPOCH_DISTANCE UINT64_C(116444736000000000)

_Static_assert(sizeof(FILETIME) == 8, "the layout Windows has");

static BOOL outcome(uint32_t code) {
  if (code != 0) {
    platform_set_last_error(code);
  }
  return code == 0;
}

/* Of a stand-in, or else of the real process with this number. */
static uint32_t facts_of(uint32_t process, process_facts_t *facts) {
  uint32_t code = store_begin();
  if (code != 0) {
    return code;
  }
  const process_t *stand_in = stand_ins_process(process);
  if (stand_in != NULL) {
    memset(facts, 0, sizeof *facts);
    facts->started = CHOICE_STAND_IN_START - EPOCH_DISTANCE;
    memcpy(facts->image, stand_in->image, sizeof stand_in->image);
    code = stand_in->image[0] == '\0' ? ERROR_ACCESS_DENIED : 0;
  }
  store_end();
  return stand_in != NULL ? code : process_facts(process, facts);
}

static uint32_t open_process(DWORD access, DWORD process, HANDLE *handle) {
  const DWORD known = PROCESS_QUERY_LIMITED_INFORMATION | PROCESS_QUERY_INFORMATION | SYNCHRONIZE;
  if (process == 0) {
    return ERROR_INVALID_PARAMETER; /* The idle process, which nobody may open; kill's 0 is "my group". */
  }
  if (access == 0) {
    return ERROR_ACCESS_DENIED;
  }
  if ((access & ~known) != 0) {
    return ERROR_NOT_SUPPORTED; /* Nobody's process is ended or written to by a test part. */
  }
  process_facts_t *facts = malloc(sizeof *facts);
  uint32_t code = facts == NULL ? ERROR_NOT_ENOUGH_MEMORY : facts_of(process, facts);
  if (code == 0) {
    *handle = handle_open(&(handle_object_t){
        .type = HANDLE_PROCESS, .access = access, .process = process, .started = facts->started});
    code = *handle == NULL ? ERROR_NOT_ENOUGH_MEMORY : 0;
  }
  free(facts);
  return code;
}

HANDLE OpenProcess(DWORD access, BOOL inherit, DWORD process) {
  (void)inherit;
  HANDLE handle = NULL;
  platform_lock();
  uint32_t code = settings_take_fault(__func__);
  if (code == 0) {
    code = open_process(access, process, &handle);
  }
  platform_unlock();
  outcome(code);
  return handle;
}

/* ERROR_GEN_FAILURE: the process ended, and another may have its number. Needs the core lock. */
static uint32_t look(HANDLE handle, process_facts_t *facts) {
  const handle_object_t *object = handle_find(handle, HANDLE_PROCESS);
  const DWORD query = PROCESS_QUERY_LIMITED_INFORMATION | PROCESS_QUERY_INFORMATION;
  if (object == NULL) {
    return ERROR_INVALID_HANDLE;
  }
  if ((object->access & query) == 0) {
    return ERROR_ACCESS_DENIED;
  }
  uint32_t code = facts_of(object->process, facts);
  if (code == ERROR_INVALID_PARAMETER || (code == 0 && facts->started != object->started)) {
    return ERROR_GEN_FAILURE;
  }
  return code;
}

/* The next character; bytes that are no UTF-8 become U+FFFD one by one. */
static uint32_t decode(const unsigned char **text) {
  const unsigned char *at = *text;
  unsigned extra = *at < 0x80 ? 0 : *at >= 0xC2 && *at < 0xE0 ? 1 : *at >= 0xE0 && *at < 0xF0 ? 2
                                : *at >= 0xF0 && *at < 0xF5 ? 3 : 4;
  uint32_t value = *at & (extra == 0 ? 0x7Fu : 0x3Fu >> extra);
  *text = at + 1;
  if (extra == 4) {
    return 0xFFFD;
  }
  for (unsigned index = 1; index <= extra; index++) {
    if ((at[index] & 0xC0) != 0x80) {
      return 0xFFFD;
    }
    value = value << 6 | (at[index] & 0x3Fu);
  }
  *text = at + 1 + extra;
  return value;
}

/* The text and its final zero, or ERROR_INSUFFICIENT_BUFFER; *size is the length without the zero. */
static uint32_t put_text(const char *text, LPWSTR buffer, DWORD *size) {
  DWORD length = 0;
  const unsigned char *at = (const unsigned char *)text;
  while (*at != '\0') {
    uint32_t character = decode(&at);
    DWORD units = character > 0xFFFF ? 2 : 1;
    if (*size <= length + units) {
      return ERROR_INSUFFICIENT_BUFFER;
    }
    if (units == 2) {
      buffer[length] = (WCHAR)(0xD7C0 + (character >> 10));
      buffer[length + 1] = (WCHAR)(0xDC00 + (character & 0x3FF));
    } else {
      buffer[length] = (WCHAR)character;
    }
    length += units;
  }
  buffer[length] = 0;
  *size = length;
  return 0;
}

/* The path is the system's own: there is no drive and no device before it, whatever the flags ask for. */
BOOL QueryFullProcessImageNameW(HANDLE handle, DWORD flags, LPWSTR buffer, PDWORD size) {
  process_facts_t *facts = malloc(sizeof *facts);
  platform_lock();
  uint32_t code = settings_take_fault(__func__);
  if (code == 0) {
    bool is_valid = flags <= PROCESS_NAME_NATIVE && buffer != NULL && size != NULL && *size != 0;
    code = facts == NULL ? ERROR_NOT_ENOUGH_MEMORY : !is_valid ? ERROR_INVALID_PARAMETER : look(handle, facts);
  }
  if (code == 0) {
    code = facts->image[0] == '\0' ? ERROR_GEN_FAILURE : put_text(facts->image, buffer, size);
  }
  platform_unlock();
  free(facts);
  return outcome(code);
}

static void put_time(uint64_t units, LPFILETIME time) {
  time->dwLowDateTime = (DWORD)units;
  time->dwHighDateTime = (DWORD)(units >> 32);
}

BOOL GetProcessTimes(HANDLE handle, LPFILETIME creation, LPFILETIME exit, LPFILETIME kernel, LPFILETIME user) {
  process_facts_t *facts = malloc(sizeof *facts);
  platform_lock();
  uint32_t code = settings_take_fault(__func__);
  if (code == 0) {
    bool is_valid = creation != NULL && exit != NULL && kernel != NULL && user != NULL;
    code = facts == NULL ? ERROR_NOT_ENOUGH_MEMORY : !is_valid ? ERROR_INVALID_PARAMETER : look(handle, facts);
  }
  platform_unlock();
  if (code == 0) {
    put_time(facts->started + EPOCH_DISTANCE, creation);
    put_time(0, exit); /* It runs. */
    put_time(facts->kernel, kernel);
    put_time(facts->user, user);
  }
  free(facts);
  return outcome(code);
}

BOOL CloseHandle(HANDLE handle) {
  platform_lock();
  uint32_t code = settings_take_fault(__func__);
  if (code == 0) {
    code = handle_find(handle, HANDLE_PROCESS) != NULL ? handle_close(handle) : ERROR_INVALID_HANDLE;
  }
  platform_unlock();
  return outcome(code);
}
