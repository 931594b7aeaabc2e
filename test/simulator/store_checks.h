/* Whether an image of the store holds only what this library itself writes: a store may be made by anybody. */
#ifndef PORTSIM_STORE_CHECKS_H
#define PORTSIM_STORE_CHECKS_H

#include <stdbool.h>

#include "store.h"

/* Every number that other code takes for an index, a count or a state. Quick: asked at each store_begin. */
bool settings_are_right(const settings_t *settings);
/* Needs a block_count that was checked. */
bool blocks_are_right(const store_image_t *image);

#endif
