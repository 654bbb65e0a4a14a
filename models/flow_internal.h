/* What the particle flows share; private to models/. */
#ifndef CONTRAFLOW_MODELS_FLOW_INTERNAL_H
#define CONTRAFLOW_MODELS_FLOW_INTERNAL_H

#include "contraflow/models/flow.h"

/* What a flow has beside the particles: private to the file of its dynamics. */
typedef struct cf_dynamics cf_dynamics;

/* Arrays at the last evaluation and along the last motion. */
struct cf_flow {
    cf_ode ode;
    cf_flow_setup setup;
    size_t n, d;
    cf_loss *loss;
    double *arrays;         /* owns everything below */
    double *start;          /* [ode.size] the state at t = 0 */
    double *velocity;       /* [ode.size] */
    double *z, *u, *g;      /* [n*d] latent point, grad phi, its pull-back to h */
    double *zdot, *du, *dg; /* [n*d] their derivatives along a motion */
    double *r, *rdot;       /* [n] */
    double *scratch;        /* [n*d] */
    double *cluster_scratch;
    cf_root_kind roots[2];
    double defect_factor;
    /* h [n*d] of a state; NULL where the state is h itself. */
    const double *(*embedding)(cf_flow *flow, const double *y);
    cf_dynamics *dynamics; /* or NULL */
    void (*release)(cf_dynamics *dynamics);
};

/* A flow with everything but its dynamics: the caller sets rhs, linearize and jacobian_times, and
 * may change `start`. With `collapse`, a sphere without norm floor has the root of norm collapse.
 */
cf_status cf_particles_create(const cf_flow_setup *setup, bool collapse, cf_flow **out,
                              cf_err *err);

/* Evaluates z, r, u and g = pull(u) at h; *loss may be NULL. CF_ENUMERIC where a direction is
 * undefined. */
cf_status cf_particles_evaluate(cf_flow *flow, const double *h, double *loss, cf_err *err);

/* zdot, rdot, du and dg along hdot at the last evaluation. */
void cf_particles_move(cf_flow *flow, const double *hdot);

/* linearize of both flows. */
cf_status cf_particles_linearize(void *system, double t, const double *h, cf_err *err);

extern const cf_flow_kind cf_flow_vanilla;
extern const cf_flow_kind cf_flow_neural;
extern const cf_flow_kind cf_flow_network;

#endif
