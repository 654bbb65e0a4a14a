/* Every fast engine of the kernel sums keeps the error that it states, against long-double sums:
 * both profiles where it serves them, tau from 1e-6 to 1e6, points uniform, clustered, coincident
 * and antipodal, tight and loose tolerances; and gives the same bits on any number of threads. */
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
#include "vector_kernels.h"
#include "window_kernels.h"

enum { N = 193, MANY = 40000, SOME = 31, MOST_D = 3, COLUMNS = 2 };

typedef enum { UNIFORM, CLUSTERED, COINCIDENT, ANTIPODAL, AXES, ARRANGEMENTS } arrangement;
#ifdef _OPENMP
static const char *const arrangement_names[] = {"uniform", "clustered", "coincident", "antipodal",
                                                "on and near axes"};
#endif

typedef struct {
    const cf_sum_engine *engine;
    size_t d;
    bool sphere; /* points on the unit sphere, tangential motions */
    bool power;  /* serves that profile too */
    size_t many; /* points of a large test, at most MANY */
    double least_tau;
} subject;

static const subject subjects[] = {{&cf_sum_engine_circle, 2, true, true, MANY, 1e-6},
                                   {&cf_sum_engine_sphere, 3, true, false, 10000, 1e-3},
                                   {&cf_sum_engine_grid, 1, false, false, 10000, 1e-6},
                                   {&cf_sum_engine_grid, 2, false, false, 4000, 1e-6},
                                   {&cf_sum_engine_grid, 3, false, false, 1000, 1e-6}};

typedef struct {
    pair_problem problem;
    double x[MANY * MOST_D], v[MANY * MOST_D];
    double a[COLUMNS][MANY], q[2 * COLUMNS][MANY];
    long double reference[SUMS][N * MOST_D];
    double got[SUMS][MANY * MOST_D], again[SUMS][MANY * MOST_D];
} workspace;

static double dot(const double *a, const double *b, size_t d)
{
    double total = 0;
    for (size_t k = 0; k < d; k++)
        total += a[k] * b[k];
    return total;
}

/* Row i of the points: a center plus `spread` times noise. */
static void place(const subject *s, arrangement kind, double tau, size_t i, double *x)
{
    cf_random random = {11, CF_STREAM_PROBE};
    size_t group = kind == COINCIDENT ? i % 7 : kind == ANTIPODAL ? i / 2 : i;
    double spread = kind == CLUSTERED ? sqrt(tau) : kind == AXES ? 1e-9 * (double)(i % 2) : 1;
    for (size_t k = 0; k < s->d; k++) {
        x[k] = spread * cf_random_normal(random, group, (uint32_t)k);
        if (kind == CLUSTERED)
            x[k] += i % 3 == k ? 1 : i % 3 == 2 ? -1 : 0;
        if (kind == AXES && i / 2 % s->d == k)
            x[k] += i / 2 / s->d % 2 == 0 ? 1 : -1;
    }
    double length = s->sphere ? sqrt(dot(x, x, s->d)) : 1;
    for (size_t k = 0; k < s->d; k++)
        x[k] /= kind == ANTIPODAL && i % 2 == 1 ? -length : length;
}

static void fill(const subject *s, cf_profile profile, arrangement kind, size_t n, workspace *ws)
{
    cf_random random = {12, CF_STREAM_PROBE};
    for (size_t i = 0; i < n; i++) {
        double *x = ws->x + i * s->d, *v = ws->v + i * s->d;
        place(s, kind, profile.tau, i, x);
        for (size_t k = 0; k < s->d; k++)
            v[k] = cf_random_normal(random, i, (uint32_t)k);
        double radial = s->sphere ? dot(v, x, s->d) : 0;
        for (size_t k = 0; k < s->d; k++)
            v[k] -= radial * x[k];
        for (uint32_t c = 0; c < 2 * COLUMNS; c++) {
            if (c < COLUMNS)
                ws->a[c][i] = cf_random_uniform(random, i, 10 + c);
            ws->q[c][i] = (c % 2 == 0 ? cf_random_uniform(random, i, 20 + c)
                                      : cf_random_normal(random, i, 20 + c)) /
                          (double)n;
        }
    }
    ws->problem = (pair_problem){.profile = profile,
                                 .n = n,
                                 .d = s->d,
                                 .targets = n == N ? N : SOME,
                                 .unit = s->sphere,
                                 .x = ws->x,
                                 .v = ws->v,
                                 .w = {ws->a[0], ws->q[0], ws->q[1], NULL, NULL},
                                 .dw = {ws->a[1], ws->q[2], ws->q[3], NULL, NULL}};
}

