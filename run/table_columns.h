/* Columns of a table by name: numbered ones (x0, x1, ...) and single ones (label). */
#ifndef CF_RUN_TABLE_COLUMNS_H
#define CF_RUN_TABLE_COLUMNS_H

#include <stddef.h>

#include "contraflow/run/table_file.h"

/* place [table->columns]: j of the column PREFIXj, or -1 - k of the column extras[k] (extras is
 * NULL-terminated). *width: how many are numbered; these are 0..*width-1. CF_EINPUT for an unknown
 * column, a gap in the numbers, or none at all. */
cf_status cf_table_columns(const char *path, const cf_table *table, const char *prefix,
                           const char *const *extras, long *place, size_t *width, cf_err *err);

#endif
