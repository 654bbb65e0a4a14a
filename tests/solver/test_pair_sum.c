/* The direct engines compute the four kernel sums: every instruction set against long-double sums
 * over pairs, for both profiles, every remainder of the padding, small and large d, tau from 1e-6
 * to 1e6; every number of threads gives the same bits. */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#ifdef _OPENMP
#include <omp.h>
#endif

#include "check.h"
#include "contraflow/solver/memory.h"
#include "contraflow/solver/pair_sum.h"
#include "contraflow/solver/random.h"
#include "vector_kernels.h"

enum { MOST_POINTS = 300, MOST_D = 17 };

enum { NO_REFERENCE, OF_TARGETS, OF_SOURCES };

typedef struct {
    cf_profile profile;
    size_t n, d;
    bool other_targets;
    cf_pairs pairs;
    int reference;
    double x[MOST_POINTS * MOST_D], v[MOST_POINTS * MOST_D];
    double y[MOST_POINTS * MOST_D], ydot[MOST_POINTS * MOST_D];
    double smallest[MOST_POINTS]; /* the reference: s of the nearest point on the other side */
    double a[MOST_POINTS], q[MOST_POINTS], b[MOST_POINTS];
    double da[MOST_POINTS], dq[MOST_POINTS], db[MOST_POINTS];
} problem;

typedef struct {
    double potential[MOST_POINTS], rate[MOST_POINTS], smallest[MOST_POINTS];
    double force[MOST_POINTS * MOST_D], force_rate[MOST_POINTS * MOST_D];
} sums;

static void fill(problem *p, int row, double tau, size_t n, size_t d, double spread)
{
    cf_random random = {n * 100 + d, CF_STREAM_PROBE};
    p->profile = (cf_profile){cf_eta_rows[row], tau, 1.5};
    p->n = n;
    p->d = d;
    p->other_targets = false;
    p->pairs = CF_PAIRS_ALL;
    p->reference = NO_REFERENCE;
    for (size_t i = 0; i < n * d; i++) {
        p->x[i] = spread * cf_random_normal(random, i, 0);
        p->v[i] = cf_random_normal(random, i, 1);
    }
    for (size_t i = 0; i < n; i++) {
        p->a[i] = cf_random_uniform(random, i, 10);
        p->q[i] = cf_random_uniform(random, i, 20) / (double)n;
        p->b[i] = cf_random_uniform(random, i, 21) / (double)n;
        p->da[i] = cf_random_normal(random, i, 30);
        p->dq[i] = cf_random_normal(random, i, 40) / (double)n;
        p->db[i] = cf_random_normal(random, i, 41) / (double)n;
    }
}

static void eta(const cf_profile *profile, long double s, long double k[3])
{
    long double tau = profile->tau, p = profile->exponent;
    if (strcmp(profile->row->name, "exponential") == 0) {
        k[0] = expl(-s / tau);
        k[1] = -k[0] / tau;
        k[2] = k[0] / (tau * tau);
        return;
    }
    k[0] = powl(1 + s / tau, -p);
    k[1] = -p / tau * k[0] / (1 + s / tau);
    k[2] = p * (p + 1) / (tau * tau) * k[0] / ((1 + s / tau) * (1 + s / tau));
}

static const double *targets(const problem *p)
{
    return p->other_targets ? p->y : p->x;
}

static const double *target_motion(const problem *p)
{
    return p->other_targets ? p->ydot : p->v;
}

static bool counts(const problem *p, size_t i, size_t j)
{
    return p->pairs == CF_PAIRS_ALL || (p->pairs == CF_PAIRS_OTHERS && i != j) ||
           (p->pairs == CF_PAIRS_BETWEEN_HALVES && (i < p->n / 2) != (j < p->n / 2));
}

