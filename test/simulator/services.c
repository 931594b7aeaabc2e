/*
 * advapi32.dll: the control of the one service winnat (N9), and the names of those that the stand-ins host. There is no
 * other: the Windows build does not ask the genuine library either, so that no test ever stops a service of the machine it
 * runs on.
 */
#include <stddef.h>
#include <string.h>

#include "blocks.h"
#include "choices.h"
#include "handles.h"
#include "service_list.h"
#include "settings.h"
#include "store.h"
#include "windows_names.h"
#include "winnat.h"

_Static_assert(sizeof(SERVICE_STATUS) == 28, "the layout Windows has");
_Static_assert(sizeof(SERVICE_STATUS_PROCESS) == 36, "the layout Windows has");
_Static_assert(sizeof(void *) != 8 || sizeof(ENUM_SERVICE_STATUS_PROCESSW) == 56, "the layout Windows has");

/* What Windows lets every user open a manager and a driver's service for; the rest takes an administrator. */
#define RIGHT_READ_CONTROL 0x00020000u
#define MANAGER_OPEN_RIGHTS                                                                                      \
  (SC_MANAGER_CONNECT | SC_MANAGER_ENUMERATE_SERVICE | SC_MANAGER_QUERY_LOCK_STATUS | RIGHT_READ_CONTROL)
#define SERVICE_OPEN_RIGHTS                                                                                      \
  (SERVICE_QUERY_CONFIG | SERVICE_QUERY_STATUS | SERVICE_ENUMERATE_DEPENDENTS | SERVICE_INTERROGATE |            \
   SERVICE_USER_DEFINED_CONTROL | RIGHT_READ_CONTROL)

static BOOL outcome(uint32_t code) {
  if (code != 0) {
    platform_set_last_error(code);
  }
  return code == 0;
}

/* Every export begins so, and ends with end: under both locks, with the service as it is now. */
static uint32_t begin(const char *function) {
  platform_lock();
  uint32_t code = settings_take_fault(function);
  if (code == 0) {
    code = store_begin();
  }
  if (code != 0) {
    platform_unlock();
    return code;
  }
  blocks_settle();
  return 0;
}

static void end(void) {
  store_end();
  platform_unlock();
}

static bool is_text(LPCWSTR wide, const char *text) {
  size_t index = 0;
  while (text[index] != '\0' && (wide[index] | 0x20) == (text[index] | 0x20)) {
    index++;
  }
  return text[index] == '\0' && wide[index] == 0;
}

static uint32_t open_checked(handle_type_t type, DWORD access, DWORD everybodys, SC_HANDLE *handle) {
  if ((access & ~everybodys) != 0 && !settings_elevated()) {
    return ERROR_ACCESS_DENIED;
  }
  *handle = handle_open(&(handle_object_t){.type = type, .access = access});
  return *handle != NULL ? 0 : ERROR_NOT_ENOUGH_MEMORY;
}

SC_HANDLE WINAPI OpenSCManagerW(LPCWSTR machine, LPCWSTR database, DWORD access) {
  SC_HANDLE handle = NULL;
  uint32_t code = begin(__func__);
  if (code == 0) {
    if (machine != NULL && *machine != 0) {
      code = RPC_S_SERVER_UNAVAILABLE; /* There is this machine alone. */
    } else if (database != NULL && !is_text(database, "ServicesActive")) {
      code = ERROR_DATABASE_DOES_NOT_EXIST;
    } else {
      code = open_checked(HANDLE_MANAGER, access | SC_MANAGER_CONNECT, MANAGER_OPEN_RIGHTS, &handle);
    }
    end();
  }
  outcome(code);
  return handle;
}

SC_HANDLE WINAPI OpenServiceW(SC_HANDLE manager, LPCWSTR name, DWORD access) {
  SC_HANDLE handle = NULL;
  uint32_t code = begin(__func__);
  if (code == 0) {
    if (handle_find(manager, HANDLE_MANAGER) == NULL) {
      code = ERROR_INVALID_HANDLE;
    } else if (name == NULL || *name == 0) {
      code = ERROR_INVALID_NAME;
    } else if (!is_text(name, "winnat") || winnat_state() == WINNAT_ABSENT) {
      code = ERROR_SERVICE_DOES_NOT_EXIST;
    } else {
      code = open_checked(HANDLE_SERVICE, access, SERVICE_OPEN_RIGHTS, &handle);
    }
    end();
  }
  outcome(code);
  return handle;
}

