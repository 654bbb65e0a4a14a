/* Kernel sums of unit vectors by products of matrices keep the error that they state, against
 * long-double sums: every instruction set, dimensions and numbers with every remainder, points
 * uniform, clustered, coincident and antipodal, symmetric and other weights, all kinds of pairs;
 * coincident points act on each other as one; every number of threads gives the same bits. */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#ifdef _OPENMP
#include <omp.h>
#endif

#include "check.h"
#include "contraflow/solver/memory.h"
#include "contraflow/solver/random.h"
#include "pair_reference.h"

enum { MOST = 400, MANY = 4200, MOST_D = 33 };

typedef enum { UNIFORM, CLUSTERED, COINCIDENT, ANTIPODAL, ARRANGEMENTS } arrangement;

typedef struct {
    pair_problem problem;
    double x[MOST * MOST_D], v[MOST * MOST_D];
    double a[MOST], q[MOST], b[MOST], da[MOST], dq[MOST], db[MOST];
    long double reference[SUMS][MOST * MOST_D];
    double got[SUMS][MOST * MOST_D], again[SUMS][MOST * MOST_D];
} workspace;

static void normalize(double *x, size_t d)
{
    double square = 0;
    for (size_t k = 0; k < d; k++)
        square += x[k] * x[k];
    for (size_t k = 0; k < d; k++)
        x[k] /= sqrt(square);
}

/* Weights (a_i + a_j) q_j, and any. */
static void fill_weights(size_t n, bool symmetric, workspace *ws)
{
    cf_random random = {21, CF_STREAM_PROBE};
    for (size_t i = 0; i < n; i++) {
        ws->a[i] = cf_random_uniform(random, i, 0);
        ws->da[i] = cf_random_normal(random, i, 1);
        ws->q[i] = cf_random_uniform(random, i, 2) / (double)n;
        ws->dq[i] = symmetric ? ws->q[i] : cf_random_normal(random, i, 3) / (double)n;
        ws->b[i] = symmetric ? ws->a[i] * ws->q[i] : cf_random_uniform(random, i, 4) / (double)n;
        ws->db[i] = symmetric ? ws->da[i] * ws->q[i] : cf_random_normal(random, i, 5) / (double)n;
    }
}

static void fill(cf_profile profile, size_t n, size_t d, arrangement kind, workspace *ws)
{
    cf_random random = {20, CF_STREAM_PROBE};
    for (size_t i = 0; i < n; i++) {
        double *x = ws->x + i * d, *v = ws->v + i * d;
        size_t group = kind == COINCIDENT ? i % 5 : kind == ANTIPODAL ? i / 2 : i;
        for (size_t k = 0; k < d; k++) {
            x[k] = cf_random_normal(random, group, (uint32_t)k);
            if (kind == CLUSTERED)
                x[k] = 0.3 * sqrt(profile.tau) * x[k] + (k == i % 3);
            v[k] = cf_random_normal(random, i, (uint32_t)(k + d));
        }
        normalize(x, d);
        for (size_t k = 0; k < d && kind == ANTIPODAL && i % 2 == 1; k++)
            x[k] = -x[k];
    }
    ws->problem = (pair_problem){.profile = profile,
                                 .n = n,
                                 .d = d,
                                 .targets = n,
                                 .unit = true,
                                 .x = ws->x,
                                 .v = ws->v,
                                 .w = {ws->a, ws->q, ws->b, NULL, NULL},
                                 .dw = {ws->da, ws->dq, ws->db, NULL, NULL}};
}

/* Returns the bound of errors that the engine states. */
static double evaluate(const pair_problem *p, cf_simd simd, double (*out)[MOST * MOST_D])
{
    const cf_sum_engine *engine = &cf_sum_engine_products;
    const cf_pair_sum_setup setup = {.profile = p->profile,
                                     .n = p->n,
                                     .d = p->d,
                                     .pairs = p->pairs,
                                     .unit = true,
                                     .tolerance = 1e-11,
                                     .simd = simd};
    cf_err err = {0};
    cf_sum_plan plan;
    cf_sum_state *state;
    require(engine->plan(&setup, &plan, &err), &err, "plan");
    require(engine->create(&setup, &state, &err), &err, "sums by products");
    pair_evaluate(engine, state, p, out[0], MOST * MOST_D);
    engine->free(&state);
    return plan.error;
}

/* Raises worst to the largest ratio of error to stated error, over all instruction sets. */
static void compare(workspace *ws, double worst[SUMS])
{
    const pair_problem *p = &ws->problem;
    long double *reference[SUMS];
    double size[SUMS];
    for (int which = 0; which < SUMS; which++)
        reference[which] = ws->reference[which];
    pair_reference(p, reference, size);
    for (cf_simd simd = CF_SIMD_PORTABLE; simd <= CF_SIMD_AVX512; simd++) {
        if (!cf_simd_available(simd))
            continue;
        double bound = evaluate(p, simd, ws->got);
        for (int which = 0; which < SUMS; which++)
            for (size_t i = 0; i < p->n * sum_width(p, which); i++) {
                double error = (double)fabsl(ws->got[which][i] - reference[which][i]);
                worst[which] = worse(worst[which], error / (size[which] * bound));
            }
    }
}

