/* Isotropic normal clusters. */
#include "data_internal.h"

#include <string.h>

typedef struct {
    cf_matrix centers;
    cf_reals spread;
    cf_integers points;
    long seed;
} gaussians;

static void draw(const void *options, size_t cluster, cf_point_random random, double *x)
{
    const gaussians *o = options;
    size_t D = o->centers.columns;
    memcpy(x, o->centers.values + cluster * D, D * sizeof *x);
    cf_point_blur(random, 0, cf_cluster_real(o->spread, cluster), D, x);
}

static cf_status rule(const void *options, size_t cluster, size_t order, cf_rule **out, cf_err *err)
{
    const gaussians *o = options;
    size_t D = o->centers.columns;
    double spread = cf_cluster_real(o->spread, cluster);
    cf_status status = spread > 0 ? cf_rule_normal(D, order, out, err) : cf_rule_point(D, out, err);
    if (status == CF_OK)
        cf_rule_move(*out, o->centers.values + cluster * D, spread);
    return status;
}

static cf_status create_law(const void *options, cf_cluster_law *law, cf_err *err)
{
    const gaussians *o = options;
    *law = (cf_cluster_law){o, o->centers.rows, o->centers.columns, o->points, o->seed, draw, rule};
    cf_status status = cf_cluster_centers(&o->centers, 1, SIZE_MAX, err);
    return status == CF_OK ? cf_cluster_count("spread", o->spread.count, law->clusters, err)
                           : status;
}

static const cf_option table[] = {
    {.key = "centers",
     .type = CF_OPTION_MATRIX,
     .offset = offsetof(gaussians, centers),
     .fallback = "[[-1, -1], [-1, 1], [1, -1], [1, 1]]",
     .min = -1e100,
     .max = 1e100,
     .doc = "Means of the clusters, one row each; the number of columns is the dimension."},
    {.key = "spread",
     .type = CF_OPTION_REALS,
     .offset = offsetof(gaussians, spread),
     .fallback = "0.3",
     .min = 0,
     .max = 1e100,
     .doc = "Standard deviation of every coordinate: one number, or one per cluster."},
    CF_POINTS_ROW(gaussians),
    CF_SEED_ROW(gaussians),
};

const cf_data_kind cf_data_gaussians = {{"gaussians",
                                         "Isotropic normal clusters around the centers.", table,
                                         sizeof table / sizeof *table, sizeof(gaussians)},
                                        create_law};
