/* Plain arrays from HDF5 files that users bring (data, starts, kernels). */
#ifndef CONTRAFLOW_RUN_HDF5_ARRAY_H
#define CONTRAFLOW_RUN_HDF5_ARRAY_H

#include <stddef.h>

#include "contraflow/solver/error.h"

/* Reads the numeric dataset `name` (rank 1 or 2; a vector has columns = 1) as doubles. *out
 * [rows*columns] is malloc'ed. Where the dataset is absent: *out = NULL and CF_OK if `optional`,
 * else CF_EINPUT. */
cf_status cf_hdf5_read_array(const char *path, const char *name, int optional, double **out,
                             size_t *rows, size_t *columns, cf_err *err);

#endif
