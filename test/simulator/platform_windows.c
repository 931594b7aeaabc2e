/* platform.h for Windows (and Wine). */
#include "platform.h"

#include <stdio.h>
#include <string.h>
#include <windows.h>
#include <ntsecapi.h>

/* Locks live behind any size the file can have, so that they never cover its contents: Windows' locks are mandatory. */
#define STORE_LOCK_OFFSET ((uint64_t)1 << 40)
#define LIVENESS_OFFSET (STORE_LOCK_OFFSET + 1)
#define PATH_LIMIT 1024

static SRWLOCK core_lock = SRWLOCK_INIT;
static CONDITION_VARIABLE core_condition = CONDITION_VARIABLE_INIT;
static HANDLE store_file = INVALID_HANDLE_VALUE;
static HANDLE store_mapping;
static void *store_view;

void platform_lock(void) { AcquireSRWLockExclusive(&core_lock); }

void platform_unlock(void) { ReleaseSRWLockExclusive(&core_lock); }

void platform_wake(void) { WakeAllConditionVariable(&core_condition); }

uint64_t platform_milliseconds(void) { return GetTickCount64(); }

void platform_wait_until(uint64_t milliseconds) {
  DWORD interval = INFINITE;
  if (milliseconds != PLATFORM_FOREVER) {
    uint64_t now = platform_milliseconds();
    interval = milliseconds > now ? (DWORD)(milliseconds - now) : 0;
  }
  SleepConditionVariableSRW(&core_condition, &core_lock, interval, 0);
}

static DWORD WINAPI thread_main(LPVOID argument) {
  void (*run)(void);
  memcpy(&run, &argument, sizeof run);
  run();
  return 0;
}

bool platform_start_thread(void (*run)(void)) {
  HMODULE self;
  void *address;
  memcpy(&address, &run, sizeof address);
  GetModuleHandleExW(GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS | GET_MODULE_HANDLE_EX_FLAG_PIN, address, &self);
  HANDLE thread = CreateThread(NULL, 0, thread_main, address, 0, NULL);
  if (thread == NULL) {
    return false;
  }
  CloseHandle(thread);
  return true;
}

uint32_t platform_process_id(void) { return GetCurrentProcessId(); }

bool platform_random(void *bytes, size_t size) { return RtlGenRandom(bytes, (ULONG)size) != FALSE; }

static bool to_utf8(const wchar_t *wide, char *buffer, size_t size) {
  return WideCharToMultiByte(CP_UTF8, 0, wide, -1, buffer, (int)size, NULL, NULL) > 0;
}

static bool to_wide(const char *utf8, wchar_t *buffer) {
  return MultiByteToWideChar(CP_UTF8, 0, utf8, -1, buffer, PATH_LIMIT) > 0;
}

/* Not getenv: the C library's copy does not see what SetEnvironmentVariable, which node uses, changed. */
bool platform_environment(const char *name, char *buffer, size_t size) {
  wchar_t wide_name[64];
  wchar_t value[PATH_LIMIT];
  if (!to_wide(name, wide_name)) {
    return false;
  }
  DWORD length = GetEnvironmentVariableW(wide_name, value, PATH_LIMIT);
  return length > 0 && length < PATH_LIMIT && to_utf8(value, buffer, size);
}

static UINT output_code_page(void) {
  DWORD mode;
  return GetConsoleMode(GetStdHandle(STD_OUTPUT_HANDLE), &mode) ? GetConsoleOutputCP() : GetOEMCP();
}

/* N5: a console's code page, or the OEM one in a file or pipe. Standard output is in text mode: '\n' becomes CRLF. */
void platform_print(const char *utf8) {
  wchar_t wide[PATH_LIMIT];
  char encoded[PATH_LIMIT * 2];
  if (to_wide(utf8, wide) &&
      WideCharToMultiByte(output_code_page(), 0, wide, -1, encoded, sizeof encoded, NULL, NULL) > 0) {
    fputs(encoded, stdout);
  }
}

uint32_t platform_last_error(void) { return GetLastError(); }

void platform_set_last_error(uint32_t code) { SetLastError(code); }

bool platform_default_store_path(char *buffer, size_t size) {
  wchar_t folder[MAX_PATH + 1];
  DWORD length = GetTempPathW(MAX_PATH + 1, folder);
  if (length == 0 || length > MAX_PATH || !to_utf8(folder, buffer, size)) {
    return false;
  }
  size_t used = strlen(buffer);
  return snprintf(buffer + used, size - used, "portsim.state") < (int)(size - used);
}

