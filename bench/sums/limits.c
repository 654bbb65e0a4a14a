/* The limits of the machine, as one line of JSON: multiply-adds in registers, exponentials, memory
 * bandwidth and matrix products, on one thread and on all. Usage: bench-limits [THREADS] */
#define _POSIX_C_SOURCE 199309L
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "contraflow/solver/matrix.h"
#include "contraflow/solver/memory.h"
#include "contraflow/solver/threads.h"
#include "vector_kernels.h"

enum { LANES = 8, CHAINS = 16, REPEATS = 7, CACHED = 1024, SIDE = 1024 };

static const size_t LONG = 8 << 20; /* numbers of an array that no cache holds */

typedef double wide __attribute__((vector_size(LANES * sizeof(double))));

/* On one thread processor time, which others on the machine do not stretch. */
static double seconds(void)
{
    struct timespec now;
    clock_gettime(cf_threads() == 1 ? CLOCK_THREAD_CPUTIME_ID : CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

typedef struct {
    size_t rounds;
    double *x, *y, *z;
    double sink[64];
} load;

/* Independent chains of multiply-adds. */
static void multiply_add(void *context, size_t thread)
{
    load *l = context;
    wide a[CHAINS], b, c;
    for (int k = 0; k < LANES; k++) {
        b[k] = 0.999;
        c[k] = 1e-3;
        for (int i = 0; i < CHAINS; i++)
            a[i][k] = 1e-3 * i;
    }
    for (size_t t = 0; t < l->rounds; t++) {
#pragma GCC unroll 16
        for (int i = 0; i < CHAINS; i++)
            a[i] = a[i] * b + c;
        if (t % 4096 == 4095) /* so that the loop is not foreseen */
            c[0] = -c[0];
    }
    for (int i = 1; i < CHAINS; i++)
        a[0] += a[i];
    l->sink[thread % 64] = a[0][0];
}

static void exponentials(void *context, size_t thread)
{
    (void)thread;
    load *l = context;
    const cf_vector_kernels *vector = cf_vector_kernels_get(CF_SIMD_BEST);
    _Alignas(64) double x[CACHED], y[CACHED];
    for (size_t i = 0; i < CACHED; i++)
        x[i] = -(double)i / 50;
    for (size_t t = 0; t < l->rounds; t++)
        vector->exponential(1, x, CACHED, y);
    l->sink[thread % 64] = y[1];
}

static void triad(void *context, size_t thread)
{
    load *l = context;
    size_t threads = (size_t)cf_threads(), from = LONG * thread / threads,
           to = LONG * (thread + 1) / threads;
    for (size_t i = from; i < to; i++)
        l->z[i] = l->x[i] + 0.5 * l->y[i];
}

static double least_seconds(load *l, void (*body)(void *, size_t))
{
    double least = HUGE_VAL;
    for (int k = 0; k < REPEATS; k++) {
        double start = seconds();
        cf_parallel((size_t)cf_threads(), true, body, l);
        least = fmin(least, seconds() - start);
    }
    return least;
}

static double product_rate(load *l)
{
    const cf_matrix_product product = {
        .rows = SIDE, .columns = SIDE, .inner = SIDE, .alpha = 1, .a = l->x, .b = l->y, .c = l->z};
    double least = HUGE_VAL;
    for (int k = 0; k < REPEATS; k++) {
        double start = seconds();
        cf_matrix_multiply(&product);
        least = fmin(least, seconds() - start);
    }
    return 2e-9 * SIDE * SIDE * SIDE / least;
}

/* Rates of all threads together. */
static double measure(load *l, long count)
{
    cf_set_threads(count);
    double threads = cf_threads();
    l->rounds = 100000;
    double gflops =
        2e-9 * threads * (double)l->rounds * CHAINS * LANES / least_seconds(l, multiply_add);
    l->rounds = 2000;
    double exp_ns = 1e9 * least_seconds(l, exponentials) / ((double)l->rounds * CACHED * threads);
    double bandwidth = 24e-9 * (double)LONG / least_seconds(l, triad);
    double products = product_rate(l);
    printf("\"threads_%d\": {\"fma_gflops\": %.4g, \"exp_ns\": %.4g, \"triad_gbytes_per_s\": %.4g, "
           "\"dgemm_gflops\": %.4g}",
           cf_threads(), gflops, exp_ns, bandwidth, products);
    return gflops;
}

int main(int argc, char **argv)
{
    cf_err err = {0};
    load l = {.rounds = 0};
    long threads = argc > 1 ? strtol(argv[1], NULL, 10) : 0;
    double **array[] = {&l.x, &l.y, &l.z};
    for (int k = 0; k < 3; k++) {
        *array[k] = cf_allocate("array", LONG, sizeof(double), &err);
        if (*array[k] == NULL) {
            fprintf(stderr, "bench-limits: %s\n", err.message);
            return 1;
        }
        for (size_t i = 0; i < LONG; i++)
            (*array[k])[i] = 1e-3 * (double)(i % 100);
    }
    printf("{\"instructions\": \"%s\", ", cf_simd_name(CF_SIMD_BEST));
    double one = measure(&l, 1), all = one;
    cf_set_threads(threads);
    int count = cf_threads();
    if (count > 1) {
        printf(", ");
        all = measure(&l, count);
    }
    printf(", \"threads\": %d, \"cores\": %.3f}\n", count, all / one);
    for (int k = 0; k < 3; k++)
        free(*array[k]);
    return 0;
}
