/* Checked allocation. */
#ifndef CONTRAFLOW_SOLVER_MEMORY_H
#define CONTRAFLOW_SOLVER_MEMORY_H

#include <stddef.h>

#include "contraflow/solver/error.h"

/* `count` zeroed elements of `size` bytes, aligned to 64 bytes; free() releases them. NULL with
 * CF_ESYSTEM in `err` when count*size overflows or memory is short; `what` names the array in the
 * message. A large block is refused before it is touched when it exceeds what is available. count =
 * 0 gives a valid pointer. */
void *cf_allocate(const char *what, size_t count, size_t size, cf_err *err);

/* Bytes of the machine; infinity where the system does not say. */
double cf_memory_physical(void);

/* Bytes that can be allocated without swapping; infinity where the system does not say. */
double cf_memory_available(void);

/* A copy of `count` elements of `size` bytes, as cf_allocate; NULL on failure. */
void *cf_duplicate(const char *what, const void *source, size_t count, size_t size, cf_err *err);

/* A copy of a string; NULL stays NULL without an error. */
char *cf_duplicate_text(const char *text, cf_err *err);

#endif
