/* The empirical tangent kernel gamma J J^T of a finite network, layer by layer: with the
 * sensitivities S^l = df/du^l [n*d, units],
 *   Theta_{ia,jb} = gamma sum_l (S^l_ia . S^l_jb) (s_l^2 a^{l-1}_i . a^{l-1}_j + t_l^2),
 * two products of matrices a layer, in blocks of points. */
#include <stdlib.h>
#include <string.h>

#include "contraflow/solver/elementary.h"
#include "contraflow/solver/matrix.h"
#include "contraflow/solver/memory.h"
#include "network_internal.h"

enum { BLOCK = 256 }; /* points */

typedef struct {
    const cf_network *network;
    const double *theta;
    size_t n, d;
    double *values;      /* [n*units of all hidden layers] a^l, layer after layer */
    double *slopes;      /* likewise phi' */
    double *upper;       /* [n*d*units] S of the layer in work */
    double *lower;       /* and of the one below */
    double *features;    /* [BLOCK*n] a.a */
    double *sensitivity; /* [BLOCK*d * n*d] S.S */
} workspace;

static size_t widest(const cf_network *network)
{
    size_t width = network->layers[network->hidden].out;
    for (size_t l = 0; l < network->hidden; l++)
        if (network->layers[l].out > width)
            width = network->layers[l].out;
    return width;
}

static cf_status allocate(workspace *w, cf_err *err)
{
    size_t nd = w->n * w->d, block = w->n < BLOCK ? w->n : BLOCK;
    size_t units = w->n * cf_network_units(w->network), widths = nd * widest(w->network);
    w->values = cf_allocate("empirical kernel", units, sizeof(double), err);
    w->slopes = cf_allocate("empirical kernel", units, sizeof(double), err);
    w->upper = cf_allocate("empirical kernel", widths, sizeof(double), err);
    w->lower = cf_allocate("empirical kernel", widths, sizeof(double), err);
    w->features = cf_allocate("empirical kernel", block * w->n, sizeof(double), err);
    w->sensitivity = cf_allocate("empirical kernel", block * w->d * nd, sizeof(double), err);
    bool ok = w->values != NULL && w->slopes != NULL && w->upper != NULL && w->lower != NULL &&
              w->features != NULL && w->sensitivity != NULL;
    return ok ? CF_OK : CF_ESYSTEM;
}

double cf_network_kernel_bytes(const cf_network *network, size_t n)
{
    double d = (double)network->layers[network->hidden].out, nd = (double)n * d;
    double block = n < BLOCK ? (double)n : BLOCK;
    return 8 * (2 * (double)n * (double)cf_network_units(network) +
                2 * nd * (double)widest(network) + block * ((double)n + d * nd));
}

static void release(workspace *w)
{
    free(w->values);
    free(w->slopes);
    free(w->upper);
    free(w->lower);
    free(w->features);
    free(w->sensitivity);
}

static void evaluate(workspace *w, const double *x)
{
    const cf_network *network = w->network;
    const double *input = x;
    double *value = w->values, *slope = w->slopes;
    for (size_t l = 0; l < network->hidden; l++) {
        const cf_layer *layer = &network->layers[l];
        size_t count = w->n * layer->out;
        const cf_matrix_product product = {.rows = w->n,
                                           .columns = layer->out,
                                           .inner = layer->in,
                                           .alpha = layer->s,
                                           .a = input,
                                           .b = w->theta + layer->weights,
                                           .b_transposed = true,
                                           .c = value};
        cf_matrix_multiply(&product);
        for (size_t i = 0; i < w->n && layer->biased; i++)
            cf_elementary_add(layer->t, w->theta + layer->biases, layer->out,
                              value + i * layer->out);
        network->activation->evaluate(value, count, (cf_activation_shape){.slope = network->slope},
                                      value, slope, NULL);
        input = value;
        value += count;
        slope += count;
    }
}

