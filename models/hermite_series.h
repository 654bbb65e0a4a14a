/* Gaussian pair expectations by Hermite series, for activations without a closed form. */
#ifndef CF_MODELS_HERMITE_SERIES_H
#define CF_MODELS_HERMITE_SERIES_H

#include <stddef.h>

#include "activation_internal.h"
#include "contraflow/models/neural_kernel.h"
#include "contraflow/solver/error.h"

/* With He_k orthonormal under the standard normal law, a_k(q) = E[phi(sqrt(q) g) He_k(g)], and
 * Mehler's formula,
 *   E[phi(u)phi(v)] = sum_k a_k(qx) a_k(qy) c^k,   c = cos(angle),
 * likewise phi' with its own coefficients. What a truncation leaves out is by Cauchy-Schwarz at
 * most |c|^N sqrt(T_x T_y), T = E[phi^2] - sum_{k<N} a_k^2: one number per point certifies all of
 * its pairs. A truncated series is positive semidefinite as it stands, its terms being Schur
 * products of semidefinite matrices. */
typedef struct {
    size_t n, terms;
    double *value, *derivative; /* [n*terms] coefficients of phi and phi' */
} cf_hermite_series;

/* Coefficients for the variances q [n]. CF_EINPUT, naming point and variance, where more terms are
 * needed than are allowed or where the certificate fails. Threaded. */
cf_status cf_hermite_series_create(const cf_activation *activation, double slope, const double *q,
                                   size_t n, cf_hermite_series **out, cf_err *err);
void cf_hermite_series_free(cf_hermite_series **series);

/* value and derivative [tile.count] of a tile's pairs with the given chords. */
void cf_hermite_series_expectation(const cf_hermite_series *series, cf_pair_row tile,
                                   cf_chords chords, double *value, double *derivative);

#endif
