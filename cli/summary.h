/* One line per flow; private to cli/. */
#ifndef CONTRAFLOW_CLI_SUMMARY_H
#define CONTRAFLOW_CLI_SUMMARY_H

#include <stdio.h>

#include "contraflow/run/result.h"

/* An aligned table of the flows, and the messages of those that ended early. */
cf_status cf_summary_print(const cf_result *result, FILE *stream, cf_err *err);

/* The messages alone. */
void cf_summary_print_messages(const cf_result *result, FILE *stream);

#endif