/* a [rows*inner] b^T [columns*inner]. */
static void gram(size_t rows, size_t columns, size_t inner, const double *a, const double *b,
                 double *out)
{
    const cf_matrix_product product = {.rows = rows,
                                       .columns = columns,
                                       .inner = inner,
                                       .alpha = 1,
                                       .a = a,
                                       .b = b,
                                       .b_transposed = true,
                                       .c = out};
    cf_matrix_multiply(&product);
}

/* sensitivity [d] of an output and point with the outputs of another, times the features. */
static void add_row(size_t points, size_t d, const double *sensitivity, const double *features,
                    double s2, double constant, double *kernel)
{
    for (size_t j = 0; j < points; j++) {
        double factor = s2 * features[j] + constant;
        for (size_t k = j * d; k < (j + 1) * d; k++)
            kernel[k] += sensitivity[k] * factor;
    }
}

/* Adds a layer's part to the rows of points first, ..., first + count - 1, columns from `first`. */
static void add_block(const workspace *w, const cf_layer *layer, const double *input, size_t first,
                      size_t count, double *kernel)
{
    size_t d = w->d, nd = w->n * d, left = w->n - first;
    const double *sensitivities = w->upper + first * d * layer->out;
    const double *features = input + first * layer->in;
    gram(count, left, layer->in, features, features, w->features);
    gram(count * d, left * d, layer->out, sensitivities, sensitivities, w->sensitivity);
    double constant = layer->biased ? layer->t * layer->t : 0, s2 = layer->s * layer->s;
#pragma omp parallel for schedule(static)
    for (size_t i = 0; i < count * d; i++)
        add_row(left, d, w->sensitivity + i * left * d, w->features + i / d * left, s2, constant,
                kernel + (first * d + i) * nd + first * d);
}

/* S^{l-1} = s (S^l W) phi', one row for each output of a point. */
static void descend(workspace *w, const cf_layer *layer, const double *slopes)
{
    size_t nd = w->n * w->d;
    const cf_matrix_product product = {.rows = nd,
                                       .columns = layer->in,
                                       .inner = layer->out,
                                       .alpha = layer->s,
                                       .a = w->upper,
                                       .b = w->theta + layer->weights,
                                       .c = w->lower};
    cf_matrix_multiply(&product);
#pragma omp parallel for schedule(static)
    for (size_t i = 0; i < nd; i++)
        for (size_t k = 0; k < layer->in; k++)
            w->lower[i * layer->in + k] *= slopes[i / w->d * layer->in + k];
    double *swap = w->upper;
    w->upper = w->lower;
    w->lower = swap;
}

static void finish(const workspace *w, double *kernel)
{
    size_t nd = w->n * w->d;
    for (size_t i = 0; i < nd; i++)
        for (size_t j = i; j < nd; j++)
            kernel[j * nd + i] = kernel[i * nd + j] *= w->network->rate;
}

cf_status cf_network_kernel(const cf_network *network, const double *theta, const double *x,
                            size_t n, double *kernel, cf_err *err)
{
    workspace w = {
        .network = network, .theta = theta, .n = n, .d = network->layers[network->hidden].out};
    cf_status status = allocate(&w, err);
    if (status == CF_OK) {
        size_t nd = n * w.d, below = n * cf_network_units(network);
        evaluate(&w, x);
        memset(kernel, 0, nd * nd * sizeof *kernel);
        for (size_t i = 0; i < nd; i++) /* the output is its own sensitivity */
            w.upper[i * w.d + i % w.d] = 1;
        for (size_t l = network->hidden + 1; l-- > 0;) {
            const cf_layer *layer = &network->layers[l];
            below -= l > 0 ? n * layer->in : 0;
            const double *input = l > 0 ? w.values + below : x;
            for (size_t first = 0; first < n; first += BLOCK)
                add_block(&w, layer, input, first, n - first < BLOCK ? n - first : BLOCK, kernel);
            if (l > 0)
                descend(&w, layer, w.slopes + below);
        }
        finish(&w, kernel);
    }
    release(&w);
    return status;
}
