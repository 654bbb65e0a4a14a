/* Quadrature rules for the laws that data and starts have: weighted points that stand for a
 * probability measure in an integral. Every rule here has positive weights of sum 1, is symmetric
 * where its law is, and a rule of order m integrates polynomials of degree below 2m exactly; for
 * smooth integrands the error falls exponentially in m. Gauss rules in one dimension, products of
 * them in polar coordinates elsewhere (theory E31). */
#ifndef CONTRAFLOW_SOLVER_QUADRATURE_H
#define CONTRAFLOW_SOLVER_QUADRATURE_H

#include <stddef.h>

#include "contraflow/solver/error.h"

typedef struct {
    size_t n, dimension;
    double *points;  /* [n*dimension] */
    double *weights; /* [n] */
} cf_rule;

/* Zeroed. CF_EINPUT for more than a million points. */
cf_status cf_rule_create(double n, size_t dimension, cf_rule **out, cf_err *err);
void cf_rule_free(cf_rule **rule);

/* The Gauss rule of a discrete measure on the line, `fine` with n > m points: m points, or fewer
 * where fewer carry its mass. */
cf_status cf_rule_compress(const cf_rule *fine, size_t m, cf_rule **out, cf_err *err);

/* Uniform on [0, 1]: m points. */
cf_status cf_rule_interval(size_t m, cf_rule **out, cf_err *err);

/* Normal, N(0, I) in R^d: m^d points, the last of which is minus the first, and so on inwards. */
cf_status cf_rule_normal(size_t d, size_t m, cf_rule **out, cf_err *err);

/* Uniform on the unit sphere of R^d: two points in R^1, and 2 m^{d-1} elsewhere. */
cf_status cf_rule_sphere(size_t d, size_t m, cf_rule **out, cf_err *err);

/* Uniform on the unit ball of R^d: about m/2 spheres. */
cf_status cf_rule_ball(size_t d, size_t m, cf_rule **out, cf_err *err);

/* Uniform on the cap of the unit sphere of R^d within `angle` of the first axis, d >= 2: m times a
 * sphere of R^{d-1}. */
cf_status cf_rule_cap(size_t d, double angle, size_t m, cf_rule **out, cf_err *err);

/* In the plane, the circle around 0, blurred by N(0, noise^2 I): about m/2 circles. */
cf_status cf_rule_ring(double radius, double noise, size_t m, cf_rule **out, cf_err *err);

#endif
