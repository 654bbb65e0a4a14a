/* Two interleaving half circles of radius 1, uniform in the angle t of [0, pi], blurred by normal
 * noise: (cos t, sin t) and (1 - cos t, 1/2 - sin t). */
#include "data_internal.h"

#include <math.h>

typedef struct {
    double noise;
    cf_integers points;
    long seed;
} moons;

static const double PI = 3.14159265358979323846264338327950;

static void draw(const void *options, size_t cluster, cf_point_random random, double *x)
{
    const moons *o = options;
    double angle = PI * cf_point_uniform(random, 0);
    x[0] = cluster == 0 ? cos(angle) : 1 - cos(angle);
    x[1] = cluster == 0 ? sin(angle) : 0.5 - sin(angle);
    cf_point_blur(random, 1, o->noise, 2, x);
}

static cf_status generate(const void *options, cf_data **out, cf_err *err)
{
    const moons *o = options;
    cf_cluster_law law = {o, 2, 2, o->points, o->seed, draw};
    return cf_clusters_generate(&law, out, err);
}

static const cf_option table[] = {
    {.key = "noise",
     .type = CF_OPTION_REAL,
     .offset = offsetof(moons, noise),
     .fallback = "0.1",
     .min = 0,
     .max = 1e100,
     .doc = "Standard deviation of the normal noise on both coordinates."},
    CF_POINTS_ROW(moons),
    CF_SEED_ROW(moons),
};

const cf_data_kind cf_data_moons = {{"moons", "Two interleaving noisy half circles in the plane.",
                                     table, sizeof table / sizeof *table, sizeof(moons)},
                                    generate};
