/* Data and matrices from files that users bring: .csv with a header line, or .h5. */
#ifndef CONTRAFLOW_RUN_DATA_FILE_H
#define CONTRAFLOW_RUN_DATA_FILE_H

#include "contraflow/models/data.h"
#include "contraflow/solver/error.h"
#include "contraflow/solver/option.h"

/* kind `file` of data, with cf_file_options. */
extern const cf_kind cf_data_file_kind;

/* .csv: columns x0 .. x{D-1} in any order, optionally label (integers from 0) and weight (positive;
 * rescaled to sum 1). .h5: datasets points [n*D] and optionally labels [n], weights [n], at the
 * root or in the group data (so that a result file serves as data). Failures are CF_EINPUT with
 * "path:line: column NAME = value: rule", or "path: dataset NAME, row R = value: rule", rows
 * counted from 1. */
cf_status cf_data_read(const char *path, cf_data **out, cf_err *err);

/* .csv: columns PREFIX0 .. PREFIX{n-1} in any order and no others; .h5: the dataset. All values are
 * finite; out->values is malloc'ed. */
cf_status cf_matrix_read(const char *path, const char *prefix, const char *dataset, cf_matrix *out,
                         cf_err *err);

#endif
