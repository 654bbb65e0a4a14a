/* The clusters of a sweep: rows of a second table, one for each cluster of each flow of a run;
 * private to run/. */
#ifndef CONTRAFLOW_RUN_SWEEP_CLUSTERS_H
#define CONTRAFLOW_RUN_SWEEP_CLUSTERS_H

#include "sweep_record.h"

/* Between the two tables in the rows of a run. */
#define CF_SWEEP_NEXT_TABLE '\f'

/* Its columns: those of the table up to the axes, the cluster, and what is known of it. */
cf_status cf_sweep_cluster_columns(const cf_sweep_columns *columns, cf_sweep_columns *out,
                                   cf_err *err);

/* CF_SWEEP_NEXT_TABLE and the rows of a run. */
void cf_sweep_cluster_rows(FILE *stream, const cf_sweep_plan *plan, size_t run,
                           const cf_problem *problem, const cf_result *result);

#endif