/* An engine made for a tolerance; its bound of errors is 0 where it declines. */
typedef struct {
    cf_sum_state *state;
    double bound;
} made;

static made make(const subject *s, cf_profile profile, size_t n, double tolerance)
{
    cf_err err = {0};
    made m = {NULL, 0};
    cf_pair_sum_setup setup = {
        .profile = profile, .n = n, .d = s->d, .unit = s->sphere, .tolerance = tolerance};
    cf_sum_plan plan;
    if (s->engine->plan(&setup, &plan, &err) != CF_OK)
        return m;
    require(s->engine->create(&setup, &m.state, &err), &err, s->engine->name);
    m.bound = plan.error;
    return m;
}

/* Largest error of a sum relative to its possible size. */
static double error_of(const workspace *ws, int which, const double *size)
{
    double worst = 0;
    for (size_t i = 0; i < ws->problem.targets * sum_width(&ws->problem, which); i++)
        worst = worse(worst, (double)fabsl(ws->got[which][i] - ws->reference[which][i]));
    return worst / size[which];
}

/* The largest ratio of error to bound over the tolerances: all of them for uniform points, the
 * tightest that is served and the loosest for others. */
static void test_errors(const subject *s, cf_profile profile, size_t n, workspace *ws)
{
    enum { TOLERANCES = 5 };
    static const double tolerances[TOLERANCES] = {1e-13, 1e-12, 1e-10, 1e-6, 1e-3};
    made engines[TOLERANCES] = {{NULL, 0}};
    long double *reference[SUMS];
    double worst[SUMS] = {0}, size[SUMS];
    int served = 0;
    for (int which = 0; which < SUMS; which++)
        reference[which] = ws->reference[which];
    size_t first = TOLERANCES,
           tight = n == N ? 0 : 2; /* the large tests are for the larger tolerances */
    for (size_t t = tight; t < TOLERANCES; t++) {
        engines[t] = make(s, profile, n, tolerances[t]);
        served += engines[t].state != NULL;
        first = engines[t].state != NULL && t < first ? t : first;
        if (engines[t].bound > tolerances[t])
            check(false, "%s states an error beyond its tolerance", s->engine->name);
    }
    for (arrangement kind = UNIFORM; kind < ARRANGEMENTS; kind += n == N ? 1 : 2) {
        fill(s, profile, kind, n, ws);
        pair_reference(&ws->problem, reference, size);
        for (size_t t = tight; t < TOLERANCES; t++) {
            if (engines[t].state == NULL || (kind != UNIFORM && t > first && t < TOLERANCES - 1))
                continue;
            pair_evaluate(s->engine, engines[t].state, &ws->problem, ws->got[0], MANY * MOST_D);
            for (int which = 0; which < SUMS; which++)
                worst[which] = worse(worst[which], error_of(ws, which, size) / engines[t].bound);
        }
    }
    for (size_t t = tight; t < TOLERANCES; t++)
        if (engines[t].state != NULL)
            s->engine->free(&engines[t].state);
    check(served >= 3, "%s serves eta = %s, tau = %g, %zu points", s->engine->name,
          profile.row->name, profile.tau, n);
    for (int which = 0; which < SUMS; which++)
        check_below(worst[which], 1, "%s of %s, eta = %s, tau = %g: error / stated error",
                    sum_names[which], s->engine->name, profile.row->name, profile.tau);
}

