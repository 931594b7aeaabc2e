/* computenetwork.dll's lists. */
#ifndef PORTSIM_HCN_H
#define PORTSIM_HCN_H

#include <stdint.h>

/* Those that were given out and are not freed. Needs the core lock. */
uint32_t hcn_list_count(void);

#endif
