/* The recursion E11, pair by pair. A pair is carried from layer to layer by the chords of its unit
 * feature vectors (E84), not by K: near t = 0 or pi, K/sqrt(qx qy) keeps only half of the angle's
 * digits, and the tangent kernel of a kinked activation depends on t itself (E12). The bias is one
 * more feature: unit feature vectors are (f e, g), f^2 = sigma_w^2 E[phi^2]/q, g^2 = sigma_b^2/q.
 * All expressions are symmetric in x and y to the last bit: duplicates have equal rows. */
#include "contraflow/models/neural_kernel.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "contraflow/solver/memory.h"
#include "gaussian_kernels.h"
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

enum { CHUNK = 128 };          /* pairs whose arrays stay in the cache */
#define LARGEST_VARIANCE 1e150 /* its square does not overflow */

/* What a pair needs to know of its points in one layer, each array [n]. */
typedef struct {
    double *q, *root;          /* K_ii and its square root */
    double *f, *g;             /* split of the unit feature vector, whose norm is root */
    double *inverse;           /* 1/sqrt(E[phi^2]); 0 where that is 0 */
    cf_hermite_series *series; /* NULL where there are closed forms */
} layer;

struct cf_mlp_entries {
    cf_mlp mlp;
    const cf_activation *activation;
    const cf_gaussian_kernels *kernels;
    size_t n, dimension;
    double *arrays; /* owns all arrays */
    double *unit;   /* x/|x|, CHUNK points by coordinate after another; the origin stays there */
    double *defect; /* [n] 1 at the origin, else 0: its chords to unit vectors are sqrt 2 */
    double *moment; /* [n] E[phi^2] of the last layer seen; at first |x|^2/D, its counterpart */
    layer *layers;  /* [hidden_layers] */
};

/* --- points --- */

/* The first coordinate of a point; the next ones follow at distances of CHUNK. */
static double *unit_of(const cf_mlp_entries *e, size_t i)
{
    return e->unit + i / CHUNK * CHUNK * e->dimension + i % CHUNK;
}

static void normalize(cf_mlp_entries *e, const double *points)
{
    for (size_t i = 0; i < e->n; i++) {
        const double *x = points + i * e->dimension;
        double square = 0;
        for (size_t k = 0; k < e->dimension; k++)
            square += x[k] * x[k];
        e->moment[i] = square / (double)e->dimension;
        e->defect[i] = square > 0 ? 0 : 1;
        double inverse = square > 0 ? 1 / sqrt(square) : 0;
        for (size_t k = 0; k < e->dimension; k++)
            unit_of(e, i)[k * CHUNK] = x[k] * inverse;
    }
}

/* q = sigma_w^2 E[phi^2] + sigma_b^2, and the unit feature vectors. */
static void split_features(const cf_mlp_entries *e, const layer *l)
{
    double a = e->mlp.weight_variance, b = e->mlp.bias_variance;
    for (size_t i = 0; i < e->n; i++) {
        double q = a * e->moment[i] + b;
        l->q[i] = q;
        l->root[i] = sqrt(q);
        l->f[i] = q > 0 ? sqrt(a * e->moment[i] / q) : 1;
        l->g[i] = q > 0 ? sqrt(b / q) : 0;
    }
}

static cf_status check_diagonal(const double *q, size_t n, cf_err *err)
{
    for (size_t i = 0; i < n; i++)
        if (!(q[i] <= LARGEST_VARIANCE))
            return cf_fail(
                err, CF_EINPUT,
                "diag K = %.6g of point %zu: must be at most %g; scale the data down, or "
                "lower the weight and bias variances",
                q[i], i + 1, LARGEST_VARIANCE);
    return CF_OK;
}

/* E[phi phi], E[phi' phi'] and, where they are mapped, the chords of the pairs of point i with
 * first, first+1 ... */
