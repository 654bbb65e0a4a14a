/* One multistep method from one starting point: the only face of CVODE; private to solver/. */
#ifndef CONTRAFLOW_SOLVER_STEPPER_H
#define CONTRAFLOW_SOLVER_STEPPER_H

#include "contraflow/solver/integrator.h"

typedef struct cf_stepper cf_stepper;

/* Starts at (t, y [cf_ode_length]: y, q and w), copied; `ode` is kept. method: ADAMS or BDF.
 * t_end gives the direction and the scale of time; steps may pass it. */
cf_status cf_stepper_create(const cf_ode *ode, const cf_integrator_options *options,
                            cf_method method, double t, double t_end, const double *y,
                            cf_stepper **out, cf_err *err);
void cf_stepper_free(cf_stepper **stepper);

/* Vectors of so many states that it holds at most. */
double cf_stepper_vectors(cf_method method, int krylov, size_t states);

/* Takes one internal step, or stops at a root inside it: then *event is true and direction [roots]
 * is +1, -1 or 0. *t is the time reached. CF_ENUMERIC where the step size or the iteration breaks
 * down. */
cf_status cf_stepper_step(cf_stepper *stepper, double *t, bool *event, int *direction, cf_err *err);

/* The solution at the time reached: y, q and w one after the other; valid until the next call. */
const double *cf_stepper_state(const cf_stepper *stepper);

/* The same at t inside the last step, overwritten by the next call. */
cf_status cf_stepper_interpolate(cf_stepper *stepper, double t, const double **state, cf_err *err);

/* Size of the last step, and counts since creation. */
double cf_stepper_last_step(const cf_stepper *stepper);
void cf_stepper_counts(const cf_stepper *stepper, cf_counts *counts);

#endif
