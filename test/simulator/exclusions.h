/* Administered exclusions (N3), for netsh and the knobs. Need store_begin; commit by themselves. Win32 codes. */
#ifndef PORTSIM_EXCLUSIONS_H
#define PORTSIM_EXCLUSIONS_H

#include <stdbool.h>
#include <stdint.h>

/* persistent: netsh's store=persistent, in force now and after a restart; else in force until a restart. */
uint32_t exclusion_add(uint8_t protocol, uint32_t start, uint32_t count, bool persistent, bool may_be_bound);
/* persistent: gone for good; else a persistent one comes back at a restart. */
uint32_t exclusion_remove(uint8_t protocol, uint32_t start, uint32_t count, bool persistent);

#endif
