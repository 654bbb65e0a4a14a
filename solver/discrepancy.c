/* The maximum mean discrepancy with a Gaussian kernel (theory E30): one kernel sum over the atoms
 * of both measures, with the weights of the second taken negative. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "contraflow/solver/memory.h"
#include "contraflow/solver/pair_sum.h"
#include "transport_internal.h"

/* From so many atoms on a fast engine sums them, whose error the square takes up: 2e-6 at most. */
enum { MANY = 4096 };
static const double TOLERANCE = 1e-12;

/* points [n*d], and the difference of the two measures in weights [n]. */
static void join(const cf_atoms *a, const cf_atoms *b, size_t d, const double mass[2],
                 double *points)
{
    size_t n = a->n + b->n;
    double *weights = points + n * d;
    memcpy(points, a->points, a->n * d * sizeof *points);
    memcpy(points + a->n * d, b->points, b->n * d * sizeof *points);
    for (size_t i = 0; i < n; i++)
        weights[i] = i < a->n ? a->weights[i] / mass[0] : -b->weights[i - a->n] / mass[1];
}

cf_status cf_discrepancy(const cf_atoms *a, const cf_atoms *b, size_t d, double bandwidth,
                         double *distance, cf_err *err)
{
    double mass[2];
    cf_pair_sum *sum = NULL;
    *distance = NAN;
    cf_status status = cf_atoms_check(a, b, d, false, mass, err);
    if (status != CF_OK)
        return status;
    if (!(bandwidth >= 1e-100 && bandwidth <= 1e100))
        return cf_fail(err, CF_EINPUT, "distance: bandwidth = %g: must be in [1e-100, 1e100]",
                       bandwidth);
    size_t n = a->n + b->n;
    double *points = cf_allocate("distance", (d + 2) * n, sizeof *points, err);
    if (points == NULL)
        return CF_ESYSTEM;
    double *weights = points + n * d, *potential = weights + n;
    const cf_pair_sum_setup setup = {.profile = {cf_eta_rows[0], bandwidth * bandwidth, 1},
                                     .n = n,
                                     .d = d,
                                     .tolerance = n >= MANY ? TOLERANCE : 0};
    status = cf_pair_sum_create(&setup, &sum, err);
    if (status == CF_OK) {
        join(a, b, d, mass, points);
        const cf_pair_weights w = {.b = weights};
        cf_pair_sum_set_points(sum, points, points);
        cf_pair_sum_potential(sum, &w, potential);
        double square = 0;
        for (size_t i = 0; i < n; i++)
            square += weights[i] * potential[i];
        *distance = sqrt(fmax(square, 0));
    }
    cf_pair_sum_free(&sum);
    free(points);
    return status;
}
