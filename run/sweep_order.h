/* Which run of a sweep comes next: the longest first, by a cost model that learns; private to run/.
 * A run is expected to take as long as others of its point, or else as those nearby on the axes. */
#ifndef CONTRAFLOW_RUN_SWEEP_ORDER_H
#define CONTRAFLOW_RUN_SWEEP_ORDER_H

#include <stdbool.h>

#include "sweep_plan.h"

typedef struct cf_sweep_order cf_sweep_order;

cf_status cf_sweep_order_create(const cf_sweep_plan *plan, cf_sweep_order **out, cf_err *err);
void cf_sweep_order_free(cf_sweep_order **order);

/* The run has ended, after so many seconds (NaN: not known). */
void cf_sweep_order_done(cf_sweep_order *order, size_t run, double seconds);

/* A run that was given out is to be given again. */
void cf_sweep_order_return(cf_sweep_order *order, size_t run);

/* Gives out a run; false where none is left. */
bool cf_sweep_order_next(cf_sweep_order *order, size_t *run);

/* Seconds that all runs that have not ended are expected to take together; NaN before the first
 * has. */
double cf_sweep_order_left(const cf_sweep_order *order);

#endif
