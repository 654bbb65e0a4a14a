/* Passes of a network over points. With delta^l = dL/du^l, the recursions are
 *   forward     u^l = s W a^{l-1} + t b,                        a^l = phi(u^l)
 *   pull        dL/dW = s delta^T a, dL/db = t sum_i delta_i,   delta^{l-1} = s (delta^l W) phi'
 *   push        udot = s (W adot + Wdot a) + t bdot,            adot = phi' udot
 *   pull rate   the derivative of `pull`: products of two factors give two terms, three three.
 * Arrays are [points*units] by row, so that every recursion is a matrix product. */
#include <stdlib.h>
#include <string.h>

#include "contraflow/solver/matrix.h"
#include "contraflow/solver/memory.h"
#include "network_internal.h"

enum { MANY = 65536 }; /* entries of an array below which waking threads costs more than it saves */

/* One hidden layer at all points, each [n*units]. */
typedef struct {
    double *value, *slope, *delta;   /* a, phi', dL/du */
    double *value_rate, *delta_rate; /* their derivatives along a motion */
    double *second, *bend;           /* phi'', phi'' dL/da: smooth activations only */
} hidden_arrays;

struct cf_network_pass {
    const cf_network *network;
    size_t room, n;
    const double *x;
    hidden_arrays *hidden; /* [H] */
    double *arrays;
    bool bends; /* keeps phi'' */
};

static size_t array_count(const cf_network *network, bool rates)
{
    return rates ? network->activation->smooth ? 7 : 5 : 3;
}

double cf_network_pass_bytes(const cf_network *network, size_t n, bool rates)
{
    return 8.0 * (double)array_count(network, rates) * (double)n *
           (double)cf_network_units(network);
}

cf_status cf_network_pass_create(const cf_network *network, size_t n, bool rates,
                                 cf_network_pass **out, cf_err *err)
{
    *out = NULL;
    size_t each = array_count(network, rates);
    cf_network_pass *pass = cf_allocate("network pass", 1, sizeof *pass, err);
    if (pass == NULL)
        return CF_ESYSTEM;
    pass->network = network;
    pass->room = n;
    pass->bends = rates && network->activation->smooth;
    pass->hidden = cf_allocate("network pass", network->hidden, sizeof *pass->hidden, err);
    pass->arrays =
        cf_allocate("activations", each * n * cf_network_units(network), sizeof(double), err);
    if (pass->hidden == NULL || pass->arrays == NULL) {
        cf_network_pass_free(&pass);
        return CF_ESYSTEM;
    }
    double *at = pass->arrays;
    for (size_t l = 0; l < network->hidden; l++) {
        hidden_arrays *h = &pass->hidden[l];
        double **own[] = {&h->value,      &h->slope,  &h->delta, &h->value_rate,
                          &h->delta_rate, &h->second, &h->bend};
        for (size_t k = 0; k < each; k++, at += n * network->layers[l].out)
            *own[k] = at;
    }
    *out = pass;
    return CF_OK;
}

void cf_network_pass_free(cf_network_pass **pass)
{
    if (*pass == NULL)
        return;
    free((*pass)->hidden);
    free((*pass)->arrays);
    free(*pass);
    *pass = NULL;
}

/* out = beta out + s a W^T: one row a point. */
static void apply(const cf_layer *layer, size_t n, const double *a, const double *weights,
                  double beta, double *out)
{
    const cf_matrix_product product = {.rows = n,
                                       .columns = layer->out,
                                       .inner = layer->in,
                                       .alpha = layer->s,
                                       .a = a,
                                       .b = weights,
                                       .b_transposed = true,
                                       .beta = beta,
                                       .c = out};
    cf_matrix_multiply(&product);
}

/* out = beta out + s delta W. */
static void apply_transposed(const cf_layer *layer, size_t n, const double *delta,
                             const double *weights, double beta, double *out)
{
    const cf_matrix_product product = {.rows = n,
                                       .columns = layer->in,
                                       .inner = layer->out,
                                       .alpha = layer->s,
                                       .a = delta,
                                       .b = weights,
                                       .beta = beta,
                                       .c = out};
    cf_matrix_multiply(&product);
}

/* gradient = beta gradient + s delta^T a. */
static void outer(const cf_layer *layer, size_t n, const double *delta, const double *a,
                  double beta, double *gradient)
{
    const cf_matrix_product product = {.rows = layer->out,
                                       .columns = layer->in,
                                       .inner = n,
                                       .alpha = layer->s,
                                       .a = delta,
                                       .a_transposed = true,
                                       .b = a,
                                       .beta = beta,
                                       .c = gradient};
    cf_matrix_multiply(&product);
}

static void add_biases(const cf_layer *layer, size_t n, const double *biases, double *u)
{
    for (size_t i = 0; i < n && layer->biased; i++)
        for (size_t k = 0; k < layer->out; k++)
            u[i * layer->out + k] += layer->t * biases[k];
}

/* t sum_i delta_i. */
static void sum_biases(const cf_layer *layer, size_t n, const double *delta, double *gradient)
{
    memset(gradient, 0, layer->out * sizeof *gradient);
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < layer->out; k++)
            gradient[k] += delta[i * layer->out + k];
    for (size_t k = 0; k < layer->out; k++)
        gradient[k] *= layer->t;
}

static const double *input_of(const cf_network_pass *pass, size_t l)
{
    return l == 0 ? pass->x : pass->hidden[l - 1].value;
}

