/* Products with symmetric matrices that are given by their entries: every engine against the plain
 * sum, what low rank certifies (E83), the choice by counts, and the same bits on any number of
 * threads. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "contraflow/solver/memory.h"
#include "contraflow/solver/random.h"
#include "contraflow/solver/simd.h"
#include "contraflow/solver/symmetric.h"
#include "contraflow/solver/threads.h"

enum { MOST = 2500, MOST_COLUMNS = 6 };

static double places[MOST], x[MOST * MOST_COLUMNS], y[MOST * MOST_COLUMNS];

/* exp(-|s - t|^2/2) of points on a line: smooth, so that few numbers tell it. */
static void gaussian(const void *context, size_t row, size_t first, size_t count, double *out)
{
    const double *scale = context;
    for (size_t j = 0; j < count; j++) {
        double apart = places[row] - places[first + j];
        out[j] = *scale * exp(-apart * apart / 2);
    }
}

/* min(s, t) of positive places: a kernel with a kink. */
static void brownian(const void *context, size_t row, size_t first, size_t count, double *out)
{
    (void)context;
    for (size_t j = 0; j < count; j++)
        out[j] = fmin(places[row] + 3, places[first + j] + 3);
}

static const double one = 1;
static const cf_symmetric_entries smooth = {gaussian, &one}, kinked = {brownian, NULL};

static cf_symmetric_setup setup_of(size_t n, size_t columns, cf_symmetric_engine engine)
{
    return (cf_symmetric_setup){.n = n,
                                .columns = columns,
                                .entry_seconds = 1e-8,
                                .rank = n < 30 ? n : 30,
                                .products = 500,
                                .engine = engine,
                                .tolerance = 1e-8,
                                .memory = 1e9,
                                .available = 1e9};
}

static cf_symmetric *create(const cf_symmetric_setup *setup, const cf_symmetric_entries *entries)
{
    cf_err err = {0};
    cf_symmetric *matrix = NULL;
    require(cf_symmetric_create(setup, entries, &matrix, &err), &err, "matrix");
    return matrix;
}

static void draw(void)
{
    const cf_random random = {3, CF_STREAM_PROBE};
    for (size_t i = 0; i < MOST; i++)
        places[i] = fmax(-2.9, fmin(2.9, cf_random_normal(random, i, 1)));
    for (size_t i = 0; i < MOST * MOST_COLUMNS; i++)
        x[i] = cf_random_normal(random, i, 2);
}

/* The plain sum; sizes are sums of absolute values. */
static double error_of(const cf_symmetric_entries *entries, size_t n, size_t columns)
{
    static double row[MOST];
    double worst = 0;
    for (size_t i = 0; i < n; i++) {
        entries->get(entries->context, i, 0, n, row);
        for (size_t k = 0; k < columns; k++) {
            double sum = 0, size = 0;
            for (size_t j = 0; j < n; j++) {
                sum += row[j] * x[j * columns + k];
                size += fabs(row[j] * x[j * columns + k]);
            }
            worst = worse(worst, fabs(y[i * columns + k] - sum) / size);
        }
    }
    return worst;
}

static void test_exact(size_t n, size_t columns)
{
    static double again[MOST * MOST_COLUMNS];
    cf_symmetric_setup setup = setup_of(n, columns, CF_SYMMETRIC_STORED);
    cf_symmetric *matrix = create(&setup, &kinked);
    cf_symmetric_times(matrix, x, y);
    cf_symmetric_free(&matrix);
    check_below(error_of(&kinked, n, columns), 2e-15, "stored, %zu points, %zu columns: the sum", n,
                columns);
    setup.engine = CF_SYMMETRIC_RECOMPUTED;
    matrix = create(&setup, &kinked);
    for (int time = 0; time < 2; time++)
        cf_symmetric_times(matrix, x, again);
    check(memcmp(y, again, n * columns * sizeof *y) == 0,
          "entries that are computed anew give the same bits");
    cf_symmetric_free(&matrix);
}

