/* Times every engine of the kernel sums: a potential and a force of two columns, which is a
 * right-hand side of E6. Answers are checked first, against long-double sums for some of the
 * targets. Prints a line of JSON a case. Usage: bench-engines THREADS [--quick] */
#define _GNU_SOURCE
#include <malloc.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "contraflow/solver/memory.h"
#include "contraflow/solver/pair_sum.h"
#include "contraflow/solver/random.h"
#include "contraflow/solver/threads.h"

enum { REPEATS = 5, DIRECT_POINTS = 8000, MOST_D = 128 };

typedef struct {
    cf_sums engine;
    size_t n, d;
    double tau, tolerance;
    bool quick; /* also measured with --quick */
} bench_case;

static const bench_case cases[] = {
    {CF_SUMS_DIRECT, 1000, 2, 0.1, 0, true},
    {CF_SUMS_DIRECT, 2000, 2, 0.1, 0, false},
    {CF_SUMS_DIRECT, 4000, 2, 0.1, 0, false},
    {CF_SUMS_DIRECT, 8000, 2, 0.1, 0, true},
    {CF_SUMS_DIRECT, 16000, 2, 0.1, 0, false},
    {CF_SUMS_DIRECT, 1000, 3, 0.1, 0, false},
    {CF_SUMS_DIRECT, 4000, 3, 0.1, 0, false},
    {CF_SUMS_DIRECT, 8000, 3, 0.1, 0, true},
    {CF_SUMS_DIRECT, 8000, 3, 0.01, 0, false},
    {CF_SUMS_DIRECT, 8000, 4, 0.1, 0, false},
    {CF_SUMS_DIRECT, 8000, 16, 0.1, 0, true},
    {CF_SUMS_DIRECT, 8000, 128, 0.1, 0, false},
    {CF_SUMS_DIRECT, 8000, 5, 0.1, 1e-12, false}, /* by products */
    {CF_SUMS_DIRECT, 1000, 16, 0.1, 1e-12, false},
    {CF_SUMS_DIRECT, 8000, 16, 0.1, 1e-12, true},
    {CF_SUMS_DIRECT, 8000, 128, 0.1, 1e-12, false},
    {CF_SUMS_CIRCLE, 1000, 2, 0.1, 1e-12, true},
    {CF_SUMS_CIRCLE, 10000, 2, 0.1, 1e-12, true},
    {CF_SUMS_CIRCLE, 100000, 2, 0.1, 1e-12, true},
    {CF_SUMS_CIRCLE, 1000000, 2, 1, 1e-12, false},
    {CF_SUMS_CIRCLE, 1000000, 2, 0.1, 1e-12, true},
    {CF_SUMS_CIRCLE, 1000000, 2, 0.01, 1e-12, false},
    {CF_SUMS_CIRCLE, 1000000, 2, 1e-3, 1e-12, false},
    {CF_SUMS_CIRCLE, 1000000, 2, 1e-4, 1e-12, false},
    {CF_SUMS_SPHERE, 1000, 3, 0.1, 1e-12, false},
    {CF_SUMS_SPHERE, 10000, 3, 0.1, 1e-12, true},
    {CF_SUMS_SPHERE, 100000, 3, 0.1, 1e-12, true},
    {CF_SUMS_SPHERE, 100000, 3, 0.01, 1e-12, false},
    {CF_SUMS_SPHERE, 100000, 3, 1e-3, 1e-12, false},
    {CF_SUMS_SPHERE, 1000000, 3, 0.1, 1e-12, false},
    {CF_SUMS_GRID, 10000, 1, 0.1, 1e-12, true},
    {CF_SUMS_GRID, 100000, 1, 0.1, 1e-12, false},
    {CF_SUMS_GRID, 10000, 2, 0.1, 1e-12, false},
    {CF_SUMS_GRID, 100000, 2, 0.1, 1e-12, false},
    {CF_SUMS_GRID, 10000, 3, 0.1, 1e-12, false},
    {CF_SUMS_GRID, 100000, 3, 0.1, 1e-12, false},
    {CF_SUMS_GRID, 100000, 3, 0.1, 1e-6, false},
};

typedef struct {
    size_t n, d;
    double *x, *m, *a, *b; /* points, and weights of the sources and targets */
    double *G, *force;
} sample;