static void test_errors(double tau, bool symmetric, workspace *ws)
{
    const size_t n[] = {2, 17, 33, 130, 20}, d[] = {5, 8, 33, 17, 7};
    double worst[SUMS] = {0};
    for (size_t k = 0; k < 5; k++)
        for (arrangement kind = UNIFORM; kind < ARRANGEMENTS; kind++) {
            fill((cf_profile){cf_eta_rows[0], tau, 0}, n[k], d[k], kind, ws);
            fill_weights(n[k], symmetric, ws);
            compare(ws, worst);
        }
    for (int which = 0; which < SUMS; which++)
        check_below(worst[which], 1, "%s, tau = %g, %s weights: error / stated error",
                    sum_names[which], tau, symmetric ? "symmetric" : "other");
}

/* So many points that there are several blocks. */
static void test_pairs(cf_pairs pairs, workspace *ws)
{
    static const char *const names[] = {"all pairs", "others", "between halves"};
    double worst[SUMS] = {0};
    for (size_t n = MOST - 50; n <= MOST; n += 50) {
        fill((cf_profile){cf_eta_rows[0], 0.1, 0}, n, 6, UNIFORM, ws);
        fill_weights(n, true, ws);
        ws->problem.pairs = pairs;
        compare(ws, worst);
    }
    for (int which = 0; which < SUMS; which++)
        check_below(worst[which], 1, "%s, %s: error / stated error", sum_names[which],
                    names[pairs]);
}

/* So many that blocks have several tiles: with the engine that takes differences of coordinates. */
static void test_tiles(void)
{
    enum { D = 5 };
    const cf_sum_engine *engines[] = {&cf_sum_engine_products, &cf_sum_engine_blocks};
    const cf_pair_sum_setup setup = {.profile = {cf_eta_rows[0], 0.1, 0},
                                     .n = MANY,
                                     .d = D,
                                     .pairs = CF_PAIRS_OTHERS,
                                     .unit = true,
                                     .tolerance = 1e-11};
    cf_err err = {0};
    cf_random random = {22, CF_STREAM_PROBE};
    double *x = cf_allocate("points", MANY * (3 * D + 1), sizeof *x, &err), worst = 0, size = 0;
    require(err.status, &err, "memory");
    double *q = x + (size_t)3 * MANY * D, *out[] = {x + MANY * D, x + (size_t)2 * MANY * D};
    for (size_t i = 0; i < MANY; i++) {
        for (size_t k = 0; k < D; k++)
            x[i * D + k] = cf_random_normal(random, i, (uint32_t)k);
        normalize(x + i * D, D);
        q[i] = cf_random_uniform(random, i, D);
    }
    for (int e = 0; e < 2; e++) {
        cf_sum_state *state;
        require(engines[e]->create(&setup, &state, &err), &err, engines[e]->name);
        const cf_pair_weights w = {.a = q, .q = q};
        engines[e]->set_points(state, x, x);
        engines[e]->force(state, &w, out[e]);
        engines[e]->free(&state);
    }
    for (size_t k = 0; k < MANY * D; k++) {
        worst = worse(worst, fabs(out[0][k] - out[1][k]));
        size = fmax(size, fabs(out[1][k]));
    }
    check_below(worst / size, 1e-13, "%d points: as by differences of coordinates", MANY);
    free(x);
}

/* Many points at one place, where all roundings have one sign: Psi's sum is that of q, the force 0.
 */
static void test_collapse(double tau)
{
    enum { D = 7 };
    const cf_pair_sum_setup setup = {
        .profile = {cf_eta_rows[0], tau, 0}, .n = MANY, .d = D, .unit = true, .tolerance = 1e-10};
    cf_err err = {0};
    cf_sum_plan plan;
    cf_sum_state *state;
    double *x = cf_allocate("points", MANY * (2 * D + 4), sizeof *x, &err);
    require(err.status, &err, "memory");
    double *force = x + MANY * D, *a = force + MANY * D, *q = a + MANY, *b = q + MANY;
    for (size_t i = 0; i < MANY; i++) {
        for (size_t k = 0; k < D; k++)
            x[i * D + k] = 1 + (double)k;
        normalize(x + i * D, D);
        a[i] = 1.1;
        q[i] = 1 / 3.0;
        b[i] = a[i] * q[i];
    }
    require(cf_sum_engine_products.plan(&setup, &plan, &err), &err, "plan");
    require(cf_sum_engine_products.create(&setup, &state, &err), &err, "sums by products");
    cf_sum_engine_products.set_points(state, x, x);
    cf_sum_engine_products.force(state, &(cf_pair_weights){.a = a, .q = q, .b = b}, force);
    cf_sum_engine_products.potential(state, &(cf_pair_weights){.b = q}, b);
    cf_sum_engine_products.free(&state);
    double total = MANY * q[0], size = 2 * total * a[0] * exp(-0.5) / sqrt(tau), worst[2] = {0};
    for (size_t i = 0; i < MANY; i++)
        worst[0] = worse(worst[0], fabs(b[i] - total) / total);
    for (size_t i = 0; i < MANY * D; i++)
        worst[1] = worse(worst[1], fabs(force[i]) / size);
    check_below(worst[0] / plan.error, 1, "%d points at one place: potential, error / stated",
                MANY);
    check_below(worst[1] / plan.error, 1, "%d points at one place: force, error / stated", MANY);
    free(x);
}

