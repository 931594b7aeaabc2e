/* The peer of the library: create, lookup and delete straight from C, on the same simulator and store.
   Usage: create-lookup-delete LIBRARY STATE ROUNDS PORT; prints nanoseconds a round. */
#include <dlfcn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

typedef uint32_t with_token(uint16_t start_port, uint16_t number_of_ports, uint64_t *token);
typedef uint32_t without_token(uint16_t start_port, uint16_t number_of_ports);

static void *symbol(void *library, const char *name)
{
    void *found = dlsym(library, name);
    if (found == NULL) {
        fprintf(stderr, "%s is missing\n", name);
        exit(1);
    }
    return found;
}

int main(int argc, char **argv)
{
    if (argc != 5)
        return 2;
    void *library = dlopen(argv[1], RTLD_NOW | RTLD_LOCAL);
    if (library == NULL) {
        fprintf(stderr, "%s\n", dlerror());
        return 1;
    }
    uint32_t (*open_store)(const char *) = (uint32_t(*)(const char *))symbol(library, "portsim_open");
    with_token *create = (with_token *)symbol(library, "CreatePersistentTcpPortReservation");
    with_token *lookup = (with_token *)symbol(library, "LookupPersistentTcpPortReservation");
    without_token *remove_block = (without_token *)symbol(library, "DeletePersistentTcpPortReservation");
    long rounds = strtol(argv[3], NULL, 10);
    unsigned port = (unsigned)strtoul(argv[4], NULL, 10);
    uint16_t start = (uint16_t)(port >> 8 | (port & 0xff) << 8); /* network byte order */
    if (open_store(argv[2]) != 0)
        return 1;

    struct timespec before, after;
    clock_gettime(CLOCK_MONOTONIC, &before);
    for (long round = 0; round < rounds; round++) {
        uint64_t made, found;
        if (create(start, 1, &made) != 0 || lookup(start, 1, &found) != 0 || made != found || remove_block(start, 1) != 0) {
            fprintf(stderr, "round %ld failed\n", round);
            return 1;
        }
    }
    clock_gettime(CLOCK_MONOTONIC, &after);
    double elapsed = (double)(after.tv_sec - before.tv_sec) * 1e9 + (double)(after.tv_nsec - before.tv_nsec);
    printf("%.0f\n", elapsed / (double)rounds);
    return 0;
}