/* On one thread processor time, which others on the machine do not stretch. */
static double seconds(void)
{
    struct timespec now;
    clock_gettime(cf_threads() == 1 ? CLOCK_THREAD_CPUTIME_ID : CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static double heap_bytes(void)
{
    struct mallinfo2 info = mallinfo2();
    return (double)info.uordblks + (double)info.hblkhd;
}

/* Four clusters of width 0.3, on the unit sphere where the engine lives there. */
static void fill(sample *s, bool unit)
{
    cf_random random = {1, CF_STREAM_PROBE};
    for (size_t i = 0; i < s->n; i++) {
        double *x = s->x + i * s->d, square = 0;
        for (size_t k = 0; k < s->d; k++) {
            double center = i % 4 / 2 == k % 2 && k < 2 ? (i % 2 == 0 ? 1 : -1) : 0;
            x[k] = center + 0.3 * cf_random_normal(random, i, (uint32_t)k);
            square += x[k] * x[k];
        }
        for (size_t k = 0; k < s->d && unit; k++)
            x[k] /= sqrt(square);
        s->m[i] = 1 / (double)s->n;
        s->a[i] = 1 + cf_random_uniform(random, i, 10);
        s->b[i] = s->m[i] * s->a[i];
    }
}

static bool allocate(sample *s, cf_err *err)
{
    double **array[] = {&s->x, &s->force, &s->m, &s->a, &s->b, &s->G};
    for (size_t k = 0; k < 6; k++) {
        *array[k] = cf_allocate("sample", s->n * (k < 2 ? s->d : 1), sizeof(double), err);
        if (*array[k] == NULL)
            return false;
    }
    return true;
}

static void release(sample *s)
{
    double *array[] = {s->x, s->force, s->m, s->a, s->b, s->G};
    for (size_t k = 0; k < 6; k++)
        free(array[k]);
}

/* Largest error of a force, relative to the largest force of those checked. */
static double error_of(const sample *s, double tau)
{
    long double worst = 0, largest = 0;
    size_t checked = s->n > 100000 ? 4 : 20;
    for (size_t c = 0; c < checked; c++) {
        size_t i = c * (s->n / checked);
        long double exact[MOST_D] = {0};
        for (size_t j = 0; j < s->n; j++) {
            long double square = 0, weight = s->a[i] * s->m[j] + s->b[j];
            for (size_t k = 0; k < s->d; k++) {
                long double x = (long double)s->x[i * s->d + k] - s->x[j * s->d + k];
                square += x * x;
            }
            weight *= -expl(-square / 2 / tau) / tau;
            for (size_t k = 0; k < s->d; k++)
                exact[k] += weight * ((long double)s->x[i * s->d + k] - s->x[j * s->d + k]);
        }
        for (size_t k = 0; k < s->d; k++) {
            worst = fmaxl(worst, fabsl(s->force[i * s->d + k] - exact[k]));
            largest = fmaxl(largest, fabsl(exact[k]));
        }
    }
    return (double)(worst / largest);
}

/* Least seconds of a right-hand side. */
static double time_of(cf_pair_sum *sum, sample *s)
{
    const cf_pair_weights masses = {.b = s->m}, both = {.a = s->a, .q = s->m, .b = s->b};
    double least = HUGE_VAL;
    for (int k = 0; k < REPEATS; k++) {
        double start = seconds();
        cf_pair_sum_set_points(sum, s->x, s->x);
        cf_pair_sum_potential(sum, &masses, s->G);
        cf_pair_sum_force(sum, &both, s->force);
        least = fmin(least, seconds() - start);
    }
    return least;
}

static cf_status run_engine(const bench_case *c, cf_sums engine, size_t n, double *time,
                            double *error, double *bytes, cf_err *err)
{
    sample s = {.n = n, .d = c->d};
    cf_pair_sum *sum = NULL;
    bool unit = c->engine != CF_SUMS_GRID;
    const cf_pair_sum_setup setup = {.profile = {cf_eta_rows[0], c->tau, 0},
                                     .n = n,
                                     .d = c->d,
                                     .unit = unit,
                                     .engine = engine,
                                     .tolerance = c->tolerance};
    double before = heap_bytes();
    cf_status status = allocate(&s, err) ? CF_OK : CF_ESYSTEM;
    if (status == CF_OK) {
        before = heap_bytes();
        status = cf_pair_sum_create(&setup, &sum, err);
    }
    if (status == CF_OK) {
        *bytes = heap_bytes() - before;
        fill(&s, unit);
        *time = time_of(sum, &s);
        *error = error_of(&s, c->tau);
    }
    cf_pair_sum_free(&sum);
    release(&s);
    return status;
}

/* Seconds by all pairs for n points: measured for some, and proportional to n^2. */
static cf_status direct_seconds(const bench_case *c, double *seconds_of, cf_err *err)
{
    static double known[MOST_D + 1];
    double error, bytes;
    bench_case some = *c;
    some.tau = 0.1;
    if (known[c->d] == 0) {
        cf_status status =
            run_engine(&some, CF_SUMS_DIRECT, DIRECT_POINTS, &known[c->d], &error, &bytes, err);
        if (status != CF_OK)
            return status;
        if (!(error <= 1e-11))
            return cf_fail(err, CF_ENUMERIC, "direct sums err by %g", error);
    }
    *seconds_of = known[c->d] * pow((double)c->n / DIRECT_POINTS, 2);
    return CF_OK;
}

static cf_status bench(const bench_case *c, cf_err *err)
{
    double time = 0, error = 0, bytes = 0, direct = 0;
    cf_status status = direct_seconds(c, &direct, err);
    if (status == CF_OK)
        status = run_engine(c, c->engine, c->n, &time, &error, &bytes, err);
    if (status != CF_OK)
        return status;
    if (!(error <= (c->tolerance > 0 ? 100 * c->tolerance : 1e-11)))
        return cf_fail(err, CF_ENUMERIC, "%s sums err by %g", cf_sums_names[c->engine], error);
    printf("{\"engine\": \"%s\", \"n\": %zu, \"d\": %zu, \"tau\": %g, \"tolerance\": %g, "
           "\"threads\": %d, \"error\": %.2g, \"seconds\": %.5g, \"bytes_a_point\": %.1f, "
           "\"direct_seconds\": %.5g}\n",
           cf_sums_names[c->engine], c->n, c->d, c->tau, c->tolerance, cf_threads(), error, time,
           bytes / (double)c->n, direct);
    fflush(stdout);
    return CF_OK;
}

int main(int argc, char **argv)
{
    cf_err err = {0};
    bool quick = argc > 2 && strcmp(argv[2], "--quick") == 0;
    cf_set_threads(argc > 1 ? strtol(argv[1], NULL, 10) : 0);
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++)
        if ((cases[k].quick || !quick) && bench(&cases[k], &err) != CF_OK) {
            fprintf(stderr, "bench-engines: %s\n", err.message);
            return 1;
        }
    return 0;
}
