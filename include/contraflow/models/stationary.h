/* Stationary states of particles on the sphere under the vanilla flow, and how small motions grow
 * or decay there (E90 to E92). */
#ifndef CONTRAFLOW_MODELS_STATIONARY_H
#define CONTRAFLOW_MODELS_STATIONARY_H

#include <stdbool.h>
#include <stddef.h>

#include "contraflow/models/loss.h"
#include "contraflow/solver/critical.h"
#include "contraflow/solver/error.h"

typedef struct {
    const cf_loss_parameters *loss; /* of one view, without blur; sums are direct */
    const double *masses;           /* [n] of sum 1 */
    size_t n, d;
} cf_stationary_setup;

/* The loss as a function of n points on the sphere, in the metric sum m_i |v_i|^2: rotations are
 * its symmetries, and minus the eigenvalues of its Hessian are the rates of E6. */
typedef struct cf_particle_landscape cf_particle_landscape;
cf_status cf_particle_landscape_create(const cf_stationary_setup *setup,
                                       cf_particle_landscape **out, cf_err *err);
void cf_particle_landscape_free(cf_particle_landscape **landscape);
const cf_landscape *cf_particle_landscape_view(const cf_particle_landscape *landscape);

/* At points z [n*d]: the eigenvalues [n*(d-1)], ascending for each point, of the Hessian of phi
 * along the sphere, E92: minus the rates at which particles that share the point part, and a
 * bound of their rounding error. CF_EINPUT for nt-xent, which changes where a point is divided. */
cf_status cf_splitting_values(const cf_stationary_setup *setup, const double *z, double *values,
                              double *bound, cf_err *err);

/* L of the uniform measure on S^(d-1) (C5); NaN for nt-xent, which has no limit of many points. */
cf_status cf_uniform_loss(const cf_loss_parameters *loss, size_t d, double *out, cf_err *err);

typedef struct {
    long steps;       /* of Newton's method, at most; 0: the point stays as it is */
    double tolerance; /* distance to the stationary state, in its stiffest mode */
    cf_spectrum_options spectrum;
} cf_stationary_options;

typedef struct {
    double loss;
    double residual;       /* largest |P grad phi| (C3) */
    cf_critical search;    /* Newton's method */
    cf_spectrum *spectrum; /* without rotations; rates are minus its values */
    size_t unstable;       /* eigenvalues below 0 by more than their error: the index */
    size_t neutral;        /* 0 to their error, rotations apart */
    double *splitting;     /* [n*(d-1)] as above; NULL where it is not defined */
    double slowest;        /* least eigenvalue above 0; NaN where there is none */
    double split;          /* least of `splitting`; NaN without */
    double split_bound;    /* of its rounding error */
    size_t split_point;    /* and its point */
} cf_stationary;

/* From points z [n*d], which become the stationary state. */
cf_status cf_stationary_create(const cf_stationary_setup *setup,
                               const cf_stationary_options *options, double *z, cf_stationary **out,
                               cf_err *err);
void cf_stationary_free(cf_stationary **state);

#endif
