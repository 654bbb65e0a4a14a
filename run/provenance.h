/* Where a result comes from: attributes of the root and the data that were used; private to run/.
 */
#ifndef CONTRAFLOW_RUN_PROVENANCE_H
#define CONTRAFLOW_RUN_PROVENANCE_H

#include "contraflow/run/parts.h"
#include "contraflow/run/result.h"

/* Attributes of "/" (problem, versions, hashes, start of the run) and the group /data. */
cf_status cf_provenance_begin(const cf_parts *parts, const char *command, cf_result *result,
                              cf_err *err);

/* The files that the problem names, malloc'ed: lines "path sha256\n". */
cf_status cf_provenance_inputs(const cf_problem *problem, char **lines, cf_err *err);

/* The state ("running", "complete", "stopped", "interrupted") and the time of writing. */
cf_status cf_provenance_finish(cf_result *result, const char *state, cf_err *err);

#endif
