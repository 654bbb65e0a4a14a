/* The latent measures of a flow and of the reference: transport and discrepancy, E27-E30. */
#include <math.h>
#include <stdlib.h>

#include "compare_internal.h"
#include "contraflow/solver/memory.h"
#include "contraflow/solver/transport.h"

enum { DIRECTIONS = 100 };            /* of the sliced distance */
static const double MOST_PAIRS = 2e8; /* for the discrepancy of two densities of the plane */

/* What one of the two is at one time. */
typedef struct {
    cf_atoms points, angles; /* angles on the circle only */
    double *arrays;          /* owns the weights [n] and the angles [n] */
} snapshot;

static cf_status create(const cf_compare_side *side, snapshot *s, cf_err *err)
{
    size_t views = side->latent.views, n = side->latent.samples * views + side->density.n;
    s->arrays = cf_allocate("comparison", 2 * n, sizeof *s->arrays, err);
    if (s->arrays == NULL)
        return CF_ESYSTEM;
    for (size_t i = 0; i < n && side->density.n == 0; i++)
        s->arrays[i] = side->weights[i / views] / (double)views;
    s->points = (cf_atoms){n, side->density.grid, s->arrays};
    s->angles = (cf_atoms){n, s->arrays + n, s->arrays};
    return CF_OK;
}

/* Masses at the nodes of a density; what rounding has below 0 is 0. */
static void set_masses(const cf_density_view *density, size_t index, double *mass)
{
    const double *rho = density->values + index * density->clusters * density->n;
    for (size_t i = 0; i < density->n; i++) {
        mass[i] = 0;
        for (size_t q = 0; q < density->clusters; q++)
            mass[i] += density->cluster_mass[q] * rho[q * density->n + i];
        mass[i] = fmax(mass[i] * density->weights[i], 0);
    }
}

static void scale(double *mass, size_t n)
{
    double total = 0;
    for (size_t i = 0; i < n; i++)
        total += mass[i];
    for (size_t i = 0; i < n; i++)
        mass[i] /= total;
}

static void set(const cf_compare_side *side, size_t index, bool circle, snapshot *s)
{
    if (side->density.n > 0) {
        set_masses(&side->density, index, s->arrays);
        scale(s->arrays, s->points.n);
    } else {
        s->points.points = side->latent.points + index * cf_latent_size(&side->latent);
    }
    const double *z = s->points.points;
    for (size_t i = 0; i < s->points.n && circle; i++)
        s->arrays[s->points.n + i] = atan2(z[2 * i + 1], z[2 * i]);
}

/* W_1 where sorting gives it, and the sliced W_2 elsewhere. */
static cf_status transport(const snapshot *a, const snapshot *b, bool circle, size_t d,
                           double *value, cf_err *err)
{
    cf_sliced sliced;
    if (circle)
        return cf_wasserstein1_circle(&a->angles, &b->angles, value, err);
    if (d == 1)
        return cf_wasserstein1_line(&a->points, &b->points, value, err);
    cf_status status = cf_wasserstein2_sliced(&a->points, &b->points, d, DIRECTIONS, &sliced, err);
    *value = sliced.distance;
    return status;
}

static cf_status compare(const cf_compare_reference *reference, const cf_compare_side *side,
                         snapshot s[2], cf_flow_comparison *c, cf_err *err)
{
    cf_shared_times walk = cf_shared_snapshots(side, &reference->side);
    size_t d = side->d;
    bool circle = reference->sphere && d == 2;
    cf_status status = CF_OK;
    for (; status == CF_OK && cf_shared_next(&walk); walk.at[0]++, walk.at[1]++) {
        double value, time = side->times[walk.at[0]];
        set(side, walk.at[0], circle, &s[0]);
        set(&reference->side, walk.at[1], circle, &s[1]);
        status = transport(&s[0], &s[1], circle, d, &value, err);
        if (status == CF_OK)
            cf_course_append(&c->transport, time, value);
        double pairs = (double)s[0].points.n * (double)s[1].points.n;
        if (status != CF_OK || isnan(reference->bandwidth) || pairs > MOST_PAIRS)
            continue;
        status = cf_discrepancy(&s[0].points, &s[1].points, d, reference->bandwidth, &value, err);
        if (status == CF_OK)
            cf_course_append(&c->discrepancy, time, value);
    }
    return status;
}

cf_status cf_compare_measures(const cf_compare_reference *reference, const cf_compare_side *side,
                              cf_flow_comparison *c, cf_err *err)
{
    snapshot s[2] = {0};
    cf_status status = cf_course_create(side->count, &c->transport, err);
    if (status == CF_OK)
        status = cf_course_create(side->count, &c->discrepancy, err);
    if (status != CF_OK || side->count == 0)
        return status;
    status = create(side, &s[0], err);
    if (status == CF_OK)
        status = create(&reference->side, &s[1], err);
    if (status == CF_OK)
        status = compare(reference, side, s, c, err);
    free(s[0].arrays);
    free(s[1].arrays);
    return status;
}
