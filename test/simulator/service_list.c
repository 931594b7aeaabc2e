#include "service_list.h"

#include <string.h>

/* Copies the name behind the records, from the end of the buffer downwards. */
static LPWSTR put_name(const char *name, LPBYTE *end) {
  size_t length = strlen(name) + 1;
  LPWSTR place = (LPWSTR)(void *)(*end -= length * sizeof(WCHAR));
  for (size_t index = 0; index < length; index++) {
    place[index] = (WCHAR)name[index];
  }
  return place;
}

uint32_t service_list_copy(const settings_t *settings, LPBYTE buffer, DWORD size, LPDWORD needed, LPDWORD returned,
                           LPDWORD resume) {
  ENUM_SERVICE_STATUS_PROCESSW *records = (ENUM_SERVICE_STATUS_PROCESSW *)(void *)buffer;
  DWORD index = resume != NULL ? *resume : 0;
  DWORD used = 0;
  LPBYTE end = buffer + (size & ~1u);
  *needed = *returned = 0;
  for (; index < settings->service_count; index++) {
    const service_t *service = &settings->services[index];
    DWORD record = (DWORD)(sizeof *records + 2 * (strlen(service->name) + 1) * sizeof(WCHAR));
    if (*needed != 0 || used + record > (size & ~1u)) {
      *needed += record;
      continue;
    }
    used += record;
    records[*returned] = (ENUM_SERVICE_STATUS_PROCESSW){
        .lpServiceName = put_name(service->name, &end),
        .lpDisplayName = put_name(service->name, &end),
        .ServiceStatusProcess = {.dwServiceType = SERVICE_WIN32_SHARE_PROCESS,
                                 .dwCurrentState = SERVICE_RUNNING,
                                 .dwControlsAccepted = SERVICE_ACCEPT_STOP,
                                 .dwProcessId = service->process},
    };
    (*returned)++;
  }
  if (resume != NULL) {
    *resume = *needed != 0 ? *resume + *returned : 0;
  }
  return *needed != 0 ? ERROR_MORE_DATA : 0;
}
