/* Passes of a network over points. With delta^l = dL/du^l, the recursions are
 *   forward     u^l = s W a^{l-1} + t b,                        a^l = phi(u^l)
 *   pull        dL/dW = s delta^T a, dL/db = t sum_i delta_i,   delta^{l-1} = s (delta^l W) phi'
 *   push        udot = s (W adot + Wdot a) + t bdot,            adot = phi' udot
 *   pull rate   the derivative of `pull`: products of two factors give two terms, three three.
 * Arrays are [points*units] by row, so that every recursion is a matrix product. */
#include <string.h>

#include "contraflow/solver/elementary.h"
#include "contraflow/solver/matrix.h"
#include "network_slices.h"

/* --- layers --- */

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
        cf_elementary_add(layer->t, biases, layer->out, u + i * layer->out);
}

/* t sum_i delta_i. */
static void sum_biases(const cf_layer *layer, size_t n, const double *delta, double *gradient)
{
    memset(gradient, 0, layer->out * sizeof *gradient);
    for (size_t i = 0; i < n; i++)
        cf_elementary_add(layer->t, delta + i * layer->out, layer->out, gradient);
}

/* --- forward --- */

/* Biases and activation of a hidden layer, whose value holds s W a. */
static void activate(cf_network_pass *pass, const cf_pass_job *j, cf_slice s, size_t l)
{
    const cf_network *network = pass->network;
    const cf_layer *layer = &network->layers[l];
    const cf_hidden_arrays *h = &pass->hidden[l];
    size_t at = s.first * layer->out;
    add_biases(layer, s.n, j->theta + layer->biases, h->value + at);
    const cf_activation_shape shape = {network->slope, h->rounding};
    network->activation->evaluate(h->value + at, s.n * layer->out, shape, h->value + at,
                                  j->values ? NULL : h->slope + at,
                                  pass->bends && !j->values ? h->second + at : NULL);
}

static void forward_slice(cf_network_pass *pass, const cf_pass_job *j, cf_slice s)
{
    const cf_network *network = pass->network;
    for (size_t l = 0; l <= network->hidden; l++) {
        const cf_layer *layer = &network->layers[l];
        double *u = cf_slice_rows(l < network->hidden ? pass->hidden[l].value : j->out, s, layer);
        apply(layer, s.n, cf_slice_input(pass, s, l), j->theta + layer->weights, 0, u);
        if (l < network->hidden)
            cf_in_parts(pass, j, s, l, activate);
        else
            add_biases(layer, s.n, j->theta + layer->biases, u);
    }
}

void cf_network_forward(cf_network_pass *pass, const double *theta, const double *x, size_t n,
                        double *f)
{
    const cf_pass_job j = {.theta = theta, .out = f};
    pass->x = x;
    pass->n = n;
    cf_in_slices(pass, &j, forward_slice);
}

void cf_network_values(cf_network_pass *pass, const double *theta, const double *x, size_t n,
                       double *f)
{
    const cf_pass_job j = {.theta = theta, .values = true, .out = f};
    pass->x = x;
    pass->n = n;
    cf_in_slices(pass, &j, forward_slice);
}

/* --- pull --- */

/* delta holds dL/da: the slope makes it dL/du, the curvature its dependence on u. */
static void bend(cf_network_pass *pass, const cf_pass_job *j, cf_slice s, size_t l)
{
    (void)j;
    const cf_hidden_arrays *h = &pass->hidden[l];
    size_t width = pass->network->layers[l].out, at = s.first * width, count = s.n * width;
    for (size_t k = at; k < at + count && pass->bends; k++)
        h->bend[k] = h->second[k] * h->delta[k];
    cf_elementary_multiply(h->slope + at, count, h->delta + at);
}

static void pull_slice(cf_network_pass *pass, const cf_pass_job *j, cf_slice s)
{
    const cf_network *network = pass->network;
    const double *delta = j->g + s.first * network->layers[network->hidden].out;
    double *gradient = cf_slice_gradient(pass, s, j->out);
    for (size_t l = network->hidden + 1; l-- > 0;) {
        const cf_layer *layer = &network->layers[l];
        outer(layer, s.n, delta, cf_slice_input(pass, s, l), 0, gradient + layer->weights);
        if (layer->biased)
            sum_biases(layer, s.n, delta, gradient + layer->biases);
        if (l == 0)
            break;
        double *below = cf_slice_rows(pass->hidden[l - 1].delta, s, &network->layers[l - 1]);
        apply_transposed(layer, s.n, delta, j->theta + layer->weights, 0, below);
        cf_in_parts(pass, j, s, l - 1, bend);
        delta = below;
    }
}

