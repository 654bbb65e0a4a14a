/* Groups of a result as part of a checkpoint; private to run/. */
#ifndef CONTRAFLOW_RUN_RESULT_PASS_H
#define CONTRAFLOW_RUN_RESULT_PASS_H

#include "contraflow/run/result.h"
#include "contraflow/solver/archive.h"

/* All groups below `prefix` ("/flows/"); read ones are added. */
cf_status cf_result_pass(cf_result *result, const char *prefix, cf_archive *archive, cf_err *err);

#endif
