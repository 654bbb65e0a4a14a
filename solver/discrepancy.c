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

struct cf_discrepancy_sum {
    size_t counts[2], d; /* atoms of the two measures */
    cf_pair_sum *sum;
    double *points; /* [n*d], owns the next two, each [n] */
    double *weights, *potential;
};

static cf_pair_sum_setup setup_of(const size_t counts[2], size_t d, double bandwidth)
{
    size_t n = counts[0] + counts[1];
    return (cf_pair_sum_setup){.profile = {cf_eta_rows[0], bandwidth * bandwidth, 1},
                               .n = n,
                               .d = d,
                               .tolerance = n >= MANY ? TOLERANCE : 0};
}

double cf_discrepancy_bytes(const size_t counts[2], size_t d)
{
    const cf_pair_sum_setup setup = setup_of(counts, d, 1);
    return cf_pair_sum_bytes(&setup) + 8 * (double)(d + 2) * (double)setup.n;
}

cf_status cf_discrepancy_create(const size_t counts[2], size_t d, double bandwidth,
                                cf_discrepancy_sum **out, cf_err *err)
{
    *out = NULL;
    if (!(bandwidth >= 1e-100 && bandwidth <= 1e100))
        return cf_fail(err, CF_EINPUT, "distance: bandwidth = %g: must be in [1e-100, 1e100]",
                       bandwidth);
    cf_discrepancy_sum *s = cf_allocate("distance", 1, sizeof *s, err);
    if (s == NULL)
        return CF_ESYSTEM;
    size_t n = counts[0] + counts[1];
    const cf_pair_sum_setup setup = setup_of(counts, d, bandwidth);
    *s = (cf_discrepancy_sum){.counts = {counts[0], counts[1]}, .d = d};
    s->points = cf_allocate("distance", (d + 2) * n, sizeof *s->points, err);
    cf_status status = s->points == NULL ? CF_ESYSTEM : cf_pair_sum_create(&setup, &s->sum, err);
    if (status != CF_OK) {
        cf_discrepancy_free(&s);
        return status;
    }
    s->weights = s->points + n * d;
    s->potential = s->weights + n;
    *out = s;
    return CF_OK;
}

void cf_discrepancy_free(cf_discrepancy_sum **sum)
{
    cf_discrepancy_sum *s = *sum;
    if (s == NULL)
        return;
    cf_pair_sum_free(&s->sum);
    free(s->points);
    free(s);
    *sum = NULL;
}

/* The points of both, and the difference of the two measures as weights. */
static void join(cf_discrepancy_sum *s, const cf_atoms *a, const cf_atoms *b, const double mass[2])
{
    size_t n = a->n + b->n, d = s->d;
    memcpy(s->points, a->points, a->n * d * sizeof *s->points);
    memcpy(s->points + a->n * d, b->points, b->n * d * sizeof *s->points);
    for (size_t i = 0; i < n; i++)
        s->weights[i] = i < a->n ? a->weights[i] / mass[0] : -b->weights[i - a->n] / mass[1];
}

cf_status cf_discrepancy_between(cf_discrepancy_sum *s, const cf_atoms *a, const cf_atoms *b,
                                 double *distance, cf_err *err)
{
    double mass[2], square = 0;
    *distance = NAN;
    if (a->n != s->counts[0] || b->n != s->counts[1])
        return cf_fail(err, CF_EINPUT, "distance: %zu and %zu atoms: must be %zu and %zu", a->n,
                       b->n, s->counts[0], s->counts[1]);
    cf_status status = cf_atoms_check(a, b, s->d, false, mass, err);
    if (status != CF_OK)
        return status;
    join(s, a, b, mass);
    const cf_pair_weights w = {.b = s->weights};
    cf_pair_sum_set_points(s->sum, s->points, s->points);
    cf_pair_sum_potential(s->sum, &w, s->potential);
    for (size_t i = 0; i < a->n + b->n; i++)
        square += s->weights[i] * s->potential[i];
    *distance = sqrt(fmax(square, 0));
    return CF_OK;
}

cf_status cf_discrepancy(const cf_atoms *a, const cf_atoms *b, size_t d, double bandwidth,
                         double *distance, cf_err *err)
{
    const size_t counts[2] = {a->n, b->n};
    cf_discrepancy_sum *sum = NULL;
    *distance = NAN;
    cf_status status = cf_discrepancy_create(counts, d, bandwidth, &sum, err);
    if (status == CF_OK)
        status = cf_discrepancy_between(sum, a, b, distance, err);
    cf_discrepancy_free(&sum);
    return status;
}
