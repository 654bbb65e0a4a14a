/* What other files of run/ may know of a problem's source; private to run/. */
#ifndef CONTRAFLOW_RUN_PROBLEM_INTERNAL_H
#define CONTRAFLOW_RUN_PROBLEM_INTERNAL_H

#include "contraflow/run/problem.h"
#include "places.h"

/* The table of the whole file, and its options. */
const cf_kind *cf_problem_kind(const cf_problem *problem);
const void *cf_problem_options(const cf_problem *problem);

/* Where the very key was given, or NULL. */
const cf_place *cf_problem_place(const cf_problem *problem, const char *key);

#endif
