/*
 * netsh, as far as it deals with port exclusions and the dynamic range (N3 to N5, N8):
 *
 *   interface ipv4|ipv6 show excludedportrange [protocol=]tcp|udp [[store=]active|persistent]
 *   interface ipv4|ipv6 add|delete excludedportrange [protocol=]... [startport=]N [numberofports=]N [[store=]...]
 *   interface ipv4|ipv6 show dynamicport [protocol=]tcp|udp [[store=]active|persistent]
 *   interface ipv4|ipv6 set dynamicport [protocol=]tcp|udp [startport=]N [numberofports=]N [[store=]persistent]
 *
 * Words may be cut short as in the genuine one ("int", "sh", "num="). Exclusions are the same in ipv4 and ipv6 (N6); each
 * has dynamic ranges of its own (N8).
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include "blocks.h"
#include "exclusions.h"
#include "messages.h"
#include "netsh_arguments.h"
#include "netsh_text.h"
#include "network.h"
#include "platform.h"
#include "settings.h"
#include "store.h"

#define TEXT_COMMAND_NOT_FOUND "The following command was not found: "
#define TEXT_BAD_SYNTAX "The syntax supplied for this command is not valid. Check help for the correct syntax.\n\n"
#define TEXT_NEEDS_ELEVATION "The requested operation requires elevation (Run as administrator).\n\n"
#define TEXT_OK "Ok.\n\n"

#define ERROR_CODE_NEEDS_ELEVATION 740u
#define ERROR_CODE_BAD_SYNTAX 87u
#define ERROR_CODE_NOT_SUPPORTED 50u

/* What the genuine one accepts (N10). */
#define DYNAMIC_FIRST_PORT 1025u
#define DYNAMIC_LEAST_COUNT 255u

static int compare_rows(const void *left, const void *right) {
  const block_t *first = left;
  const block_t *second = right;
  return first->start != second->start ? first->start - second->start : first->count - second->count;
}

static const char *protocol_name(uint8_t protocol) { return protocol == NETWORK_TCP ? "tcp" : "udp"; }

static void put(const char *format, const char *argument) {
  char line[256];
  snprintf(line, sizeof line, format, argument);
  platform_print(line);
}

static void print_title(const char *format, uint8_t protocol) {
  platform_print("\n");
  put(format, protocol_name(protocol));
  platform_print("\n");
}

static uint32_t show_excluded(const netsh_text_t *text, const arguments_t *arguments) {
  blocks_settle();
  const store_image_t *image = store_image();
  block_t *rows = malloc(sizeof *rows * (image->block_count + 1));
  uint32_t row_count = 0;
  if (rows == NULL) {
    return 8;
  }
  for (uint32_t index = 0; index < image->block_count; index++) {
    const block_t *block = &image->blocks[index];
    bool is_stored = block->survives && (block->kind == BLOCK_PERSISTENT || block->kind == BLOCK_EXCLUSION);
    if (block->protocol == arguments->protocol && block->kind != BLOCK_HIDDEN &&
        (arguments->persistent ? is_stored : block->in_force)) {
      rows[row_count++] = *block;
    }
  }
  qsort(rows, row_count, sizeof *rows, compare_rows);
  print_title(text->excluded_title, arguments->protocol);
  platform_print("\n");
  platform_print(text->excluded_columns);
  for (uint32_t index = 0; index < row_count; index++) {
    char line[64];
    snprintf(line, sizeof line, "%10d%12d     %c\n", rows[index].start, rows[index].start + rows[index].count - 1,
             rows[index].kind == BLOCK_EXCLUSION ? '*' : ' ');
    platform_print(line);
  }
  platform_print("\n");
  put("%s\n\n", text->excluded_footer);
  free(rows);
  return 0;
}

static uint32_t show_dynamic(const netsh_text_t *text, const arguments_t *arguments) {
  char line[256];
  print_title(text->dynamic_title, arguments->protocol);
  snprintf(line, sizeof line, "---------------------------------\n%s%u\n%s%u\n\n", text->dynamic_start,
           (unsigned)dynamic_range_start(arguments->protocol, arguments->family), text->dynamic_count,
           (unsigned)dynamic_range_count(arguments->protocol, arguments->family));
  platform_print(line);
  return 0;
}

/* N10. store=active, until the next restart, is not simulated. */
static uint32_t set_dynamic(const arguments_t *arguments) {
  if (!settings_elevated()) {
    return ERROR_CODE_NEEDS_ELEVATION;
  }
  if (arguments->has_store && !arguments->persistent) {
    return ERROR_CODE_NOT_SUPPORTED;
  }
  if (arguments->start < DYNAMIC_FIRST_PORT || arguments->count < DYNAMIC_LEAST_COUNT ||
      !block_range_is_valid(arguments->start, arguments->count)) {
    return ERROR_CODE_BAD_SYNTAX;
  }
  settings_t *settings = &store_change()->settings;
  settings->dynamic[arguments->protocol == NETWORK_UDP][arguments->family == NETWORK_INET6].start = arguments->start;
  settings->dynamic[arguments->protocol == NETWORK_UDP][arguments->family == NETWORK_INET6].count = arguments->count;
  store_commit();
  return 0;
}

