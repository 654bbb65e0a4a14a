/* The laws of the views; s, s_1, s_2 ... are independent standard normal numbers. */
#include <math.h>
#include <stddef.h>
#include <string.h>

#include "augmentation_internal.h"
#include "contraflow/solver/random.h"

#define VIEWS                                                                                      \
    {                                                                                              \
        .key = "views", .type = CF_OPTION_INTEGER,                                                 \
        .offset = offsetof(cf_augmentation_options, views), .fallback = "2", .min = 1,             \
        .max = 1000, .doc = "V, the number of views of a point."                                   \
    }
#define SEED                                                                                       \
    {                                                                                              \
        .key = "seed", .type = CF_OPTION_INTEGER,                                                  \
        .offset = offsetof(cf_augmentation_options, seed), .fallback = "3", .min = 0,              \
        .max = 9007199254740992.0, .doc = "Seed of the random numbers."                            \
    }
#define SIZE(text)                                                                                 \
    {                                                                                              \
        .key = "size", .type = CF_OPTION_REAL, .offset = offsetof(cf_augmentation_options, size),  \
        .fallback = "0.1", .min = 0, .max = 1e6, .doc = (text)                                     \
    }
#define ROW(id, name, text, dimension, ...)                                                        \
    static const cf_option id##_options[] = {__VA_ARGS__};                                         \
    const cf_augmentation cf_augmentation_##id = {{name, text, id##_options,                       \
                                                   sizeof id##_options / sizeof *id##_options,     \
                                                   sizeof(cf_augmentation_options)},               \
                                                  dimension,                                       \
                                                  id}

static double normal(cf_view_random random, size_t component)
{
    const cf_random stream = {random.seed, CF_STREAM_AUGMENTATION};
    return cf_random_normal(stream, random.index, (uint32_t)component);
}

static double uniform(cf_view_random random, size_t component)
{
    const cf_random stream = {random.seed, CF_STREAM_AUGMENTATION};
    return cf_random_uniform(stream, random.index, (uint32_t)component);
}

/* x + size (s_1, ..., s_D). */
static void gaussian(const cf_augmentation_options *options, cf_view_random random, const double *x,
                     size_t dimension, double *view)
{
    for (size_t k = 0; k < dimension; k++)
        view[k] = x[k] + options->size * normal(random, k);
}

/* A normal direction, and a radius whose D-th power is uniform. */
static void ball(const cf_augmentation_options *options, cf_view_random random, const double *x,
                 size_t dimension, double *view)
{
    double square = 0;
    for (size_t k = 0; k < dimension; k++) {
        view[k] = normal(random, k);
        square += view[k] * view[k];
    }
    double radius = options->size * pow(uniform(random, dimension), 1 / (double)dimension);
    for (size_t k = 0; k < dimension; k++)
        view[k] = x[k] + radius * view[k] / sqrt(square);
}

/* x + size s direction. */
static void shift(const cf_augmentation_options *options, cf_view_random random, const double *x,
                  size_t dimension, double *view)
{
    double step = options->size * normal(random, 0);
    for (size_t k = 0; k < dimension; k++)
        view[k] = x[k] + step * options->direction.values[k];
}

/* The unit vectors e, f of the plane: the first two axes for D = 2, else a random plane. */
static double plane_component(cf_view_random random, size_t dimension, size_t vector, size_t k)
{
    return dimension == 2 ? k == vector : normal(random, 1 + vector * dimension + k);
}

/* By the angle size s about the origin: with p = e.x, q = f.x in the plane of orthonormal e, f,
 * x + ((cos - 1) p - sin q) e + ((cos - 1) q + sin p) f. Gram-Schmidt makes them orthonormal. */
static void rotation(const cf_augmentation_options *options, cf_view_random random, const double *x,
                     size_t dimension, double *view)
{
    double angle = options->size * normal(random, 0), c1 = -2 * pow(sin(angle / 2), 2);
    double ee = 0, ef = 0, ff = 0, ex = 0, fx = 0;
    for (size_t k = 0; k < dimension; k++) {
        double e = plane_component(random, dimension, 0, k);
        double f = plane_component(random, dimension, 1, k);
        ee += e * e;
        ef += e * f;
        ff += f * f;
        ex += e * x[k];
        fx += f * x[k];
    }
    double lean = ef / ee, length = sqrt(ff - lean * ef);
    double p = ex / sqrt(ee), q = (fx - lean * ex) / length;
    for (size_t k = 0; k < dimension; k++) {
        double e = plane_component(random, dimension, 0, k);
        double f = (plane_component(random, dimension, 1, k) - lean * e) / length;
        view[k] = x[k] + (c1 * p - sin(angle) * q) * e / sqrt(ee) + (c1 * q + sin(angle) * p) * f;
    }
}

/* x e^{size s}. */
static void scaling(const cf_augmentation_options *options, cf_view_random random, const double *x,
                    size_t dimension, double *view)
{
    double factor = exp(options->size * normal(random, 0));
    for (size_t k = 0; k < dimension; k++)
        view[k] = factor * x[k];
}

ROW(gaussian, "gaussian", "x + size N(0, I).", 1, SIZE("Standard deviation of every coordinate."),
    VIEWS, SEED);
ROW(ball, "ball", "x plus a uniform point of the ball of radius size.", 1,
    SIZE("Radius of the ball."), VIEWS, SEED);
ROW(shift, "shift", "x + size s direction, s normal.", 1, SIZE("Standard deviation of the shift."),
    {.key = "direction",
     .type = CF_OPTION_REALS,
     .offset = offsetof(cf_augmentation_options, direction),
     .doc = "The direction as it stands, one number per coordinate: its length counts."},
    VIEWS, SEED);
ROW(rotation, "rotation", "x turned about the origin by the angle size s, s normal.", 2,
    SIZE("Standard deviation of the angle in radians; the plane is random where D > 2."), VIEWS,
    SEED);
ROW(scaling, "scaling", "x times e^(size s), s normal.", 1,
    SIZE("Standard deviation of the logarithm of the factor."), VIEWS, SEED);
