/* What netsh prints, in the languages of which samples are known. Everything is UTF-8 with '\n' until it is written. */
#ifndef PORTSIM_NETSH_TEXT_H
#define PORTSIM_NETSH_TEXT_H

typedef struct netsh_text_t {
  const char *language;
  const char *excluded_title;   /* %s: tcp or udp */
  const char *excluded_columns; /* the two lines above the rows */
  const char *excluded_footer;
  const char *dynamic_title; /* %s: tcp or udp */
  const char *dynamic_start;
  const char *dynamic_count;
} netsh_text_t;

/* English for a language that is not known. */
const netsh_text_t *netsh_text(const char *language);

#endif