static uint32_t open_file(const char *utf8_path, DWORD access, DWORD disposition, HANDLE *handle) {
  wchar_t path[PATH_LIMIT];
  if (!to_wide(utf8_path, path)) {
    return PLATFORM_PATH_NOT_FOUND;
  }
  /* Others may delete the file: a test clears its temp folder while another process still runs down. */
  DWORD share = FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE;
  *handle = CreateFileW(path, access, share, NULL, disposition, FILE_ATTRIBUTE_NORMAL, NULL);
  return *handle != INVALID_HANDLE_VALUE ? 0 : GetLastError();
}

uint32_t platform_file_open(const char *utf8_path, bool own_only) {
  (void)own_only; /* The temp folder is each user's own here. */
  return open_file(utf8_path, GENERIC_READ | GENERIC_WRITE, OPEN_ALWAYS, &store_file);
}

void platform_file_close(void) {
  if (store_view != NULL) {
    UnmapViewOfFile(store_view);
    store_view = NULL;
  }
  if (store_mapping != NULL) {
    CloseHandle(store_mapping);
    store_mapping = NULL;
  }
  if (store_file != INVALID_HANDLE_VALUE) {
    CloseHandle(store_file);
    store_file = INVALID_HANDLE_VALUE;
  }
}

bool platform_file_is(const char *utf8_path) {
  BY_HANDLE_FILE_INFORMATION named;
  BY_HANDLE_FILE_INFORMATION opened;
  HANDLE handle;
  if (store_file == INVALID_HANDLE_VALUE || open_file(utf8_path, 0, OPEN_EXISTING, &handle) != 0) {
    return false;
  }
  bool known = GetFileInformationByHandle(handle, &named) && GetFileInformationByHandle(store_file, &opened);
  CloseHandle(handle);
  return known && named.dwVolumeSerialNumber == opened.dwVolumeSerialNumber &&
         named.nFileIndexHigh == opened.nFileIndexHigh && named.nFileIndexLow == opened.nFileIndexLow;
}

uint64_t platform_file_size(void) {
  LARGE_INTEGER size;
  return GetFileSizeEx(store_file, &size) ? (uint64_t)size.QuadPart : 0;
}

uint32_t platform_file_resize(uint64_t size) {
  LARGE_INTEGER end = {.QuadPart = (LONGLONG)size};
  return SetFilePointerEx(store_file, end, NULL, FILE_BEGIN) && SetEndOfFile(store_file) ? 0 : GetLastError();
}

void *platform_file_map(size_t size) {
  store_mapping = CreateFileMappingW(store_file, NULL, PAGE_READWRITE, 0, 0, NULL);
  store_view = store_mapping != NULL ? MapViewOfFile(store_mapping, FILE_MAP_ALL_ACCESS, 0, 0, size) : NULL;
  return store_view;
}

static OVERLAPPED place(uint64_t offset) {
  return (OVERLAPPED){.Offset = (DWORD)offset, .OffsetHigh = (DWORD)(offset >> 32)};
}

uint32_t platform_file_lock(void) {
  OVERLAPPED at = place(STORE_LOCK_OFFSET);
  return LockFileEx(store_file, LOCKFILE_EXCLUSIVE_LOCK, 0, 1, 0, &at) ? 0 : PLATFORM_LOCK_FAILED;
}

void platform_file_unlock(void) {
  OVERLAPPED at = place(STORE_LOCK_OFFSET);
  UnlockFileEx(store_file, 0, 1, 0, &at);
}

bool platform_liveness_take(uint32_t owner) {
  OVERLAPPED at = place(LIVENESS_OFFSET + owner);
  return LockFileEx(store_file, LOCKFILE_EXCLUSIVE_LOCK | LOCKFILE_FAIL_IMMEDIATELY, 0, 1, 0, &at) != FALSE;
}

/* Windows can not ask for a lock, only try it. Nobody sees us try: whoever looks has the store locked. */
bool platform_liveness_held_by_another(uint32_t owner) {
  OVERLAPPED at = place(LIVENESS_OFFSET + owner);
  if (!platform_liveness_take(owner)) {
    return true;
  }
  UnlockFileEx(store_file, 0, 1, 0, &at);
  return false;
}
