#include "socket_table.h"

#include <stdlib.h>

#include "network.h"

#define BUCKET_COUNT 1024u

static socket_entry_t *buckets[BUCKET_COUNT];
static uint32_t last_holder;

/* Windows' handles are multiples of four, file descriptors are not. */
static socket_entry_t **bucket_of(uintptr_t socket) { return &buckets[(socket ^ socket >> 10) % BUCKET_COUNT]; }

void socket_table_drop(uintptr_t socket) {
  for (socket_entry_t **link = bucket_of(socket); *link != NULL; link = &(*link)->next) {
    socket_entry_t *entry = *link;
    if (entry->socket == socket) {
      *link = entry->next;
      free(entry);
      return;
    }
  }
}

socket_entry_t *socket_table_find(uintptr_t socket) {
  socket_entry_t *entry = *bucket_of(socket);
  while (entry != NULL && entry->socket != socket) {
    entry = entry->next;
  }
  if (entry == NULL) {
    return NULL;
  }
  /* node closes sockets it was handed with close(), not closesocket(): the number may mean another socket by now. */
  network_facts_t facts;
  if (network_facts(socket, &facts) != 0 || facts.identity != entry->identity) {
    socket_table_drop(socket);
    return NULL;
  }
  return entry;
}

socket_entry_t *socket_table_get(uintptr_t socket) {
  network_facts_t facts;
  socket_entry_t *entry = socket_table_find(socket);
  if (entry != NULL || network_facts(socket, &facts) != 0) {
    return entry;
  }
  entry = calloc(1, sizeof *entry);
  if (entry != NULL) {
    socket_entry_t **bucket = bucket_of(socket);
    entry->next = *bucket;
    entry->socket = socket;
    entry->identity = facts.identity;
    entry->holder = ++last_holder;
    *bucket = entry;
  }
  return entry;
}

bool socket_table_has_holder(uintptr_t socket, uint32_t holder) {
  const socket_entry_t *entry = socket_table_find(socket);
  return entry != NULL && entry->holder == holder;
}