/* Targets that are other points, fewer pairs, and weights relative to a reference. */
static void vary(problem *p, bool other_targets, cf_pairs pairs, int reference)
{
    cf_random random = {p->n * 100 + p->d, CF_STREAM_PROBE};
    p->other_targets = other_targets;
    p->pairs = pairs;
    p->reference = reference;
    for (size_t k = 0; k < p->n * p->d; k++) {
        p->y[k] = p->x[k] + sqrt(p->profile.tau) * cf_random_normal(random, k, 50);
        p->ydot[k] = cf_random_normal(random, k, 51);
    }
    for (size_t i = 0; i < p->n; i++) {
        p->smallest[i] = INFINITY;
        for (size_t j = 0; j < p->n; j++) {
            const double *y = targets(p) + (reference == OF_SOURCES ? j : i) * p->d;
            const double *x = p->x + (reference == OF_SOURCES ? i : j) * p->d;
            double s = 0;
            for (size_t c = 0; c < p->d; c++)
                s += (y[c] - x[c]) * (y[c] - x[c]) / 2;
            if (counts(p, i, j))
                p->smallest[i] = fmin(p->smallest[i], s);
        }
    }
}

static void evaluate(const problem *p, cf_simd simd, sums *out)
{
    cf_err err = {0};
    cf_pair_sum *sum = NULL;
    const cf_pair_sum_setup setup = {.profile = p->profile,
                                     .n = p->n,
                                     .d = p->d,
                                     .two_sets = p->other_targets,
                                     .pairs = p->pairs,
                                     .references = p->reference != NO_REFERENCE,
                                     .simd = simd};
    require(cf_pair_sum_create(&setup, &sum, &err), &err, "pair sum");
    cf_pair_weights w = {p->a, p->q, p->b, NULL, NULL};
    cf_pair_weights dw = {p->da, p->dq, p->db, NULL, NULL};
    cf_pair_sum_set_points(sum, p->v, p->v); /* values kept at other points must not stay */
    cf_pair_sum_potential(sum, &w, out->potential);
    cf_pair_sum_set_points(sum, targets(p), p->x);
    cf_pair_sum_set_motion(sum, target_motion(p), p->v);
    w.target_reference = dw.target_reference = p->reference == OF_TARGETS ? p->smallest : NULL;
    w.source_reference = dw.source_reference = p->reference == OF_SOURCES ? p->smallest : NULL;
    if (p->reference != NO_REFERENCE)
        cf_pair_sum_smallest(sum, out->smallest);
    cf_pair_sum_potential(sum, &w, out->potential);
    cf_pair_sum_force(sum, &w, out->force);
    cf_pair_sum_potential_rate(sum, &w, out->rate);
    cf_pair_sum_force_rate(sum, &w, &dw, out->force_rate);
    cf_pair_sum_free(&sum);
}

enum { SETS = 4 }; /* instruction sets, CF_SIMD_BEST included */

/* The sums on every instruction set that there is. */
static void evaluate_all(const problem *p, sums got[SETS])
{
    for (cf_simd simd = CF_SIMD_PORTABLE; simd <= CF_SIMD_AVX512; simd++)
        if (cf_simd_available(simd))
            evaluate(p, simd, &got[simd]);
}

/* Largest error relative to the sum of absolute terms: what rounding allows whatever the signs are.
 */