/* Biases and activation of a hidden layer, whose value holds s W a. */
static void activate(cf_network_pass *pass, size_t l, const double *theta)
{
    const cf_network *network = pass->network;
    const cf_layer *layer = &network->layers[l];
    const hidden_arrays *h = &pass->hidden[l];
#pragma omp parallel for schedule(static) if (pass->n * layer->out >= MANY)
    for (size_t i = 0; i < pass->n; i++) {
        size_t at = i * layer->out;
        add_biases(layer, 1, theta + layer->biases, h->value + at);
        network->activation->evaluate(h->value + at, layer->out, network->slope, h->value + at,
                                      h->slope + at, pass->bends ? h->second + at : NULL);
    }
}

void cf_network_forward(cf_network_pass *pass, const double *theta, const double *x, size_t n,
                        double *f)
{
    const cf_network *network = pass->network;
    pass->x = x;
    pass->n = n;
    for (size_t l = 0; l <= network->hidden; l++) {
        const cf_layer *layer = &network->layers[l];
        double *u = l < network->hidden ? pass->hidden[l].value : f;
        apply(layer, n, input_of(pass, l), theta + layer->weights, 0, u);
        if (l < network->hidden)
            activate(pass, l, theta);
        else
            add_biases(layer, n, theta + layer->biases, f);
    }
}

/* delta holds dL/da: the slope makes it dL/du, the curvature its dependence on u. */
static void bend(const cf_network_pass *pass, size_t l)
{
    const hidden_arrays *h = &pass->hidden[l];
    size_t count = pass->n * pass->network->layers[l].out;
#pragma omp parallel for schedule(static) if (count >= MANY)
    for (size_t k = 0; k < count; k++) {
        if (pass->bends)
            h->bend[k] = h->second[k] * h->delta[k];
        h->delta[k] *= h->slope[k];
    }
}

void cf_network_pull(cf_network_pass *pass, const double *theta, const double *g, double *gradient)
{
    const cf_network *network = pass->network;
    const double *delta = g;
    for (size_t l = network->hidden + 1; l-- > 0;) {
        const cf_layer *layer = &network->layers[l];
        outer(layer, pass->n, delta, input_of(pass, l), 0, gradient + layer->weights);
        if (layer->biased)
            sum_biases(layer, pass->n, delta, gradient + layer->biases);
        if (l == 0)
            break;
        apply_transposed(layer, pass->n, delta, theta + layer->weights, 0,
                         pass->hidden[l - 1].delta);
        bend(pass, l - 1);
        delta = pass->hidden[l - 1].delta;
    }
}

/* value_rate holds udot. What it adds to d(delta)/dt by the curvature is kept for pull_rate. */
static void activate_rate(const cf_network_pass *pass, size_t l)
{
    const hidden_arrays *h = &pass->hidden[l];
    size_t count = pass->n * pass->network->layers[l].out;
#pragma omp parallel for schedule(static) if (count >= MANY)
    for (size_t k = 0; k < count; k++) {
        double udot = h->value_rate[k];
        h->value_rate[k] = h->slope[k] * udot;
        h->delta_rate[k] = pass->bends ? h->bend[k] * udot : 0;
    }
}

void cf_network_push(cf_network_pass *pass, const double *theta, const double *motion, double *fdot)
{
    const cf_network *network = pass->network;
    for (size_t l = 0; l <= network->hidden; l++) {
        const cf_layer *layer = &network->layers[l];
        double *rate = l < network->hidden ? pass->hidden[l].value_rate : fdot;
        apply(layer, pass->n, input_of(pass, l), motion + layer->weights, 0, rate);
        if (l > 0)
            apply(layer, pass->n, pass->hidden[l - 1].value_rate, theta + layer->weights, 1, rate);
        add_biases(layer, pass->n, motion + layer->biases, rate);
        if (l < network->hidden)
            activate_rate(pass, l);
    }
}

/* delta_rate += phi' d(dL/da)/dt, the latter in value_rate. */
static void bend_rate(const cf_network_pass *pass, size_t l)
{
    const hidden_arrays *h = &pass->hidden[l];
    size_t count = pass->n * pass->network->layers[l].out;
#pragma omp parallel for schedule(static) if (count >= MANY)
    for (size_t k = 0; k < count; k++)
        h->delta_rate[k] += h->slope[k] * h->value_rate[k];
}

void cf_network_pull_rate(cf_network_pass *pass, const double *theta, const double *motion,
                          const double *g, const double *gdot, double *rate)
{
    const cf_network *network = pass->network;
    const double *delta = g, *delta_rate = gdot;
    for (size_t l = network->hidden + 1; l-- > 0;) {
        const cf_layer *layer = &network->layers[l];
        double *weights = rate + layer->weights;
        outer(layer, pass->n, delta_rate, input_of(pass, l), 0, weights);
        if (layer->biased)
            sum_biases(layer, pass->n, delta_rate, rate + layer->biases);
        if (l == 0)
            break;
        hidden_arrays *below = &pass->hidden[l - 1];
        outer(layer, pass->n, delta, below->value_rate, 1, weights);
        /* adot has served, and its array takes d(dL/da)/dt */
        apply_transposed(layer, pass->n, delta_rate, theta + layer->weights, 0, below->value_rate);
        apply_transposed(layer, pass->n, delta, motion + layer->weights, 1, below->value_rate);
        bend_rate(pass, l - 1);
        delta = below->delta;
        delta_rate = below->delta_rate;
    }
}
