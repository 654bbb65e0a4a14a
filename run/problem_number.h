/* Numbers of a problem by key; private to run/. */
#ifndef CONTRAFLOW_RUN_PROBLEM_NUMBER_H
#define CONTRAFLOW_RUN_PROBLEM_NUMBER_H

#include "contraflow/run/problem.h"

/* The value of a real number; items of lists by index, flows also by name. CF_EINPUT for any other
 * key. */
cf_status cf_problem_number(const cf_problem *problem, const char *key, double *value, cf_err *err);

#endif
