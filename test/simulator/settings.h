/* Settings as this process sees them: its environment, else the store. All need the store to be open (store_begin). */
#ifndef PORTSIM_SETTINGS_H
#define PORTSIM_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

bool settings_elevated(void);
bool settings_unsupported(void);
uint32_t settings_delay_ms(void);
void settings_language(char *buffer, size_t size);

/* The code the named export is to fail with now, used up by asking; 0: none. Needs the core lock, not store_begin. */
uint32_t settings_take_fault(const char *function);

#endif
