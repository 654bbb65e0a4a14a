/* The recursion E11 on all pairs. A pair is carried from layer to layer by the angle t between its
 * feature vectors, not by K: near t = 0 or pi, K/sqrt(qx qy) keeps only half of the angle's digits,
 * and the tangent kernel of a kinked activation depends on t itself (E12). The bias is one more
 * feature: unit feature vectors (f e, g), f^2 = sigma_w^2 E[phi^2]/q, g^2 = sigma_b^2/q, of two
 * points whose e enclose the angle s have
 *   cos t   = fx fy cos s + gx gy,
 *   sin^2 t = (fx fy sin s)^2 + (fx gy - fy gx)^2 + 4 fx fy gx gy sin^2(s/2),
 * where nothing cancels but fx gy - fy gx, at the cost of one rounding in t. All expressions are
 * symmetric in x and y to the last bit, and exact where x = y: duplicates have equal rows. */
#include "contraflow/models/neural_kernel.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#include "contraflow/solver/memory.h"
#include "hermite_series.h"

static const cf_option mlp_options[] = {
    {.key = "hidden-layers",
     .type = CF_OPTION_INTEGER,
     .offset = offsetof(cf_mlp, hidden_layers),
     .fallback = "1",
     .min = 1,
     .max = 100,
     .doc = "Number of hidden layers."},
    {.key = "activation",
     .type = CF_OPTION_CHOICE,
     .offset = offsetof(cf_mlp, activation),
     .fallback = "relu",
     .choices = cf_activation_names,
     .doc = "Activation of the hidden layers."},
    {.key = "slope",
     .type = CF_OPTION_REAL,
     .offset = offsetof(cf_mlp, slope),
     .fallback = "0.2",
     .min = -10,
     .max = 10,
     .doc = "Slope of leaky-relu for negative arguments; without effect for the others."},
    {.key = "weight-variance",
     .type = CF_OPTION_REAL,
     .offset = offsetof(cf_mlp, weight_variance),
     .fallback = "2",
     .min = 1e-6,
     .max = 1e6,
     .doc = "Variance sigma_w^2 of the weights, each layer scaled by its fan-in (E11)."},
    {.key = "bias-variance",
     .type = CF_OPTION_REAL,
     .offset = offsetof(cf_mlp, bias_variance),
     .fallback = "0.1",
     .min = 0,
     .max = 1e6,
     .doc = "Variance sigma_b^2 of the biases (E11)."},
};

const cf_kind cf_mlp_kind = {"mlp", "Fully connected network of infinite width (E11).", mlp_options,
                             sizeof mlp_options / sizeof mlp_options[0], sizeof(cf_mlp)};

enum { TILE = 64 };
#define LARGEST_VARIANCE 1e150 /* its square does not overflow */

typedef struct {
    const cf_mlp *mlp;
    const cf_activation *activation;
    size_t n;
    double *q;                 /* [n] K_ii of the layer */
    double *moment;            /* [n] E[phi^2]; before the first layer |x|^2/D, its counterpart */
    double *f, *g;             /* [n] split of the unit feature vector of the next layer */
    double *angle;             /* [n*n], j >= i used */
    double *tangent;           /* [n*n] likewise, or NULL */
    cf_hermite_series *series; /* of the layer; NULL where there are closed forms */
} recursion;

static const double zero_angle = 0;

/* E[phi phi] and E[phi' phi'] of a tile's pairs; at most TILE. */
static void expectations(const recursion *r, cf_pair_tile tile, const double *angle, double *value,
                         double *derivative)
{
    if (r->series != NULL) {
        cf_hermite_series_expectation(r->series, tile, angle, value, derivative);
        return;
    }
    double qx[TILE];
    for (size_t p = 0; p < tile.count; p++)
        qx[p] = r->q[tile.i];
    cf_gaussian_pairs pairs = {tile.count, qx, r->q + tile.first, angle};
    r->activation->expectation(&pairs, r->mlp->slope, value, derivative);
}

/* Of the next layer, from E[phi^2] (or |x|^2/D): K_ii ... */
static double next_variance(const recursion *r, size_t i)
{
    return r->mlp->weight_variance * r->moment[i] + r->mlp->bias_variance;
}

/* ... and the unit feature vectors. */
static void split_features(const recursion *r)
{
    for (size_t i = 0; i < r->n; i++) {
        double q = next_variance(r, i);
        r->f[i] = q > 0 ? sqrt(r->mlp->weight_variance * r->moment[i] / q) : 1;
        r->g[i] = q > 0 ? sqrt(r->mlp->bias_variance / q) : 0;
    }
}

