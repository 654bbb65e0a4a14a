/* Where two texts of YAML differ; private to run/. */
#ifndef CONTRAFLOW_RUN_DIFFERENCE_H
#define CONTRAFLOW_RUN_DIFFERENCE_H

#include "contraflow/solver/error.h"

/* The first lines of each that the other has not, with the keys around them, "loss.tau: 0.1":
 * malloc'ed, or NULL where there is none. "# " in front of a line does not count. */
cf_status cf_difference(const char *a, const char *b, char **of_a, char **of_b, cf_err *err);

/* Fails with "WHAT: it was `loss.tau: 0.1` and is now `loss.tau: 0.2`; RULE". */
cf_status cf_difference_fail(const char *what, const char *before, const char *now,
                             const char *rule, cf_err *err);

#endif
