/* The table of a sweep as files; private to run/. */
#ifndef CONTRAFLOW_RUN_SWEEP_TABLE_H
#define CONTRAFLOW_RUN_SWEEP_TABLE_H

#include "sweep_record.h"

/* Writes FOLDER/table.csv and FOLDER/table.h5 (group /sweep, a dataset for each column), each
 * beside its name and renamed; where the sweep asks for clusters, also FOLDER/clusters.csv and the
 * group /clusters, without a row for runs that have not ended. rows [plan->runs] lines of CSV; NULL
 * where the run has not ended: a row "pending" The bytes depend on the rows alone. */
cf_status cf_sweep_table_write(const cf_sweep_plan *plan, const cf_sweep_columns *columns,
                               char *const *rows, const char *folder, cf_err *err);

#endif
