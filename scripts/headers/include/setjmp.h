/* See vcruntime.h. <rpc.h> and clang's <intrin.h> include it; only the name of the type is used. */
#ifndef STANDIN_SETJMP_H
#define STANDIN_SETJMP_H

typedef void *jmp_buf[32];

#endif