static uint32_t change_excluded(const arguments_t *arguments, bool add) {
  if (!settings_elevated()) {
    return ERROR_CODE_NEEDS_ELEVATION;
  }
  bool persistent = !arguments->has_store || arguments->persistent; /* The genuine one's default. */
  if (!block_range_is_valid(arguments->start, arguments->count)) {
    return ERROR_CODE_BAD_SYNTAX;
  }
  return add ? exclusion_add(arguments->protocol, arguments->start, arguments->count, persistent, false)
             : exclusion_remove(arguments->protocol, arguments->start, arguments->count, persistent);
}

static int fail(uint32_t code) {
  const char *text = code == ERROR_CODE_NEEDS_ELEVATION ? NULL : message_text(code);
  if (code == ERROR_CODE_NEEDS_ELEVATION) {
    platform_print(TEXT_NEEDS_ELEVATION);
  } else {
    put("%s\n\n", text != NULL ? text : "Unknown error.");
  }
  return 1;
}

static int bad_command(int count, char **words) {
  platform_print(TEXT_COMMAND_NOT_FOUND);
  for (int index = 1; index < count; index++) {
    put(index == 1 ? "%s" : " %s", words[index]);
  }
  platform_print(".\n");
  return 1;
}

typedef enum action_t {
  ACTION_NONE,
  ACTION_SHOW_EXCLUDED,
  ACTION_SHOW_DYNAMIC,
  ACTION_SET_DYNAMIC,
  ACTION_ADD,
  ACTION_DELETE
} action_t;

static action_t find_action(int count, char **words) {
  if (count < 5 || !is_word(words[1], "interface", 3) ||
      !(is_word(words[2], "ipv4", 4) || is_word(words[2], "ipv6", 4) || is_word(words[2], "ip", 2))) {
    return ACTION_NONE;
  }
  bool is_excluded = is_word(words[4], "excludedportrange", 3);
  bool is_dynamic = is_word(words[4], "dynamicportrange", 3);
  if (is_word(words[3], "show", 2)) {
    return is_excluded ? ACTION_SHOW_EXCLUDED : is_dynamic ? ACTION_SHOW_DYNAMIC : ACTION_NONE;
  }
  if (is_dynamic && is_word(words[3], "set", 3)) {
    return ACTION_SET_DYNAMIC;
  }
  return !is_excluded ? ACTION_NONE
                      : is_word(words[3], "add", 2) ? ACTION_ADD
                                                    : is_word(words[3], "delete", 3) ? ACTION_DELETE : ACTION_NONE;
}

static uint32_t run(action_t action, const arguments_t *arguments) {
  char language[16];
  settings_language(language, sizeof language);
  const netsh_text_t *text = netsh_text(language);
  switch (action) {
  case ACTION_SHOW_EXCLUDED:
    return show_excluded(text, arguments);
  case ACTION_SHOW_DYNAMIC:
    return show_dynamic(text, arguments);
  default: {
    uint32_t code = action == ACTION_SET_DYNAMIC ? set_dynamic(arguments) : change_excluded(arguments, action == ACTION_ADD);
    if (code == 0) {
      platform_print(TEXT_OK);
    }
    return code;
  }
  }
}

int main(int argc, char **argv) {
  /* Room for every row: a reader that waits for the lock of the store must not wait for one who waits for its reader. */
  static char printed[STORE_BLOCK_LIMIT * 64];
  setvbuf(stdout, printed, _IOFBF, sizeof printed);
  static const char *const show_tags[] = {"protocol", "store"};
  static const char *const change_tags[] = {"protocol", "startport", "numberofports", "store"};
  arguments_t arguments = {0};
  action_t action = find_action(argc, argv);
  if (action == ACTION_NONE) {
    return bad_command(argc, argv);
  }
  bool is_show = action == ACTION_SHOW_EXCLUDED || action == ACTION_SHOW_DYNAMIC;
  if (!parse_arguments(argv + 5, argc - 5, is_show ? show_tags : change_tags, is_show ? 2 : 4, is_show ? 1 : 3,
                       &arguments)) {
    platform_print(TEXT_BAD_SYNTAX);
    return 1;
  }
  bool is_six = is_word(argv[2], "ipv6", 4);
  arguments.family = is_six ? NETWORK_INET6 : NETWORK_INET;
  platform_lock();
  uint32_t code = settings_take_fault("netsh");
  if (code == 0 && action == ACTION_SET_DYNAMIC) {
    code = settings_take_fault(is_six ? "netsh ipv6 set" : "netsh ipv4 set");
  }
  if (code == 0) {
    code = store_begin();
    if (code == 0) {
      code = run(action, &arguments);
      store_end();
    }
  }
  platform_unlock();
  return code == 0 ? 0 : fail(code);
}