static void test_threads(const subject *s, workspace *ws)
{
#ifdef _OPENMP
    for (arrangement kind = UNIFORM; kind <= CLUSTERED; kind++) {
        const cf_profile profile = {cf_eta_rows[0], 0.05, 0};
        fill(s, profile, kind, s->many, ws);
        for (int threads = 1; threads <= 3; threads++) {
            omp_set_num_threads(threads);
            made m = make(s, profile, s->many, 1e-10);
            pair_evaluate(s->engine, m.state, &ws->problem,
                          threads == 1 ? ws->got[0] : ws->again[0], MANY * MOST_D);
            s->engine->free(&m.state);
            if (threads == 1)
                continue;
            check(memcmp(ws->got, ws->again, sizeof ws->got) == 0,
                  "%s, %s points: %d threads give the same bits", s->engine->name,
                  arrangement_names[kind], threads);
        }
    }
#else
    (void)s, (void)ws;
#endif
}

static void test_refusals(const subject *s)
{
    const cf_pair_sum_setup good = {.profile = {cf_eta_rows[0], 0.1, 0},
                                    .n = 10,
                                    .d = s->d,
                                    .unit = s->sphere,
                                    .tolerance = 1e-10};
    cf_pair_sum_setup bad[4] = {good, good, good, good};
    bad[0].tolerance = 1e-17;
    bad[1].d = 7;
    bad[2].two_sets = true;
    bad[3].unit = !s->sphere;
    for (size_t k = 0; k < 4; k++) {
        static const char *const words[] = {"must be at least", "dimension", "several views",
                                            "norm-floor"};
        cf_sum_plan plan;
        cf_err err = {0};
        if (k == 3 && !s->sphere)
            continue; /* unit vectors are points like others */
        check(s->engine->plan(&bad[k], &plan, &err) == CF_EINPUT &&
                  strstr(err.message, words[k]) != NULL && strncmp(err.message, "sums.", 5) == 0,
              "%s refuses: %s", s->engine->name, err.message);
    }
}

/* Plans are made from counts: also for more points than fit into any machine. */
static void test_plans(const subject *s)
{
    cf_pair_sum_setup setup = {.profile = {cf_eta_rows[0], 0.1, 0},
                               .n = (size_t)1 << 40,
                               .d = s->d,
                               .unit = s->sphere,
                               .tolerance = 1e-10};
    cf_sum_plan many, few;
    cf_err err = {0};
    require(s->engine->plan(&setup, &many, &err), &err, "plan");
    setup.n /= 4;
    require(s->engine->plan(&setup, &few, &err), &err, "plan");
    check(many.bytes > 0x1p43 && many.bytes > 3.9 * few.bytes && many.bytes < 4.1 * few.bytes &&
              many.seconds > 3.5 * few.seconds && many.error <= setup.tolerance,
          "%s, d = %zu: 2^40 points are planned without memory: %.2g bytes, %.2g s",
          s->engine->name, s->d, many.bytes, many.seconds);
}

/* An engine that was asked for in vain: the message names the one that serves. */
static void test_nearest(void)
{
    cf_pair_sum_setup setup = {.profile = {cf_eta_rows[0], 0.1, 0},
                               .n = 100000,
                               .d = 3,
                               .engine = CF_SUMS_CIRCLE,
                               .tolerance = 1e-10};
    cf_pair_sum *sum = NULL;
    cf_err err = {0};
    check(cf_pair_sum_create(&setup, &sum, &err) == CF_EINPUT && sum == NULL &&
              strstr(err.message, "sums.engine = circle: needs") == err.message &&
              strstr(err.message, "(auto takes grid)") != NULL,
          "refused with what serves instead: %s", err.message);
}

