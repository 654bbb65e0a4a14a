/* Rules between several keys of a problem. */
#ifndef CONTRAFLOW_RUN_PROBLEM_CHECK_H
#define CONTRAFLOW_RUN_PROBLEM_CHECK_H

#include "problem_kinds.h"

/* Also moves the default first output of short runs before their end. Failures begin with their
 * place. */
cf_status cf_problem_check(const cf_reader *reader, cf_root *root, cf_err *err);

#endif
