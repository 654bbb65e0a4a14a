/* Scripts run by gnuplot; private to cli/. Text reaches it in quotes that it does not interpret,
 * and no shell is involved. */
#ifndef CONTRAFLOW_CLI_GNUPLOT_H
#define CONTRAFLOW_CLI_GNUPLOT_H

#include <stdbool.h>
#include <stdio.h>

#include "contraflow/solver/error.h"

/* The script as it is built. */
typedef struct {
    FILE *stream;
    char *text;
    size_t size;
} cf_script;

/* Opens a stream into memory. */
cf_status cf_script_open(cf_script *script, cf_err *err);
void cf_script_free(cf_script *script);

/* `text` between single quotes, nothing in it having a meaning. */
void cf_gnuplot_quote(FILE *stream, const char *text);

/* Runs what was written so far; the failure has gnuplot's own words. */
cf_status cf_gnuplot_run(cf_script *script, cf_err *err);

/* Whether gnuplot is there at all, and whether it draws PNG by cairo. */
bool cf_gnuplot_present(bool *cairo);

#endif
