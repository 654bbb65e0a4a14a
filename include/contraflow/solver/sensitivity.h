/* How a solution, and the times of its events, depend on parameters (E68): dy/dt = f(t, y, p), and
 * along with it s_k = dy/dp_k with ds_k/dt = J s_k + df/dp_k. */
#ifndef CONTRAFLOW_SOLVER_SENSITIVITY_H
#define CONTRAFLOW_SOLVER_SENSITIVITY_H

#include "contraflow/solver/ode.h"

/* One parameter: the same system at p + step and p - step, borrowed and kept. */
typedef struct {
    const cf_ode *above, *below;
    double step;
} cf_parameter;

typedef struct cf_sensitivity cf_sensitivity;

/* `ode` and the systems of the parameters must outlive it; CF_EINPUT unless they have equal sizes
 * and roots. */
cf_status cf_sensitivity_create(const cf_ode *ode, const cf_parameter *parameters, size_t count,
                                cf_sensitivity **out, cf_err *err);
void cf_sensitivity_free(cf_sensitivity **sensitivity);

/* The system of y [size] and then s_1 ... s_count, with the integrals and the events of `ode`. Its
 * Jacobian products leave out how J depends on y, which an implicit method does not need to
 * converge. */
const cf_ode *cf_sensitivity_ode(const cf_sensitivity *sensitivity);

/* dt/dp_k [count] of the event of component `root` at (t, y and s): E68. CF_ENUMERIC where the
 * solution touches the root without crossing it. */
cf_status cf_sensitivity_event(cf_sensitivity *sensitivity, double t, const double *y, size_t root,
                               double *derivatives, cf_err *err);

#endif
