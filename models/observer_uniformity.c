/* uniformity, E24. */
#include <math.h>
#include <stdlib.h>

#include "contraflow/solver/memory.h"
#include "contraflow/solver/pair_sum.h"
#include "observer_internal.h"

typedef double (*row_function)(const cf_measure *measure, size_t i, double shift);

/* sum over partners j of m_j exp(-2 (d_ij^2 - shift)), and exp(-2 d^2) = eta(d^2/2) with tau = 1/4
 */
static double potential(const cf_measure *measure, size_t i, double shift)
{
    const cf_profile gaussian = {cf_eta_rows[0], 0.25, 0};
    const double *m = measure->weights;
    double sum = 0, s[CF_BLOCK], eta[CF_BLOCK];
    for (size_t first = 0; first < measure->n; first += CF_BLOCK) {
        size_t count = cf_squared_distances(measure, i, first, s);
        for (size_t l = 0; l < count; l++)
            s[l] = (s[l] - shift) / 2;
        cf_profile_values(&gaussian, s, count, eta);
        for (size_t l = 0; l < count; l++)
            if ((first + l != i || measure->dense) && m[first + l] > 0)
                sum += m[first + l] * eta[l];
    }
    return sum;
}

/* The smallest d_ij^2 over partners j; i itself must have mass to count. */
static double nearest(const cf_measure *measure, size_t i, double shift)
{
    (void)shift;
    size_t d = measure->dimension;
    const double *z = measure->points, *m = measure->weights;
    double least = INFINITY;
    for (size_t j = 0; j < measure->n && m[i] > 0; j++)
        if ((j != i || measure->dense) && m[j] > 0)
            least = fmin(least, cf_squared_distance(z + i * d, z + j * d, d));
    return least;
}

static void evaluate_rows(const cf_measure *measure, row_function f, double shift, double *rows)
{
    size_t n = measure->n;
#pragma omp parallel for schedule(static) if (n * n > CF_FEW_PAIRS)
    for (size_t i = 0; i < n; i++)
        rows[i] = f(measure, i, shift);
}

/* log of sum_i m_i rows_i over the sum of m_i m_j */
static double log_of_mean(const cf_measure *measure, const double *rows)
{
    const double *m = measure->weights;
    double mass = 0, sum = 0, pairs = 0;
    for (size_t i = 0; i < measure->n; i++)
        mass += m[i];
    for (size_t i = 0; i < measure->n; i++) {
        sum += m[i] * rows[i];
        pairs += m[i] * (mass - cf_own_mass(measure, i));
    }
    return pairs > 0 ? log(sum / pairs) : NAN;
}

static cf_status observe(const void *options, const cf_measure *measure, double *value, cf_err *err)
{
    (void)options;
    double *rows = cf_allocate("uniformity", measure->n, sizeof *rows, err);
    if (rows == NULL)
        return CF_ESYSTEM;
    evaluate_rows(measure, potential, 0, rows);
    *value = log_of_mean(measure, rows);
    if (*value < -500) { /* exp is about to underflow: take the largest term out */
        evaluate_rows(measure, nearest, 0, rows);
        double shift = INFINITY;
        for (size_t i = 0; i < measure->n; i++)
            shift = fmin(shift, rows[i]);
        evaluate_rows(measure, potential, shift, rows);
        *value = log_of_mean(measure, rows) - 2 * shift;
    }
    free(rows);
    return CF_OK;
}

const cf_observer cf_observer_uniformity = {
    .kind = {.name = "uniformity", .doc = "Log of the mean Gaussian potential of pairs (E24)."},
    .record = "uniformity",
    .unit = "1",
    .equation = "E24",
    .needs_labels = false,
    .on_sample = true,
    .observe = observe};
