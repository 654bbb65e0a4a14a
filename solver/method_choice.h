/* The choice between Adams and BDF while a run goes on; private to solver/. */
#ifndef CONTRAFLOW_SOLVER_METHOD_CHOICE_H
#define CONTRAFLOW_SOLVER_METHOD_CHOICE_H

#include "contraflow/solver/integrator.h"

typedef struct cf_method_choice cf_method_choice;

cf_status cf_method_choice_create(const cf_ode *ode, cf_method_choice **out, cf_err *err);
void cf_method_choice_free(cf_method_choice **choice);

/* Called after a step of size `step` that reached (t, y), with the counts of the run so far.
 * *method is what to use from here on. May take Jacobian products of its own, which it adds to
 * *products. */
cf_status cf_method_choice_update(cf_method_choice *choice, double t, const double *y, double step,
                                  const cf_counts *counts, cf_method *method, long *products,
                                  cf_err *err);

/* All that later choices depend on. */
cf_status cf_method_choice_pass(cf_method_choice *choice, cf_archive *archive, cf_err *err);

#endif
