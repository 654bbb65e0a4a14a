#define _DEFAULT_SOURCE /* _SC_PHYS_PAGES */
#include "contraflow/solver/memory.h"

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { ALIGNMENT = 64 }; /* a cache line, and the widest vector register */

/* Below this the system is not asked: overcommitted small blocks do no harm. */
static const size_t LARGE = (size_t)64 << 20;

double cf_memory_physical(void)
{
    long pages = sysconf(_SC_PHYS_PAGES), bytes = sysconf(_SC_PAGESIZE);
    return pages > 0 && bytes > 0 ? (double)pages * (double)bytes : INFINITY;
}

/* Linux: MemAvailable, which counts caches that can be dropped; elsewhere all there is. */
double cf_memory_available(void)
{
    FILE *file = fopen("/proc/meminfo", "r");
    char line[128];
    double kib = cf_memory_physical() / 1024;
    while (file != NULL && fgets(line, sizeof line, file) != NULL)
        if (sscanf(line, "MemAvailable: %lf", &kib) == 1)
            break;
    if (file != NULL)
        fclose(file);
    return 1024 * kib;
}

void *cf_allocate(const char *what, size_t count, size_t size, cf_err *err)
{
    if (size != 0 && count > (SIZE_MAX - ALIGNMENT) / size) {
        cf_fail(err, CF_ESYSTEM, "%s: %zu elements of %zu bytes exceed the address space", what,
                count, size);
        return NULL;
    }
    size_t bytes = (count * size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    bool fits = bytes < LARGE || (double)bytes <= cf_memory_available();
    void *block = fits ? aligned_alloc(ALIGNMENT, bytes > 0 ? bytes : ALIGNMENT) : NULL;
    if (block == NULL) {
        cf_fail(err, CF_ESYSTEM, "%s: needs %.3g GiB of memory, but %.3g GiB are available", what,
                (double)bytes / 1073741824.0, cf_memory_available() / 1073741824.0);
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
