/* The distances of the flows of a run from one of them, as series; private to run/. */
#ifndef CONTRAFLOW_RUN_DISTANCES_H
#define CONTRAFLOW_RUN_DISTANCES_H

#include "contraflow/run/result.h"

/* E76: adds `transport` and `discrepancy` to every flow but the reference: a value for every
 * output, NaN where it is no snapshot of both; and the name to the root. Nothing where the
 * reference has not run. Costs sums over pairs of points at every snapshot. */
cf_status cf_distances_write(cf_result *result, const char *reference, cf_err *err);

#endif