static double add_bias(const recursion *r, size_t i, size_t j, double s)
{
    double ff = r->f[i] * r->f[j], gg = r->g[i] * r->g[j], half = sin(s / 2), whole = sin(s);
    double turn = r->f[i] * r->g[j] - r->f[j] * r->g[i];
    double square = (ff * whole) * (ff * whole) + turn * turn + 4 * ff * gg * half * half;
    return atan2(sqrt(square), ff * cos(s) + gg);
}

/* Angle of the features phi(u), phi(v) from their products. Near 0 and pi it has half of the digits
 * only: the expectations of smooth phi depend on its cosine and do not see the loss. */
static double angle_of(double xy, double xx, double yy)
{
    if (!(xx > 0 && yy > 0))
        return CF_PI / 2;
    double square = 1 - xy / xx * (xy / yy);
    return atan2(sqrt(fmax(square, 0)), xy / (sqrt(xx) * sqrt(yy)));
}

/* Angles of a tile's pairs in the next layer. */
static void raise_angles(const recursion *r, cf_pair_tile tile, const double *value, double *angle)
{
    if (r->activation->map_angle != NULL)
        r->activation->map_angle(angle, tile.count, r->mlp->slope, angle);
    else
        for (size_t p = 0; p < tile.count; p++)
            angle[p] = angle_of(value[p], r->moment[tile.i], r->moment[tile.first + p]);
    for (size_t p = 0; p < tile.count; p++)
        angle[p] = add_bias(r, tile.i, tile.first + p, angle[p]);
}

/* One layer. The last one leaves K in place of the angle. */
static void raise_tile(const recursion *r, cf_pair_tile tile, bool last)
{
    double value[TILE], derivative[TILE];
    double a = r->mlp->weight_variance, b = r->mlp->bias_variance;
    size_t start = tile.i * r->n + tile.first;
    double *angle = r->angle + start, *theta = r->tangent != NULL ? r->tangent + start : NULL;
    expectations(r, tile, angle, value, derivative);
    for (size_t p = 0; p < tile.count && theta != NULL; p++)
        theta[p] = a * value[p] + b + a * derivative[p] * theta[p];
    if (!last)
        raise_angles(r, tile, value, angle);
    for (size_t p = 0; p < tile.count && last; p++)
        angle[p] = a * value[p] + b;
}

static void raise_pairs(const recursion *r, bool last)
{
#pragma omp parallel for schedule(static, 4)
    for (size_t i = 0; i < r->n; i++)
        for (size_t first = i; first < r->n; first += TILE) {
            size_t count = r->n - first < TILE ? r->n - first : TILE;
            raise_tile(r, (cf_pair_tile){i, first, count}, last);
        }
}

static cf_status check_diagonal(const recursion *r, cf_err *err)
{
    for (size_t i = 0; i < r->n; i++)
        if (!(r->q[i] <= LARGEST_VARIANCE))
            return cf_fail(
                err, CF_EINPUT,
                "diag K = %.6g of point %zu: must be at most %g; scale the data down, or "
                "lower the weight and bias variances",
                r->q[i], i + 1, LARGEST_VARIANCE);
    return CF_OK;
}

static cf_status raise_layer(recursion *r, size_t layer, bool last, cf_err *err)
{
    cf_status status = check_diagonal(r, err);
    if (status == CF_OK && r->activation->expectation == NULL)
        status =
            cf_hermite_series_create(r->activation, r->mlp->slope, r->q, r->n, &r->series, err);
    if (status != CF_OK)
        return cf_err_prepend(err, "kernel, layer %zu: ", layer);
    double unused;
    for (size_t i = 0; i < r->n; i++)
        expectations(r, (cf_pair_tile){i, i, 1}, &zero_angle, r->moment + i, &unused);
    split_features(r);
    raise_pairs(r, last);
    for (size_t i = 0; i < r->n; i++)
        r->q[i] = next_variance(r, i);
    cf_hermite_series_free(&r->series);
    return CF_OK;
}

/* Unit vectors [n*dimension] and moment = |x|^2/D; the origin stays at the origin. */
static void normalize(const double *points, size_t n, size_t dimension, double *unit,
                      double *moment)
{
    for (size_t i = 0; i < n; i++) {
        double square = 0;
        for (size_t k = 0; k < dimension; k++)
            square += points[i * dimension + k] * points[i * dimension + k];
        moment[i] = square / (double)dimension;
        double inverse = square > 0 ? 1 / sqrt(square) : 0;
        for (size_t k = 0; k < dimension; k++)
            unit[i * dimension + k] = points[i * dimension + k] * inverse;
    }
}

