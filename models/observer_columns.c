/* Coordinates by column: centering and whitening. */
#include <math.h>
#include <string.h>

#include "observer_internal.h"

enum { LANES = 8 };

/* Fixed lanes, so that compilers may use vectors without changing the order. */
double cf_weighted_dot(const double *m, const double *x, const double *y, size_t n)
{
    double lane[LANES] = {0}, sum = 0;
    size_t whole = n - n % LANES;
    for (size_t i = 0; i < whole; i += LANES)
        for (size_t l = 0; l < LANES; l++)
            lane[l] += (m == NULL ? 1 : m[i + l]) * x[i + l] * y[i + l];
    for (size_t l = 0; l < LANES; l++)
        sum += lane[l];
    for (size_t i = whole; i < n; i++)
        sum += (m == NULL ? 1 : m[i]) * x[i] * y[i];
    return sum;
}

/* Relative to the first point, so that coincident points become exactly 0. */
void cf_columns_center(const cf_measure *measure, double *x)
{
    size_t n = measure->n, d = measure->dimension;
    double mass = 0;
    for (size_t i = 0; i < n; i++)
        mass += measure->weights[i];
#pragma omp parallel for schedule(static) if (n * d > CF_FEW_ENTRIES)
    for (size_t k = 0; k < d; k++) {
        double *column = x + k * n, mean = 0;
        for (size_t i = 0; i < n; i++) {
            column[i] = measure->points[i * d + k] - measure->points[k];
            mean += measure->weights[i] * column[i];
        }
        for (size_t i = 0; i < n; i++)
            column[i] -= mean / mass;
    }
}

/* The column of largest variance among first..d-1. */
static size_t find_pivot(const double *m, size_t n, size_t d, size_t first, const double *x,
                         double *variance)
{
    size_t pivot = first;
    *variance = -1;
    for (size_t k = first; k < d; k++) {
        double square = cf_weighted_dot(m, x + k * n, x + k * n, n);
        if (square > *variance) {
            *variance = square;
            pivot = k;
        }
    }
    return pivot;
}

static void swap_columns(double *x, double *y, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        double keep = x[i];
        x[i] = y[i];
        y[i] = keep;
    }
}

size_t cf_columns_whiten(const double *m, size_t n, size_t d, double *x)
{
    double largest = 0, variance;
    for (size_t rank = 0; rank < d; rank++) {
        size_t pivot = find_pivot(m, n, d, rank, x, &variance);
        if (rank == 0)
            largest = variance;
        if (!(variance > 1e-16 * largest))
            return rank;
        double *q = x + rank * n;
        if (pivot != rank)
            swap_columns(q, x + pivot * n, n);
        for (size_t i = 0; i < n; i++)
            q[i] /= sqrt(variance);
#pragma omp parallel for schedule(static) if (n * (d - rank) > CF_FEW_ENTRIES)
        for (size_t k = rank + 1; k < d; k++) {
            double along = cf_weighted_dot(m, q, x + k * n, n);
            for (size_t i = 0; i < n; i++)
                x[k * n + i] -= along * q[i];
        }
    }
    return d;
}