/* Angles all around the circle, at the seams of the octants and on the axes. */
static void test_angles(cf_simd simd)
{
    enum { COUNT = 16 * 4096 };
    static double xy[2 * COUNT], angle[COUNT], portable[COUNT];
    const cf_vector_kernels *vector = cf_vector_kernels_get(simd);
    const double pi = 3.14159265358979323846;
    double worst = 0;
    for (int k = 0; k < COUNT; k++) {
        double turn = 2 * pi * k / COUNT, scale = k % 3 == 0 ? 1e-150 : 1;
        xy[2 * k] = k % 4096 == 0 ? rint(cos(turn)) : scale * cos(turn);
        xy[2 * k + 1] = k % 4096 == 0 ? rint(sin(turn)) + 0.0 : scale * sin(turn);
    }
    vector->angle(xy, COUNT, angle);
    cf_vector_kernels_get(CF_SIMD_PORTABLE)->angle(xy, COUNT, portable);
    for (int k = 0; k < COUNT; k++)
        worst = worse(worst, fabs((double)(angle[k] - atan2l(xy[2 * k + 1], xy[2 * k]))));
    check_below(worst, 5e-16, "angles of %s: error", vector->name);
    check(memcmp(angle, portable, sizeof angle) == 0, "angles of %s have the same bits as portable",
          vector->name);
}

/* Spreading and gathering, all ranks and widths. */
static void test_windows(cf_simd simd)
{
    enum { POINTS = 50, LENGTH = 32, STRIDE = 48, GRID = LENGTH * LENGTH * STRIDE };
    static double place[3 * POINTS], q[POINTS], grid[2][GRID], values[2][3 * CF_WINDOW_BLOCK];
    static uint32_t first[3 * POINTS];
    static cf_window_points p = {
        .length = LENGTH, .stride = STRIDE, .first = first, .place = place};
    cf_random random = {13, CF_STREAM_PROBE};
    bool same = true;
    for (size_t k = 0; k < 3 * POINTS; k++) {
        first[k] = (uint32_t)(LENGTH * cf_random_uniform(random, k, 0));
        place[k] = 2 * cf_random_uniform(random, k, 1) - 1;
        q[k % POINTS] = cf_random_normal(random, k, 2);
    }
    for (size_t k = 0; k < (CF_WINDOW_DEGREE + 1) * CF_WINDOW_MOST; k++)
        p.polynomial[k / CF_WINDOW_MOST][k % CF_WINDOW_MOST] = cf_random_normal(random, k, 3);
    for (int c = 0; c < 6; c++) {
        p.rank = 1 + c / 2;
        p.width = c % 2 == 0 ? 8 : 16;
        for (int k = 0; k < 2; k++) {
            const cf_window_kernels *kernels =
                cf_window_kernels_get(k == 0 ? CF_SIMD_PORTABLE : simd);
            const double *const fields[] = {grid[k]};
            memset(grid[k], 0, sizeof grid[k]);
            kernels->spread(&p, 0, POINTS, q, grid[k]);
            kernels->gather(&p, 0, POINTS, 1, fields, values[k]);
        }
        same = same && memcmp(grid[0], grid[1], sizeof grid[0]) == 0 &&
               memcmp(values[0], values[1], sizeof values[0]) == 0 && values[0][7] != 0;
    }
    check(same, "windows of %s have the same bits as portable", cf_simd_name(simd));
}

int main(void)
{
    static const double taus[] = {1e-6, 1e-4, 1e-3, 0.01, 0.1, 1, 1e3, 1e6};
    cf_err err = {0};
    workspace *ws = cf_allocate("workspace", 1, sizeof *ws, &err);
    require(err.status, &err, "memory");
    for (cf_simd simd = CF_SIMD_PORTABLE; simd <= CF_SIMD_AVX512; simd++)
        if (cf_simd_available(simd)) {
            test_angles(simd);
            test_windows(simd);
        }
    for (size_t k = 0; k < sizeof subjects / sizeof *subjects; k++) {
        const subject *s = &subjects[k];
        for (int row = 0; row <= s->power; row++)
            for (size_t t = 0; t < sizeof taus / sizeof *taus; t++)
                if (taus[t] >= s->least_tau)
                    test_errors(s, (cf_profile){cf_eta_rows[row], taus[t], 1.5}, N, ws);
        for (int p = 1; p <= 2 && s->power; p++) /* beyond its pole a whole power has values */
            test_errors(s, (cf_profile){cf_eta_rows[1], 0.3, p}, N, ws);
        test_errors(s, (cf_profile){cf_eta_rows[0], 0.05, 0}, s->many, ws);
        test_threads(s, ws);
        test_refusals(s);
        test_plans(s);
    }
    test_nearest();
    free(ws);
    return check_done();
}
