/* The words behind a command of netsh. */
#ifndef PORTSIM_NETSH_ARGUMENTS_H
#define PORTSIM_NETSH_ARGUMENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct arguments_t {
  uint8_t protocol;
  uint32_t start;
  uint32_t count;
  bool persistent;
  bool has_store;
  uint8_t family;
} arguments_t;

/* Whether the text is the word, or its beginning of this length at least. */
bool is_word(const char *text, const char *word, size_t least);

/* name=value in any order, or bare values in the order of the tags. */
bool parse_arguments(char **words, int count, const char *const *tags, size_t tag_count, size_t needed,
                     arguments_t *arguments);

#endif
