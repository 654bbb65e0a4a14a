/* Fourier transforms in one to three dimensions, interleaved, against their sums in long double;
 * forward and back multiply by the number of values. */
#include "contraflow/solver/fourier.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "contraflow/solver/memory.h"
#include "contraflow/solver/random.h"

static const long double TWO_PI = 6.283185307179586476925286766559L;

typedef struct {
    int rank;
    size_t shape[3], batch;
} layout;

static void fill(double *values, size_t count)
{
    cf_random random = {7, CF_STREAM_PROBE};
    for (size_t k = 0; k < count; k++)
        values[k] = cf_random_normal(random, k, 0);
}

/* k.m/shape, in turns. */
static long double turns(const layout *l, size_t mode, size_t value)
{
    long double total = 0;
    for (int r = l->rank - 1; r >= 0; r--) {
        size_t modes = r == l->rank - 1 ? l->shape[r] / 2 + 1 : l->shape[r];
        size_t product = (mode % modes) * (value % l->shape[r]) % l->shape[r];
        total += (long double)product / (long double)l->shape[r];
        mode /= modes;
        value /= l->shape[r];
    }
    return total;
}

/* Largest error of the modes of `values`, relative to the root of their number. */
static double error_of(const layout *l, const cf_fourier *fourier, const double *values,
                       const double *modes)
{
    size_t count = cf_fourier_values(fourier);
    double worst = 0;
    for (size_t k = 0; k < cf_fourier_modes(fourier); k++)
        for (size_t b = 0; b < l->batch; b++) {
            long double re = 0, im = 0;
            for (size_t m = 0; m < count; m++) {
                long double angle = TWO_PI * turns(l, k, m);
                re += values[m * l->batch + b] * cosl(angle);
                im -= values[m * l->batch + b] * sinl(angle);
            }
            const double *got = modes + 2 * (k * l->batch + b);
            worst = worse(worst, worse((double)fabsl(got[0] - re), (double)fabsl(got[1] - im)));
        }
    return worst / sqrt((double)count);
}

static void test_layout(const layout *l)
{
    cf_err err = {0};
    cf_fourier *fourier = NULL;
    require(cf_fourier_create(l->rank, l->shape, l->batch, &fourier, &err), &err, "transform");
    size_t count = cf_fourier_values(fourier) * l->batch;
    double *values = cf_allocate("values", count, sizeof(double), &err);
    double *given = cf_allocate("values", count, sizeof(double), &err);
    double *modes =
        cf_allocate("modes", 2 * cf_fourier_modes(fourier) * l->batch, sizeof(double), &err);
    require(err.status, &err, "memory");
    fill(given, count);
    memcpy(values, given, count * sizeof(double));
    cf_fourier_forward(fourier, values, modes);
    check_below(error_of(l, fourier, given, modes), 2e-15,
                "rank %d, %zu values, batch %zu: modes are the Fourier sums", l->rank,
                cf_fourier_values(fourier), l->batch);
    cf_fourier_back(fourier, modes, values);
    double worst = 0;
    for (size_t k = 0; k < count; k++)
        worst = worse(worst, fabs(values[k] / (double)cf_fourier_values(fourier) - given[k]));
    check_below(worst, 3e-15, "and back");
    cf_fourier_free(&fourier);
    free(values);
    free(given);
    free(modes);
}

static void test_lengths(void)
{
    static const size_t pairs[][2] = {{0, 2},   {1, 2},   {3, 4},     {7, 8},
                                      {11, 12}, {14, 16}, {121, 128}, {65537, 65610}};
    for (size_t k = 0; k < sizeof pairs / sizeof *pairs; k++)
        check(cf_fourier_length(pairs[k][0]) == pairs[k][1],
              "the fast length from %zu on is %zu, and it is %zu", pairs[k][0], pairs[k][1],
              cf_fourier_length(pairs[k][0]));
}

int main(void)
{
    static const layout layouts[] = {
        {1, {2}, 1},    {1, {30}, 1},    {1, {96}, 8},       {1, {27}, 3},
        {2, {6, 8}, 1}, {2, {9, 10}, 2}, {3, {4, 6, 10}, 1}, {3, {5, 3, 8}, 3},
    };
    test_lengths();
    for (size_t k = 0; k < sizeof layouts / sizeof *layouts; k++)
        test_layout(&layouts[k]);
    return check_done();
}
