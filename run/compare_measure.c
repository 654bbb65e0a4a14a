/* The latent measures of a flow and of the reference: transport and discrepancy, E27-E30. */
#include <math.h>
#include <stdlib.h>

#include "compare_internal.h"
#include "contraflow/solver/memory.h"
#include "contraflow/solver/transport.h"

enum { DIRECTIONS = 100 };            /* of the sliced distance */
enum { FINER = 16 };                  /* atoms for each node of a density on a curve */
enum { RING = 8, TURNS = 8 };         /* nodes of densities about an axis of S^2, and copies */
static const double MOST_PAIRS = 4e8; /* for the discrepancy where sums are direct */

/* What one of the two is at one time. */
typedef struct {
    cf_atoms points;         /* nodes of a density */
    cf_atoms line;           /* where there is one dimension: angles or positions, without gaps */
    double *masses;          /* [points.n] owned */
    double *nodes;           /* [points.n*d] of a density, owned */
    size_t copies;           /* of the nodes, turned about e_1 */
    double *places, *shares; /* [line.n] owned */
} snapshot;

/* A density on S^2 that depends on z.e_1 alone has few nodes on every circle about e_1, whose gaps
 * a discrepancy of small bandwidth sees. */
static size_t copies_of(const cf_density_view *density)
{
    size_t ring = 0;
    for (size_t i = 0; i < density->n && density->d == 3; i++)
        ring += fabs(density->grid[3 * i] - density->grid[0]) < 1e-12;
    return ring == RING ? TURNS : 1;
}

/* The nodes, and copies of them turned about e_1 by parts of the angle between two of a ring. */
static void set_nodes(const cf_density_view *density, snapshot *s)
{
    size_t n = density->n, d = density->d;
    for (size_t i = 0; i < n * d; i++)
        s->nodes[i] = density->grid[i];
    for (size_t turn = 1; turn < s->copies; turn++) {
        double angle = 2 * acos(-1) * (double)turn / (RING * TURNS);
        double *to = s->nodes + turn * n * d;
        for (size_t i = 0; i < n; i++) {
            const double *z = density->grid + 3 * i;
            to[3 * i] = z[0];
            to[3 * i + 1] = cos(angle) * z[1] - sin(angle) * z[2];
            to[3 * i + 2] = sin(angle) * z[1] + cos(angle) * z[2];
        }
    }
}

static cf_status create(const cf_compare_side *side, bool line, snapshot *s, cf_err *err)
{
    s->copies = side->density.n > 0 ? copies_of(&side->density) : 1;
    size_t views = side->latent.views;
    size_t n = side->latent.samples * views + s->copies * side->density.n;
    size_t many = !line ? 0 : side->density.n > 0 ? n * FINER : n;
    s->masses = cf_allocate("comparison", n, sizeof *s->masses, err);
    s->places = cf_allocate("comparison", many, sizeof *s->places, err);
    s->shares = cf_allocate("comparison", many, sizeof *s->shares, err);
    s->nodes =
        cf_allocate("comparison", s->copies * side->density.n * side->d, sizeof *s->nodes, err);
    if (s->masses == NULL || s->nodes == NULL || s->places == NULL || s->shares == NULL)
        return CF_ESYSTEM;
    for (size_t i = 0; i < n && side->density.n == 0; i++)
        s->masses[i] = side->weights[i / views] / (double)views;
    if (side->density.n > 0)
        set_nodes(&side->density, s);
    s->points = (cf_atoms){n, s->nodes, s->masses};
    s->line = (cf_atoms){many, s->places, s->shares};
    return CF_OK;
}

