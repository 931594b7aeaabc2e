/* kernel32.dll off Windows. In the Windows build these names lead to the genuine functions, see kernel_windows.c. */
#include <string.h>

#include "messages.h"
#include "network.h"
#include "operations.h"
#include "settings.h"
#include "windows_names.h"

DWORD GetLastError(void) { return platform_last_error(); }

void SetLastError(DWORD code) { platform_set_last_error(code); }

BOOL CancelIoEx(HANDLE file, LPOVERLAPPED overlapped) {
  uintptr_t s = (uintptr_t)file;
  platform_lock();
  uint32_t code = settings_take_fault(__func__);
  if (code == 0 && !operation_cancel(s, overlapped)) {
    code = network_cancel(s, overlapped);
  }
  platform_unlock();
  winsock_outcome(code);
  return code == 0;
}

DWORD FormatMessageW(DWORD flags, LPCVOID source, DWORD message, DWORD language, LPWSTR buffer, DWORD size,
                     va_list *arguments) {
  (void)source, (void)language, (void)arguments;
  if (flags != (FORMAT_MESSAGE_FROM_SYSTEM | FORMAT_MESSAGE_IGNORE_INSERTS) || buffer == NULL) {
    platform_set_last_error(ERROR_INVALID_PARAMETER);
    return 0;
  }
  const char *text = message_text(message);
  if (text == NULL) {
    platform_set_last_error(ERROR_MR_MID_NOT_FOUND);
    return 0;
  }
  DWORD length = (DWORD)strlen(text);
  if (size < length + 3) {
    platform_set_last_error(ERROR_INSUFFICIENT_BUFFER);
    return 0;
  }
  for (DWORD index = 0; index < length; index++) {
    buffer[index] = (WCHAR)(unsigned char)text[index]; /* The texts are ASCII. */
  }
  buffer[length] = '\r';
  buffer[length + 1] = '\n';
  buffer[length + 2] = 0;
  return length + 2;
}