static void test_instruction_sets(void)
{
    enum { N = 333, COLUMNS = 5 };
    cf_symmetric_setup setup = setup_of(N, COLUMNS, CF_SYMMETRIC_STORED);
    for (cf_simd simd = CF_SIMD_PORTABLE; simd <= CF_SIMD_AVX512; simd++) {
        if (!cf_simd_available(simd))
            continue;
        cf_simd_use(simd);
        cf_symmetric *matrix = create(&setup, &kinked);
        cf_symmetric_times(matrix, x, y);
        cf_symmetric_free(&matrix);
        check_below(error_of(&kinked, N, COLUMNS), 2e-15, "%s: the sum", cf_simd_name(simd));
    }
    cf_simd_use(CF_SIMD_BEST);
}

/* |A - L L^T|_2 by the power method, from the difference to the exact product. */
static double true_error(cf_symmetric *low, cf_symmetric *full, size_t n)
{
    static double v[MOST], a[MOST], b[MOST];
    double norm = 0;
    memcpy(v, x, n * sizeof *v);
    for (int step = 0; step < 60; step++) {
        double size = 0;
        cf_symmetric_times(low, v, a);
        cf_symmetric_times(full, v, b);
        for (size_t i = 0; i < n; i++)
            size += v[i] * v[i];
        norm = 0;
        for (size_t i = 0; i < n; i++) {
            v[i] = (b[i] - a[i]) / sqrt(size);
            norm += v[i] * v[i];
        }
    }
    return sqrt(norm);
}

static void test_certificate(void)
{
    enum { N = 1500 };
    cf_symmetric_setup exact = setup_of(N, 1, CF_SYMMETRIC_STORED);
    cf_symmetric *full = create(&exact, &smooth);
    size_t before = 0;
    for (int digits = 2; digits <= 12; digits += 2) {
        cf_symmetric_setup setup = setup_of(N, 1, CF_SYMMETRIC_LOW_RANK);
        setup.tolerance = pow(10, -digits);
        cf_symmetric *low = create(&setup, &smooth);
        double certified = cf_symmetric_error(low), error = true_error(low, full, N) / N;
        check(certified <= setup.tolerance && error <= certified,
              "tolerance %g: the norm of what is left out, %.3g of the trace, is below the "
              "certified %.3g (E83)",
              setup.tolerance, error, certified);
        check(cf_symmetric_rank(low) > before && cf_symmetric_rank(low) < 40,
              "the rank grows with the digits: %zu", cf_symmetric_rank(low));
        before = cf_symmetric_rank(low);
        cf_symmetric_free(&low);
    }
    cf_symmetric_free(&full);
}

/* A vanishing matrix, one point, and points that coincide. */
static void test_small(void)
{
    static const double nothing = 0;
    const cf_symmetric_entries zero = {gaussian, &nothing};
    const cf_symmetric_engine engines[] = {CF_SYMMETRIC_STORED, CF_SYMMETRIC_RECOMPUTED,
                                           CF_SYMMETRIC_LOW_RANK};
    for (int e = 0; e < 3; e++) {
        cf_symmetric_setup setup = setup_of(1, 2, engines[e]);
        cf_symmetric *matrix = create(&setup, &smooth);
        cf_symmetric_times(matrix, x, y);
        check(y[0] == x[0] && y[1] == x[1], "%s: one point", cf_symmetric_names[e]);
        cf_symmetric_free(&matrix);
        setup = setup_of(20, 2, engines[e]);
        matrix = create(&setup, &zero);
        cf_symmetric_times(matrix, x, y);
        check(y[0] == 0 && y[39] == 0, "%s: a kernel of zero", cf_symmetric_names[e]);
        cf_symmetric_free(&matrix);
    }
    double kept = places[7];
    for (size_t i = 0; i < 50; i++)
        places[i] = kept;
    cf_symmetric_setup setup = setup_of(50, 1, CF_SYMMETRIC_LOW_RANK);
    cf_symmetric *matrix = create(&setup, &smooth);
    check(cf_symmetric_rank(matrix) == 1, "equal points: rank 1");
    cf_symmetric_free(&matrix);
    draw();
}