/* tan(t/2) = |x - y| / |x + y| for unit x, y (Kahan): no digit of the angle is lost. */
static double angle_between(const double *x, const double *y, size_t dimension)
{
    double apart = 0, along = 0;
    for (size_t k = 0; k < dimension; k++) {
        apart += (x[k] - y[k]) * (x[k] - y[k]);
        along += (x[k] + y[k]) * (x[k] + y[k]);
    }
    return 2 * atan2(sqrt(apart), sqrt(along));
}

/* K^1 = Theta^1 = sigma_w^2 x.y/D + sigma_b^2. */
static void first_layer(recursion *r, const double *points, size_t dimension, double *unit)
{
    normalize(points, r->n, dimension, unit, r->moment);
    split_features(r);
    for (size_t i = 0; i < r->n; i++)
        r->q[i] = next_variance(r, i);
#pragma omp parallel for schedule(static, 4)
    for (size_t i = 0; i < r->n; i++)
        for (size_t j = i; j < r->n; j++) {
            double t = angle_between(unit + i * dimension, unit + j * dimension, dimension);
            t = add_bias(r, i, j, t);
            r->angle[i * r->n + j] = t;
            if (r->tangent != NULL)
                r->tangent[i * r->n + j] = sqrt(r->q[i]) * sqrt(r->q[j]) * cos(t);
        }
}

static void mirror(double *matrix, size_t n)
{
#pragma omp parallel for schedule(static, 4)
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < i; j++)
            matrix[i * n + j] = matrix[j * n + i];
}

static cf_status check_mlp(const cf_mlp *mlp, cf_err *err)
{
    int activations = 0;
    while (cf_activations()[activations] != NULL)
        activations++;
    if (mlp->hidden_layers < 1)
        return cf_fail(err, CF_EINPUT, "kernel.hidden-layers = %ld: must be at least 1",
                       mlp->hidden_layers);
    if (mlp->activation < 0 || mlp->activation >= activations)
        return cf_fail(err, CF_EINPUT, "kernel.activation = %d: must be in [0, %d]",
                       mlp->activation, activations - 1);
    if (!isfinite(mlp->slope))
        return cf_fail(err, CF_EINPUT, "kernel.slope = %g: must be finite", mlp->slope);
    if (!(mlp->weight_variance > 0 && isfinite(mlp->weight_variance)))
        return cf_fail(err, CF_EINPUT, "kernel.weight-variance = %g: must be positive and finite",
                       mlp->weight_variance);
    if (!(mlp->bias_variance >= 0 && isfinite(mlp->bias_variance)))
        return cf_fail(err, CF_EINPUT, "kernel.bias-variance = %g: must be at least 0 and finite",
                       mlp->bias_variance);
    return CF_OK;
}

static cf_status recur(recursion *r, cf_err *err)
{
    size_t layers = (size_t)r->mlp->hidden_layers;
    for (size_t layer = 1; layer <= layers; layer++) {
        cf_status status = raise_layer(r, layer, layer == layers, err);
        if (status != CF_OK)
            return status;
    }
    cf_status status = check_diagonal(r, err);
    return status == CF_OK ? status : cf_err_prepend(err, "kernel, output layer: ");
}

cf_status cf_mlp_kernel(const cf_mlp *mlp, const double *points, size_t n, size_t dimension,
                        double *covariance, double *tangent, cf_err *err)
{
    cf_status status = check_mlp(mlp, err);
    if (status != CF_OK)
        return status;
    status = CF_ESYSTEM;
    double *work = cf_allocate("kernel", 4 * n, sizeof *work, err);
    double *unit = cf_allocate("kernel", n * dimension, sizeof *unit, err);
    double *own = covariance == NULL ? cf_allocate("kernel", n * n, sizeof *own, err) : NULL;
    if (work == NULL || unit == NULL || (covariance == NULL && own == NULL))
        goto done;
    recursion r = {.mlp = mlp,
                   .activation = cf_activations()[mlp->activation],
                   .n = n,
                   .q = work,
                   .moment = work + n,
                   .f = work + 2 * n,
                   .g = work + 3 * n,
                   .angle = covariance != NULL ? covariance : own,
                   .tangent = tangent};
    first_layer(&r, points, dimension, unit);
    status = recur(&r, err);
    if (status != CF_OK)
        goto done;
    if (covariance != NULL)
        mirror(covariance, n);
    if (tangent != NULL)
        mirror(tangent, n);
done:
    free(work);
    free(unit);
    free(own);
    return status;
}
