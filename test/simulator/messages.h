/* FormatMessage's English texts of the codes that turn up around port reservations. */
#ifndef PORTSIM_MESSAGES_H
#define PORTSIM_MESSAGES_H

#include <stdint.h>

/* NULL: unknown. Without the line end FormatMessage adds. */
const char *message_text(uint32_t code);

#endif