/* Two points at the same place: eta is 1 to the last bit. */
static void test_coincidence(workspace *ws)
{
    fill((cf_profile){cf_eta_rows[0], 0.01, 0}, 2, 19, COINCIDENT, ws);
    memcpy(ws->x + 19, ws->x, 19 * sizeof *ws->x);
    for (size_t i = 0; i < 2; i++) {
        ws->a[i] = ws->da[i] = 0;
        ws->q[i] = ws->b[i] = 0.5;
    }
    for (cf_simd simd = CF_SIMD_PORTABLE; simd <= CF_SIMD_AVX512; simd++) {
        if (!cf_simd_available(simd))
            continue;
        evaluate(&ws->problem, simd, ws->got);
        double force = 0;
        for (size_t k = 0; k < 2 * 19; k++)
            force = worse(force, fabs(ws->got[FORCE][k]));
        check(ws->got[POTENTIAL][0] == 1 && ws->got[POTENTIAL][1] == 1 && force == 0,
              "%s: coincident points have eta = 1 and no force", cf_simd_name(simd));
    }
}

static void test_threads(workspace *ws)
{
#ifdef _OPENMP
    for (cf_pairs pairs = CF_PAIRS_ALL; pairs <= CF_PAIRS_BETWEEN_HALVES; pairs++) {
        fill((cf_profile){cf_eta_rows[0], 0.1, 0}, MOST, 17, UNIFORM, ws);
        fill_weights(MOST, true, ws);
        ws->problem.pairs = pairs;
        for (int threads = 1; threads <= 3; threads++) {
            omp_set_num_threads(threads);
            evaluate(&ws->problem, CF_SIMD_BEST, threads == 1 ? ws->got : ws->again);
            if (threads > 1)
                check(memcmp(ws->got, ws->again, sizeof ws->got) == 0,
                      "pairs %d: %d threads give the same bits", pairs, threads);
        }
    }
#else
    (void)ws;
#endif
}

/* Products are taken where their rounding is allowed, for unit vectors of many dimensions. */
static void test_choice(void)
{
    const cf_pair_sum_setup good = {.profile = {cf_eta_rows[0], 0.1, 1},
                                    .n = 1000,
                                    .d = 16,
                                    .unit = true,
                                    .engine = CF_SUMS_DIRECT,
                                    .tolerance = 1e-12};
    cf_pair_sum_setup cases[9] = {good, good, good, good, good, good, good, good, good};
    cases[1].engine = CF_SUMS_AUTO;
    cases[2].tolerance = 0;
    cases[3].profile.tau = 1e-3;
    cases[4].unit = false;
    cases[5].profile.row = cf_eta_rows[1];
    cases[6].d = 4;
    cases[7].two_sets = true;
    cases[8].references = true;
    for (size_t k = 0; k < 9; k++) {
        cf_err err = {0};
        cf_pair_sum *sum;
        require(cf_pair_sum_create(&cases[k], &sum, &err), &err, "kernel sums");
        bool products = strstr(cf_pair_sum_engine(sum), "by products") != NULL;
        check(products == (k < 2), "case %zu: %s", k, cf_pair_sum_engine(sum));
        cf_pair_sum_free(&sum);
    }
    cf_pair_sum_setup odd = good;
    cf_err err = {0};
    cf_pair_sum *sum;
    odd.pairs = CF_PAIRS_BETWEEN_HALVES;
    odd.n = 33;
    check(cf_pair_sum_create(&odd, &sum, &err) == CF_EINPUT && sum == NULL, "refused: %s",
          err.message);
}

int main(void)
{
    cf_err err = {0};
    workspace *ws = cf_allocate("workspace", 1, sizeof *ws, &err);
    require(err.status, &err, "memory");
    const double taus[] = {2e-3, 0.05, 1, 1e6};
    for (int t = 0; t < 4; t++)
        for (int symmetric = 0; symmetric < 2; symmetric++)
            test_errors(taus[t], symmetric, ws);
    for (cf_pairs pairs = CF_PAIRS_ALL; pairs <= CF_PAIRS_BETWEEN_HALVES; pairs++)
        test_pairs(pairs, ws);
    test_tiles();
    test_collapse(0.05);
    test_collapse(1);
    test_coincidence(ws);
    test_threads(ws);
    test_choice();
    free(ws);
    return check_done();
}
