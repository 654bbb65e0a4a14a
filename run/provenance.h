/* Where a result comes from: attributes of the root and the data that were used; private to run/.
 */
#ifndef CONTRAFLOW_RUN_PROVENANCE_H
#define CONTRAFLOW_RUN_PROVENANCE_H

#include "contraflow/run/parts.h"
#include "contraflow/run/result.h"

/* Now, in UTC: 2026-01-31T23:59:59Z. */
void cf_time_stamp(char text[32]);

/* Attributes of "/" (problem, versions, hashes, start of the run) and the group /data. */
cf_status cf_provenance_begin(const cf_parts *parts, const char *command, cf_result *result,
                              cf_err *err);

/* All that the numbers of a run depend on, as lines of YAML: program, build, input files, problem;
 * malloc'ed. */
cf_status cf_provenance_identity(const cf_problem *problem, char **out, cf_err *err);

/* The state ("running", "complete", "stopped", "interrupted") and the time of writing. */
cf_status cf_provenance_finish(cf_result *result, const char *state, cf_err *err);

#endif
