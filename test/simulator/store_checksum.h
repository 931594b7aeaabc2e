/* The sum by which an image of the store is known to be whole. */
#ifndef PORTSIM_STORE_CHECKSUM_H
#define PORTSIM_STORE_CHECKSUM_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "store.h"

/* Four independent sums, because one alone would wait for its own multiplication at each word. */
static inline uint64_t store_checksum(const store_image_t *image) {
  const unsigned char *bytes = (const unsigned char *)image + sizeof image->checksum;
  size_t words = (offsetof(store_image_t, blocks) - sizeof image->checksum + image->block_count * sizeof(block_t)) / 8;
  uint64_t sums[4] = {1, 2, 3, 4};
  for (size_t index = 0; index < words; index++) {
    uint64_t word;
    memcpy(&word, bytes + index * 8, sizeof word);
    uint64_t *sum = &sums[index % 4];
    *sum = (*sum ^ word) * UINT64_C(0x9E3779B97F4A7C15);
    *sum ^= *sum >> 29;
  }
  return sums[0] ^ (sums[1] << 1) ^ (sums[2] << 2) ^ (sums[3] << 3) ^ words;
}

#endif