static double error_against_long_double(const problem *p, const sums results[SETS])
{
    double worst = 0;
    for (size_t i = 0; i < p->n; i++) {
        long double pot = 0, rate = 0, pot_size = 0, rate_size = 0;
        long double f[MOST_D] = {0}, fr[MOST_D] = {0}, f_size = 0, fr_size = 0;
        const double *y = targets(p) + i * p->d, *ydot = target_motion(p) + i * p->d;
        for (size_t j = 0; j < p->n; j++) {
            long double s = 0, xv = 0, k[3], unit[3], size = 0, motion = 0;
            if (!counts(p, i, j))
                continue;
            for (size_t c = 0; c < p->d; c++) {
                long double dx = (long double)y[c] - p->x[j * p->d + c];
                long double dv = (long double)ydot[c] - p->v[j * p->d + c];
                s += dx * dx / 2;
                xv += dx * dv;
                size += fabsl(dx);
                motion += fabsl(dv);
            }
            eta(&p->profile, s, k);
            if (p->reference != NO_REFERENCE) {
                eta(&p->profile, p->smallest[p->reference == OF_TARGETS ? i : j], unit);
                for (int c = 0; c < 3; c++)
                    k[c] /= unit[0];
            }
            long double w = (long double)p->a[i] * p->q[j] + p->b[j];
            long double dw = (long double)p->da[i] * p->dq[j] + p->db[j];
            /* an argument s/tau carries its own rounding: (s/tau) u relative in eta */
            long double amplified = 1 + s / p->profile.tau;
            pot += w * k[0];
            pot_size += fabsl(w * k[0]) * amplified;
            rate += w * k[1] * xv;
            rate_size += fabsl(w * k[1]) * size * motion * amplified;
            for (size_t c = 0; c < p->d; c++) {
                long double dx = (long double)y[c] - p->x[j * p->d + c];
                long double dv = (long double)ydot[c] - p->v[j * p->d + c];
                f[c] += w * k[1] * dx;
                fr[c] += (w * k[2] * xv + dw * k[1]) * dx + w * k[1] * dv;
            }
            f_size += fabsl(w * k[1]) * size * amplified;
            fr_size += ((fabsl(w * k[2]) * size * motion + fabsl(dw * k[1])) * size +
                        fabsl(w * k[1]) * motion) *
                       amplified;
        }
        for (cf_simd simd = CF_SIMD_PORTABLE; simd <= CF_SIMD_AVX512; simd++) {
            const sums *got = &results[simd];
            if (!cf_simd_available(simd))
                continue;
            worst = worse(worst, (double)(fabsl(got->potential[i] - pot) / pot_size));
            worst = worse(worst, (double)(fabsl(got->rate[i] - rate) / (rate_size + 1e-300L)));
            for (size_t c = 0; c < p->d; c++) {
                long double force = got->force[i * p->d + c],
                            change = got->force_rate[i * p->d + c];
                worst = worse(worst, (double)(fabsl(force - f[c]) / (f_size + 1e-300L)));
                worst = worse(worst, (double)(fabsl(change - fr[c]) / (fr_size + 1e-300L)));
            }
        }
    }
    return worst;
}

static void test_values(problem *p, sums got[SETS])
{
    const size_t n[] = {2, 7, 8, 9, 150}, d[] = {1, 2, 3, 4, 5, 17};
    const double tau[] = {1e-6, 0.1, 1e6};
    for (int row = 0; cf_eta_rows[row] != NULL; row++)
        for (size_t t = 0; t < 3; t++) {
            double worst = 0;
            for (size_t k = 0; k < 5; k++)
                for (size_t l = 0; l < 6; l++) {
                    fill(p, row, tau[t], n[k], d[l], tau[t] < 1 ? 2 * sqrt(tau[t]) : 1);
                    evaluate_all(p, got);
                    worst = worse(worst, error_against_long_double(p, got));
                }
            check_below(worst, 2e-15, "kernel sums with eta = %s, tau = %g agree with long double",
                        cf_eta_names[row], tau[t]);
        }
}

/* Weights (a_i + a_j) q_j, which have loops of their own where no pair is too far apart, and others
 * for equal q. */
static void test_masses(bool equal, problem *p, sums got[SETS])
{
    const double spreads[] = {1, 8};
    for (int k = 0; k < 2; k++) {
        double worst = 0;
        for (size_t d = 1; d <= 5; d++)
            for (size_t n = 150; n <= 200; n += 10) {
                fill(p, 0, 0.1, n, d, spreads[k] * sqrt(0.1));
                for (size_t i = 0; i < n; i++) {
                    p->q[i] = equal ? 1 / (double)n : p->q[i];
                    p->b[i] = p->q[i] * p->a[i];
                }
                evaluate_all(p, got);
                worst = worse(worst, error_against_long_double(p, got));
            }
        check_below(worst, 2e-15, "%s masses, points over %g sqrt(tau): long double",
                    equal ? "equal" : "unequal", spreads[k]);
    }
}

static void test_variants(problem *p, sums got[SETS])
{
    const size_t n[] = {2, 11, 150}, d[] = {1, 2, 3, 4, 5, 17};
    for (int row = 0; cf_eta_rows[row] != NULL; row++)
        for (int variant = 0; variant < 15; variant++) {
            double worst = 0, nearest = 0;
            for (size_t k = 0; k < 18; k++) {
                bool halves = variant >= 12;
                fill(p, row, 0.01, n[k / 6] / 2 * 2, d[k % 6], 0.3); /* no sum of denormals */
                vary(p, !halves && variant & 1,
                     halves        ? CF_PAIRS_BETWEEN_HALVES
                     : variant & 2 ? CF_PAIRS_OTHERS
                                   : CF_PAIRS_ALL,
                     halves ? variant - 12 : variant / 4);
                evaluate_all(p, got);
                worst = worse(worst, error_against_long_double(p, got));
                for (size_t i = 0; i < p->n && p->reference == OF_TARGETS; i++)
                    nearest =
                        worse(nearest, fabs(got[CF_SIMD_PORTABLE].smallest[i] - p->smallest[i]) /
                                           (p->smallest[i] + 1e-300));
            }
            const char *const pairs[] = {"all pairs", "others", "between halves"};
            check_below(worst, 2e-15, "eta = %s, %s targets, %s, reference %d: long double",
                        cf_eta_names[row], p->other_targets ? "other" : "same", pairs[p->pairs],
                        p->reference);
            check_below(nearest, 1e-15, "and the smallest distance");
        }
}

