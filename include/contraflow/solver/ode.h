/* Seam 1: an initial value problem dy/dt = f(t, y) with integrals dq/dt = r(t, y) along the
 * solution, companions dw/dt = s(t, y) that leave it alone, and event functions g(t, y). It is all
 * that an integrator sees of a model. */
#ifndef CONTRAFLOW_SOLVER_ODE_H
#define CONTRAFLOW_SOLVER_ODE_H

#include <stdbool.h>
#include <stddef.h>

#include "contraflow/solver/error.h"

/* A callback that returns CF_ENUMERIC asks for a smaller step; CF_EINPUT and CF_ESYSTEM end the
 * run. Outputs are overwritten whole. Nothing is allocated in a callback. */
typedef struct {
    void *system;       /* borrowed; passed to every callback */
    size_t size;        /* of y */
    size_t quadratures; /* of q; may be 0 */
    size_t roots;       /* of g; may be 0 */

    /* ydot [size] = f(t, y), qdot [quadratures] = r(t, y). */
    cf_status (*rhs)(void *system, double t, const double *y, double *ydot, double *qdot,
                     cf_err *err);

    /* Prepares products with the Jacobian at (t, y); y is not kept. A call of rhs or
     * companion ends its validity. */
    cf_status (*linearize)(void *system, double t, const double *y, cf_err *err);

    /* jv [size] = (df/dy) v and jq [quadratures] = (dr/dy) v at the last linearize. */
    cf_status (*jacobian_times)(void *system, const double *v, double *jv, double *jq, cf_err *err);

    /* g [roots]; an event is a sign change of a component along the solution. */
    cf_status (*root)(void *system, double t, const double *y, double *g, cf_err *err);

    /* z [size] = P^-1 r with P near I - gamma df/dy at the last linearize or before; for Krylov
     * iterations. NULL: none. */
    cf_status (*precondition)(void *system, double gamma, const double *r, double *z, cf_err *err);

    size_t companions; /* of w; may be 0 */
    /* wdot [companions] = s(t, y). Unlike q, w has no part in error control and in iterations: y
     * and q have the same bits with and without it, for one evaluation more a step. NaN where it is
     * not defined. NULL where there are no companions. */
    void (*companion)(void *system, double t, const double *y, double *wdot);

    /* Prepares `precondition` for some gamma at the last linearize: more seldom than that, since
     * the preconditioner may be somewhat out of date. NULL: there is nothing to prepare. */
    cf_status (*factor)(void *system, double gamma, cf_err *err);

    bool rhs_linearizes; /* a call of rhs does what linearize does */
    double remainder;    /* of the tolerance, that Newton's iterations may leave; 0: a tenth */
} cf_ode;

/* size + quadratures + companions: y, q and w one after the other. */
size_t cf_ode_length(const cf_ode *ode);

#endif