static void test_threads(void)
{
    static double again[MOST * 2];
    const cf_symmetric_engine engines[] = {CF_SYMMETRIC_STORED, CF_SYMMETRIC_RECOMPUTED,
                                           CF_SYMMETRIC_LOW_RANK};
    int threads = cf_threads();
    for (int e = 0; e < 3; e++)
        for (int count = 1; count <= 3; count++) {
            cf_set_threads(count);
            cf_symmetric_setup setup = setup_of(MOST, 2, engines[e]);
            cf_symmetric *matrix = create(&setup, &smooth);
            cf_symmetric_times(matrix, x, count == 1 ? y : again);
            if (count > 1)
                check(memcmp(y, again, sizeof again) == 0, "%s: the same bits on 1 and %d threads",
                      cf_symmetric_names[e], count);
            cf_symmetric_free(&matrix);
        }
    cf_set_threads(threads);
}

static void check_choice(cf_symmetric_setup setup, cf_symmetric_engine expected, const char *claim)
{
    cf_symmetric_choice choice;
    cf_err err = {0};
    require(cf_symmetric_choose(&setup, &choice, &err), &err, "choice");
    check(choice.chosen == expected, "auto: %s: %s", claim,
          cf_symmetric_names[choice.chosen - CF_SYMMETRIC_STORED]);
}

static void test_choice(void)
{
    cf_symmetric_setup setup = setup_of(100000, 2, CF_SYMMETRIC_AUTO);
    setup.memory = setup.available = 2e10;
    check_choice(setup, CF_SYMMETRIC_LOW_RANK, "many points of a smooth kernel");
    setup.rank = setup.n;
    check_choice(setup, CF_SYMMETRIC_RECOMPUTED, "more entries than memory");
    setup.n = setup.rank = 10000;
    check_choice(setup, CF_SYMMETRIC_STORED, "entries that fit");
    setup.available = 1e8;
    check_choice(setup, CF_SYMMETRIC_RECOMPUTED, "entries for which too little memory is free");
    setup.rank = 60;
    setup.tolerance = 1e-15;
    check_choice(setup, CF_SYMMETRIC_RECOMPUTED, "a tolerance that low rank does not reach");
    setup.engine = CF_SYMMETRIC_EXACT;
    setup.tolerance = 1e-8;
    setup.available = 2e10;
    check_choice(setup, CF_SYMMETRIC_STORED, "without approximation");
}

static void check_refused(const cf_symmetric_setup *setup, const char *fragment)
{
    cf_symmetric *matrix = NULL;
    cf_err err = {0};
    cf_status status = cf_symmetric_create(setup, &kinked, &matrix, &err);
    check(status == CF_EINPUT && matrix == NULL && strstr(err.message, fragment) != NULL,
          "refused, saying \"%s\": %s", fragment, err.message);
}

static void test_refusals(void)
{
    cf_symmetric_setup setup = setup_of(2000, 2, CF_SYMMETRIC_LOW_RANK);
    setup.memory = 2e6; /* 125 columns */
    check_refused(&setup, "raise sums.tolerance to");
    setup.memory = 1e9;
    setup.tolerance = 1e-16;
    check_refused(&setup, "must be at least");
    setup = setup_of(2000, 2, CF_SYMMETRIC_STORED);
    setup.memory = 1e6;
    check_refused(&setup, "recomputed needs");
    setup.engine = CF_SYMMETRIC_AUTO; /* which predicts rank 30, and learns better */
    setup.memory = 1e9;
    cf_symmetric *matrix = create(&setup, &kinked);
    check(cf_symmetric_error(matrix) == 0 && cf_symmetric_rank(matrix) == 2000,
          "auto takes the exact products where low rank does not pay: %s",
          cf_symmetric_description(matrix));
    cf_symmetric_times(matrix, x, y);
    check_below(error_of(&kinked, 2000, 2), 2e-15, "and they are those");
    cf_symmetric_free(&matrix);
}

int main(void)
{
    const size_t sizes[] = {1, 7, 64, 65, 200, 1100};
    draw();
    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++)
        for (size_t columns = 1; columns <= MOST_COLUMNS; columns += s < 3 ? 1 : 3)
            test_exact(sizes[s], columns);
    test_instruction_sets();
    test_certificate();
    test_small();
    test_threads();
    test_choice();
    test_refusals();
    return check_done();
}
