/* A comparison as tables, sentences and a file; private to cli/. */
#ifndef CONTRAFLOW_CLI_COMPARISON_H
#define CONTRAFLOW_CLI_COMPARISON_H

#include <stdio.h>

#include "contraflow/run/compare.h"
#include "table.h"

/* A row for each flow; `brief`: without networks of families, and flows that are their own
 * reference. */
cf_status cf_comparison_flow_table(const cf_comparison *comparison, bool brief, cf_table *table,
                                   cf_err *err);

/* A row for each width, means with standard errors. */
cf_status cf_comparison_width_table(const cf_comparison *comparison, cf_table *table, cf_err *err);

/* Whether some width has a mean of the quantity. */
bool cf_family_has(const cf_family_comparison *family, cf_compared quantity);

/* "largest distance ~ N^-0.47 (95% interval -0.55 to -0.39 over 8 seeds; 3 of 4 widths)". */
void cf_comparison_write_law(const cf_family_comparison *family, cf_compared quantity, char *text,
                             size_t size);

/* "conserved quantities (E14) of relu: drift at most 1e-08, bound 1e-05 (C11)"; false where nothing
 * is conserved. */
bool cf_comparison_write_conserved(const cf_comparison *comparison,
                                   const cf_family_comparison *family, char *text, size_t size);

/* One long table, a row for each number: by time, by flow, by width, slopes. */
void cf_comparison_write_csv(const cf_comparison *comparison, FILE *stream);

#endif
