/* platform.h for Linux and macOS. */
#include "platform.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/random.h>
#endif

/* Locks live behind any size the file can have, so that they never cover its contents. */
#define STORE_LOCK_OFFSET ((off_t)1 << 40)
#define LIVENESS_OFFSET (STORE_LOCK_OFFSET + 1)

static pthread_mutex_t core_mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t core_condition;
static pthread_once_t condition_once = PTHREAD_ONCE_INIT;
static _Thread_local uint32_t last_error;
static int store_fd = -1;
static void *store_view;
static size_t store_view_size;

static void make_condition(void) {
  pthread_condattr_t attributes;
  pthread_condattr_init(&attributes);
#ifdef __linux__
  /* A test must not fail because somebody sets the clock; macOS waits by an interval instead. */
  pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
#endif
  pthread_cond_init(&core_condition, &attributes);
  pthread_condattr_destroy(&attributes);
}

void platform_lock(void) {
  pthread_once(&condition_once, make_condition);
  pthread_mutex_lock(&core_mutex);
}

void platform_unlock(void) { pthread_mutex_unlock(&core_mutex); }

void platform_wake(void) { pthread_cond_broadcast(&core_condition); }

uint64_t platform_milliseconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

void platform_wait_until(uint64_t milliseconds) {
  if (milliseconds == PLATFORM_FOREVER) {
    pthread_cond_wait(&core_condition, &core_mutex);
    return;
  }
  uint64_t now = platform_milliseconds();
  if (milliseconds <= now) {
    return;
  }
#ifdef __APPLE__
  uint64_t left = milliseconds - now;
  struct timespec interval = {.tv_sec = (time_t)(left / 1000), .tv_nsec = (long)(left % 1000) * 1000000};
  pthread_cond_timedwait_relative_np(&core_condition, &core_mutex, &interval);
#else
  /* Rounded up: to wake a moment early would make the waiter turn in a loop for that moment. */
  struct timespec until = {.tv_sec = (time_t)((milliseconds + 1) / 1000),
                           .tv_nsec = (long)((milliseconds + 1) % 1000) * 1000000};
  pthread_cond_timedwait(&core_condition, &core_mutex, &until);
#endif
}

static void *thread_main(void *argument) {
  void (*run)(void);
  memcpy(&run, &argument, sizeof run);
  run();
  return NULL;
}

bool platform_start_thread(void (*run)(void)) {
  Dl_info self;
  void *address;
  memcpy(&address, &run, sizeof address);
  if (dladdr(address, &self) != 0 && self.dli_fname != NULL) {
    (void)dlopen(self.dli_fname, RTLD_NOW | RTLD_NOLOAD | RTLD_NODELETE);
  }
  pthread_attr_t attributes;
  pthread_t thread;
  pthread_attr_init(&attributes);
  pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
  int failed = pthread_create(&thread, &attributes, thread_main, address);
  pthread_attr_destroy(&attributes);
  return failed == 0;
}

uint32_t platform_process_id(void) { return (uint32_t)getpid(); }

bool platform_random(void *bytes, size_t size) {
#ifdef __APPLE__
  arc4random_buf(bytes, size);
  return true;
#else
  return getrandom(bytes, size, 0) == (ssize_t)size;
#endif
}

bool platform_environment(const char *name, char *buffer, size_t size) {
  const char *value = getenv(name);
  if (value == NULL || *value == '\0' || strlen(value) >= size) {
    return false;
  }
  memcpy(buffer, value, strlen(value) + 1);
  return true;
}

void platform_print(const char *utf8) { fputs(utf8, stdout); }

uint32_t platform_last_error(void) { return last_error; }

void platform_set_last_error(uint32_t code) { last_error = code; }

bool platform_default_store_path(char *buffer, size_t size) {
  char folder[1024];
  if (!platform_environment("TMPDIR", folder, sizeof folder)) {
    memcpy(folder, "/tmp", sizeof "/tmp");
  }
  int length = snprintf(buffer, size, "%s/portsim-%u.state", folder, (unsigned)geteuid());
  return length > 0 && (size_t)length < size;
}

