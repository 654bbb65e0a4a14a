/* Uniform on caps {x in S^{D-1}: angle(x, c) <= alpha}. In polar coordinates around c the direction
 * within the tangent space is uniform on S^{D-2}, and the polar angle t has the density
 * proportional to sin^{D-2} t on [0, alpha], independently. */
#include "data_internal.h"

#include <math.h>

typedef struct {
    cf_matrix centers;
    cf_reals angle;
    cf_integers points;
    long seed;
} caps;

static const double HALF_PI = 1.57079632679489661923132169163975;

/* The polar angle, by rejection: log sin is concave, hence below its tangent at alpha (below its
 * maximum 0 where alpha >= pi/2), so that with p = min(alpha, pi/2) and the slope s = (D-2) cot p
 *   sin^{D-2} t <= sin^{D-2} p exp(-s (alpha - t)).
 * alpha - t is proposed from the truncated exponential law of rate s and kept with the ratio of the
 * two sides as its probability: what is kept has the law exactly, for any D and alpha. Every trial
 * has components of its own, so the angle depends on the counter of the point alone. At most 1.3
 * sqrt(D) trials are needed on average. */
static double polar_angle(cf_point_random random, size_t D, double alpha)
{
    double peak = fmin(alpha, HALF_PI), power = (double)D - 2;
    double slope = alpha < HALF_PI ? power * cos(alpha) / sin(alpha) : 0;
    for (size_t component = D;; component += 2) {
        double u = cf_point_uniform(random, component);
        double depth = slope > 0 ? -log1p(u * expm1(-slope * alpha)) / slope : u * alpha;
        double t = alpha - depth;
        double bound = power * log(sin(t) / sin(peak)) + slope * depth;
        if (t > 0 && log(cf_point_uniform(random, component + 1)) <= bound)
            return t;
    }
}

static double norm(const double *x, size_t count)
{
    double size = 0;
    for (size_t c = 0; c < count; c++)
        size = hypot(size, x[c]);
    return size;
}

/* Brings the first axis e to the direction b of the center by a reflection: with the sign s of b_0,
 * the one along v = e + s b maps -s e to b, and |v|^2 = 2 (1 + |b_0|) does not vanish. */
static void move_to_center(const double *center, size_t D, double *x)
{
    double size = norm(center, D), sign = center[0] < 0 ? -1 : 1;
    double first = 1 + fabs(center[0]) / size; /* v_0 = |v|^2 / 2 */
    x[0] *= -sign;
    double product = x[0] * first;
    for (size_t c = 1; c < D; c++)
        product += x[c] * sign * center[c] / size;
    x[0] -= product;
    for (size_t c = 1; c < D; c++)
        x[c] -= product / first * sign * center[c] / size;
}

static void draw(const void *options, size_t cluster, cf_point_random random, double *x)
{
    const caps *o = options;
    size_t D = o->centers.columns;
    double t = polar_angle(random, D, cf_cluster_real(o->angle, cluster));
    cf_point_direction(random, D - 1, x + 1);
    x[0] = cos(t);
    for (size_t c = 1; c < D; c++)
        x[c] *= sin(t);
    move_to_center(o->centers.values + cluster * D, D, x);
}

static cf_status check_directions(const cf_matrix *centers, cf_err *err)
{
    for (size_t k = 0; k < centers->rows; k++)
        if (norm(centers->values + k * centers->columns, centers->columns) == 0)
            return cf_fail(err, CF_EINPUT,
                           "data.centers: row %zu is zero: must be a direction on the sphere",
                           k + 1);
    return CF_OK;
}

static cf_status rule(const void *options, size_t cluster, size_t order, cf_rule **out, cf_err *err)
{
    const caps *o = options;
    size_t D = o->centers.columns;
    cf_status status = cf_rule_cap(D, cf_cluster_real(o->angle, cluster), order, out, err);
    for (size_t i = 0; status == CF_OK && i < (*out)->n; i++)
        move_to_center(o->centers.values + cluster * D, D, (*out)->points + i * D);
    return status;
}

static cf_status create_law(const void *options, cf_cluster_law *law, cf_err *err)
{
    const caps *o = options;
    *law = (cf_cluster_law){o, o->centers.rows, o->centers.columns, o->points, o->seed, draw, rule};
    cf_status status = cf_cluster_centers(&o->centers, 2, SIZE_MAX, err);
    if (status == CF_OK)
        status = check_directions(&o->centers, err);
    return status == CF_OK ? cf_cluster_count("angle", o->angle.count, law->clusters, err) : status;
}

static const cf_option table[] = {
    {.key = "centers",
     .type = CF_OPTION_MATRIX,
     .offset = offsetof(caps, centers),
     .fallback = "[[1, 0, 0], [0, 1, 0], [0, 0, 1]]",
     .min = -1e100,
     .max = 1e100,
     .doc = "Directions of the centers in R^D, one row each, of any length but zero."},
    {.key = "angle",
     .type = CF_OPTION_REALS,
     .offset = offsetof(caps, angle),
     .fallback = "0.3",
     .min = 1e-6,
     .max = 3.141592653589793,
     .unit = "radian",
     .doc = "Angle between the center and the rim: one number, or one per cluster."},
    CF_POINTS_ROW(caps),
    CF_SEED_ROW(caps),
};

const cf_data_kind cf_data_sphere_caps = {
    {"sphere-caps", "Uniform on caps of the unit sphere in R^D around the centers.", table,
     sizeof table / sizeof *table, sizeof(caps)},
    create_law};
