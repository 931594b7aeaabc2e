/*
 * What the simulator needs of an operating system beside sockets: one lock, one condition, threads, and the store file.
 *
 * There is one lock for the whole library, the core lock. Lock order: core lock first, then the store's file lock. No
 * call that can wait for the network is made under either.
 */
#ifndef PORTSIM_PLATFORM_H
#define PORTSIM_PLATFORM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PLATFORM_FOREVER UINT64_MAX

/* The Win32 codes of the file functions, named here because the POSIX half sees no Windows header. */
#define PLATFORM_PATH_NOT_FOUND 3u
#define PLATFORM_TOO_MANY_OPEN_FILES 4u
#define PLATFORM_ACCESS_DENIED 5u
#define PLATFORM_SHARING_VIOLATION 32u
#define PLATFORM_DISK_FULL 112u
#define PLATFORM_LOCK_FAILED 167u

void platform_lock(void);
void platform_unlock(void);
/* Lets go of the core lock until platform_wake or the time (as platform_milliseconds tells it); may wake for nothing. */
void platform_wait_until(uint64_t milliseconds);
void platform_wake(void);
uint64_t platform_milliseconds(void);

/* Starts a thread nobody joins, and keeps the library loaded from then on: the thread may outlive a dlclose. */
bool platform_start_thread(void (*run)(void));

uint32_t platform_process_id(void);
bool platform_random(void *bytes, size_t size);
/* False when the variable is not set, empty, or longer than the buffer. */
bool platform_environment(const char *name, char *buffer, size_t size);

/* Writes UTF-8 with '\n' to the standard output the way the system's own tools do. For netsh. */
void platform_print(const char *utf8);

/* The errors of the thread: GetLastError and WSAGetLastError are one number, as on Windows. */
uint32_t platform_last_error(void);
void platform_set_last_error(uint32_t code);

/*
 * The store file. A process has one open at a time: POSIX drops all of a process's locks on a file when it closes any
 * descriptor of it. All functions but the two that make paths need the core lock. Errors are Win32 codes.
 */
bool platform_default_store_path(char *buffer, size_t size);
/* own_only: a file that somebody else made is refused, for paths that lie where everybody may write. */
uint32_t platform_file_open(const char *utf8_path, bool own_only);
void platform_file_close(void);
/* Whether the path names the file that is open. */
bool platform_file_is(const char *utf8_path);
uint64_t platform_file_size(void);
uint32_t platform_file_resize(uint64_t size);
void *platform_file_map(size_t size);
/* The exclusive lock that guards the contents. The system releases it when its process dies. */
uint32_t platform_file_lock(void);
void platform_file_unlock(void);

/*
 * Liveness: a process that owns runtime reservations holds a lock on one byte far behind the file's end. Its death frees
 * the byte, whatever killed it, and a process id used again means nothing.
 */
bool platform_liveness_take(uint32_t owner);
bool platform_liveness_held_by_another(uint32_t owner);

#endif
