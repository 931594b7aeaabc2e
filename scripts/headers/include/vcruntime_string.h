/* See vcruntime.h. These functions are the compiler's, and <string.h> of the SDK expects them here. */
#ifndef STANDIN_VCRUNTIME_STRING_H
#define STANDIN_VCRUNTIME_STRING_H

#include <vcruntime.h>

_CRT_BEGIN_C_HEADER

void *memchr(const void *, int, size_t);
int memcmp(const void *, const void *, size_t);
void *memcpy(void *, const void *, size_t);
void *memmove(void *, const void *, size_t);
void *memset(void *, int, size_t);

char *strcat(char *, const char *);
char *strchr(const char *, int);
int strcmp(const char *, const char *);
char *strcpy(char *, const char *);
size_t strlen(const char *);
char *strrchr(const char *, int);
char *strstr(const char *, const char *);

wchar_t *wcscat(wchar_t *, const wchar_t *);
wchar_t *wcschr(const wchar_t *, wchar_t);
int wcscmp(const wchar_t *, const wchar_t *);
wchar_t *wcscpy(wchar_t *, const wchar_t *);
size_t wcslen(const wchar_t *);
wchar_t *wcsrchr(const wchar_t *, wchar_t);
wchar_t *wcsstr(const wchar_t *, const wchar_t *);

_CRT_END_C_HEADER

#endif
