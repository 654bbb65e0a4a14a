/* What the data generators share: clusters of points, each point with random numbers of its own. */
#ifndef CONTRAFLOW_MODELS_DATA_INTERNAL_H
#define CONTRAFLOW_MODELS_DATA_INTERNAL_H

#include <stddef.h>
#include <stdint.h>

#include "contraflow/models/data.h"
#include "contraflow/solver/quadrature.h"

extern const cf_data_kind cf_data_discs;
extern const cf_data_kind cf_data_gaussians;
extern const cf_data_kind cf_data_rings;
extern const cf_data_kind cf_data_moons;
extern const cf_data_kind cf_data_sphere_caps;
extern const cf_data_kind cf_data_polygon;

/* Rows that every option table has, for a struct with the fields `points` and `seed`. */
#define CF_POINTS_ROW(type_)                                                                       \
    {                                                                                              \
        .key = "points-per-cluster", .type = CF_OPTION_INTEGERS,                                   \
        .offset = offsetof(type_, points), .fallback = "50", .min = 1, .max = 1e9,                 \
        .doc = "Points of each cluster: one number, or one per cluster."                           \
    }
#define CF_SEED_ROW(type_)                                                                         \
    {                                                                                              \
        .key = "seed", .type = CF_OPTION_INTEGER, .offset = offsetof(type_, seed),                 \
        .fallback = "1", .min = 0, .max = 9007199254740992.0,                                      \
        .doc = "Seed of the random numbers; a point depends on the seed, its cluster and its "     \
               "place in it alone."                                                                \
    }

/* The random numbers of one point: component c of the counter (cluster, place in the cluster). A
 * component serves one uniform or one normal number, never both. */
typedef struct {
    uint64_t seed;
    uint64_t index;
} cf_point_random;

double cf_point_uniform(cf_point_random random, size_t component);
double cf_point_normal(cf_point_random random, size_t component);

/* x [dimension] += spread N(0, I), from components first, first + 1, ... */
void cf_point_blur(cf_point_random random, size_t first, double spread, size_t dimension,
                   double *x);

/* x [dimension]: uniform on the unit sphere, from components 0..dimension-1. */
void cf_point_direction(cf_point_random random, size_t dimension, double *x);

/* Element k of a list of one number or of one per cluster. */
double cf_cluster_real(cf_reals list, size_t cluster);

/* CF_EINPUT where a list holds neither one number nor one per cluster. */
cf_status cf_cluster_count(const char *key, size_t count, size_t clusters, cf_err *err);

/* CF_EINPUT without a center, or where a center has fewer coordinates than `smallest` or more than
 * `largest`. */
cf_status cf_cluster_centers(const cf_matrix *centers, size_t smallest, size_t largest,
                             cf_err *err);

/* A law of clusters: `draw` writes a point of the cluster at x, zeroed before, and `rule` makes its
 * quadrature rule. */
typedef struct cf_cluster_law {
    const void *options;
    size_t clusters, dimension;
    cf_integers points; /* one number, or one per cluster */
    long seed;
    void (*draw)(const void *options, size_t cluster, cf_point_random random, double *x);
    cf_status (*rule)(const void *options, size_t cluster, size_t order, cf_rule **out,
                      cf_err *err);
} cf_cluster_law;

/* A rule of one point, zero. */
cf_status cf_rule_point(size_t dimension, cf_rule **out, cf_err *err);

/* Points x become center + scale x. */
void cf_rule_move(cf_rule *rule, const double *center, double scale);

#endif
