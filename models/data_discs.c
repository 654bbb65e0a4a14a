/* Uniform on balls of R^D: a uniform direction times R U^{1/D}, since the share of the ball within
 * r is (r/R)^D. */
#include "data_internal.h"

#include <math.h>

typedef struct {
    cf_matrix centers;
    cf_reals radius;
    cf_integers points;
    long seed;
} discs;

static void draw(const void *options, size_t cluster, cf_point_random random, double *x)
{
    const discs *o = options;
    size_t D = o->centers.columns;
    const double *center = o->centers.values + cluster * D;
    double r =
        cf_cluster_real(o->radius, cluster) * pow(cf_point_uniform(random, D), 1 / (double)D);
    cf_point_direction(random, D, x);
    for (size_t c = 0; c < D; c++)
        x[c] = center[c] + r * x[c];
}

static cf_status rule(const void *options, size_t cluster, size_t order, cf_rule **out, cf_err *err)
{
    const discs *o = options;
    size_t D = o->centers.columns;
    double radius = cf_cluster_real(o->radius, cluster);
    cf_status status = radius > 0 ? cf_rule_ball(D, order, out, err) : cf_rule_point(D, out, err);
    if (status == CF_OK)
        cf_rule_move(*out, o->centers.values + cluster * D, radius);
    return status;
}

static cf_status create_law(const void *options, cf_cluster_law *law, cf_err *err)
{
    const discs *o = options;
    *law = (cf_cluster_law){o, o->centers.rows, o->centers.columns, o->points, o->seed, draw, rule};
    cf_status status = cf_cluster_centers(&o->centers, 1, SIZE_MAX, err);
    return status == CF_OK ? cf_cluster_count("radius", o->radius.count, law->clusters, err)
                           : status;
}

static const cf_option table[] = {
    {.key = "centers",
     .type = CF_OPTION_MATRIX,
     .offset = offsetof(discs, centers),
     .fallback = "[[-1, -1], [-1, 1], [1, -1], [1, 1]]",
     .min = -1e100,
     .max = 1e100,
     .doc = "Centers of the clusters, one row each; the number of columns is the dimension."},
    {.key = "radius",
     .type = CF_OPTION_REALS,
     .offset = offsetof(discs, radius),
     .fallback = "0.3",
     .min = 0,
     .max = 1e100,
     .doc = "Radius: one number, or one per cluster."},
    CF_POINTS_ROW(discs),
    CF_SEED_ROW(discs),
};

const cf_data_kind cf_data_discs = {
    {"discs", "Uniform on discs (balls, in any dimension) around the centers.", table,
     sizeof table / sizeof *table, sizeof(discs)},
    create_law};