/* So many points that all sizes of blocks occur: pairs that are computed once against pairs that
 * are computed for either end. */
static void test_blocks(size_t n, size_t d)
{
    cf_err err = {0};
    cf_random random = {5, CF_STREAM_PROBE};
    double *x = cf_allocate("points", n * (3 * d + 1), sizeof *x, &err), worst = 0;
    require(err.status, &err, "memory");
    double *out[2] = {x + n * d, x + 2 * n * d}, *q = x + 3 * n * d;
    for (size_t k = 0; k < n * (3 * d + 1); k++)
        x[k] = cf_random_uniform(random, k, 0);
    for (int two = 0; two < 2; two++) {
        cf_pair_sum *sum = NULL;
        const cf_pair_sum_setup setup = {
            .profile = {cf_eta_rows[0], 0.1, 1}, .n = n, .d = d, .two_sets = two == 1};
        require(cf_pair_sum_create(&setup, &sum, &err), &err, "pair sum");
        const cf_pair_weights w = {.a = q, .q = q, .b = q};
        cf_pair_sum_set_points(sum, x, x);
        cf_pair_sum_force(sum, &w, out[two]);
        cf_pair_sum_free(&sum);
    }
    for (size_t k = 0; k < n * d; k++)
        worst = worse(worst, fabs(out[0][k] - out[1][k]) / (double)n);
    check_below(worst, 1e-14, "%zu points in R^%zu: pairs once or twice, the same force", n, d);
    free(x);
}

static void test_bits(problem *p, sums *one, sums *other)
{
#ifdef _OPENMP
    for (int variant = 0; variant < 6; variant++) {
        const cf_pairs pairs[] = {CF_PAIRS_ALL, CF_PAIRS_OTHERS, CF_PAIRS_BETWEEN_HALVES};
        fill(p, 0, 0.1, 300, variant < 3 ? 3 : 17, 1);
        vary(p, variant % 3 == 1, pairs[variant % 3], variant % 3 == 1 ? OF_TARGETS : NO_REFERENCE);
        memset(one, 0, sizeof *one);
        memset(other, 0, sizeof *other);
        omp_set_num_threads(1);
        evaluate(p, CF_SIMD_BEST, one);
        for (int threads = 2; threads <= 3; threads++) {
            omp_set_num_threads(threads);
            evaluate(p, CF_SIMD_BEST, other);
            check(memcmp(one, other, sizeof *one) == 0,
                  "d = %zu, %s: %d threads give the same bits", p->d,
                  variant % 2 == 1 ? "two sets" : "one set", threads);
        }
    }
#else
    (void)p, (void)one, (void)other;
#endif
}

static void test_engines(void)
{
    const struct {
        size_t d;
        int row;
    } setups[] = {{4, 0}, {5, 0}, {2, 1}};
    cf_err err = {0};
    for (size_t k = 0; k < 3; k++) {
        cf_pair_sum *sum = NULL;
        const cf_pair_sum_setup setup = {.profile = {cf_eta_rows[setups[k].row], 0.1, 1},
                                         .n = 1000,
                                         .d = setups[k].d,
                                         .simd = CF_SIMD_PORTABLE};
        require(cf_pair_sum_create(&setup, &sum, &err), &err, "pair sum");
        check(strncmp(cf_pair_sum_engine(sum), "direct, portable", 16) == 0 &&
                  cf_pair_sum_error(sum) > 1e-16 && cf_pair_sum_error(sum) < 1e-12,
              "R^%zu, eta = %s: %s", setups[k].d, cf_eta_names[setups[k].row],
              cf_pair_sum_engine(sum));
        cf_pair_sum_free(&sum);
    }
}

