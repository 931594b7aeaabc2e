#include "netsh_arguments.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "network.h"

bool is_word(const char *text, const char *word, size_t least) {
  size_t length = strlen(text);
  for (size_t index = 0; index < length; index++) {
    if (tolower((unsigned char)text[index]) != word[index]) {
      return false;
    }
  }
  return length >= least;
}

static bool parse_number(const char *text, uint32_t *number) {
  char *end;
  if (!isdigit((unsigned char)*text)) {
    return false;
  }
  unsigned long value = strtoul(text, &end, 10);
  *number = value > 65535 ? 0 : (uint32_t)value; /* 0 is what the rules refuse. */
  return *end == '\0';
}

static bool parse_value(arguments_t *arguments, size_t tag, const char *value) {
  switch (tag) {
  case 0:
    arguments->protocol = is_word(value, "tcp", 3) ? NETWORK_TCP : is_word(value, "udp", 3) ? NETWORK_UDP : 0;
    return arguments->protocol != 0;
  case 1:
    return parse_number(value, &arguments->start);
  case 2:
    return parse_number(value, &arguments->count);
  default:
    arguments->persistent = is_word(value, "persistent", 1);
    arguments->has_store = true;
    return arguments->persistent || is_word(value, "active", 1);
  }
}

bool parse_arguments(char **words, int count, const char *const *tags, size_t tag_count, size_t needed,
                     arguments_t *arguments) {
  bool seen[4] = {false};
  for (int index = 0; index < count; index++) {
    size_t tag = 0;
    char *equals = strchr(words[index], '=');
    if (equals != NULL) {
      *equals = '\0';
      while (tag < tag_count && !is_word(words[index], tags[tag], 2)) {
        tag++;
      }
    } else {
      while (tag < tag_count && seen[tag]) {
        tag++;
      }
    }
    if (tag == tag_count || seen[tag]) {
      return false;
    }
    seen[tag] = true;
    /* "show" has no ports: its second tag is the store. */
    size_t meaning = tag == tag_count - 1 ? 3 : tag;
    if (!parse_value(arguments, meaning, equals != NULL ? equals + 1 : words[index])) {
      return false;
    }
  }
  for (size_t tag = 0; tag < needed; tag++) {
    if (!seen[tag]) {
      return false;
    }
  }
  return true;
}
