#include "table_columns.h"

#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "contraflow/solver/memory.h"

enum { LONGEST = 9 }; /* digits of an index */
static const long NONE = LONG_MIN;

/* j of PREFIXj written without leading zeros. */
static long index_of(const char *name, const char *prefix)
{
    size_t skip = strlen(prefix);
    if (strncmp(name, prefix, skip) != 0)
        return NONE;
    const char *number = name + skip;
    size_t digits = strspn(number, "0123456789");
    bool plain = digits == 1 || (digits > 1 && digits <= LONGEST && number[0] != '0');
    return plain && number[digits] == '\0' ? strtol(number, NULL, 10) : NONE;
}

static long place_of(const char *name, const char *prefix, const char *const *extras)
{
    for (long k = 0; extras[k] != NULL; k++)
        if (strcmp(name, extras[k]) == 0)
            return -1 - k;
    return index_of(name, prefix);
}

static cf_status refuse_unknown(const char *path, const char *name, const char *prefix,
                                const char *const *extras, cf_err *err)
{
    char valid[128];
    int used = snprintf(valid, sizeof valid, "%s0, %s1, ...", prefix, prefix);
    for (size_t k = 0; extras[k] != NULL && (size_t)used < sizeof valid; k++)
        used += snprintf(valid + used, sizeof valid - (size_t)used, ", %s", extras[k]);
    return cf_fail(err, CF_EINPUT, "%s:1: column %.40s: unknown; the columns are %s", path, name,
                   valid);
}

/* The names are distinct: `width` numbers are 0..width-1 unless one of them is larger. */
static cf_status check_gaps(const char *path, const cf_table *table, const char *prefix,
                            const long *place, size_t width, cf_err *err)
{
    size_t beyond = 0;
    char *seen = cf_allocate("columns", width + 1, 1, err);
    if (seen == NULL)
        return CF_ESYSTEM;
    for (size_t k = 0; k < table->columns; k++) {
        if (place[k] >= (long)width)
            beyond = k + 1;
        else if (place[k] >= 0)
            seen[place[k]] = 1;
    }
    size_t missing = strlen(seen);
    free(seen);
    if (width == 0)
        return cf_fail(err, CF_EINPUT, "%s:1: column %s0: missing", path, prefix);
    if (beyond > 0)
        return cf_fail(err, CF_EINPUT, "%s:1: column %s%zu: missing, but there is %s", path, prefix,
                       missing, table->names[beyond - 1]);
    return CF_OK;
}

cf_status cf_table_columns(const char *path, const cf_table *table, const char *prefix,
                           const char *const *extras, long *place, size_t *width, cf_err *err)
{
    *width = 0;
    for (size_t k = 0; k < table->columns; k++) {
        place[k] = place_of(table->names[k], prefix, extras);
        if (place[k] == NONE)
            return refuse_unknown(path, table->names[k], prefix, extras, err);
        *width += place[k] >= 0;
    }
    return check_gaps(path, table, prefix, place, *width, err);
}
