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

static void moon(size_t cluster, double angle, double *x)
{
    x[0] = cluster == 0 ? cos(angle) : 1 - cos(angle);
    x[1] = cluster == 0 ? sin(angle) : 0.5 - sin(angle);
}

static void draw(const void *options, size_t cluster, cf_point_random random, double *x)
{
    const moons *o = options;
    moon(cluster, PI * cf_point_uniform(random, 0), x);
    cf_point_blur(random, 1, o->noise, 2, x);
}

/* The angle by Gauss's rule of twice the order, which the half circle with its ends needs, times a
 * product rule of about half the order for the noise: it is small, and the same in every frame. */
static cf_status rule(const void *options, size_t cluster, size_t order, cf_rule **out, cf_err *err)
{
    const moons *o = options;
    cf_rule *angle = NULL, *noise = NULL;
    *out = NULL;
    cf_status status = cf_rule_interval(2 * order, &angle, err);
    if (status == CF_OK)
        status = o->noise > 0 ? cf_rule_normal(2, order / 2 + 1, &noise, err)
                              : cf_rule_point(2, &noise, err);
    if (status == CF_OK)
        status = cf_rule_create((double)angle->n * (double)noise->n, 2, out, err);
    for (size_t k = 0; status == CF_OK && k < (*out)->n; k++) {
        size_t i = k / noise->n, j = k % noise->n;
        double *x = (*out)->points + 2 * k;
        moon(cluster, PI * angle->points[i], x);
        x[0] += o->noise * noise->points[2 * j];
        x[1] += o->noise * noise->points[2 * j + 1];
        (*out)->weights[k] = angle->weights[i] * noise->weights[j];
    }
    cf_rule_free(&angle);
    cf_rule_free(&noise);
    return status;
}

static cf_status create_law(const void *options, cf_cluster_law *law, cf_err *err)
{
    const moons *o = options;
    (void)err;
    *law = (cf_cluster_law){o, 2, 2, o->points, o->seed, draw, rule};
    return CF_OK;
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
                                    create_law};
