#include "observer_internal.h"

static const cf_observer *const rows[] = {
    &cf_observer_separation,          &cf_observer_knn,           &cf_observer_silhouette,
    &cf_observer_linear_separability, &cf_observer_cluster_count, &cf_observer_effective_rank,
    &cf_observer_alignment,           &cf_observer_uniformity,    NULL};

const cf_observer *const *cf_observers(void)
{
    return rows;
}

double cf_own_mass(const cf_measure *measure, size_t i)
{
    return measure->dense ? 0 : measure->weights[i];
}

enum { LANES = 8 };

/* Fixed lanes, so that compilers may use vectors without changing the order. */
static double long_squared_distance(const double *x, const double *y, size_t d)
{
    double lane[LANES] = {0}, sum = 0;
    for (size_t k = 0; k + LANES <= d; k += LANES)
        for (size_t l = 0; l < LANES; l++)
            lane[l] += (x[k + l] - y[k + l]) * (x[k + l] - y[k + l]);
    for (size_t l = 0; l < LANES; l++)
        sum += lane[l];
    return sum;
}

double cf_squared_distance(const double *x, const double *y, size_t d)
{
    double sum = d < LANES ? 0 : long_squared_distance(x, y, d);
    for (size_t k = d / LANES * LANES; k < d; k++)
        sum += (x[k] - y[k]) * (x[k] - y[k]);
    return sum;
}

/* Two dimensions, the most common, in a loop without calls, so that compilers use vectors. */
size_t cf_squared_distances(const cf_measure *measure, size_t i, size_t first, double *squares)
{
    size_t d = measure->dimension, left = measure->n - first;
    size_t count = left < CF_BLOCK ? left : CF_BLOCK;
    const double *x = measure->points + i * d, *y = measure->points + first * d;
    if (d == 2)
        for (size_t j = 0; j < count; j++)
            squares[j] = (x[0] - y[2 * j]) * (x[0] - y[2 * j]) +
                         (x[1] - y[2 * j + 1]) * (x[1] - y[2 * j + 1]);
    for (size_t j = 0; j < count && d != 2; j++)
        squares[j] = cf_squared_distance(x, y + j * d, d);
    return count;
}

double cf_mass_mean(const double *m, const double *r, size_t n)
{
    double sum = 0, mass = 0;
    for (size_t i = 0; i < n; i++) {
        if (m[i] == 0)
            continue;
        sum += m[i] * r[i];
        mass += m[i];
    }
    return sum / mass;
}
