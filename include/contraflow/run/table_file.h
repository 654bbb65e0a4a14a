/* Numeric tables from CSV files with a header line. */
#ifndef CONTRAFLOW_RUN_TABLE_FILE_H
#define CONTRAFLOW_RUN_TABLE_FILE_H

#include <stddef.h>

#include "contraflow/solver/error.h"

typedef struct {
    size_t rows, columns;
    char **names;   /* [columns] from the header */
    double *values; /* [rows*columns] row-major, all finite */
} cf_table;

/* CF_EINPUT with "path:line: column NAME: ..." for text, NaN, infinities, ragged rows, duplicate or
 * empty names, a missing or empty file. */
cf_status cf_table_read(const char *path, cf_table **out, cf_err *err);
void cf_table_free(cf_table **table);

#endif