void cf_network_pull(cf_network_pass *pass, const double *theta, const double *g, double *gradient)
{
    const cf_pass_job j = {.theta = theta, .g = g, .out = gradient};
    cf_in_slices(pass, &j, pull_slice);
    cf_add_slices(pass, gradient);
}

/* --- push --- */

/* value_rate holds udot. What it adds to d(delta)/dt by the curvature is kept for pull_rate. */
static void activate_rate(cf_network_pass *pass, const cf_pass_job *j, cf_slice s, size_t l)
{
    (void)j;
    const cf_hidden_arrays *h = &pass->hidden[l];
    size_t width = pass->network->layers[l].out, end = (s.first + s.n) * width;
    for (size_t k = s.first * width; k < end; k++) {
        double udot = h->value_rate[k];
        h->value_rate[k] = h->slope[k] * udot;
        h->delta_rate[k] = pass->bends ? h->bend[k] * udot : 0;
    }
}

static void push_slice(cf_network_pass *pass, const cf_pass_job *j, cf_slice s)
{
    const cf_network *network = pass->network;
    const double *below = NULL; /* adot of the layer below */
    for (size_t l = 0; l <= network->hidden; l++) {
        const cf_layer *layer = &network->layers[l];
        double *rate =
            cf_slice_rows(l < network->hidden ? pass->hidden[l].value_rate : j->out, s, layer);
        apply(layer, s.n, cf_slice_input(pass, s, l), j->motion + layer->weights, 0, rate);
        if (l > 0)
            apply(layer, s.n, below, j->theta + layer->weights, 1, rate);
        add_biases(layer, s.n, j->motion + layer->biases, rate);
        if (l < network->hidden)
            cf_in_parts(pass, j, s, l, activate_rate);
        below = rate;
    }
}

void cf_network_push(cf_network_pass *pass, const double *theta, const double *motion, double *fdot)
{
    const cf_pass_job j = {.theta = theta, .motion = motion, .out = fdot};
    cf_in_slices(pass, &j, push_slice);
}

/* --- the rate of the pull --- */

/* delta_rate += phi' d(dL/da)/dt, the latter in value_rate. */
static void bend_rate(cf_network_pass *pass, const cf_pass_job *j, cf_slice s, size_t l)
{
    (void)j;
    const cf_hidden_arrays *h = &pass->hidden[l];
    size_t width = pass->network->layers[l].out, end = (s.first + s.n) * width;
    for (size_t k = s.first * width; k < end; k++)
        h->delta_rate[k] += h->slope[k] * h->value_rate[k];
}

static void pull_rate_slice(cf_network_pass *pass, const cf_pass_job *j, cf_slice s)
{
    const cf_network *network = pass->network;
    size_t place = s.first * network->layers[network->hidden].out;
    const double *delta = j->g + place, *delta_rate = j->gdot + place;
    double *rate = cf_slice_gradient(pass, s, j->out);
    for (size_t l = network->hidden + 1; l-- > 0;) {
        const cf_layer *layer = &network->layers[l];
        double *weights = rate + layer->weights;
        outer(layer, s.n, delta_rate, cf_slice_input(pass, s, l), 0, weights);
        if (layer->biased)
            sum_biases(layer, s.n, delta_rate, rate + layer->biases);
        if (l == 0)
            break;
        const cf_hidden_arrays *h = &pass->hidden[l - 1];
        double *below = cf_slice_rows(h->value_rate, s, &network->layers[l - 1]);
        outer(layer, s.n, delta, below, 1, weights);
        /* adot has served, and its array takes d(dL/da)/dt */
        apply_transposed(layer, s.n, delta_rate, j->theta + layer->weights, 0, below);
        apply_transposed(layer, s.n, delta, j->motion + layer->weights, 1, below);
        cf_in_parts(pass, j, s, l - 1, bend_rate);
        delta = cf_slice_rows(h->delta, s, &network->layers[l - 1]);
        delta_rate = cf_slice_rows(h->delta_rate, s, &network->layers[l - 1]);
    }
}

void cf_network_pull_rate(cf_network_pass *pass, const double *theta, const double *motion,
                          const double *g, const double *gdot, double *rate)
{
    const cf_pass_job j = {.theta = theta, .motion = motion, .g = g, .gdot = gdot, .out = rate};
    cf_in_slices(pass, &j, pull_rate_slice);
    cf_add_slices(pass, rate);
}
