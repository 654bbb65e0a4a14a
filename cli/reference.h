/* The reference of a comparison, as it is written on the command line; private to cli/. */
#ifndef CONTRAFLOW_CLI_REFERENCE_H
#define CONTRAFLOW_CLI_REFERENCE_H

#include "contraflow/run/compare.h"

/* A comparison and the other result that it borrows from. */
typedef struct {
    char *file;       /* the other one, NULL where the reference is in the result itself */
    cf_result *other; /* likewise */
    cf_comparison *comparison;
} cf_reference;

/* Compares `result`, read from `file`, with `text`: FLOW, or FILE:FLOW of another result, or NULL
 * for the limits of networks and the first neural flow. */
cf_status cf_reference_open(const cf_result *result, const char *file, const char *text,
                            cf_reference *out, cf_err *err);
void cf_reference_close(cf_reference *reference);

#endif
