/* Starts: the raw embedding h [n*d] at t = 0, shared by all flows of a problem (E10). Where points
 * are drawn one by one, each depends on the seed and its number alone: more of them do not change
 * the first. */
#ifndef CONTRAFLOW_MODELS_START_H
#define CONTRAFLOW_MODELS_START_H

#include <stdint.h>

#include "contraflow/models/latent.h"
#include "contraflow/models/start_law.h"
#include "contraflow/solver/error.h"
#include "contraflow/solver/quadrature.h"

/* h_i = e_1 + spread N(0, I) on the sphere, spread N(0, I) in R^d. */
void cf_start_near_point(const cf_latent *latent, double spread, uint64_t seed, size_t n,
                         double *h);

/* Uniform on the sphere, N(0, I) in R^d. */
void cf_start_random(const cf_latent *latent, uint64_t seed, size_t n, double *h);

/* h_i += A x_i, A [d*D], of points x [n*D]. */
void cf_start_add_linear(const double *matrix, const double *points, size_t n, size_t dimension,
                         size_t d, double *h);

/* The laws of cf_start_near_point and cf_start_random as rules of `order` (E31) in R^d. */
cf_status cf_start_near_point_law(const cf_latent *latent, double spread, size_t order,
                                  cf_rule **out, cf_err *err);
cf_status cf_start_random_law(const cf_latent *latent, size_t order, cf_rule **out, cf_err *err);

/* That of a perturbed law, whose degrees must be below the order. */
cf_status cf_start_perturbed_law(const cf_start_law *law, size_t d, size_t order, cf_rule **out,
                                 cf_err *err);

/* Independent points of a perturbed law, d = 2 or 3. */
void cf_start_perturbed(const cf_start_law *law, size_t d, uint64_t seed, size_t n, double *h);

/* One draw of d independent Gaussian processes with covariance K [n*n] at the points; K is
 * destroyed. */
cf_status cf_start_network(double *covariance, uint64_t seed, size_t n, size_t d, double *h,
                           cf_err *err);

/* Its values at p more points, of the law that they have once the first n are known (E56), whose
 * values stay what they were. joint [(n+p)*(n+p)]: the covariance of all; h [p*d]. */
cf_status cf_start_network_more(const double *joint, const size_t counts[2], uint64_t seed,
                                size_t d, double *h, cf_err *err);

/* What every flow needs of a start: finite, and nowhere zero on the sphere without a norm floor. */
cf_status cf_start_check(const cf_latent *latent, const double *h, size_t n, cf_err *err);

#endif