static void expectations(const cf_mlp_entries *e, const layer *l, cf_pair_row tile,
                         cf_chords chords, double *value, double *derivative,
                         const cf_chords *mapped)
{
    if (l->series != NULL) {
        cf_hermite_series_expectation(l->series, tile, chords, value, derivative);
        return;
    }
    const cf_gaussian_pairs pairs = {.count = tile.count,
                                     .qx = l->q[tile.i],
                                     .root_x = l->root[tile.i],
                                     .qy = l->q + tile.first,
                                     .root_y = l->root + tile.first,
                                     .apart = chords.apart,
                                     .along = chords.along};
    e->activation->expectation(&pairs, e->mlp.slope, value, derivative, mapped);
}

static void set_moments(const cf_mlp_entries *e, const layer *l)
{
#pragma omp parallel for schedule(static)
    for (size_t i = 0; i < e->n; i++) {
        double apart = 0, along = 4, unused[3];
        expectations(e, l, (cf_pair_row){i, i, 1}, (cf_chords){&apart, &along}, e->moment + i,
                     unused, &(cf_chords){unused + 1, unused + 2});
        l->inverse[i] = e->moment[i] > 0 ? 1 / sqrt(e->moment[i]) : 0;
    }
}

static cf_status prepare_layers(cf_mlp_entries *e, cf_err *err)
{
    size_t layers = (size_t)e->mlp.hidden_layers;
    cf_status status = CF_OK;
    for (size_t k = 0; k < layers && status == CF_OK; k++) {
        layer *l = e->layers + k;
        split_features(e, l);
        status = check_diagonal(l->q, e->n, err);
        if (status == CF_OK && e->activation->expectation == NULL)
            status =
                cf_hermite_series_create(e->activation, e->mlp.slope, l->q, e->n, &l->series, err);
        if (status != CF_OK)
            return cf_err_prepend(err, "kernel, layer %zu: ", k + 1);
        set_moments(e, l);
    }
    for (size_t i = 0; i < e->n; i++)
        e->moment[i] = e->mlp.weight_variance * e->moment[i] + e->mlp.bias_variance;
    status = check_diagonal(e->moment, e->n, err);
    return status == CF_OK ? status : cf_err_prepend(err, "kernel, output layer: ");
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

static cf_status allocate(cf_mlp_entries *e, cf_err *err)
{
    enum { OWN = 2, EACH = 5 };
    size_t layers = (size_t)e->mlp.hidden_layers, n = e->n;
    size_t padded = (n + CHUNK - 1) / CHUNK * CHUNK;
    e->layers = cf_allocate("kernel", layers, sizeof *e->layers, err);
    e->arrays = cf_allocate("kernel", e->dimension * padded + (OWN + EACH * layers) * n,
                            sizeof(double), err);
    if (e->layers == NULL || e->arrays == NULL)
        return CF_ESYSTEM;
    e->unit = e->arrays;
    e->defect = e->unit + e->dimension * padded;
    e->moment = e->defect + n;
    double *next = e->moment + n;
    for (size_t k = 0; k < layers; k++) {
        double **const each[EACH] = {&e->layers[k].q, &e->layers[k].root, &e->layers[k].f,
                                     &e->layers[k].g, &e->layers[k].inverse};
        for (size_t a = 0; a < EACH; a++, next += n)
            *each[a] = next;
    }
    return CF_OK;
}

cf_status cf_mlp_entries_create(const cf_mlp *mlp, const double *points, size_t n, size_t dimension,
                                cf_mlp_entries **out, cf_err *err)
{
    *out = NULL;
    cf_status status = check_mlp(mlp, err);
    if (status != CF_OK)
        return status;
    cf_mlp_entries *e = cf_allocate("kernel", 1, sizeof *e, err);
    if (e == NULL)
        return CF_ESYSTEM;
    e->mlp = *mlp;
    e->activation = cf_activations()[mlp->activation];
    e->kernels = cf_gaussian_kernels_get(CF_SIMD_BEST);
    e->n = n;
    e->dimension = dimension;
    status = allocate(e, err);
    if (status == CF_OK) {
        normalize(e, points);
        status = prepare_layers(e, err);
    }
    if (status != CF_OK)
        cf_mlp_entries_free(&e);
    *out = e;
    return status;
}

void cf_mlp_entries_free(cf_mlp_entries **entries)
{
    cf_mlp_entries *e = *entries;
    if (e == NULL)
        return;
    for (long k = 0; k < e->mlp.hidden_layers && e->layers != NULL; k++)
        cf_hermite_series_free(&e->layers[k].series);
    free(e->layers);
    free(e->arrays);
    free(e);
    *entries = NULL;
}

/* --- pairs --- */

/* Of unit vectors x/|x|: no digit of the angle is lost (Kahan). */
static void first_chords(const cf_mlp_entries *e, cf_pair_row tile, cf_chords chords)
{
    for (size_t p = 0; p < tile.count; p++)
        chords.apart[p] = chords.along[p] = e->defect[tile.i] + e->defect[tile.first + p];
    const double *x = unit_of(e, tile.i), *y = unit_of(e, tile.first);
    for (size_t k = 0; k < e->dimension * CHUNK; k += CHUNK)
        e->kernels->add_coordinate(x[k], y + k, tile.count, chords);
}

static void add_bias(const cf_mlp_entries *e, const layer *l, cf_pair_row tile, cf_chords chords)
{
    const cf_feature_pairs pairs = {l->f[tile.i], l->g[tile.i], l->f + tile.first,
                                    l->g + tile.first};
    e->kernels->add_bias(&pairs, tile.count, chords);
}

/* Pairs with points of one chunk: K in value, Theta in tangent. */
static void recur(const cf_mlp_entries *e, cf_pair_row tile, double *value, double *tangent)
{
    double memory[4][CHUNK], derivative[CHUNK];
    cf_chords now = {memory[0], memory[1]}, next = {memory[2], memory[3]};
    const layer *l = e->layers, *last = l + e->mlp.hidden_layers - 1;
    first_chords(e, tile, now);
    add_bias(e, l, tile, now);
    const cf_gaussian_pairs pairs = {.count = tile.count,
                                     .root_x = l->root[tile.i],
                                     .root_y = l->root + tile.first,
                                     .apart = now.apart,
                                     .along = now.along};
    e->kernels->product(&pairs, tangent);
    for (; l <= last; l++) {
        expectations(e, l, tile, now, value, derivative, &next);
        if (l < last && !e->activation->homogeneous)
            e->kernels->chords(value, l->inverse[tile.i], l->inverse + tile.first, tile.count,
                               next);
        if (l < last)
            add_bias(e, l + 1, tile, next);
        e->kernels->raise(e->mlp.weight_variance, e->mlp.bias_variance, derivative, tile.count,
                          value, tangent);
        const cf_chords swapped = now;
        now = next;
        next = swapped;
    }
}

void cf_mlp_entries_get(const cf_mlp_entries *e, cf_pair_row tile, double *covariance,
                        double *tangent)
{
    double value[CHUNK], theta[CHUNK];
    for (size_t done = 0, count; done < tile.count; done += count) {
        size_t room = CHUNK - (tile.first + done) % CHUNK, left = tile.count - done;
        count = left < room ? left : room;
        recur(e, (cf_pair_row){tile.i, tile.first + done, count}, value, theta);
        if (covariance != NULL)
            memcpy(covariance + done, value, count * sizeof *value);
        if (tangent != NULL)
            memcpy(tangent + done, theta, count * sizeof *theta);
    }
}

/* --- whole matrices --- */

static void mirror(double *matrix, size_t n)
{
#pragma omp parallel for schedule(static, 4)
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < i; j++)
            matrix[i * n + j] = matrix[j * n + i];
}

cf_status cf_mlp_kernel(const cf_mlp *mlp, const double *points, size_t n, size_t dimension,
                        double *covariance, double *tangent, cf_err *err)
{
    cf_mlp_entries *e = NULL;
    cf_status status = cf_mlp_entries_create(mlp, points, n, dimension, &e, err);
    if (status != CF_OK)
        return status;
#pragma omp parallel for schedule(static, 4)
    for (size_t i = 0; i < n; i++)
        cf_mlp_entries_get(e, (cf_pair_row){i, i, n - i},
                           covariance != NULL ? covariance + i * n + i : NULL,
                           tangent != NULL ? tangent + i * n + i : NULL);
    if (covariance != NULL)
        mirror(covariance, n);
    if (tangent != NULL)
        mirror(tangent, n);
    cf_mlp_entries_free(&e);
    return CF_OK;
}
