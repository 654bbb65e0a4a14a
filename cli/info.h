/* What a result file holds; private to cli/. */
#ifndef CONTRAFLOW_CLI_INFO_H
#define CONTRAFLOW_CLI_INFO_H

#include <stdio.h>

#include "contraflow/run/result.h"

/* Title, provenance, the table of flows, and every dataset with shape, unit and equation. */
cf_status cf_info_print(const cf_result *result, FILE *stream, cf_err *err);

#endif