static void release(snapshot *s)
{
    free(s->masses);
    free(s->nodes);
    free(s->places);
    free(s->shares);
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

/* The angle of a point of the circle, or its position. */
static double place_of(const double *z, size_t d)
{
    return d == 2 ? atan2(z[1], z[0]) : z[0];
}

/* A density on a curve is linear between its nodes, because W_1 would see their gaps. */
static void set_line(const cf_density_view *density, snapshot *s)
{
    size_t n = density->n;
    bool closed = density->d == 2;
    for (size_t i = 0; i < s->line.n; i++) {
        size_t node = i / FINER, other;
        double off = ((double)(i % FINER) + 0.5) / FINER - 0.5, width = density->weights[node];
        if (off < 0)
            other = node > 0 ? node - 1 : closed ? n - 1 : node;
        else
            other = node + 1 < n ? node + 1 : closed ? 0 : node;
        s->places[i] = place_of(density->grid + node * density->d, density->d) + off * width;
        s->shares[i] = ((1 - fabs(off)) * s->masses[node] + fabs(off) * s->masses[other]) / FINER;
    }
    scale(s->shares, s->line.n);
}

static void set(const cf_compare_side *side, size_t index, snapshot *s)
{
    if (side->density.n > 0) {
        set_masses(&side->density, index, s->masses);
        for (size_t i = side->density.n; i < s->points.n; i++)
            s->masses[i] = s->masses[i - side->density.n];
        scale(s->masses, s->points.n);
        set_line(&side->density, s);
        return;
    }
    s->points.points = side->latent.points + index * cf_latent_size(&side->latent);
    for (size_t i = 0; i < s->line.n; i++) {
        s->places[i] = place_of(s->points.points + i * side->d, side->d);
        s->shares[i] = s->masses[i];
    }
}

/* W_1 where sorting gives it, and the sliced W_2 elsewhere. */
static cf_status transport(const snapshot *a, const snapshot *b, size_t d, double *value,
                           cf_err *err)
{
    cf_sliced sliced;
    if (a->line.n > 0 && d == 2)
        return cf_wasserstein1_circle(&a->line, &b->line, value, err);
    if (a->line.n > 0)
        return cf_wasserstein1_line(&a->line, &b->line, value, err);
    cf_status status = cf_wasserstein2_sliced(&a->points, &b->points, d, DIRECTIONS, &sliced, err);
    *value = sliced.distance;
    return status;
}

static bool is_dear(const size_t counts[2], size_t d)
{
    double atoms = (double)counts[0] + (double)counts[1];
    return d > 3 && atoms * atoms > MOST_PAIRS;
}

/* Of both at the times of the walk; NULL where no discrepancy is asked for or it costs too much. */
static cf_status create_discrepancy(const cf_compare_reference *reference, const snapshot s[2],
                                    size_t d, cf_discrepancy_sum **out, cf_err *err)
{
    const size_t counts[2] = {s[0].points.n, s[1].points.n};
    *out = NULL;
    if (isnan(reference->bandwidth) || is_dear(counts, d))
        return CF_OK;
    return cf_discrepancy_create(counts, d, reference->bandwidth, out, err);
}

static cf_status compare(const cf_compare_reference *reference, const cf_compare_side *side,
                         snapshot s[2], cf_flow_comparison *c, cf_err *err)
{
    cf_shared_times walk = cf_shared_snapshots(side, &reference->side);
    bool itself = side->flow.group == reference->side.flow.group;
    cf_discrepancy_sum *sum = NULL;
    cf_status status = create_discrepancy(reference, s, side->d, &sum, err);
    for (; status == CF_OK && cf_shared_next(&walk); walk.at[0]++, walk.at[1]++) {
        double value = 0, time = side->times[walk.at[0]];
        set(side, walk.at[0], &s[0]);
        set(&reference->side, walk.at[1], &s[1]);
        if (!itself)
            status = transport(&s[0], &s[1], side->d, &value, err);
        if (status == CF_OK)
            cf_course_append(&c->transport, time, value);
        if (status == CF_OK && !itself && sum != NULL)
            status = cf_discrepancy_between(sum, &s[0].points, &s[1].points, &value, err);
        if (status == CF_OK && sum != NULL)
            cf_course_append(&c->discrepancy, time, value);
    }
    cf_discrepancy_free(&sum);
    return status;
}

/* Where W_1 is had by sorting. */
static bool is_line(size_t d, bool sphere)
{
    return d == (sphere ? 2 : 1);
}

/* The snapshots and their distance. */
double cf_compare_bytes(const cf_compared_size sizes[2], size_t d, bool sphere)
{
    size_t counts[2], fine = 0;
    for (int k = 0; k < 2; k++) {
        bool turned = sizes[k].density && sizes[k].axial && d == 3;
        counts[k] = sizes[k].atoms * (turned ? TURNS : 1);
        fine += sizes[k].atoms * (sizes[k].density ? FINER : 1);
    }
    size_t all = counts[0] + counts[1];
    double transport =
        is_line(d, sphere) ? 48 * (double)fine : cf_wasserstein2_sliced_bytes(all, DIRECTIONS);
    double discrepancy = is_dear(counts, d) ? 0 : cf_discrepancy_bytes(counts, d);
    return 8 * (double)(d + 1) * (double)all + transport + discrepancy;
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
    bool line = is_line(side->d, reference->sphere);
    status = create(side, line, &s[0], err);
    if (status == CF_OK)
        status = create(&reference->side, line, &s[1], err);
    if (status == CF_OK)
        status = compare(reference, side, s, c, err);
    release(&s[0]);
    release(&s[1]);
    return status;
}
