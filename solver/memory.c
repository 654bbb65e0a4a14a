#include "contraflow/solver/memory.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { ALIGNMENT = 64 }; /* a cache line, and the widest vector register */

void *cf_allocate(const char *what, size_t count, size_t size, cf_err *err)
{
    if (size != 0 && count > (SIZE_MAX - ALIGNMENT) / size) {
        cf_fail(err, CF_ESYSTEM, "%s: %zu elements of %zu bytes exceed the address space", what,
                count, size);
        return NULL;
    }
    size_t bytes = (count * size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    void *block = aligned_alloc(ALIGNMENT, bytes > 0 ? bytes : ALIGNMENT);
    if (block == NULL) {
        cf_fail(err, CF_ESYSTEM, "%s: no memory for %zu bytes", what, bytes);
        return NULL;
    }
    return memset(block, 0, bytes > 0 ? bytes : ALIGNMENT);
}

void *cf_duplicate(const char *what, const void *source, size_t count, size_t size, cf_err *err)
{
    void *copy = cf_allocate(what, count, size, err);
    if (copy != NULL && count * size > 0)
        memcpy(copy, source, count * size);
    return copy;
}

char *cf_duplicate_text(const char *text, cf_err *err)
{
    return text == NULL ? NULL : cf_duplicate("text", text, strlen(text) + 1, 1, err);
}
