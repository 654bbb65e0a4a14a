/* The page that shows a sweep; private to cli/. */
#ifndef CONTRAFLOW_CLI_SWEEP_REPORT_H
#define CONTRAFLOW_CLI_SWEEP_REPORT_H

#include <stdbool.h>

#include "contraflow/run/result.h"

/* Whether a result is the table of a sweep. */
bool cf_is_sweep(const cf_result *result);

/* Writes the page, its figures as SVG and PNG into the folder, and beside the page PAGE-points.csv
 * and PAGE-laws.csv, and PAGE-clusters.csv where the sweep asked for clusters; prints the laws. */
cf_status cf_sweep_report_write(const cf_result *table, const char *page, const char *figures,
                                cf_err *err);

#endif
