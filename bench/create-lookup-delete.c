/* The peer of the library: create, lookup and delete straight from C, on the same simulator and store.
   Usage: create-lookup-delete LIBRARY STATE STEPS ROUNDS PORT...
   STEPS are some of the letters c, l and d, done with a block of each port, one after the other; prints milliseconds of all of them. */
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
    if (argc < 6)
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
    long rounds = strtol(argv[4], NULL, 10);
    if (open_store(argv[2]) != 0)
        return 1;

    struct timespec before, after;
    clock_gettime(CLOCK_MONOTONIC, &before);
    for (long round = 0; round < rounds; round++) {
        for (int index = 5; index < argc; index++) {
            unsigned port = (unsigned)strtoul(argv[index], NULL, 10);
            uint16_t start = (uint16_t)(port >> 8 | (port & 0xff) << 8); /* network byte order */
            for (const char *step = argv[3]; *step != '\0'; step++) {
                uint64_t token;
                if ((*step == 'c' ? create(start, 1, &token) : *step == 'l' ? lookup(start, 1, &token) : remove_block(start, 1)) != 0) {
                    fprintf(stderr, "%c of port %u failed in round %ld\n", *step, port, round);
                    return 1;
                }
            }
        }
    }
    clock_gettime(CLOCK_MONOTONIC, &after);
    printf("%.6f\n", (double)(after.tv_sec - before.tv_sec) * 1e3 + (double)(after.tv_nsec - before.tv_nsec) / 1e6);
    return 0;
}
