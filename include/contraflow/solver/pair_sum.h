/* Kernel sums: for every target y_i, the sum over sources x_j of a radial profile eta(s) with s =
 * |y_i - x_j|^2 / 2 and weights w_ij = a_i q_j + b_j. Targets and sources are n points each,
 * usually the same. Every right-hand side on particles consists of them.
 *
 * The direct engine: exact, n^2 d work, memory n d. Pairs of one set are computed once for both
 * ends; targets and sources in blocks that stay in the cache, vectors of the best instruction set,
 * the exponential inline (relative error 2.5e-16 besides that of its argument, and 2^-1021 in place
 * of anything less). Unit vectors of more than four dimensions meet in products of matrices where
 * the rounding of these, some 3 d 1e-16 / tau, is within the tolerance. The order of every sum is
 * fixed: the same bits on any number of threads. */
#ifndef CONTRAFLOW_SOLVER_PAIR_SUM_H
#define CONTRAFLOW_SOLVER_PAIR_SUM_H

#include <stdbool.h>
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
    /* k0 = eta(s)/eta(c), finite where c <= s although eta may vanish at both; c is destroyed. */
    void (*ratio)(const cf_profile *profile, const struct cf_vector_kernels *vector,
                  const double *s, double *c, size_t count, double *k0);
    /* k1 = eta'(s) and, unless k2 is NULL, k2 = eta''(s), from s and k0. */
    void (*derivatives)(const cf_profile *profile, const struct cf_vector_kernels *vector,
                        const double *s, const double *k0, size_t count, double *k1, double *k2);
    /* log eta(s) and its two derivatives. */
    void (*logarithm)(const cf_profile *profile, double s, double lambda[3]);
} cf_profile_row;

extern const char *const cf_eta_names[];          /* exponential, power: same order as the rows */
extern const cf_profile_row *const cf_eta_rows[]; /* NULL-terminated */

/* eta [count] at s [count] >= 0. */
void cf_profile_values(const cf_profile *profile, const double *s, size_t count, double *eta);

/* w_ij = a_i q_j + b_j; each array [n], borrowed for the call; a and q, or b, may be NULL. With a
 * reference [n], of which at most one is given, the weights are divided by eta(c_i) or eta(c_j),
 * where c is the smallest s of that point or less: large weights that meet small eta. */
typedef struct {
    const double *a, *q, *b;
    const double *target_reference, *source_reference;
} cf_pair_weights;

/* The pairs that take part: all; those with j != i; those of the first half of the points with the
 * second, n even. */
typedef enum { CF_PAIRS_ALL, CF_PAIRS_OTHERS, CF_PAIRS_BETWEEN_HALVES } cf_pairs;

/* `auto`: what is predicted to be fastest, by counts alone, among the engines that serve. */
typedef enum { CF_SUMS_AUTO, CF_SUMS_DIRECT, CF_SUMS_CIRCLE, CF_SUMS_SPHERE, CF_SUMS_GRID } cf_sums;
extern const char *const cf_sums_names[]; /* in this order, NULL-terminated */

typedef struct {
    cf_profile profile;
    size_t n, d;
    cf_pairs pairs;
    bool two_sets;   /* targets may be other points than the sources; not between halves */
    bool references; /* weights may have references, and the smallest s is asked for */
    bool unit;       /* all points have norm 1, and all motions are tangential */
    cf_sums engine;
    double tolerance; /* largest cf_pair_sum_error of engines that are not exact; 0: exact ones, to
                         rounding */
    cf_simd simd;
} cf_pair_sum_setup;

typedef struct cf_pair_sum cf_pair_sum;

/* CF_EINPUT where the processor lacks the asked-for instruction set, or the engine does not serve
 * the setup; the message then begins with "sums.engine" or "sums.tolerance". */
cf_status cf_pair_sum_create(const cf_pair_sum_setup *setup, cf_pair_sum **out, cf_err *err);
void cf_pair_sum_free(cf_pair_sum **sum);

/* What such sums will need, at most; 0 where the engine does not serve the setup. */
double cf_pair_sum_bytes(const cf_pair_sum_setup *setup);

/* "direct, avx512, error 6e-15, 0.03 MB", then seconds of a gradient on one thread as predicted
 * where there was a choice: for provenance. */
const char *cf_pair_sum_engine(const cf_pair_sum *sum);

/* The bound of the error of every sum that its engine states, rounding included, relative to the
 * largest |a| times sum |q| times the largest value of the kernel (b_j is 1 b_j). */
double cf_pair_sum_error(const cf_pair_sum *sum);

/* Sets targets y and sources x, and the motions along which derivatives are taken, each [n*d]; the
 * same pointer twice where they are the same points, as always without two sets. Copied. */
void cf_pair_sum_set_points(cf_pair_sum *sum, const double *y, const double *x);
void cf_pair_sum_set_motion(cf_pair_sum *sum, const double *ydot, const double *xdot);

/* out [n]: min_j s_ij. */
void cf_pair_sum_smallest(cf_pair_sum *sum, double *out);

/* out [n]: sum_j w_ij eta(s_ij). */
void cf_pair_sum_potential(cf_pair_sum *sum, const cf_pair_weights *w, double *out);

/* out [n*d]: sum_j w_ij eta'(s_ij) (y_i - x_j). */
void cf_pair_sum_force(cf_pair_sum *sum, const cf_pair_weights *w, double *out);

/* out [n]: d/dt of the potential at fixed weights, sum_j w_ij eta'(s_ij) (y_i - x_j).(y_i - x_j)'.
 */
void cf_pair_sum_potential_rate(cf_pair_sum *sum, const cf_pair_weights *w, double *out);

/* out [n*d]: d/dt of the force when the weights change at the rate `dw`, whose references are those
 * of `w`. */
void cf_pair_sum_force_rate(cf_pair_sum *sum, const cf_pair_weights *w, const cf_pair_weights *dw,
                            double *out);

#endif
