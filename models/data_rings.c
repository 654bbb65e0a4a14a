/* Circles in the plane, uniform in the angle, blurred by normal noise. */
#include "data_internal.h"

#include <math.h>

typedef struct {
    cf_matrix centers;
    cf_reals radius;
    double noise;
    cf_integers points;
    long seed;
} rings;

static const double TWO_PI = 6.283185307179586476925286766559;

static void draw(const void *options, size_t cluster, cf_point_random random, double *x)
{
    const rings *o = options;
    const double *center = o->centers.values + 2 * cluster;
    double r = cf_cluster_real(o->radius, cluster), angle = TWO_PI * cf_point_uniform(random, 0);
    x[0] = center[0] + r * cos(angle);
    x[1] = center[1] + r * sin(angle);
    cf_point_blur(random, 1, o->noise, 2, x);
}

static cf_status rule(const void *options, size_t cluster, size_t order, cf_rule **out, cf_err *err)
{
    const rings *o = options;
    double radius = cf_cluster_real(o->radius, cluster);
    cf_status status = radius > 0 || o->noise > 0 ? cf_rule_ring(radius, o->noise, order, out, err)
                                                  : cf_rule_point(2, out, err);
    if (status == CF_OK)
        cf_rule_move(*out, o->centers.values + 2 * cluster, 1);
    return status;
}

static cf_status create_law(const void *options, cf_cluster_law *law, cf_err *err)
{
    const rings *o = options;
    *law = (cf_cluster_law){o, o->centers.rows, 2, o->points, o->seed, draw, rule};
    cf_status status = cf_cluster_centers(&o->centers, 2, 2, err);
    return status == CF_OK ? cf_cluster_count("radius", o->radius.count, law->clusters, err)
                           : status;
}

static const cf_option table[] = {
    {.key = "centers",
     .type = CF_OPTION_MATRIX,
     .offset = offsetof(rings, centers),
     .fallback = "[[0, 0], [0, 0]]",
     .min = -1e100,
     .max = 1e100,
     .doc = "Centers of the rings in the plane, one row each."},
    {.key = "radius",
     .type = CF_OPTION_REALS,
     .offset = offsetof(rings, radius),
     .fallback = "[0.5, 1]",
     .min = 0,
     .max = 1e100,
     .doc = "Radius: one number, or one per cluster."},
    {.key = "noise",
     .type = CF_OPTION_REAL,
     .offset = offsetof(rings, noise),
     .fallback = "0.05",
     .min = 0,
     .max = 1e100,
     .doc = "Standard deviation of the normal noise on both coordinates."},
    CF_POINTS_ROW(rings),
    CF_SEED_ROW(rings),
};

const cf_data_kind cf_data_rings = {{"rings", "Noisy circles in the plane; concentric by default.",
                                     table, sizeof table / sizeof *table, sizeof(rings)},
                                    create_law};
