/* Flows on particles: z_i = z(h_i) of every data point; private to models/. */
#ifndef CONTRAFLOW_MODELS_PARTICLES_H
#define CONTRAFLOW_MODELS_PARTICLES_H

#include "contraflow/models/thinned.h"
#include "flow_internal.h"

/* What a dynamics has beside the particles: private to its file. */
typedef struct cf_dynamics cf_dynamics;

/* Arrays at the last evaluation and along the last motion. */
typedef struct cf_particles {
    cf_flow flow;
    size_t n, d;
    cf_loss *loss;
    cf_thinned *thinned;    /* of very many points, for observers; or NULL */
    double *arrays;         /* owns everything below, start and velocity */
    double *h0;             /* [n*d] the start */
    double *z, *u, *g;      /* [n*d] latent point, grad phi, its pull-back to h */
    double *zdot, *du, *dg; /* [n*d] their derivatives along a motion */
    double *r, *rdot;       /* [n] */
    double *cluster_scratch;
    double value;         /* L at the last evaluation */
    double smallest_norm; /* of the last state */
    /* h [n*d] of a state; NULL where the state is h itself. */
    const double *(*embedding)(struct cf_particles *particles, const double *y);
    cf_dynamics *dynamics; /* or NULL */
    void (*release)(cf_dynamics *dynamics);
} cf_particles;

/* A flow with everything but its dynamics: the caller sets rhs, linearize and jacobian_times, and
 * may change h0. With `collapse`, a sphere without norm floor has the root of norm collapse. */
cf_status cf_particles_create(const cf_flow_setup *setup, bool collapse, cf_particles **out,
                              cf_err *err);

/* As the flow that it is. */
void cf_particles_free(cf_particles **particles);

/* Evaluates the loss, z, r, u and g = pull(u) at h. CF_ENUMERIC where a direction is undefined. */
cf_status cf_particles_evaluate(cf_particles *particles, const double *h, cf_err *err);

/* zdot, rdot, du and dg along hdot at the last evaluation. */
void cf_particles_move(cf_particles *particles, const double *hdot);

/* Puts into the state what z, evaluated, and h at y tell. */
void cf_particles_put(cf_particles *particles, const double *y, cf_flow_state *state);

/* linearize, observe and size of the flows whose state is h. */
cf_status cf_particles_linearize(void *system, double t, const double *h, cf_err *err);
cf_status cf_particles_observe(cf_flow *flow, double t, const double *y, cf_flow_state *state,
                               cf_err *err);
cf_flow_size cf_particles_size(const cf_flow_setup *setup);

#endif
