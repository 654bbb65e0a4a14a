/* Uniform on discs around the vertices of a regular polygon: clusters whose number and distance are
 * numbers. */
#include "data_internal.h"

#include <math.h>

static const double PI = 3.14159265358979323846;

typedef struct {
    long clusters;
    double distance;
    cf_reals radius;
    cf_integers points;
    long seed;
} polygon;

static void set_center(const polygon *o, size_t cluster, double center[2])
{
    double angle = 2 * PI * (double)cluster / (double)o->clusters;
    center[0] = o->distance * cos(angle);
    center[1] = o->distance * sin(angle);
}

/* The share of the disc within r is (r/R)^2. */
static void draw(const void *options, size_t cluster, cf_point_random random, double *x)
{
    const polygon *o = options;
    double center[2];
    double r = cf_cluster_real(o->radius, cluster) * sqrt(cf_point_uniform(random, 2));
    set_center(o, cluster, center);
    cf_point_direction(random, 2, x);
    for (size_t c = 0; c < 2; c++)
        x[c] = center[c] + r * x[c];
}

static cf_status rule(const void *options, size_t cluster, size_t order, cf_rule **out, cf_err *err)
{
    const polygon *o = options;
    double radius = cf_cluster_real(o->radius, cluster), center[2];
    set_center(o, cluster, center);
    cf_status status = radius > 0 ? cf_rule_ball(2, order, out, err) : cf_rule_point(2, out, err);
    if (status == CF_OK)
        cf_rule_move(*out, center, radius);
    return status;
}

static cf_status create_law(const void *options, cf_cluster_law *law, cf_err *err)
{
    const polygon *o = options;
    *law = (cf_cluster_law){o, (size_t)o->clusters, 2, o->points, o->seed, draw, rule};
    return cf_cluster_count("radius", o->radius.count, law->clusters, err);
}

static const cf_option table[] = {
    {.key = "clusters",
     .type = CF_OPTION_INTEGER,
     .offset = offsetof(polygon, clusters),
     .fallback = "4",
     .min = 1,
     .max = 1e6,
     .doc = "Number of clusters."},
    {.key = "distance",
     .type = CF_OPTION_REAL,
     .offset = offsetof(polygon, distance),
     .fallback = "1",
     .min = 0,
     .max = 1e100,
     .doc = "Distance of every center from the origin; the first lies on the positive axis."},
    {.key = "radius",
     .type = CF_OPTION_REALS,
     .offset = offsetof(polygon, radius),
     .fallback = "0.2",
     .min = 0,
     .max = 1e100,
     .doc = "Radius: one number, or one per cluster."},
    CF_POINTS_ROW(polygon),
    CF_SEED_ROW(polygon),
};

const cf_data_kind cf_data_polygon = {
    {"polygon", "Uniform on discs in the plane around the vertices of a regular polygon.", table,
     sizeof table / sizeof *table, sizeof(polygon)},
    create_law};
