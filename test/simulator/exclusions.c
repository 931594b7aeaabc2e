#include "exclusions.h"

#include "blocks.h"
#include "choices.h"
#include "windows_names.h"

uint32_t exclusion_add(uint8_t protocol, uint32_t start, uint32_t count, bool persistent, bool may_be_bound) {
  if (!block_protocol_is_valid(protocol) || !block_range_is_valid(start, count)) {
    return ERROR_INVALID_PARAMETER;
  }
  blocks_settle();
  /* Exactly this exclusion, made with the other store, becomes one of both. */
  const block_t *same = blocks_find(protocol, start, count, BLOCK_EXCLUSION);
  bool is_new_store = same != NULL && (persistent ? !same->survives : !same->in_force);
  if (!is_new_store && (blocks_overlapping(protocol, start, count, 0) != NULL ||
                        (!may_be_bound && blocks_range_is_bound(protocol, start, count)))) {
    return ERROR_SHARING_VIOLATION;
  }
  block_t *block;
  if (same != NULL) {
    uint32_t index = (uint32_t)(same - store_image()->blocks);
    block = &store_change()->blocks[index];
    block->in_force = 1;
    block->survives = block->survives || persistent;
  } else {
    block = blocks_add(protocol, start, count, BLOCK_EXCLUSION);
    if (block == NULL) {
      return CHOICE_STORE_FULL;
    }
    block->survives = persistent;
  }
  store_commit();
  return NO_ERROR;
}

uint32_t exclusion_remove(uint8_t protocol, uint32_t start, uint32_t count, bool persistent) {
  const block_t *block = blocks_find(protocol, start, count, BLOCK_EXCLUSION);
  if (block == NULL || (!persistent && !block->in_force)) {
    return ERROR_NOT_FOUND;
  }
  if (!persistent && block->survives) {
    uint32_t index = (uint32_t)(block - store_image()->blocks);
    store_change()->blocks[index].in_force = 0;
  } else {
    blocks_remove(block);
  }
  store_commit();
  return NO_ERROR;
}