/* 0, or why the handle does not do for what it is used for. */
static uint32_t check(SC_HANDLE service, DWORD access) {
  const handle_object_t *object = handle_find(service, HANDLE_SERVICE);
  if (object == NULL) {
    return ERROR_INVALID_HANDLE;
  }
  if ((object->access & access) != access) {
    return ERROR_ACCESS_DENIED;
  }
  return winnat_state() == WINNAT_ABSENT ? ERROR_SERVICE_DOES_NOT_EXIST : 0;
}

static void fill_status(SERVICE_STATUS *status) {
  static const DWORD states[] = {
      [WINNAT_STOPPED] = SERVICE_STOPPED,
      [WINNAT_RUNNING] = SERVICE_RUNNING,
      [WINNAT_STOPPING] = SERVICE_STOP_PENDING,
      [WINNAT_STARTING] = SERVICE_START_PENDING,
  };
  winnat_t state = winnat_state();
  bool is_pending = state == WINNAT_STOPPING || state == WINNAT_STARTING;
  *status = (SERVICE_STATUS){
      .dwServiceType = SERVICE_KERNEL_DRIVER,
      .dwCurrentState = states[state],
      .dwControlsAccepted = state == WINNAT_RUNNING ? SERVICE_ACCEPT_STOP : 0,
      .dwCheckPoint = is_pending,
      .dwWaitHint = is_pending ? store_image()->settings.winnat_delay_ms : 0,
  };
}

BOOL WINAPI QueryServiceStatus(SC_HANDLE service, LPSERVICE_STATUS status) {
  uint32_t code = begin(__func__);
  if (code == 0) {
    code = status == NULL ? ERROR_INVALID_PARAMETER : check(service, SERVICE_QUERY_STATUS);
    if (code == 0) {
      fill_status(status);
    }
    end();
  }
  return outcome(code);
}

BOOL WINAPI QueryServiceStatusEx(SC_HANDLE service, SC_STATUS_TYPE level, LPBYTE buffer, DWORD size, LPDWORD needed) {
  uint32_t code = begin(__func__);
  if (code == 0) {
    SERVICE_STATUS_PROCESS whole = {0};
    code = level != SC_STATUS_PROCESS_INFO ? ERROR_INVALID_LEVEL : check(service, SERVICE_QUERY_STATUS);
    if (code == 0 && needed == NULL) {
      code = ERROR_INVALID_PARAMETER;
    }
    if (code == 0) {
      *needed = sizeof whole;
      code = buffer == NULL || size < sizeof whole ? ERROR_INSUFFICIENT_BUFFER : 0;
    }
    if (code == 0) {
      SERVICE_STATUS status;
      fill_status(&status);
      memcpy(&whole, &status, sizeof status); /* It begins with the same members; a driver has no process. */
      memcpy(buffer, &whole, sizeof whole);
    }
    end();
  }
  return outcome(code);
}

/* Without its texts: of them, there is nothing to tell. */
BOOL WINAPI QueryServiceConfigW(SC_HANDLE service, LPQUERY_SERVICE_CONFIGW config, DWORD size, LPDWORD needed) {
  uint32_t code = begin(__func__);
  if (code == 0) {
    code = needed == NULL ? ERROR_INVALID_PARAMETER : check(service, SERVICE_QUERY_CONFIG);
    if (code == 0) {
      *needed = sizeof *config;
      code = config == NULL || size < sizeof *config ? ERROR_INSUFFICIENT_BUFFER : 0;
    }
    if (code == 0) {
      *config = (QUERY_SERVICE_CONFIGW){
          .dwServiceType = SERVICE_KERNEL_DRIVER,
          .dwStartType = store_image()->settings.winnat_disabled ? SERVICE_DISABLED : SERVICE_DEMAND_START,
          .dwErrorControl = SERVICE_ERROR_NORMAL,
      };
    }
    end();
  }
  return outcome(code);
}

