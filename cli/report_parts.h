/* Sections of a report in words; private to cli/. */
#ifndef CONTRAFLOW_CLI_REPORT_PARTS_H
#define CONTRAFLOW_CLI_REPORT_PARTS_H

#include <stdio.h>

#include "contraflow/run/compare.h"

/* What became of the clusters, flow by flow; networks that differ in their seeds together. */
void cf_report_write_findings(FILE *page, const cf_result *result);

/* The power laws of every family, and what was conserved. */
void cf_report_write_laws(FILE *page, const cf_comparison *comparison);

/* Distances of the flows of no family, and of families by their width. */
cf_status cf_report_write_distances(FILE *page, const cf_comparison *comparison, cf_err *err);

#endif
