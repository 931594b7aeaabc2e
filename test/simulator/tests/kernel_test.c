/* kernel32's answers about a process. */
#include "check.h"

#include <string.h>
#include <time.h>

#define ACCESS PROCESS_QUERY_LIMITED_INFORMATION

static void own_process(void) {
  WCHAR image[1024];
  char narrow[1024];
  DWORD size = 1024;
  FILETIME times[4];
  HANDLE process = OpenProcess(ACCESS, FALSE, process_number());
  CHECK(process != NULL);
  CHECK(QueryFullProcessImageNameW(process, 0, image, &size));
  CHECK(size > 0 && size < 1024 && image[size] == 0);
  for (DWORD index = 0; index <= size && size < 1024; index++) {
    narrow[index] = (char)image[index];
  }
  CHECK(size < 1024 && strstr(narrow, "tests") != NULL);
  DWORD needed = size;
  CHECK(!QueryFullProcessImageNameW(process, 0, image, &needed)); /* The zero has no place. */
  CHECK_EQUAL(GetLastError(), ERROR_INSUFFICIENT_BUFFER);
  CHECK_EQUAL(sizeof(FILETIME), 8);
  CHECK(GetProcessTimes(process, &times[0], &times[1], &times[2], &times[3]));
  uint64_t units = (uint64_t)times[0].dwHighDateTime << 32 | times[0].dwLowDateTime;
  int64_t started = (int64_t)(units / 10000000) - INT64_C(11644473600);
  int64_t age = (int64_t)time(NULL) - started;
  CHECK(age >= -2 && age < 3600);
  CHECK(CloseHandle(process));
}

static void process_refusals(void) {
  WCHAR image[8];
  DWORD size = 8;
  FILETIME times[4];
  CHECK(OpenProcess(ACCESS, FALSE, 0) == NULL);
  CHECK_EQUAL(GetLastError(), ERROR_INVALID_PARAMETER);
  CHECK(OpenProcess(ACCESS, FALSE, 0x7FFFFFF0) == NULL);
  CHECK_EQUAL(GetLastError(), ERROR_INVALID_PARAMETER);
  CHECK_EQUAL(portsim_fail_next("OpenProcess", ERROR_ACCESS_DENIED), 0);
  CHECK(OpenProcess(ACCESS, FALSE, process_number()) == NULL);
  CHECK_EQUAL(GetLastError(), ERROR_ACCESS_DENIED);
  CHECK(!QueryFullProcessImageNameW(NULL, 0, image, &size));
  CHECK_EQUAL(GetLastError(), ERROR_INVALID_HANDLE);
  CHECK(!GetProcessTimes(NULL, &times[0], &times[1], &times[2], &times[3]));
  CHECK_EQUAL(GetLastError(), ERROR_INVALID_HANDLE);
}

#ifndef _WIN32
static void handles(void) {
  SOCKET s = open_socket(AF_INET, SOCK_STREAM);
  HANDLE process = OpenProcess(ACCESS, FALSE, process_number());
  SC_HANDLE manager = OpenSCManagerW(NULL, NULL, SC_MANAGER_CONNECT);
  CHECK(!CloseHandle(manager) && GetLastError() == ERROR_INVALID_HANDLE);
  CHECK(!CloseHandle((HANDLE)s) && GetLastError() == ERROR_INVALID_HANDLE);
  CHECK(!CloseServiceHandle(process) && GetLastError() == ERROR_INVALID_HANDLE);
  CHECK(OpenProcess(0x0001, FALSE, process_number()) == NULL && GetLastError() == ERROR_NOT_SUPPORTED);
  CHECK(CloseHandle(process) && CloseServiceHandle(manager));
  CHECK(!CloseHandle(process) && GetLastError() == ERROR_INVALID_HANDLE);
  closesocket(s);
}
#endif

const test_t kernel_tests[] = {
    {"A process's own image and start", own_process},
    {"A process that is not there, or may not be looked at", process_refusals},
#ifndef _WIN32 /* There other programs' handles are the genuine libraries'. */
    {"A handle is good for its own functions alone", handles},
#endif
    {NULL, NULL},
};
