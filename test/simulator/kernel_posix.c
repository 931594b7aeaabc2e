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

/* The simulator's netsh writes UTF-8 on every system. */
UINT GetOEMCP(void) { return CP_UTF8; }

/* The code point that begins at *text, which is moved past it; U+FFFD for a byte that begins none. */
static uint32_t next_code_point(const unsigned char **text, const unsigned char *end) {
  static const uint32_t lowest[] = {0, 0x80, 0x800, 0x10000};
  const unsigned char *next = *text;
  unsigned char first = *next++;
  int more = first < 0x80 ? 0 : first >= 0xc2 && first < 0xe0 ? 1 : (first & 0xf0) == 0xe0 ? 2 : (first & 0xf8) == 0xf0 ? 3 : -1;
  uint32_t point = more <= 0 ? first : first & (0x3fu >> more);
  *text = next;
  if (more == 0) {
    return point;
  }
  for (int index = 0; index < more; index++) {
    if (next == end || (*next & 0xc0) != 0x80) {
      return 0xfffd;
    }
    point = point << 6 | (*next++ & 0x3f);
  }
  if (more < 0 || point < lowest[more] || point > 0x10ffff || (point >= 0xd800 && point < 0xe000)) {
    return 0xfffd;
  }
  *text = next;
  return point;
}

int MultiByteToWideChar(UINT code_page, DWORD flags, LPCSTR text, int length, LPWSTR wide, int size) {
  if (code_page != CP_UTF8 || flags != 0 || text == NULL || length <= 0 || size < 0 || (wide == NULL && size > 0)) {
    platform_set_last_error(ERROR_INVALID_PARAMETER);
    return 0;
  }
  const unsigned char *next = (const unsigned char *)text;
  const unsigned char *end = next + length;
  int count = 0;
  while (next < end) {
    uint32_t point = next_code_point(&next, end);
    int units = point > 0xffff ? 2 : 1;
    if (size > 0 && count + units > size) {
      platform_set_last_error(ERROR_INSUFFICIENT_BUFFER);
      return 0;
    }
    if (size > 0 && units == 1) {
      wide[count] = (WCHAR)point;
    } else if (size > 0) {
      wide[count] = (WCHAR)(0xd800 + ((point - 0x10000) >> 10));
      wide[count + 1] = (WCHAR)(0xdc00 + ((point - 0x10000) & 0x3ff));
    }
    count += units;
  }
  return count;
}
