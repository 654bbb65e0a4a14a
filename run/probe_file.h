/* Probes from files; private to run/. */
#ifndef CONTRAFLOW_RUN_PROBE_FILE_H
#define CONTRAFLOW_RUN_PROBE_FILE_H

#include "contraflow/models/data.h"
#include "contraflow/solver/error.h"

/* Points [p*dimension] with labels or without, and their start [p*d] where the file gives it, else
 * NULL. .csv: columns x0, x1, ..., optionally label and h0, h1, ...; .h5: datasets points,
 * optionally labels and start. Messages as of cf_data_read. */
cf_status cf_probes_read(const char *path, size_t dimension, size_t d, cf_data **probes,
                         double **start, cf_err *err);

#endif