static uint32_t win32_from_errno(int code) {
  switch (code) {
  case ENOENT:
  case ENOTDIR:
    return PLATFORM_PATH_NOT_FOUND;
  case ENOSPC:
  case EDQUOT:
    return PLATFORM_DISK_FULL;
  case EMFILE:
  case ENFILE:
    return PLATFORM_TOO_MANY_OPEN_FILES;
  default:
    return PLATFORM_ACCESS_DENIED;
  }
}

/* Above the standard streams: in a host that closed one, its next printf would go into the store. */
static int above_streams(int fd) {
  if (fd > 2) {
    return fd;
  }
  int higher = fcntl(fd, F_DUPFD_CLOEXEC, 3);
  close(fd);
  return higher;
}

uint32_t platform_file_open(const char *utf8_path, bool own_only) {
  /* O_NOFOLLOW: the default path lies in a folder that others may write to. O_NONBLOCK: a FIFO must not hang us. */
  int fd = open(utf8_path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);
  fd = fd < 0 ? fd : above_streams(fd);
  if (fd < 0) {
    return win32_from_errno(errno);
  }
  struct stat facts;
  if (fstat(fd, &facts) != 0 || !S_ISREG(facts.st_mode) || (own_only && facts.st_uid != geteuid())) {
    close(fd);
    return PLATFORM_ACCESS_DENIED;
  }
  store_fd = fd;
  return 0;
}

void platform_file_close(void) {
  if (store_view != NULL) {
    munmap(store_view, store_view_size);
    store_view = NULL;
  }
  if (store_fd >= 0) {
    close(store_fd);
    store_fd = -1;
  }
}

bool platform_file_is(const char *utf8_path) {
  struct stat named;
  struct stat opened;
  return store_fd >= 0 && stat(utf8_path, &named) == 0 && fstat(store_fd, &opened) == 0 &&
         named.st_dev == opened.st_dev && named.st_ino == opened.st_ino;
}

uint64_t platform_file_size(void) {
  struct stat facts;
  return fstat(store_fd, &facts) == 0 && facts.st_nlink > 0 ? (uint64_t)facts.st_size : 0;
}

uint32_t platform_file_resize(uint64_t size) {
  if (ftruncate(store_fd, (off_t)size) != 0) {
    return win32_from_errno(errno);
  }
#ifdef __linux__
  /* A full disk must be met here and not as SIGBUS in the mapping. Some file systems can not reserve: let them pass. */
  int failed = posix_fallocate(store_fd, 0, (off_t)size);
  if (failed == ENOSPC || failed == EDQUOT) {
    (void)!ftruncate(store_fd, 0);
    return win32_from_errno(failed);
  }
#endif
  return 0;
}

void *platform_file_map(size_t size) {
  void *view = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, store_fd, 0);
  if (view == MAP_FAILED) {
    return NULL;
  }
  store_view = view;
  store_view_size = size;
  return view;
}

static int byte_lock(int command, short type, off_t offset, struct flock *lock) {
  *lock = (struct flock){.l_type = type, .l_whence = SEEK_SET, .l_start = offset, .l_len = 1};
  int result;
  do {
    result = fcntl(store_fd, command, lock);
  } while (result != 0 && errno == EINTR);
  return result;
}

uint32_t platform_file_lock(void) {
  struct flock lock;
  return byte_lock(F_SETLKW, F_WRLCK, STORE_LOCK_OFFSET, &lock) == 0 ? 0 : PLATFORM_LOCK_FAILED;
}

void platform_file_unlock(void) {
  struct flock lock;
  byte_lock(F_SETLK, F_UNLCK, STORE_LOCK_OFFSET, &lock);
}

bool platform_liveness_take(uint32_t owner) {
  struct flock lock;
  return byte_lock(F_SETLK, F_WRLCK, LIVENESS_OFFSET + (off_t)owner, &lock) == 0;
}

bool platform_liveness_held_by_another(uint32_t owner) {
  struct flock lock;
  /* On an error the owner counts as alive: a block too many is better than one given away twice. */
  return byte_lock(F_GETLK, F_WRLCK, LIVENESS_OFFSET + (off_t)owner, &lock) != 0 || lock.l_type != F_UNLCK;
}
