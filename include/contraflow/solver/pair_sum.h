/* Kernel sums: sums over all pairs of n points of a radial profile eta(s), s = |x_i - x_j|^2 / 2,
 * with weights w_ij = sum_c a_ci q_cj of up to two columns. Every right-hand side on particles
 * consists of them. The direct engine: exact, n^2 d work, memory n d (and at most 8 MiB that keep
 * eta between the sums at the same points), blocked in structure-of-arrays form, threaded over
 * targets. A target's sum runs over sources in a fixed order in eight fixed lanes without fused
 * operations, so that threads and instruction sets all give the same bits. */
#ifndef CONTRAFLOW_SOLVER_PAIR_SUM_H
#define CONTRAFLOW_SOLVER_PAIR_SUM_H

#include <stddef.h>

#include "contraflow/solver/error.h"
#include "contraflow/solver/simd.h"

struct cf_vector_kernels;

typedef struct {
    const struct cf_profile_row *row;
    double tau;
    double exponent; /* of power: eta = (1 + s/tau)^-exponent */
} cf_profile;

/* The row of a radial profile at s [count] >= 0. */
typedef struct cf_profile_row {
    const char *name;
    const char *doc;
    /* k0 = eta(s). */
    void (*value)(const cf_profile *profile, const struct cf_vector_kernels *vector,
                  const double *s, size_t count, double *k0);
    /* k1 = eta'(s) and, unless k2 is NULL, k2 = eta''(s), from s and k0. */
    void (*derivatives)(const cf_profile *profile, const struct cf_vector_kernels *vector,
                        const double *s, const double *k0, size_t count, double *k1, double *k2);
} cf_profile_row;

extern const char *const cf_eta_names[];          /* exponential, power: same order as the rows */
extern const cf_profile_row *const cf_eta_rows[]; /* NULL-terminated */

/* w_ij = sum_c a[c][i] q[c][j], c < columns <= 2; each array [n], borrowed for the call. */
typedef struct {
    int columns;
    const double *a[2];
    const double *q[2];
} cf_pair_weights;

typedef struct cf_pair_sum cf_pair_sum;

/* CF_EINPUT where the processor lacks the asked-for instruction set. */
cf_status cf_pair_sum_create(cf_profile profile, size_t n, size_t d, cf_simd simd,
                             cf_pair_sum **out, cf_err *err);
void cf_pair_sum_free(cf_pair_sum **sum);

/* "direct, avx512": for provenance. */
const char *cf_pair_sum_engine(const cf_pair_sum *sum);

/* Sets the points x [n*d], and the motion v [n*d] along which derivatives are taken; both copied.
 */
void cf_pair_sum_set_points(cf_pair_sum *sum, const double *x);
void cf_pair_sum_set_motion(cf_pair_sum *sum, const double *v);

/* out [n]: sum_j w_ij eta(s_ij). */
void cf_pair_sum_potential(cf_pair_sum *sum, const cf_pair_weights *w, double *out);

/* out [n*d]: sum_j w_ij eta'(s_ij) (x_i - x_j). */
void cf_pair_sum_force(cf_pair_sum *sum, const cf_pair_weights *w, double *out);

/* out [n]: d/dt of the potential at fixed weights, sum_j w_ij eta'(s_ij) (x_i - x_j).(v_i - v_j).
 */
void cf_pair_sum_potential_rate(cf_pair_sum *sum, const cf_pair_weights *w, double *out);

/* out [n*d]: d/dt of the force when the weights change at the rate `dw`. */
void cf_pair_sum_force_rate(cf_pair_sum *sum, const cf_pair_weights *w, const cf_pair_weights *dw,
                            double *out);

#endif