/* The exponential over its whole range: ulps where the result is normal, half the last bit where
 * not. */
static void test_exponential(cf_simd simd)
{
    const cf_vector_kernels *vector = cf_vector_kernels_get(simd);
    _Alignas(64) double x[CF_LANES], y[CF_LANES];
    double worst = 0, worst_denormal = 0;
    for (long k = 0; k < 400000; k++) {
        for (int l = 0; l < CF_LANES; l++)
            x[l] = -746.0 * (double)(k * CF_LANES + l) / (400000.0 * CF_LANES) +
                   (k == 0 ? 709.0 / 8 * l : 0);
        vector->exponential(1, x, CF_LANES, y);
        for (int l = 0; l < CF_LANES; l++) {
            long double exact = expl((long double)x[l]);
            double error = (double)fabsl(y[l] - exact);
            if (exact >= 0x1p-1022L)
                worst = worse(worst, error / (double)exact);
            else
                worst_denormal = worse(worst_denormal, (error - 3e-16 * (double)exact) / 0x1p-1074);
        }
    }
    check_below(worst, 3e-16, "exponential of %s: relative error on normal results", vector->name);
    check_below(worst_denormal, 1,
                "exponential of %s: error beyond that in last bits on denormal results",
                vector->name);
    double special[CF_LANES] = {0, -INFINITY, -1e300, -0.0, -745.2, 1, -1e-300, -708.4};
    memcpy(x, special, sizeof x);
    vector->exponential(1, x, CF_LANES, y);
    check(y[0] == 1 && y[1] == 0 && y[2] == 0 && y[3] == 1 && y[6] == 1,
          "exponential of %s: exact at 0 and at -infinity", vector->name);
}

/* Powers of bases from 1/4 on, small and large ones, and what is not a number. */
static void test_power(cf_simd simd)
{
    const cf_vector_kernels *vector = cf_vector_kernels_get(simd);
    const double exponents[] = {-1e-3, -0.5, -1.5, -20, -1e3};
    _Alignas(64) double x[CF_LANES], y[CF_LANES];
    double worst = 0;
    for (size_t e = 0; e < 5; e++)
        for (long k = 0; k < 20000; k++) {
            for (int l = 0; l < CF_LANES; l++)
                x[l] = exp((k % 2 == 0 ? 2 : 400) * (double)(k * CF_LANES + l) / 160000.0 - 1.3);
            vector->power(exponents[e], x, CF_LANES, y);
            for (int l = 0; l < CF_LANES; l++) {
                long double exact = powl(x[l], exponents[e]);
                if (exact >= 0x1p-1022L && exact < 0x1p1000L)
                    worst = worse(worst,
                                  (double)(fabsl(y[l] - exact) / exact / (1 + fabsl(logl(exact)))));
            }
        }
    check_below(worst, 6e-16, "power of %s: error relative to the result (1 + |log|)",
                vector->name);
    double special[CF_LANES] = {1, INFINITY, 1e305, 0, -1, NAN, 0x1p-1000, 4};
    memcpy(x, special, sizeof x);
    vector->power(-1.5, x, CF_LANES, y);
    check(y[0] == 1 && y[1] == 0 && y[2] == 0 && isnan(y[3]) && isnan(y[4]) && isnan(y[5]) &&
              isinf(y[6]) && y[7] == 0.125,
          "power of %s: 1, infinity, 0, negative bases and NaN", vector->name);
}

int main(void)
{
    cf_err err = {0};
    problem *p = cf_allocate("problem", 1, sizeof *p, &err);
    sums *got = cf_allocate("sums", SETS, sizeof *got, &err);
    require(err.status, &err, "memory");
    test_values(p, got);
    test_masses(true, p, got);
    test_masses(false, p, got);
    test_variants(p, got);
    test_blocks(1100, 2);
    test_blocks(1100, 6);
    test_blocks(4200, 3);
    test_blocks(4200, 5);
    test_bits(p, &got[0], &got[1]);
    test_engines();
    for (cf_simd simd = CF_SIMD_PORTABLE; simd <= CF_SIMD_AVX512; simd++)
        if (cf_simd_available(simd)) {
            test_exponential(simd);
            test_power(simd);
        }
    free(p);
    free(got);
    return check_done();
}
