#include "winnat.h"

#include <stddef.h>

#include "blocks.h"
#include "platform.h"

winnat_t winnat_state(void) { return (winnat_t)store_image()->settings.winnat; }

static void release_blocks(void) {
  store_image_t *image = store_change();
  for (uint32_t index = 0; index < image->block_count; index++) {
    if (image->blocks[index].kind == BLOCK_WINNAT) {
      image->blocks[index].in_force = 0;
    }
  }
}

/* N8, N9: the block where it was or, when somebody has that place by now, elsewhere in the dynamic range. */
static void take_block(block_t *block, bool elsewhere) {
  uint32_t start = block->start;
  if (elsewhere) {
    start = blocks_find_free(block->protocol, block->count);
  } else if (blocks_overlapping(block->protocol, start, block->count, 0) != NULL ||
             blocks_range_is_bound(block->protocol, start, block->count)) {
    start = 0;
  }
  if (start != 0) {
    block->start = (uint16_t)start;
    block->in_force = 1;
  }
}

/* First those that can be where they were, so that none is in another's way. One without a place waits. */
static void take_blocks(void) {
  store_image_t *image = store_change();
  for (int elsewhere = 0; elsewhere < 2; elsewhere++) {
    for (uint32_t index = 0; index < image->block_count; index++) {
      if (image->blocks[index].kind == BLOCK_WINNAT && !image->blocks[index].in_force) {
        take_block(&image->blocks[index], elsewhere != 0);
      }
    }
  }
}

void winnat_set(winnat_t state) {
  store_change()->settings.winnat = state;
  if (state == WINNAT_RUNNING) {
    take_blocks();
  } else {
    release_blocks();
  }
}

/* The blocks change hands when the service has come to its new state, not before: whoever does not wait for it meets
 * them still there, or not there yet. */
static void begin(winnat_t passing, winnat_t final) {
  settings_t *settings = &store_change()->settings;
  if (settings->winnat_delay_ms == 0) {
    winnat_set(final);
    return;
  }
  settings->winnat = passing;
  settings->winnat_since = platform_milliseconds();
}

void winnat_stop(void) { begin(WINNAT_STOPPING, WINNAT_STOPPED); }

void winnat_start(void) { begin(WINNAT_STARTING, WINNAT_RUNNING); }

void winnat_restart(void) {
  if (winnat_state() != WINNAT_ABSENT) {
    winnat_set(store_image()->settings.winnat_disabled ? WINNAT_STOPPED : WINNAT_RUNNING);
  }
}

void winnat_settle(void) {
  const settings_t *settings = &store_image()->settings;
  if (settings->winnat != WINNAT_STOPPING && settings->winnat != WINNAT_STARTING) {
    return;
  }
  /* The clock starts anew with the machine; the store may be older. */
  uint64_t now = platform_milliseconds();
  if (now < settings->winnat_since || now - settings->winnat_since >= settings->winnat_delay_ms) {
    winnat_set(settings->winnat == WINNAT_STOPPING ? WINNAT_STOPPED : WINNAT_RUNNING);
  }
}