BOOL WINAPI EnumServicesStatusExW(SC_HANDLE manager, SC_ENUM_TYPE level, DWORD type, DWORD state, LPBYTE buffer, DWORD size,
                                  LPDWORD needed, LPDWORD returned, LPDWORD resume, LPCWSTR group) {
  uint32_t code = begin(__func__);
  if (code == 0) {
    const handle_object_t *object = handle_find(manager, HANDLE_MANAGER);
    bool is_known = (type & SERVICE_WIN32) != 0 && state >= SERVICE_ACTIVE && state <= SERVICE_STATE_ALL && group == NULL;
    if (object == NULL) {
      code = ERROR_INVALID_HANDLE;
    } else if ((object->access & SC_MANAGER_ENUMERATE_SERVICE) == 0) {
      code = ERROR_ACCESS_DENIED;
    } else if (level != SC_ENUM_PROCESS_INFO) {
      code = ERROR_INVALID_LEVEL;
    } else if (!is_known || needed == NULL || returned == NULL || (buffer == NULL && size != 0)) {
      code = ERROR_INVALID_PARAMETER;
    } else {
      code = state == SERVICE_INACTIVE ? (*needed = *returned = 0) : service_list_copy(&store_image()->settings, buffer, size, needed, returned, resume);
    }
    end();
  }
  return outcome(code);
}

static uint32_t control(DWORD code) {
  if (code == SERVICE_CONTROL_INTERROGATE) {
    return winnat_state() == WINNAT_STOPPED ? ERROR_SERVICE_NOT_ACTIVE : 0;
  }
  if (code != SERVICE_CONTROL_STOP) {
    return ERROR_INVALID_SERVICE_CONTROL;
  }
  switch (winnat_state()) {
  case WINNAT_RUNNING:
    winnat_stop();
    store_commit();
    return 0;
  case WINNAT_STOPPED:
    return ERROR_SERVICE_NOT_ACTIVE;
  default:
    return ERROR_SERVICE_CANNOT_ACCEPT_CTRL;
  }
}

BOOL WINAPI ControlService(SC_HANDLE service, DWORD control_code, LPSERVICE_STATUS status) {
  uint32_t code = begin(__func__);
  if (code == 0) {
    DWORD access = control_code == SERVICE_CONTROL_STOP          ? SERVICE_STOP
                   : control_code == SERVICE_CONTROL_INTERROGATE ? SERVICE_INTERROGATE
                                                                 : SERVICE_USER_DEFINED_CONTROL;
    code = status == NULL ? ERROR_INVALID_PARAMETER : check(service, access);
    if (code == 0) {
      code = control(control_code);
      fill_status(status); /* Also when it was refused because of the state. */
    }
    end();
  }
  return outcome(code);
}

BOOL WINAPI StartServiceW(SC_HANDLE service, DWORD count, LPCWSTR *arguments) {
  (void)count, (void)arguments; /* A driver gets none. */
  uint32_t code = begin(__func__);
  if (code == 0) {
    code = check(service, SERVICE_START);
    if (code == 0 && winnat_state() != WINNAT_STOPPED) {
      code = ERROR_SERVICE_ALREADY_RUNNING;
    } else if (code == 0 && store_image()->settings.winnat_disabled) {
      code = ERROR_SERVICE_DISABLED;
    }
    if (code == 0) {
      winnat_start();
      store_commit();
    }
    end();
  }
  return outcome(code);
}

BOOL WINAPI CloseServiceHandle(SC_HANDLE handle) {
  platform_lock();
  uint32_t code = settings_take_fault(__func__);
  bool is_ours = handle_find(handle, HANDLE_MANAGER) != NULL || handle_find(handle, HANDLE_SERVICE) != NULL;
  if (code == 0) {
    code = is_ours ? handle_close(handle) : ERROR_INVALID_HANDLE;
  }
  platform_unlock();
  return outcome(code);
}
