/* Critical points of a function on a manifold with symmetries: Newton's method, and the spectrum of
 * the Hessian (E90). */
#ifndef CONTRAFLOW_SOLVER_CRITICAL_H
#define CONTRAFLOW_SOLVER_CRITICAL_H

#include <stdbool.h>
#include <stddef.h>

#include "contraflow/solver/error.h"

/* Tangent vectors are given by their coordinates in an orthonormal frame at the point. */
typedef struct {
    void *system;      /* borrowed; passed to every callback */
    size_t size;       /* of a point y */
    size_t dimension;  /* of the manifold */
    size_t symmetries; /* motions that leave the function as it is, of speeds of
                        * order 1 or 0; they may be dependent */

    /* Value and gradient [dimension] at y. What follows refers to the point evaluated last. */
    cf_status (*evaluate)(void *system, const double *y, double *value, double *gradient,
                          cf_err *err);
    /* hv [dimension]: the Riemannian Hessian times v [dimension]. */
    void (*hessian_times)(void *system, const double *v, double *hv);
    /* v [dimension]: the velocity of motion k. */
    void (*symmetry)(void *system, size_t k, double *v);
    /* y [size]: the end of the geodesic of velocity v [dimension]. */
    void (*move)(void *system, const double *v, double *y);
} cf_landscape;

/* Of the Hessian on the complement of the symmetries. */
typedef struct {
    size_t count;      /* of eigenvalues */
    double *values;    /* [count] ascending */
    double *vectors;   /* [count*dimension] unit eigenvectors */
    double *bounds;    /* [count] of their errors: of the method, of rounding and of how far the
                        * symmetries are from being modes of eigenvalue 0 */
    size_t symmetries; /* independent motions among the symmetries */
    bool complete;     /* all eigenvalues; else the lowest ones that have converged */
    double largest;    /* absolute value of an eigenvalue */
} cf_spectrum;

typedef struct {
    size_t dense;  /* dimension up to which the Hessian is a matrix; 0: 1500 */
    size_t krylov; /* beyond: steps of Lanczos' method; 0: 300 */
    size_t wanted; /* and how many of the lowest eigenvalues; 0: 20 */
} cf_spectrum_options;

/* The spectrum at the point evaluated last. Dense: dimension products and dimension^3 work. */
cf_status cf_spectrum_create(const cf_landscape *landscape, const cf_spectrum_options *options,
                             cf_spectrum **out, cf_err *err);
void cf_spectrum_free(cf_spectrum **spectrum);

typedef struct {
    double tolerance; /* of |gradient| beside the largest eigenvalue: a length */
    long steps;       /* at most */
    double cutoff;    /* modes whose |eigenvalue| is below this, relative to the largest, stay */
    cf_spectrum_options spectrum;
} cf_critical_options;

typedef struct {
    double value, residual; /* the function and |gradient| at the end */
    long steps;
    double moved;   /* length of all steps */
    bool converged; /* to the tolerance; else no step could lessen the residual */
} cf_critical;

/* Newton's method from y [size], which becomes the critical point: of each step the shortest that
 * solves the linearized equations, halved until |gradient| falls. */
cf_status cf_critical_find(const cf_landscape *landscape, const cf_critical_options *options,
                           double *y, cf_critical *out, cf_err *err);

#endif
